"""Routes of the reader: an episode at its address, and the forms that correct it."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Form
from fastapi.responses import RedirectResponse, Response
from starlette.background import BackgroundTask

from ...errors import UsageError
from ...inputs import LONGEST_NAME, checked_line
from ...knowledge_base import KnowledgeBase
from ..access.people import signed
from ..server.document import document
from .page import episode_address, reader_html

__all__ = ["add_reader"]

_SCRIPTS = ("reader.js", "find.js", "correct.js")


def add_reader(app: FastAPI, kb: KnowledgeBase) -> None:
    """Add ``/episode/ID`` and what its forms are sent to."""

    @app.get("/episode/{episode_id}", include_in_schema=False)
    def episode(episode_id: str, revision: str = "", q: str = "", quote: str = "") -> Response:
        """Show the transcript; ``t``, the moment, is the script's."""
        body = reader_html(kb, episode_id, _number(revision), q[:2_000], quote)
        title = kb.catalogue.episodes.get(episode_id).title
        return document(title, body, styles=("reader.css",), scripts=_SCRIPTS)

    @app.post("/episode/{episode_id}/words", include_in_schema=False)
    def words(
        episode_id: str,
        text: Annotated[str, Form()] = "",
        revision: Annotated[str, Form()] = "",
        turn: Annotated[str, Form()] = "",
        by: Annotated[str, Form()] = "",
        speaker: Annotated[list[str] | None, Form()] = None,
    ) -> Response:
        """Write a corrected turn as a new revision, and show it there."""
        place, name = _number(turn), checked_line(signed(by), "Your name", LONGEST_NAME)
        speakers = [
            checked_line(one, "The speaker’s name", LONGEST_NAME) if one.strip() else "" for one in speaker or ()
        ]
        kb.correct(episode_id, _number(revision) or 0, -1 if place is None else place, text, name, speakers)
        return _done(kb, f"{episode_address(episode_id)}#turn-{(place or 0) + 1}")

    @app.post("/episode/{episode_id}/speaker", include_in_schema=False)
    def speaker(
        episode_id: str,
        speaker: Annotated[str, Form()] = "",
        name: Annotated[str, Form()] = "",
        by: Annotated[str, Form()] = "",
    ) -> Response:
        """Name a speaker everywhere in this episode, as a new revision of the same words."""
        named = checked_line(name, "The speaker’s name", LONGEST_NAME)
        editor = checked_line(signed(by), "Your name", LONGEST_NAME)
        kb.edit(kb.catalogue.episodes.get(episode_id), {speaker: named}, editor)
        return _done(kb, episode_address(episode_id))


def _number(text: str) -> int | None:
    """Return a number out of an address or a form, ``None`` where there is none."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise UsageError(f"{text[:50]!r} is no number; open the transcript from its episode.")
    return int(text)


def _done(kb: KnowledgeBase, address: str) -> Response:
    # The reader sees the words at once; searching finds them when they are embedded.
    return RedirectResponse(address, 303, background=BackgroundTask(kb.sync))
