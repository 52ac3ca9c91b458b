"""What went wrong, as a page with one sentence; the interface for programs tells the same as JSON."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from ...errors import Conflict, NotFound, UsageError, VerbatimError
from .document import document
from .templating import render

__all__ = ["add_problems", "problem_json", "status_of", "wants_json"]


def status_of(error: Exception) -> int:
    """Return the HTTP status that an error of ours has."""
    if isinstance(error, Conflict):
        return 409
    return 404 if isinstance(error, NotFound) else 400 if isinstance(error, UsageError) else 422


def problem_json(error: Exception) -> JSONResponse:
    """Return what went wrong for a script: the sentence, and where a conflict is."""
    found: dict[str, object] = {"error": str(error)}
    if isinstance(error, Conflict):
        found |= {"revision": error.revision, "turn": error.turn, "count": error.count}
    return JSONResponse(found, status_of(error))


def wants_json(request: Request) -> bool:
    """Return whether a page's script asks, rather than a browser for a page."""
    return "application/json" in request.headers.get("accept", "")


def add_problems(app: FastAPI) -> None:
    """Let every error of ours that a page runs into be shown as a page."""

    @app.exception_handler(VerbatimError)
    def told(request: Request, error: Exception) -> Response:
        if wants_json(request):
            return problem_json(error)
        body = render("problem.html", problem=str(error))
        return document("That did not work", body, status=status_of(error), styles=("library.css",))
