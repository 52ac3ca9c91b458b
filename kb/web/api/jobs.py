"""``/api/jobs``: what is not in yet, and why; what is to be done again or no longer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from ...catalogue import Job
from ...catalogue.work import JobState
from ...errors import NotFound
from ...knowledge_base import KnowledgeBase
from ...translatable import phrase
from ..access.deeds import did
from ..background.worker import Worker
from .naming import episode_work, job_name, plainly_of, result_name
from .shapes import DoneShape, Shape

__all__ = ["JobShape", "queue", "routes"]

_MOST = 500


class JobShape(Shape):
    """A source that is not in yet, or an episode that is to be translated, or whose times are to be checked."""

    id: int
    name: str
    translation: bool = Field(description="Whether it is an episode's translation.")
    times: bool = Field(description="Whether it is a check of an episode's times.")
    state: JobState
    reason: str | None = Field(description="Why it failed, a sentence.")
    done: float | None = Field(description="Seconds of the recording transcribed so far.")
    total: float | None = Field(description="Seconds of the whole recording.")
    added_at: str
    updated_at: str


class FinishedShape(Shape):
    """What became of a source since the server was started."""

    name: str
    episode_id: str | None
    status: Literal["added", "revised", "updated", "unchanged", "cancelled", "failed"]
    error: str | None


class QueueShape(Shape):
    """The queue, oldest first, and what left it last."""

    working: bool = Field(description="Whether this server or 'kb ingest' is taking sources in.")
    unfinished: int
    jobs: list[JobShape] = Field(description="The first 500.")
    finished: list[FinishedShape]


def queue(kb: KnowledgeBase, most: int = _MOST) -> QueueShape:
    """Return up to ``most`` jobs of the queue: running, failed and waiting; finished ones are not known here."""
    from ingest.queue.lock import who_works

    working = who_works(kb.home) is not None
    unfinished, jobs = kb.jobs.first(most)
    shown = [_shown(job, kb, working) for job in jobs]
    return QueueShape(working=working, unfinished=unfinished, jobs=shown, finished=[])


def routes(kb: KnowledgeBase, worker: Worker) -> APIRouter:
    """Return the routes over ``kb``; ``worker`` does jobs again."""
    router = APIRouter(prefix="/jobs", tags=["Taking in"])

    @router.get("", response_model=QueueShape)
    def jobs() -> QueueShape:
        """List what runs, failed and waits, and what this server has taken in since it was started."""
        # Read before the queue: a finished job has already left the queue, or has its error there.
        results = worker.finished()
        found = queue(kb)
        found.finished = [
            FinishedShape(
                name=result_name(result, kb),
                episode_id=result.episode_id,
                status=result.status,
                error=plainly_of(result, kb) if result.error else None,
            )
            for result in results
        ]
        return found

    @router.post("/retry", response_model=DoneShape)
    def retry_all() -> dict[str, int]:
        """Do everything that is unfinished; what was already heard of a recording is not heard again."""
        return _again(kb.jobs.all())

    @router.post("/{job_id}/retry", response_model=DoneShape)
    def retry(job_id: int) -> dict[str, int]:
        """Do one source again."""
        return _again([_job(kb, job_id)])

    @router.delete("/failed", response_model=DoneShape)
    def drop_failed() -> dict[str, int]:
        """Drop every source that failed."""
        return _drop([job for job in kb.jobs.all() if job.state == "failed"])

    @router.delete("/{job_id}", response_model=DoneShape)
    def cancel(job_id: int) -> dict[str, int]:
        """Drop one source; one that is being transcribed stops at its next block."""
        return _drop([_job(kb, job_id)])

    def _again(chosen: Sequence[Job]) -> dict[str, int]:
        queued = kb.jobs.enqueue((job.uri, job.request) for job in chosen)
        worker.want(job.id for job in queued)
        did(bool(queued), _names(queued, kb))
        return {"done": len(queued)}

    def _drop(chosen: Sequence[Job]) -> dict[str, int]:
        kb.jobs.finish(job.uri for job in chosen)
        did(bool(chosen), _names(chosen, kb))
        return {"done": len(chosen)}

    return router


def _job(kb: KnowledgeBase, job_id: int) -> Job:
    found = kb.jobs.get_many([job_id])
    if not found:
        raise NotFound(phrase("There is no unfinished job %(job)s; /api/jobs lists them.", job=str(job_id)))
    return found[0]


def _names(jobs: Sequence[Job], kb: KnowledgeBase) -> str:
    return ", ".join(job_name(job.uri, kb) for job in jobs)


def _shown(job: Job, kb: KnowledgeBase, working: bool) -> JobShape:
    work = episode_work(job.uri)
    return JobShape(
        id=job.id,
        name=job_name(job.uri, kb),
        translation=work is not None and work.what == "translation",
        times=work is not None and work.what == "times",
        state=job.seen(working),
        reason=plainly_of(job, kb) if job.reason else None,
        done=job.done,
        total=job.total,
        added_at=job.added_at,
        updated_at=job.updated_at,
    )
