"""The systems that are compared: the program as it is, and its parts alone and in other combinations.

To measure another idea, add a function to ``RANKINGS`` (passages) or ``QUOTINGS`` (quotes).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kb.knowledge_base import KnowledgeBase
from kb.questions.query import Query, analyse
from kb.types import Answer, Chunk, Filters

from .data import Span
from .metrics import DEPTH

__all__ = ["FULL_TEXT", "KB_SEARCH", "QUOTINGS", "RANKINGS", "Asked"]

#: How many passages of each retriever are fused when the whole base is asked; within an episode all are.
_CANDIDATES = 200
#: Reciprocal rank fusion's constant (Cormack, Clarke and Buettcher, SIGIR 2009).
_RANKS = 60
#: The vectors' share when standardised scores are added.
_VECTORS = 0.4
#: How much of its two neighbours' scores a passage gets.
_NEIGHBOURS = 0.2
_ALL = 100_000

Ranking = Sequence[int]
Scored = Sequence[tuple[int, float]]


@dataclass
class Asked:
    """A question with the results of each retriever, which are found once and shared by all systems."""

    kb: KnowledgeBase
    text: str
    #: The only episode to search, or the whole base.
    episode: str | None
    chunks: Mapping[int, Chunk] = field(repr=False)

    @cached_property
    def filters(self) -> Filters | None:
        return Filters(episodes=(self.episode,)) if self.episode else None

    @cached_property
    def query(self) -> Query:
        return analyse(self.text, self.kb.catalogue.episodes.speakers())

    @cached_property
    def lexical(self) -> Scored:
        depth = _ALL if self.episode else _CANDIDATES
        return self.kb.catalogue.passages.match(self.query.expression, depth, self.filters)

    @cached_property
    def vectors(self) -> Scored:
        return self.kb.semantic.nearest(self.text, _ALL if self.episode else _CANDIDATES, self.filters)

    @cached_property
    def answer(self) -> Answer:
        return self.kb.ask(self.text, filters=self.filters)

    def span(self, row: int) -> Span:
        chunk = self.chunks[row]
        return Span(chunk.episode_id, chunk.char_start, chunk.char_end)


def _rows(scores: Mapping[int, float]) -> Ranking:
    return sorted(scores, key=lambda row: (-scores[row], row))


def _by_ranks(asked: Asked) -> Ranking:
    scores: dict[int, float] = {}
    for ranked in (asked.lexical, asked.vectors):
        for rank, (row, _) in enumerate(ranked, start=1):
            scores[row] = scores.get(row, 0.0) + 1 / (_RANKS + rank)
    return _rows(scores)


def _standardised(asked: Asked) -> dict[int, float]:
    """Return the weighted sum of both scores, each with mean 0 and deviation 1 over the candidates."""
    rows: Sequence[int] = sorted({row for ranked in (asked.lexical, asked.vectors) for row, _ in ranked})
    if asked.filters:
        rows = asked.kb.catalogue.passages.select(asked.filters)
    unlike = min((cosine for _, cosine in asked.vectors), default=0.0)  # what was not found has at most this similarity
    total = (1 - _VECTORS) * _standard(rows, asked.lexical, 0.0) + _VECTORS * _standard(rows, asked.vectors, unlike)
    return dict(zip(rows, map(float, total), strict=True))


def _standard(rows: Sequence[int], scored: Scored, missing: float) -> NDArray[np.float64]:
    known = dict(scored)
    values = np.array([known.get(row, missing) for row in rows])
    return np.asarray((values - values.mean()) / (values.std() or 1.0)) if len(values) else values


def _smoothed(asked: Asked) -> Ranking:
    scores = _standardised(asked)
    place = {(asked.chunks[row].episode_id, asked.chunks[row].position): score for row, score in scores.items()}
    lowest = min(scores.values(), default=0.0)

    def beside(row: int) -> float:
        chunk = asked.chunks[row]
        return sum(place.get((chunk.episode_id, chunk.position + step), lowest) for step in (-1, 1))

    return _rows({row: score + _NEIGHBOURS * beside(row) for row, score in scores.items()})


def _spans(ranking: Callable[[Asked], Ranking]) -> Callable[[Asked], Sequence[Span]]:
    return lambda asked: [asked.span(row) for row in ranking(asked)[:DEPTH]]


def _kb_search(asked: Asked) -> Sequence[Span]:
    hits = asked.kb.search(asked.text, DEPTH, asked.filters)
    return [Span(hit.chunk.episode_id, hit.chunk.char_start, hit.chunk.char_end) for hit in hits]


def _quotes(asked: Asked) -> Sequence[Span]:
    return [Span(quote.episode.id, quote.char_start, quote.char_end) for quote in asked.answer.quotes]


def _quotes_or_misses(asked: Asked) -> Sequence[Span]:
    shown = asked.answer.quotes or asked.answer.nearest
    return [Span(quote.episode.id, quote.char_start, quote.char_end) for quote in shown]


KB_SEARCH = "**`kb search`**"
FULL_TEXT = "full text alone (FTS5's BM25)"

#: Each returns passages, best first.
RANKINGS: Mapping[str, Callable[[Asked], Sequence[Span]]] = {
    FULL_TEXT: _spans(lambda asked: [row for row, _ in asked.lexical]),
    "vectors alone": _spans(lambda asked: [row for row, _ in asked.vectors]),
    "both, reciprocal ranks": _spans(_by_ranks),
    "both, z-scores": _spans(lambda asked: _rows(_standardised(asked))),
    "both, z-scores, neighbours": _spans(_smoothed),
    KB_SEARCH: _kb_search,
}
#: Each returns quotes, best first.
QUOTINGS: Mapping[str, Callable[[Asked], Sequence[Span]]] = {
    "**`kb ask`**, an abstention counted as a miss": _quotes,
    "`kb ask`, its nearest misses counted as quotes": _quotes_or_misses,
}
