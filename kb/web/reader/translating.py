"""The route of the button that translates a transcript."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import RedirectResponse, Response

from ...knowledge_base import KnowledgeBase
from ..access.deeds import did
from ..background.worker import Worker
from .page import episode_address

__all__ = ["add_translating"]


def add_translating(app: FastAPI, kb: KnowledgeBase, worker: Worker) -> None:
    """Add the route of the button; ``worker`` translates."""

    @app.post("/episode/{episode_id}/translate", include_in_schema=False)
    def translate(episode_id: str) -> Response:
        """Queue the translation of an episode and lead back to its page, which tells how far it is."""
        from ingest.queue.translating import queue_translation
        from ingest.transcribing.recordings import Request

        job = queue_translation(kb, episode_id, Request())
        worker.want([job.id])
        did(True)
        return RedirectResponse(episode_address(episode_id), 303)
