"""``/api/uploads``: files come in one by one, are written as they come, and are then taken in together."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from anyio import open_file, to_thread
from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect

from ...errors import SourceError, UsageError
from ...knowledge_base import KnowledgeBase
from ...translatable import phrase
from ..background.uploads import largest, new_group, part_of, taken_folder, upload_path
from ..background.worker import Worker
from ..server.problems import sentence_for
from .hearing import chosen_model
from .naming import plainly
from .shapes import DoneShape, UploadShape

__all__ = ["routes"]


def routes(kb: KnowledgeBase, worker: Worker) -> APIRouter:
    """Return the routes over ``kb``; ``worker`` takes in what was uploaded."""
    router = APIRouter(prefix="/uploads", tags=["Taking in"])

    @router.post("", response_model=UploadShape, status_code=201)
    def begin() -> dict[str, Any]:
        """Begin an upload of files that belong together, such as a transcript, its recording and its sidecar."""
        return {"id": new_group(kb.home)}

    @router.put(
        "/{group}/{name}",
        response_model=DoneShape,
        status_code=201,
        openapi_extra={"requestBody": {"content": {"application/octet-stream": {}}, "required": True}},
    )
    async def put(group: str, name: str, request: Request) -> dict[str, Any]:
        """Send one file as the request's body, under its own name: a transcript, sound, a sidecar or a ZIP archive."""
        path = await to_thread.run_sync(lambda: upload_path(taken_folder(kb.home, group), name))
        announced = request.headers.get("content-length")
        await _write(path, request.stream(), int(announced) if announced and announced.isdecimal() else None)
        return {"done": 1}

    @router.post("/{group}", response_model=UploadShape)
    def take_in(
        request: Request,
        group: str,
        show: str | None = None,
        language: str | None = None,
        origin: str | None = None,
        model: str | None = None,
        engine: str | None = None,
    ) -> dict[str, Any]:
        """Queue what was uploaded; ``show``, ``language`` and ``origin`` count where no sidecar says them.

        ``origin`` is who wrote the transcripts down: publisher, machine, person or unknown. Recordings are heard in
        ``language`` if it is named, by ``model`` of ``engine``, one that ``GET /api/models`` says is here.
        """
        from ingest.files.sources import find_sources
        from ingest.metadata import Metadata, checked_origin
        from ingest.models.spoken import spoken_code
        from ingest.queue.batch import IngestOptions, enqueue

        hearing = replace(chosen_model(model, engine), language=spoken_code(language))
        folder = taken_folder(kb.home, group)
        refused: list[str] = []

        def refuse(path: Path, why: str) -> None:
            refused.append(plainly(why, path, kb.home))

        sources = tuple(find_sources([folder], kb.home / "archives", refuse))
        if sources == (folder,) or (not sources and not refused):
            raise UsageError(
                phrase("There is no transcript and no recording in this upload; add one, then take it in.")
            )
        said = Metadata(show=show or None, language=language or None, origin=checked_origin(origin, "origin"))
        jobs = enqueue(kb, sources, IngestOptions("", said, request=hearing), refuse)
        worker.want(job.id for job in jobs)
        return {
            "id": group,
            "jobs": [job.id for job in jobs],
            "refused": [sentence_for(request.scope, why) for why in refused],
        }

    @router.delete("/{group}", response_model=DoneShape)
    def drop(group: str) -> dict[str, Any]:
        """Delete an upload that was not taken in."""
        folder = taken_folder(kb.home, group)
        uris = {path.resolve().as_uri() for path in folder.iterdir()}
        taken = any(kb.intake.sources.find(uri) for uri in uris)
        if taken or uris & {job.uri for job in kb.jobs.all()}:
            raise UsageError(
                phrase("This upload was taken in already; cancel its jobs or remove its episodes instead.")
            )
        shutil.rmtree(folder)
        return {"done": len(uris)}

    return router


async def _write(path: Path, blocks: AsyncIterator[bytes], announced: int | None) -> None:
    """Write a body as it arrives; one that is too large or incomplete is deleted."""
    most = largest(path)
    remedy = phrase("Is there room on the disk? Take a larger one in on the server itself, with 'kb ingest FILE'.")
    problem = phrase("is larger than %(most)s MB, the most that is accepted.", most=round(most / 1024**2))
    too_large = SourceError(path.name, problem, remedy)
    broken_off = SourceError(path.name, phrase("is empty, or only a part of it arrived."), phrase("Send it again."))
    if announced is not None and announced > most:
        raise too_large
    part = part_of(path)
    size = 0
    try:
        async with await open_file(part, "wb") as file:
            async for block in blocks:
                size += len(block)
                if size > most:
                    raise too_large
                await file.write(block)
        if size == 0 or (announced is not None and size < announced):
            raise broken_off
        part.rename(path)
    except ClientDisconnect as error:
        raise broken_off from error
    except OSError as error:
        problem = phrase("cannot be written (%(why)s).", why=error.strerror or str(error))
        raise SourceError(path.name, problem, phrase("Is there room on the disk?")) from error
    finally:
        part.unlink(missing_ok=True)
