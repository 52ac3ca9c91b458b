"""Passages for a question: full-text and vector ranks fused, from more than one episode where there are some."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from .catalogue import Catalogue
from .questions import Query
from .terms import fold_word, terms
from .types import Filters, Hit

__all__ = ["RARE_ENOUGH", "rarities", "search"]

#: Reciprocal rank fusion's constant (Cormack, Clarke and Buettcher, SIGIR 2009).
_FUSION = 60
#: How deep each retriever is read.
_DEPTH = 60
#: At most this many passages of one episode before those of others have had their turn.
_PER_EPISODE = 4
#: In a large base, words in more than this share of the passages are not searched for: slow, and they tell nothing.
RARE_ENOUGH = 0.2

#: Passages without any of the question's words, added in thought when rarity is reckoned.
_UNSEEN = 50

#: Gives the nearest passages of a query: ``(row, similarity)``, nearest first.
Nearest = Callable[[str, int, Filters | None], Sequence[tuple[int, float]]]


def search(
    catalogue: Catalogue, nearest: Nearest, query: Query, k: int, filters: Filters | None = None
) -> tuple[Hit, ...]:
    """Return the ``k`` best passages; fewer when nothing else matches.

    Passages of the shows and dates that the question names come before all others.
    """
    named = _named(query, filters)
    inside = _search(catalogue, nearest, query, k, named) if named else ()
    if len(inside) == k:
        return inside
    known = {hit.chunk.id for hit in inside}
    return (
        inside
        + tuple(hit for hit in _search(catalogue, nearest, query, k, filters) if hit.chunk.id not in known)[
            : k - len(inside)
        ]
    )


def _named(query: Query, filters: Filters | None) -> Filters | None:
    """Return ``filters`` narrowed to what the question names; ``None`` where it names nothing further."""
    given = filters or Filters()
    shows = query.shows if not given.shows else ()
    period = query.period if not (given.since or given.until) else None
    if not shows and period is None:
        return None
    narrowed = replace(given, shows=shows or given.shows)
    return narrowed if period is None else replace(narrowed, since=period.since, until=period.until)


def _search(catalogue: Catalogue, nearest: Nearest, query: Query, k: int, filters: Filters | None) -> tuple[Hit, ...]:
    lexical = _lexical(catalogue, query, filters)
    vector = [row for row, _ in nearest(query.text, _DEPTH, filters)]
    scores: defaultdict[int, float] = defaultdict(float)
    for ranked in (lexical, vector):
        for rank, row in enumerate(ranked, start=1):
            scores[row] += 1 / (_FUSION + rank)
    lexical_ranks = {row: rank for rank, row in enumerate(lexical, start=1)}
    vector_ranks = {row: rank for rank, row in enumerate(vector, start=1)}
    best = sorted(scores, key=lambda row: (-scores[row], row))[: 2 * _DEPTH]
    passages = catalogue.passages.read(best)
    episodes = catalogue.episodes.get_many([chunk.episode_id for chunk, _ in passages.values()])
    hits = [
        Hit(
            chunk=passages[row][0],
            episode=episodes[passages[row][0].episode_id],
            text=passages[row][1],
            score=round(scores[row] * (_FUSION + 1) / 2, 4),  # 1.0: first in both lists
            lexical_rank=lexical_ranks.get(row),
            vector_rank=vector_ranks.get(row),
        )
        for row in best
        # An episode may have been removed in the meantime; what is quoted in the question is wanted exactly.
        if row in passages and _has_phrases(passages[row][1], query)
    ]
    return tuple(_diverse(hits)[:k])


def _has_phrases(text: str, query: Query) -> bool:
    if not query.phrases:
        return True
    words = f" {' '.join(fold_word(term.word) for term in terms(text))} "
    return all(f" {' '.join(phrase)} " in words for phrase in query.phrases)


def rarities(catalogue: Catalogue, query: Query) -> Mapping[str, float]:
    """Return each term's inverse document frequency (BM25's, never negative); the rarest word weighs most.

    A word that occurs nowhere weighs as much as one that occurs half a time: its absence is evidence. A small
    base is thought larger, lest a word in one of its two passages pass for a common one.
    """
    passages = catalogue.passages.count()[1] + _UNSEEN
    frequencies = catalogue.passages.document_frequency(query.terms)
    return {
        term: math.log(1 + (passages - df + 0.5) / (df + 0.5))
        for term in query.terms
        for df in (frequencies.get(term, 0),)
    }


def _lexical(catalogue: Catalogue, query: Query, filters: Filters | None) -> list[int]:
    if not query.terms:
        return []
    _, passages = catalogue.passages.count()
    expression = query.expression
    if passages > 5_000:
        frequencies = catalogue.passages.document_frequency(query.terms)
        rare = [term for term in query.terms if frequencies.get(term, 0) <= RARE_ENOUGH * passages]
        expression = replace(query, terms=tuple(rare) or query.terms).expression
    return [row for row, _ in catalogue.passages.match(expression, _DEPTH, filters)]


def _diverse(hits: Sequence[Hit]) -> list[Hit]:
    """Move an episode's passages beyond the first few behind those of other episodes; order kept otherwise."""
    seen: Counter[str] = Counter()
    first: list[Hit] = []
    later: list[Hit] = []
    for hit in hits:
        seen[hit.chunk.episode_id] += 1
        (first if seen[hit.chunk.episode_id] <= _PER_EPISODE else later).append(hit)
    return first + later
