"""Correct a transcript: a turn's words, a speaker's name, and undo.

A script that asks for JSON gets ``revision`` and whether anything ``changed``; a form without one is led to the page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, FastAPI, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.background import BackgroundTask

from ...errors import UsageError
from ...inputs import LONGEST_NAME, checked_line
from ...knowledge_base import KnowledgeBase
from ...translatable import phrase
from ..access.deeds import did
from ..access.people import signed
from ..server.problems import is_for_program
from .page import episode_address

__all__ = ["add_correcting", "number_in"]

Field = Annotated[str, Form()]
Fields = Annotated[list[str] | None, Form()]


@dataclass(frozen=True, slots=True)
class _Form:
    """The fields of every form: its episode, and its author."""

    request: Request
    episode_id: str
    by: Field = ""

    @property
    def editor(self) -> str:
        return checked_line(signed(self.by), phrase("Your name"), LONGEST_NAME)

    def done(self, kb: KnowledgeBase, write: Callable[[], object], place: str = "") -> Response:
        """Write the correction; redirect to its place, or answer a script with JSON."""
        with kb.transaction():
            before = kb.revisions.latest(self.episode_id)
            write()
            revision = kb.revisions.latest(self.episode_id)
        did(revision > before)
        # The page shows the words at once; search finds them after they are embedded.
        later = BackgroundTask(kb.sync)
        if is_for_program(self.request.scope):
            return JSONResponse({"revision": revision, "changed": revision > before}, background=later)
        return RedirectResponse(f"{episode_address(self.episode_id)}{place}", 303, background=later)


Sent = Annotated[_Form, Depends()]


def add_correcting(app: FastAPI, kb: KnowledgeBase) -> None:
    """Add the routes of the reader's forms."""

    @app.post("/episode/{episode_id}/words", include_in_schema=False)
    def words(
        form: Sent,
        text: Field = "",
        revision: Field = "",
        turn: Field = "",
        count: Field = "1",
        speaker: Fields = None,
    ) -> Response:
        """Write a corrected turn, or several as one, as a new revision."""
        place, of, many = number_in(turn), number_in(revision) or 0, number_in(count) or 0
        first = -1 if place is None else place
        speakers = [_speaker(one) for one in speaker or ()]
        return form.done(
            kb,
            lambda: kb.corrections.correct(form.episode_id, of, first, text, form.editor, speakers, many),
            f"#turn-{first + 1}",
        )

    @app.post("/episode/{episode_id}/undo", include_in_schema=False)
    def take_back(form: Sent, revision: Field = "") -> Response:
        """Undo a correction, as a new revision."""
        of = number_in(revision) or 0
        return form.done(kb, lambda: kb.corrections.undo(form.episode_id, of, form.editor))

    @app.post("/episode/{episode_id}/speaker", include_in_schema=False)
    def rename(form: Sent, speaker: Fields = None, name: Fields = None) -> Response:
        """Name speakers everywhere in this episode, as one revision of the same words; "" is an unknown one."""
        olds, news = speaker or [], name or []
        if len(olds) != len(news):
            raise UsageError(phrase("A speaker or a name is missing; open the transcript again and repeat it."))
        names = {old: _speaker(new) for old, new in zip(olds, news, strict=True) if old != new.strip()}
        return form.done(kb, lambda: kb.corrections.edit(kb.episode(form.episode_id), names, form.editor))


def number_in(text: str) -> int | None:
    """Return a number from an address or a form, ``None`` if it is empty."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise UsageError(
            phrase("%(text)s is not a number; open the transcript from its episode.", text=repr(text[:50]))
        )
    return int(text)


def _speaker(name: str) -> str:
    """Return a speaker's name as one line; "" is an unknown speaker's."""
    return checked_line(name, phrase("The speaker’s name"), LONGEST_NAME) if name.strip() else ""
