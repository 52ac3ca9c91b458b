"""``/api/ask``, ``/api/search`` and ``/api/quotes``: the same answers as the page's."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from ...catalogue.question_log import QuestionLog
from ...inputs import checked_filters
from ...knowledge_base import KnowledgeBase
from ...types import Filters
from ...wire import answer_json, hit_json, quote_json
from .shapes import AnswerShape, HitShape, QuoteShape

__all__ = ["routes"]

_MOST = 100
Question = Annotated[str, Query(min_length=1, max_length=2_000, description="The question.")]


def routes(kb: KnowledgeBase, questions: QuestionLog) -> APIRouter:
    """Return the routes over ``kb``; ``questions`` are logged if it is on."""
    router = APIRouter(tags=["Asking"])

    @router.get("/ask", response_model=AnswerShape)
    def ask(
        q: Question,
        chosen: Chosen,
        k: Annotated[int, Query(ge=1, le=_MOST)] = 5,
        ads: Annotated[bool, Query(description="Quote advertisements too.")] = False,
    ) -> dict[str, Any]:
        """Answer a question with up to ``k`` verbatim quotes, or say that nothing in the library does."""
        found = kb.ask(q, k, replace(chosen, ads=ads))
        questions.answered(q, found)
        return answer_json(found)

    @router.get("/search", response_model=list[HitShape])
    def search(q: Question, chosen: Chosen, k: Annotated[int, Query(ge=1, le=_MOST)] = 10) -> list[dict[str, Any]]:
        """List the ``k`` passages that fit best."""
        hits = kb.search(q, k, chosen)
        questions.found(q, len(hits))
        return [hit_json(hit) for hit in hits]

    @router.get("/quotes/{quote_id}", response_model=QuoteShape)
    def quote(quote_id: str) -> dict[str, Any]:
        """Return the quote at an address, of one speaker's words, read back and compared just now."""
        return quote_json(kb.citable(quote_id))

    return router


def _filters(
    show: Annotated[list[str] | None, Query(description="Only this show; may be repeated.")] = None,
    speaker: Annotated[list[str] | None, Query(description="Only this speaker; may be repeated.")] = None,
    since: Annotated[str | None, Query(description="Only episodes of this date or later, e.g. 2019-07-08.")] = None,
    until: Annotated[str | None, Query(description="Only episodes of this date or earlier.")] = None,
    collection: Annotated[
        list[str] | None,
        Query(description="Only the episodes that this collection's quotes come from; may be repeated."),
    ] = None,
) -> Filters:
    return checked_filters(show, speaker, since, until, collection)


Chosen = Annotated[Filters, Depends(_filters)]
