"""Routes of the reader: an episode at its address, and its corrections."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import Response

from ...catalogue.question_log import QuestionLog
from ...knowledge_base import KnowledgeBase
from ..server.document import document
from .correcting import add_correcting, number_in
from .page import reader_html

__all__ = ["add_reader"]

_SCRIPTS = ("reader.js", "find.js", "correct.js", "naming.js", "turnkeys.js")


def add_reader(app: FastAPI, kb: KnowledgeBase, questions: QuestionLog) -> None:
    """Add ``/episode/ID`` and the routes for corrections."""

    @app.get("/episode/{episode_id}", include_in_schema=False)
    def episode(episode_id: str, revision: str = "", q: str = "", quote: str = "") -> Response:
        """Show the transcript; the script uses ``t``, the moment."""
        body = reader_html(kb, episode_id, number_in(revision), q[:2_000], quote, questions)
        title = kb.episode(episode_id).title
        return document(title, body, styles=("reader.css",), scripts=_SCRIPTS)

    add_correcting(app, kb)
