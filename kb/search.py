"""Passages for a question: found by words and by vectors, scored by both, and by what their sentences say.

A passage's score is the weighted sum of its BM25 (as a share of the most it could reach), its cosine, its
neighbours', how well it says each word of the question (``matching``), the words that are rare in its episode above all
(``rarity``), and how much of the question its episode says. Scores on an absolute scale, unlike ranks (Cormack, Clarke
and Buettcher, SIGIR 2009), tell how good the best passage is, not only that it is the best.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .catalogue import Catalogue
from .evidence import shows
from .matching import Matches, word_matches
from .questions import Query
from .quotes import Passage, Sentence, sentences_of, shares_of, weigh
from .rarity import Telling, rarities, telling
from .terms import fold_word, terms
from .types import Filters, Hit

__all__ = ["RARE_ENOUGH", "Meaning", "Weights", "search"]

#: How deep each retriever is read.
_DEPTH = 200
#: How many passages are read and their sentences compared.
_READ = 30
#: At most this many passages of one episode before those of others have had their turn.
_PER_EPISODE = 4
#: In a large base, words in more than this share of the passages are not searched for: slow, and they tell nothing.
RARE_ENOUGH = 0.2
#: BM25's k1 + 1: what a term's inverse document frequency is multiplied with at most.
_SATURATION = 2.2


@dataclass(frozen=True, slots=True)
class Weights:
    """What each sign of a passage counts; set on the ``dev`` questions of ``bench.retrieval``."""

    #: The question's words that the passage holds (BM25).
    words: float = 1.0
    #: What the passages before and after it have of these.
    neighbours: float = 0.33
    #: How well the passage says the question's words, or words like them; its best two sentences in a row; and those
    #: two if they show the evidence that the question wants.
    said: float = 0.85
    said_together: float = 0.75
    shown: float = 0.45
    #: How much of the question its episode says anywhere.
    episode: float = 0.45


class Meaning(Protocol):
    """What search asks of the vectors."""

    @property
    def trust(self) -> float:
        """What a passage's cosine to the question counts, beside the words' 1."""

    def nearest(self, question: str, k: int, filters: Filters | None = None) -> Sequence[tuple[int, float]]:
        """Return ``(row, cosine)`` of the passages nearest to ``question``, nearest first."""

    def similarity(self, question: str, rows: Sequence[int]) -> Mapping[int, float]:
        """Return the cosine of each passage to the question."""

    def words(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Return the unit vector of each word, shape ``(len(words), any)``."""


def search(
    catalogue: Catalogue,
    meaning: Meaning,
    query: Query,
    k: int,
    filters: Filters | None = None,
    weights: Weights | None = None,
) -> tuple[Passage, ...]:
    """Return the ``k`` best passages, cut into sentences; fewer when nothing else matches.

    Passages of the shows and dates that the question names come before all others.
    """
    weights = weights or Weights()
    named = _named(query, filters)
    inside = _search(catalogue, meaning, query, k, named, weights) if named else ()
    if len(inside) == k:
        return inside
    known = {passage.hit.chunk.id for passage in inside}
    everywhere = _search(catalogue, meaning, query, k, filters, weights)
    return (*inside, *(passage for passage in everywhere if passage.hit.chunk.id not in known))[:k]


def _search(
    catalogue: Catalogue, meaning: Meaning, query: Query, k: int, filters: Filters | None, weights: Weights
) -> tuple[Passage, ...]:
    rarity = rarities(catalogue, query)
    lexical = _lexical(catalogue, query, filters)
    near = [row for row, _ in meaning.nearest(query.text, _DEPTH, filters)]
    most = _SATURATION * math.fsum(rarity.values()) or 1.0
    words = {row: min(1.0, score / most) for row, score in lexical}
    rows = list(dict.fromkeys([*words, *near]))
    beside = catalogue.passages.beside(rows)
    cosines = meaning.similarity(query.text, list({*rows, *(row for pair in beside.values() for row in pair)}))

    def own(row: int) -> float:
        return weights.words * words.get(row, 0.0) + meaning.trust * max(0.0, cosines.get(row, 0.0))

    scores = {row: own(row) + weights.neighbours * sum(map(own, beside.get(row, ()))) for row in rows}
    best = sorted(scores, key=lambda row: (-scores[row], row))[: max(_READ, k)]
    ranks = [{row: rank for rank, row in enumerate(ranked, start=1)} for ranked in (words, near)]
    read = catalogue.passages.read(best)
    episodes = catalogue.episodes.get_many([chunk.episode_id for chunk, _ in read.values()])
    hits = [
        Hit(
            chunk=read[row][0],
            episode=episodes[read[row][0].episode_id],
            text=read[row][1],
            score=scores[row],
            lexical_rank=ranks[0].get(row),
            vector_rank=ranks[1].get(row),
        )
        for row in best
        # An episode may have been removed in the meantime; what is quoted in the question is wanted exactly.
        if row in read and _has_phrases(read[row][1], query)
    ]
    told = telling(catalogue, query, rarity, [hit.episode.id for hit in hits])
    shares = shares_of([rarity[term] for term in query.terms])
    hits = [
        replace(hit, score=hit.score + weights.episode * weigh(shares, told[hit.episode.id].heard))
        for hit in hits
        if hit.episode.id in told  # it may have been removed since
    ]
    passages = _with_sentences(catalogue, meaning, query, hits, told, weights)
    return tuple(_diverse(sorted(passages, key=lambda p: (-p.hit.score, p.hit.chunk.id)))[:k])


def _with_sentences(
    catalogue: Catalogue,
    meaning: Meaning,
    query: Query,
    hits: Sequence[Hit],
    told: Mapping[str, Telling],
    weights: Weights,
) -> list[Passage]:
    """Cut passages into sentences, and add to their scores what these say."""
    cut = []
    for hit in hits:
        chunk = hit.chunk
        turns = catalogue.episodes.turns(chunk.episode_id, chunk.revision, chunk.char_start, chunk.char_end)
        cut.append(sentences_of(chunk, hit.text, turns))
    texts = [sentence.text for sentences in cut for sentence in sentences]
    said = word_matches(query.terms, texts, meaning.words)
    passages = []
    offset = 0
    for hit, sentences in zip(hits, cut, strict=True):
        here = slice(offset, offset + len(sentences))
        offset += len(sentences)
        matches, tells = said[here], told[hit.episode.id]
        score = hit.score
        if sentences:
            score += _said(query, sentences, matches, tells, weights)
        passages.append(
            Passage(
                replace(hit, score=round(score, 4)),
                sentences,
                tuple(map(tuple, matches.tolist())),
                tells.shares,
                tells.heard,
            )
        )
    return passages


def _said(query: Query, sentences: Sequence[Sentence], matches: Matches, tells: Telling, weights: Weights) -> float:
    """Return what a passage is worth for saying what was asked about, in these words or others."""
    each = np.array(tells.shares, dtype=np.float32)
    together = np.maximum(matches[:-1], matches[1:]) if len(matches) > 1 else matches
    shares = together @ each
    score = weights.said * float(matches.max(axis=0) @ each) + weights.said_together * float(shares.max())
    if query.wants:
        shown = np.array([shows(query.wants, sentence.text) for sentence in sentences])
        both = shown[:-1] | shown[1:] if len(shown) > 1 else shown
        score += weights.shown * float((shares * both).max())
    return score


def _named(query: Query, filters: Filters | None) -> Filters | None:
    """Return ``filters`` narrowed to what the question names; ``None`` where it names nothing further."""
    given = filters or Filters()
    shows = query.shows if not given.shows else ()
    period = query.period if not (given.since or given.until) else None
    if not shows and period is None:
        return None
    narrowed = replace(given, shows=shows or given.shows)
    return narrowed if period is None else replace(narrowed, since=period.since, until=period.until)


def _lexical(catalogue: Catalogue, query: Query, filters: Filters | None) -> Sequence[tuple[int, float]]:
    if not query.terms:
        return ()
    _, passages = catalogue.passages.count()
    expression = query.expression
    if passages > 5_000:
        frequencies = catalogue.passages.document_frequency(query.terms)
        rare = [term for term in query.terms if frequencies.get(term, 0) <= RARE_ENOUGH * passages]
        expression = replace(query, terms=tuple(rare) or query.terms).expression
    return catalogue.passages.match(expression, _DEPTH, filters)


def _has_phrases(text: str, query: Query) -> bool:
    if not query.phrases:
        return True
    words = f" {' '.join(fold_word(term.word) for term in terms(text))} "
    return all(f" {' '.join(phrase)} " in words for phrase in query.phrases)


def _diverse(passages: Sequence[Passage]) -> list[Passage]:
    """Move an episode's passages beyond the first few behind those of other episodes; order kept otherwise."""
    seen: Counter[str] = Counter()
    first: list[Passage] = []
    later: list[Passage] = []
    for passage in passages:
        episode = passage.hit.chunk.episode_id
        seen[episode] += 1
        (first if seen[episode] <= _PER_EPISODE else later).append(passage)
    return first + later
