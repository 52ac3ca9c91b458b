"""Errors as a page with one sentence, or as JSON for a program."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ...errors import Conflict, NotFound, UsageError, VerbatimError
from ...translatable import phrase
from ..background.uploads import UPLOADS
from .document import document
from .languages import translate
from .stored import as_said
from .templating import render

__all__ = [
    "OURS",
    "OddAddresses",
    "add_problems",
    "answer_problem",
    "invalid",
    "is_for_program",
    "say_not_found",
    "sentence_for",
    "status_of",
]

#: Different from the message for an address without a rule, so that a test can see which of them answers.
_NOTHING = phrase("There is no page or file at this address; begin at the first page, /.")

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_PROGRAMS = ("/api/", "/mcp", "/gradio_api/")
#: Links to a speaker whose episodes are all removed may still exist.
_SPEAKER = "/speaker/"
_HEADINGS = {401: phrase("Sign in first"), 403: phrase("You may not do this"), 404: phrase("There is nothing here")}
#: An error of the program; the server writes the details into its log.
OURS = phrase(
    "Something went wrong inside Verbatim, and it is our mistake. "
    "Try again; if it fails again, tell whoever runs it here."
)


def status_of(error: Exception) -> int:
    """Return the HTTP status for one of our errors."""
    if isinstance(error, Conflict):
        return 409
    return 404 if isinstance(error, NotFound) else 400 if isinstance(error, UsageError) else 422


def is_for_program(scope: Scope) -> bool:
    """Return whether a program or a page's script asks, not a browser for a page."""
    return scope["path"].startswith(_PROGRAMS) or "application/json" in Headers(scope=scope).get("accept", "")


def sentence_for(scope: Scope, sentence: str) -> str:
    """Return a sentence for JSON: translated for a page's script, which shows it, and in English for programs."""
    of_page = any(name in Headers(scope=scope) for name in ("sec-fetch-site", "referer", "origin"))
    return translate(as_said(sentence)) if of_page else sentence


def answer_problem(scope: Scope, status: int, sentence: str, **more: Any) -> Response:
    """Return a sentence as a page, or as JSON, with ``more`` in it, for a program."""
    if is_for_program(scope):
        return JSONResponse({"error": sentence_for(scope, sentence), **more}, status)
    usual = phrase("Something went wrong") if status >= 500 else phrase("This cannot be shown")
    heading = _HEADINGS.get(status, usual)
    body = render("problem.html", heading=heading, problem=sentence, library=_library_of(scope["path"]))
    return document(heading, body, status=status)


def _library_of(path: str) -> str:
    """Return the library's address, with a search for the speaker of the requested page."""
    name = path.removeprefix(_SPEAKER) if path.startswith(_SPEAKER) else ""
    return f"/library?{urlencode({'q': name[:100]})}" if name.isprintable() and name else "/library"


def invalid(error: Exception) -> str:
    """Return the first error in the values of a request, without a full stop."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return f"What was sent is not valid JSON (see character {first['loc'][-1] + 1})"
    if first["type"] == "missing" and first["loc"] == ("body",):
        return phrase("Nothing was sent")
    place = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0])
    return f"{place}: {first['msg'][:1].lower()}{first['msg'][1:]}"


class OddAddresses:
    """ASGI middleware that answers "not found" at an address with a control character.

    A route's pattern ends in ``$``, which also matches before a line break: ``/library%0A`` would be ``/library``.
    Uploads are excepted: their route checks the file's name itself.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer such an address, and pass other requests on."""
        odd = scope["type"] == "http" and _CONTROL.search(scope["path"]) and not scope["path"].startswith(UPLOADS)
        await (answer_problem(scope, 404, _NOTHING) if odd else self._app)(scope, receive, send)


def say_not_found(app: FastAPI) -> None:
    """Let an application answer unknown addresses with our message and page."""

    @app.exception_handler(404)
    def nothing(request: Request, _: Exception) -> Response:
        return answer_problem(request.scope, 404, _NOTHING)


def add_problems(app: FastAPI) -> None:
    """Answer all our errors, and unknown addresses, with a sentence."""
    say_not_found(app)

    @app.exception_handler(Exception)
    def broken(request: Request, _: Exception) -> Response:
        return answer_problem(request.scope, 500, OURS)

    @app.exception_handler(VerbatimError)
    def told(request: Request, error: Exception) -> Response:
        assert isinstance(error, VerbatimError)
        where: dict[str, Any] = {}
        if isinstance(error, Conflict):
            where = {"revision": error.revision, "turn": error.turn, "count": error.count}
        return answer_problem(request.scope, status_of(error), error.sentence, **where)

    @app.exception_handler(RequestValidationError)
    def wrong(request: Request, error: Exception) -> Response:
        told = phrase("This address or form cannot be answered (%(why)s).", why=invalid(error))
        return answer_problem(request.scope, 400, told)
