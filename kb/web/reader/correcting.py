"""What corrects a transcript: a turn's words, a speaker's name, and taking a correction back.

A script that asks for JSON gets ``revision`` and whether anything ``changed``; a form without one is led to the page.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.background import BackgroundTask

from ...errors import UsageError
from ...inputs import LONGEST_NAME, checked_line
from ...knowledge_base import KnowledgeBase
from ..access.deeds import did
from ..access.people import signed
from ..server.problems import is_for_program
from .page import episode_address

__all__ = ["add_correcting", "number_in"]


def add_correcting(app: FastAPI, kb: KnowledgeBase) -> None:
    """Add what the reader's forms are sent to."""

    @app.post("/episode/{episode_id}/words", include_in_schema=False)
    def words(
        request: Request,
        episode_id: str,
        text: Annotated[str, Form()] = "",
        revision: Annotated[str, Form()] = "",
        turn: Annotated[str, Form()] = "",
        count: Annotated[str, Form()] = "1",
        by: Annotated[str, Form()] = "",
        speaker: Annotated[list[str] | None, Form()] = None,
    ) -> Response:
        """Write a corrected turn, or several as one, as a new revision."""
        place, many, name = number_in(turn), number_in(count), _editor(by)
        speakers = [_speaker(one) if one.strip() else "" for one in speaker or ()]
        first = -1 if place is None else place

        def write() -> None:
            kb.correct(episode_id, number_in(revision) or 0, first, text, name, speakers, many or 0)

        return _done(kb, request, episode_id, write, f"#turn-{first + 1}")

    @app.post("/episode/{episode_id}/undo", include_in_schema=False)
    def undo(
        request: Request, episode_id: str, revision: Annotated[str, Form()] = "", by: Annotated[str, Form()] = ""
    ) -> Response:
        """Take a correction back, as a new revision."""
        name = _editor(by)
        return _done(kb, request, episode_id, lambda: kb.undo(episode_id, number_in(revision) or 0, name))

    @app.post("/episode/{episode_id}/speaker", include_in_schema=False)
    def speaker(
        request: Request,
        episode_id: str,
        speaker: Annotated[str, Form()] = "",
        name: Annotated[str, Form()] = "",
        by: Annotated[str, Form()] = "",
    ) -> Response:
        """Name a speaker everywhere in this episode, as a new revision of the same words."""
        named, editor = _speaker(name), _editor(by)
        return _done(
            kb,
            request,
            episode_id,
            lambda: kb.edit(kb.catalogue.episodes.get(episode_id), {speaker: named}, editor),
        )


def number_in(text: str) -> int | None:
    """Return a number out of an address or a form, ``None`` where there is none."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise UsageError(f"{text[:50]!r} is no number; open the transcript from its episode.")
    return int(text)


def _editor(by: str) -> str:
    return checked_line(signed(by), "Your name", LONGEST_NAME)


def _speaker(name: str) -> str:
    return checked_line(name, "The speaker’s name", LONGEST_NAME)


def _done(
    kb: KnowledgeBase, request: Request, episode_id: str, write: Callable[[], object], place: str = ""
) -> Response:
    """Write a correction; lead to the page where it is, or tell a script of it."""
    with kb.catalogue.transaction():
        before = kb.catalogue.episodes.current_revision(episode_id)
        write()
        revision = kb.catalogue.episodes.current_revision(episode_id)
    did(revision > before)
    # The reader sees the words at once; searching finds them when they are embedded.
    later = BackgroundTask(kb.sync)
    if is_for_program(request.scope):
        return JSONResponse({"revision": revision, "changed": revision > before}, background=later)
    return RedirectResponse(f"{episode_address(episode_id)}{place}", 303, background=later)
