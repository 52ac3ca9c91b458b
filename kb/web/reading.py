"""Routes of the reader: an episode at its address, and the forms that correct it."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Form
from fastapi.responses import RedirectResponse, Response
from starlette.background import BackgroundTask

from ..errors import UsageError, VerbatimError
from ..knowledge_base import KnowledgeBase
from .cards import escape
from .document import document
from .reader import episode_address, reader_html

__all__ = ["add_reader"]

_LONGEST_NAME = 200
_SCRIPTS = ("reader.js", "find.js", "correct.js")


def add_reader(app: FastAPI, kb: KnowledgeBase) -> None:
    """Add ``/episode/ID`` and what its forms are sent to."""

    @app.get("/episode/{episode_id}", include_in_schema=False)
    def episode(episode_id: str, revision: str = "", q: str = "", quote: str = "") -> Response:
        """Show the transcript; ``t``, the moment, is the script's."""
        try:
            body = reader_html(kb, episode_id, _number(revision), q[:2_000], quote)
            title = kb.catalogue.episodes.get(episode_id).title
        except VerbatimError as error:
            return _problem(error)
        style = '<link rel="stylesheet" href="/vb/reader.css">'
        return document(title, body, head=style, scripts=_SCRIPTS)

    @app.post("/episode/{episode_id}/words", include_in_schema=False)
    def words(
        episode_id: str,
        text: Annotated[str, Form()] = "",
        revision: Annotated[str, Form()] = "",
        turn: Annotated[str, Form()] = "",
        by: Annotated[str, Form()] = "",
    ) -> Response:
        """Write a corrected turn as a new revision, and show it there."""
        try:
            place = _number(turn)
            kb.correct(episode_id, _number(revision) or 0, -1 if place is None else place, text, _name(by, "Your name"))
        except VerbatimError as error:
            return _problem(error)
        return _done(kb, f"{episode_address(episode_id)}#turn-{(place or 0) + 1}")

    @app.post("/episode/{episode_id}/speaker", include_in_schema=False)
    def speaker(
        episode_id: str,
        speaker: Annotated[str, Form()] = "",
        name: Annotated[str, Form()] = "",
        by: Annotated[str, Form()] = "",
    ) -> Response:
        """Name a speaker everywhere in this episode, as a new revision of the same words."""
        try:
            named = _name(name, "The speaker’s name")
            kb.edit(kb.catalogue.episodes.get(episode_id), {speaker: named}, _name(by, "Your name"))
        except VerbatimError as error:
            return _problem(error)
        return _done(kb, episode_address(episode_id))


def _number(text: str) -> int | None:
    """Return a number out of an address or a form, ``None`` where there is none."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise UsageError(f"{text[:50]!r} is no number; open the transcript from its episode.")
    return int(text)


def _name(text: str, what: str) -> str:
    name = " ".join(text.split())
    if not 0 < len(name) <= _LONGEST_NAME:
        raise UsageError(f"{what} is {'missing' if not name else 'too long'}; write 1 to {_LONGEST_NAME} characters.")
    return name


def _problem(error: VerbatimError) -> Response:
    body = f'<p class="vb-problem" role="alert">{escape(str(error))}</p><p><a href="/">Ask another question</a></p>'
    return document("That did not work", body, status=400 if isinstance(error, UsageError) else 404)


def _done(kb: KnowledgeBase, address: str) -> Response:
    # The reader sees the words at once; searching finds them when they are embedded.
    return RedirectResponse(address, 303, background=BackgroundTask(kb.sync))
