"""Passages that may answer a question: the best of full-text and vector search, by a combined score."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from ..catalogue import Catalogue
from ..questions.periods import Period
from ..questions.query import Query
from ..text.terms import fold_word, terms
from ..types import Filters
from .passages import Passage, read_passages
from .semantic import SemanticIndex

__all__ = ["has_phrases", "period_asked", "recall"]

#: How many results of each retriever are used.
_DEPTH = 100
#: Weight of BM25 (as a share of its maximum) against the cosine's 1; chosen by ``bench.retrieval``.
_WORDS = 0.6
#: In a large base, words in more than this share of the passages, or in more than so many, are not searched for: each
#: passage with one has to be ranked, and with words in 2 % of 40,000 passages or fewer, answers were as good.
_RARE_ENOUGH, _MOST, _LARGE = 0.2, 20_000, 5_000
#: BM25's k1 + 1: what a term's inverse document frequency is multiplied with at most.
_SATURATION = 2.2


def recall(
    catalogue: Catalogue, meaning: SemanticIndex, query: Query, k: int, filters: Filters | None = None
) -> tuple[Passage, ...]:
    """Return the ``k`` best passages, best first; fewer when nothing else matches.

    Passages of the shows and dates that the question names come before all others.
    """
    narrowed = _named(query, filters)
    named = _ranked(catalogue, meaning, query, narrowed) if narrowed else {}
    # Quoted text in the question must occur exactly, which is known only when passages are read.
    enough = len(named) >= k and not query.phrases
    ranked = named if enough else {**_ranked(catalogue, meaning, query, filters), **named}
    order = [*named, *(row for row in ranked if row not in named)]
    passages = read_passages(catalogue, order if query.phrases else order[:k])
    found = (
        replace(passages[row], hit=replace(passages[row].hit, **ranked[row]._asdict()), named=row in named)
        for row in order
        # One may have been removed meanwhile.
        if row in passages and has_phrases(passages[row].hit.text, query)
    )
    return tuple(islice(found, k))


class _Rank(NamedTuple):
    """A passage's score, and its rank in each list, from 1."""

    score: float
    lexical_rank: int | None
    vector_rank: int | None


def _ranked(catalogue: Catalogue, meaning: SemanticIndex, query: Query, filters: Filters | None) -> dict[int, _Rank]:
    """Return passages by row, best first."""
    words = _full_text(catalogue, query, filters)
    near = dict(meaning.nearest(query.text, _DEPTH, filters))
    cosines = {**meaning.similarity(query.text, [row for row in words if row not in near]), **near}
    scores = {row: _WORDS * words.get(row, 0.0) + cosines.get(row, 0.0) for row in (*words, *near)}
    ranks = [{row: rank for rank, row in enumerate(ranked, start=1)} for ranked in (words, near)]
    return {
        row: _Rank(round(scores[row], 4), ranks[0].get(row), ranks[1].get(row))
        for row in sorted(scores, key=lambda row: (-scores[row], row))
    }


def _full_text(catalogue: Catalogue, query: Query, filters: Filters | None) -> dict[int, float]:
    """Return passages by row, best first, with their BM25 as a share of the question's maximum."""
    if not query.terms:
        return {}
    passages = catalogue.passages.count()[1]
    frequencies = catalogue.passages.document_frequency(query.terms)
    most = _SATURATION * math.fsum(_rarity(frequencies.get(term, 0), passages) for term in query.terms)
    common = min(_RARE_ENOUGH * passages, _MOST)
    rare = tuple(term for term in query.terms if frequencies.get(term, 0) <= common)
    rarest = min(query.terms, key=lambda term: frequencies.get(term, 0))
    asked = replace(query, terms=rare or (rarest,)) if passages > _LARGE else query
    found = catalogue.passages.match(asked.expression, _DEPTH, filters)
    return {row: min(1.0, score / (most or 1.0)) for row, score in found}


def _rarity(frequency: int, passages: int) -> float:
    """Return BM25's inverse document frequency; a word that occurs nowhere counts as if it occurred half a time."""
    return math.log(1 + (passages - frequency + 0.5) / (frequency + 0.5))


def _named(query: Query, filters: Filters | None) -> Filters | None:
    """Return ``filters`` narrowed to the shows and dates that the question names; ``None`` if it names no more."""
    given = filters or Filters()
    shows = query.shows if not given.shows else ()
    period = period_asked(query, filters)
    if not shows and period is None:
        return None
    narrowed = replace(given, shows=shows or given.shows)
    return narrowed if period is None else replace(narrowed, since=period.since, until=period.until)


def period_asked(query: Query, filters: Filters | None) -> Period | None:
    """Return the period that the question names, unless ``filters`` set one."""
    return None if filters and (filters.since or filters.until) else query.period


def has_phrases(text: str, query: Query) -> bool:
    """Return whether a text has every phrase that the question puts in quotation marks."""
    if not query.phrases:
        return True
    words = f" {' '.join(fold_word(term.word) for term in terms(text))} "
    return all(f" {' '.join(phrase)} " in words for phrase in query.phrases)
