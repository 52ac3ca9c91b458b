"""The field's measures of rankings and of scores that tell two classes apart. Pure."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["DEPTH", "Interval", "Scores", "auroc", "mean_with_interval", "scored"]

#: How deep a ranking is judged.
DEPTH = 10
_RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Scores:
    """One question's ranking, judged: all in 0..1, more is better."""

    recall_5: float
    recall_10: float
    ndcg_10: float
    mrr_10: float
    success_1: float
    success_5: float


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


def scored(hits: Sequence[bool], relevant: int) -> Scores:
    """Judge a ranking: ``hits`` tells for each place whether it is relevant, ``relevant`` how many there are in all.

    Gains are 0 or 1; nDCG's ideal has every relevant one on top (Järvelin and Kekäläinen, TOIS 2002).
    """
    top = list(hits[:DEPTH])
    places = [place for place, hit in enumerate(top) if hit]
    ideal = math.fsum(_discount(place) for place in range(min(relevant, DEPTH)))
    return Scores(
        recall_5=sum(top[:5]) / relevant,
        recall_10=sum(top) / relevant,
        ndcg_10=math.fsum(_discount(place) for place in places) / ideal,
        mrr_10=1 / (places[0] + 1) if places else 0.0,
        success_1=float(any(top[:1])),
        success_5=float(any(top[:5])),
    )


def mean_with_interval(values: Sequence[Scores], groups: Sequence[Hashable]) -> tuple[Interval, ...]:
    """Return each measure's mean over questions, with an interval from resampling whole ``groups``.

    Questions about one meeting or episode succeed and fail together, so whole meetings are drawn. Seeded.
    """
    table = np.array([astuple(value) for value in values], dtype=np.float64)
    order = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    member = np.array([order[group] for group in groups])
    sums = np.zeros((len(order), table.shape[1]))
    np.add.at(sums, member, table)
    counts = np.bincount(member)
    drawn = np.random.default_rng(0).integers(0, len(order), (_RESAMPLES, len(order)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)[:, None]
    low, high = np.percentile(means, [2.5, 97.5], axis=0)
    return tuple(Interval(*map(float, column)) for column in zip(table.mean(axis=0), low, high, strict=True))


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Return how often a positive scores higher than a negative, ties counted half (the Mann-Whitney statistic)."""
    ours: NDArray[np.float64] = np.array(positive)[:, None]
    theirs: NDArray[np.float64] = np.array(negative)[None, :]
    return float((ours > theirs).mean() + (ours == theirs).mean() / 2)


def _discount(place: int) -> float:
    return 1 / math.log2(place + 2)
