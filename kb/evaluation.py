"""Measures of answer quality, computed from questions and their results. Pure: no storage, no model.

Figures are those of retrieval evaluation (Manning, Raghavan and Schütze 2008, chapter 8), each with an interval by the
percentile bootstrap over questions (Efron 1979).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

import numpy as np
from numpy.typing import NDArray

from .text.terms import fold_word, terms

__all__ = ["Figure", "Outcome", "auroc", "figures", "holds_gold", "rank_of_gold"]

_RESAMPLES = 1_000
#: The bounds between which 95 % of the resamples lie.
_BOUNDS = (2.5, 97.5)
#: The shortest common run of words of a quote and gold text that counts as a match.
_SHORTEST_RUN = 3
#: Longer texts are compared by their beginning.
_MOST_WORDS = 1_000

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question: ``rank``, from 1, is that of the first quote that holds gold text, if any does.

    ``score`` is the best quote's, or the nearest miss's where the question was not answered.
    """

    answerable: bool
    answered: bool
    rank: int | None
    score: float


@dataclass(frozen=True, slots=True)
class Figure:
    """One measure over ``n`` questions, in 0..1, with the bounds of its 95 % interval."""

    name: str
    value: float
    low: float
    high: float
    n: int


def figures(outcomes: Sequence[Outcome], seed: int = 0) -> tuple[Figure, ...]:
    """Return every figure that ``outcomes`` allow; the same outcomes give the same intervals.

    Over answerable questions: success@1 and @5, MRR, and the share refused. Over unanswerable ones: the share answered.
    With both kinds: AUROC, how often an answerable question scores higher than an unanswerable one.
    """
    answerable = [outcome for outcome in outcomes if outcome.answerable]
    others = [outcome for outcome in outcomes if not outcome.answerable]
    random = np.random.default_rng(seed)
    found = []
    if answerable:
        ranks = [outcome.rank for outcome in answerable]
        found = [
            _mean("success@1", (rank == 1 for rank in ranks), random),
            _mean("success@5", (rank is not None and rank <= 5 for rank in ranks), random),
            _mean("MRR", (1 / rank if rank else 0.0 for rank in ranks), random),
            _mean("refused", (not outcome.answered for outcome in answerable), random),
        ]
    if others:
        found.append(_mean("wrongly answered", (outcome.answered for outcome in others), random))
    if answerable and others:
        right = np.array([outcome.score for outcome in answerable])
        wrong = np.array([outcome.score for outcome in others])
        again = [auroc(random.choice(right, right.size), random.choice(wrong, wrong.size)) for _ in range(_RESAMPLES)]
        low, high = _bounds(again)
        found.append(Figure("AUROC", auroc(right, wrong), low, high, len(outcomes)))
    return tuple(found)


def auroc(right: Values, wrong: Values) -> float:
    """Return how often a value of ``right`` is higher than one of ``wrong``, ties counting half (Mann and Whitney)."""
    ordered = np.sort(wrong)
    below = np.searchsorted(ordered, right, "left") + np.searchsorted(ordered, right, "right")
    return float(below.sum() / (2 * right.size * wrong.size))


def rank_of_gold(quotes: Iterable[str], gold: Sequence[str]) -> int | None:
    """Return the rank, from 1, of the first quote that holds one of the ``gold`` texts, ``None`` if none does."""
    return next((rank for rank, quote in enumerate(quotes, 1) if any(holds_gold(quote, each) for each in gold)), None)


def holds_gold(quote: str, gold: str) -> bool:
    """Return whether the two share a run of at least half of the shorter one's words, ignoring case and punctuation.

    So a quote may be one sentence of three that were marked, or have a neighbour that was not. Fewer than three words
    count only if they are the whole text.
    """
    said, wanted = _words(quote), _words(gold)
    shorter = min(len(said), len(wanted))
    run = SequenceMatcher(None, said, wanted, autojunk=False).find_longest_match().size
    return shorter > 0 and run >= max(shorter / 2, min(_SHORTEST_RUN, shorter))


def _mean(name: str, values: Iterable[float], random: np.random.Generator) -> Figure:
    found = np.array([float(value) for value in values])
    # Many resamples at once, but never more than a million values of them.
    rows = min(_RESAMPLES, max(1, 1_000_000 // found.size))
    again = [random.choice(found, (rows, found.size)).mean(axis=1) for _ in range(-(-_RESAMPLES // rows))]
    low, high = _bounds(np.concatenate(again))
    return Figure(name, float(found.mean()), low, high, found.size)


def _bounds(resampled: Sequence[float] | Values) -> tuple[float, float]:
    low, high = np.percentile(resampled, _BOUNDS, method="nearest")
    return float(low), float(high)


def _words(text: str) -> list[str]:
    return [fold_word(term.word) for term in terms(text)][:_MOST_WORDS]
