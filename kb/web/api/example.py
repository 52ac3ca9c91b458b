"""``/api/example``: an empty library begins with the example episode that a clone has in ``corpus``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter

from ...errors import NotFound
from ...knowledge_base import KnowledgeBase
from ...translatable import phrase
from ..background.worker import Worker
from .shapes import DoneShape

__all__ = ["has_example", "routes"]

#: Not in a wheel, whose users have their own transcripts.
_FOLDER = Path(__file__).parents[3] / "corpus"


def has_example() -> bool:
    """Return whether there is an example to add."""
    return _FOLDER.is_dir()


def routes(kb: KnowledgeBase, worker: Worker) -> APIRouter:
    """Return the route over ``kb``; ``worker`` takes the example in."""
    router = APIRouter(prefix="/example", tags=["Taking in"])

    @router.post("", response_model=DoneShape, status_code=201)
    def load() -> dict[str, Any]:
        """Take in the example episode, a radio report with its sound; a second time changes nothing."""
        from ingest.files.sources import find_sources
        from ingest.queue.batch import IngestOptions, enqueue

        if not has_example():
            raise NotFound(phrase("The example did not come with this installation; add a transcript of your own."))
        jobs = enqueue(kb, find_sources([_FOLDER]), IngestOptions(""), lambda path, why: None)
        worker.want(job.id for job in jobs)
        return {"done": len(jobs)}

    return router
