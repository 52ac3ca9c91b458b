"""The REST interface as an application: its routes, and its errors as sentences in JSON."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from ...catalogue.question_log import QuestionLog
from ...errors import VerbatimError
from ...knowledge_base import KnowledgeBase
from ..access.people import asked_here
from ..background.worker import Worker
from ..server.problems import OURS, invalid, sentence_for, status_of
from . import asking, collections, episodes, example, feeds, jobs, models, names, uploads
from .shapes import Problem

__all__ = ["build_api"]

_ABOUT = "Questions, quotes and episodes of this knowledge base, and the work of taking more in. See docs/api.md."
_LOGGED = " Questions and searches are logged here."
_NAMES = {
    404: "There is nothing at this address; /api lists what there is.",
    405: "This address needs another method.",
}


def build_api(
    kb: KnowledgeBase, worker: Worker, private: Sequence[str] = (), questions: QuestionLog | None = None
) -> FastAPI:
    """Return the application to mount at ``/api``; ``private`` are hosts of private networks that feeds may be on.

    ``questions`` are logged if it is on; it says so in the description.
    """
    questions = questions or asked_here(kb)
    problem: dict[str, Any] = {"model": Problem}
    api = FastAPI(
        title="Verbatim",
        version="1",
        description=_ABOUT + (_LOGGED if questions.is_on else ""),
        docs_url=None,  # its page loads scripts from other servers; ours is /api
        redoc_url=None,
        responses={"4XX": {**problem, "description": "What was wrong, in a sentence."}},
    )
    api.include_router(asking.routes(kb, questions))
    api.include_router(episodes.routes(kb))
    api.include_router(collections.routes(kb))
    api.include_router(jobs.routes(kb, worker))
    api.include_router(uploads.routes(kb, worker))
    api.include_router(example.routes(kb, worker))
    api.include_router(models.routes(kb, worker))
    api.include_router(names.routes(kb))
    api.include_router(feeds.routes(kb, worker, private))
    api.add_exception_handler(VerbatimError, _told)
    api.add_exception_handler(RequestValidationError, _invalid)
    api.add_exception_handler(HTTPException, _refused)
    api.add_exception_handler(Exception, _broken)
    _leave_out_what_never_comes(api)
    return api


def _told(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, VerbatimError)
    return _problem(status_of(error), sentence_for(request.scope, error.sentence))


def _invalid(request: Request, error: Exception) -> JSONResponse:
    sent, kind = request.headers.get("content-length", "0") != "0", request.headers.get("content-type", "")
    if sent and "json" not in kind and isinstance(error, RequestValidationError) and _is_of_body(error):
        return _problem(400, "What was sent is not called JSON; send it with 'Content-Type: application/json'.")
    return _problem(400, f"{invalid(error)}; /api describes what is expected.")


def _is_of_body(error: RequestValidationError) -> bool:
    return bool(error.errors()[0]["loc"][:1] == ("body",))


def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    return _problem(error.status_code, _NAMES.get(error.status_code, str(error.detail)))


def _broken(request: Request, error: Exception) -> JSONResponse:
    logging.getLogger(__name__).error("a request failed", exc_info=error)
    return _problem(500, sentence_for(request.scope, OURS))


def _problem(status: int, sentence: str) -> JSONResponse:
    return JSONResponse({"error": sentence}, status)


def _leave_out_what_never_comes(api: FastAPI) -> None:
    """Remove FastAPI's form of validation errors from the OpenAPI document; ours is ``Problem``."""
    document = api.openapi()
    for methods in document["paths"].values():
        for operation in methods.values():
            operation["responses"].pop("422", None)
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
