"""``/suggestions``: values for filters, with their number of episodes in the library."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from fastapi import FastAPI, Query

from ...knowledge_base import KnowledgeBase
from ...phrasing import counted
from ...text.terms import fold_word
from ..server.languages import translate

__all__ = ["add_suggestions", "suggested"]

#: Most suggestions; typing a part of the name finds others.
_MOST = 50

Kind = Literal["show", "speaker", "year", "collection"]


def add_suggestions(app: FastAPI, kb: KnowledgeBase) -> None:
    """Add ``/suggestions``."""

    @app.get("/suggestions", include_in_schema=False)
    def suggestions(kind: Kind, text: Annotated[str, Query(max_length=300)] = "") -> dict[str, object]:
        found = suggested(kb, kind, text)
        listed = [{"value": value, "count": translate(count)} for value, count in found[:_MOST]]
        return {"found": len(found), "suggestions": listed}


def suggested(kb: KnowledgeBase, kind: Kind, text: str = "") -> tuple[tuple[str, str], ...]:
    """Return the values that hold all words of ``text``, or parts of them, each with a count in words.

    Case and accents do not matter. Shows are in alphabetical order, speakers with most episodes first, newest years
    first, collections oldest first.
    """
    words = [fold_word(word) for word in text.split()]
    return tuple((value, count) for value, count in _all(kb, kind) if all(word in fold_word(value) for word in words))


def _all(kb: KnowledgeBase, kind: Kind) -> Iterator[tuple[str, str]]:
    facets = kb.facets
    counts = {
        "show": facets.shows,
        "speaker": facets.speakers,
        "year": facets.years,
        "collection": facets.collections,
    }
    yield from ((each.value, counted(each.episodes, "episode")) for each in counts[kind]())
