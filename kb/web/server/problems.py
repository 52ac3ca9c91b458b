"""What went wrong, as a page with one sentence; the interface for programs tells the same as JSON."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import Response

from ...errors import NotFound, UsageError, VerbatimError
from .document import document
from .templating import render

__all__ = ["add_problems", "status_of"]


def status_of(error: Exception) -> int:
    """Return the HTTP status that an error of ours has."""
    return 404 if isinstance(error, NotFound) else 400 if isinstance(error, UsageError) else 422


def add_problems(app: FastAPI) -> None:
    """Let every error of ours that a page runs into be shown as a page."""

    @app.exception_handler(VerbatimError)
    def told(_: Request, error: Exception) -> Response:
        body = render("problem.html", problem=str(error))
        return document("That did not work", body, status=status_of(error), styles=("library.css",))
