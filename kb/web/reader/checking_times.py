"""The route of the button that checks a transcript's times against its recording."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import RedirectResponse, Response

from ...knowledge_base import KnowledgeBase
from ..access.deeds import did
from ..access.people import signed
from ..background.worker import Worker
from .page import episode_address

__all__ = ["add_checking_times"]


def add_checking_times(app: FastAPI, kb: KnowledgeBase, worker: Worker) -> None:
    """Add the route of the button; ``worker`` checks."""

    @app.post("/episode/{episode_id}/check-times", include_in_schema=False)
    def check_times(episode_id: str) -> Response:
        """Queue a check of an episode's times and lead back to its page, which tells how far it is."""
        from ingest.queue.checking import queue_checks
        from ingest.transcribing.recordings import Request

        (job,) = queue_checks(kb, [kb.episode(episode_id).id], Request(), signed(""))
        worker.want([job.id])
        did(True)
        return RedirectResponse(episode_address(episode_id), 303)
