"""By how much a publisher's times are off, and from where on: advertisements shift them piece by piece.

The shifts of the heard words gather around a few values. The cheapest sequence of these values is searched for, where a
word costs its distance and a change of the value costs more than a few words heard wrongly (Viterbi 1967). Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from ingest.transcribing.matching import Match

__all__ = ["INSERTED", "NOTABLE", "Shift", "agreeing", "is_regular", "settled", "stretches_of"]

#: Seconds from which a shift is one: recognisers' times, and those within a caption, are no better.
NOTABLE = 1.0
#: Seconds from which a change is something inserted or left out; captions alone may be as loose as less.
INSERTED = 5.0
#: Words that have to have nearly the same shift, and within how many seconds.
_LEAST, _WINDOW = 8, 1.0
#: Most different shifts in one recording.
_MOST = 24
#: The most that a word costs, in seconds, and the cost of a change.
_FARTHEST, _CHANGE = 3.0, 30.0
#: Seconds of words that have another shift than the equal ones around them.
_BRIEF = 60.0
#: Seconds by which a word of a caption may lie off its interpolated time, and the share of words that may not.
_NEAR, _REGULAR = 2.5, 0.8


@dataclass(frozen=True, slots=True)
class Shift:
    """The words from ``first`` to ``last``, both heard, come ``seconds`` later than the publisher's times say."""

    first: int
    last: int
    seconds: float


def stretches_of(matches: Sequence[Match]) -> tuple[Shift, ...]:
    """Return the stretches of one shift each, in order; none where too few words agree on any."""
    shifts = np.array([match.shift for match in matches])
    values = _values(shifts)
    if not len(values):
        return ()
    chosen = _cheapest(np.minimum(np.abs(shifts[:, None] - values[None]), _FARTHEST))
    found: list[tuple[list[int], float]] = []
    for value, group in groupby(range(len(matches)), key=lambda n: float(values[chosen[n]])):
        places = list(group)
        seconds = _middle(shifts[places], value)
        if len(found) > 1 and abs(found[-2][1] - seconds) < NOTABLE and _is_brief(matches, found[-1][0]):
            found.pop()
        if found and abs(found[-1][1] - seconds) < NOTABLE:
            places = found.pop()[0] + places
            seconds = _middle(shifts[places], value)
        found.append((places, seconds))
    return tuple(_shift([matches[n] for n in places], round(seconds, 3)) for places, seconds in found)


def _shift(matches: Sequence[Match], seconds: float) -> Shift:
    """Return a stretch from its first word that fits to its last."""
    fitting = [match.word for match in matches if abs(match.shift - seconds) <= _NEAR]
    return Shift(fitting[0], fitting[-1], seconds)


def agreeing(matches: Sequence[Match], stretches: Sequence[Shift]) -> list[tuple[Match, float]]:
    """Return the matches that fit their stretch, each with the stretch's shift."""
    return [
        (match, stretch.seconds)
        for stretch in stretches
        for match in matches
        if stretch.first <= match.word <= stretch.last and abs(match.shift - stretch.seconds) <= _NEAR
    ]


def is_regular(matches: Sequence[Match], stretches: Sequence[Shift]) -> bool:
    """Return whether constant shifts explain the heard words; otherwise the publisher's times are not good."""
    return len(agreeing(matches, stretches)) >= _REGULAR * len(matches)


def settled(stretches: Sequence[Shift]) -> tuple[Shift, ...]:
    """Return the shifts to move by: none for a stretch that is in place, and what it is off is taken from all.

    A publisher's caption begins a little before its first word, and so does the next one, which is no shift; nor is a
    change of less than ``INSERTED``, so that the stretches before and after it become one.
    """
    bias = next((stretch.seconds for stretch in stretches if abs(stretch.seconds) < NOTABLE), 0.0)
    found: list[Shift] = []
    now = 0.0
    for stretch in stretches:
        seconds = round(stretch.seconds - bias, 3)
        if abs(seconds - now) >= INSERTED:
            now = 0.0 if abs(seconds) < NOTABLE else seconds
        if found and found[-1].seconds == now:
            found[-1] = replace(found[-1], last=stretch.last)
        else:
            found.append(replace(stretch, seconds=now))
    return tuple(found)


def _values(shifts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the shifts around which many lie, the most frequent first."""
    left = np.sort(shifts)
    found: list[float] = []
    while len(found) < _MOST and len(left):
        counts = np.searchsorted(left, left + _WINDOW, side="right") - np.arange(len(left))
        best = int(counts.argmax())
        if counts[best] < _LEAST:
            break
        found.append(float(np.median(left[best : best + counts[best]])))
        left = left[np.abs(left - found[-1]) > 1.5 * _WINDOW]
    return np.array(found)


def _cheapest(costs: NDArray[np.float64]) -> list[int]:
    """Return the value chosen for each word; ``costs`` has the shape (words, values)."""
    total = costs[0]
    came = np.zeros(costs.shape, dtype=np.int64)
    for n in range(1, len(costs)):
        best = int(total.argmin())
        stays = total <= total[best] + _CHANGE
        came[n] = np.where(stays, np.arange(len(total)), best)
        total = np.where(stays, total, total[best] + _CHANGE) + costs[n]
    chosen = [int(total.argmin())]
    for row in came[:0:-1]:
        chosen.append(int(row[chosen[-1]]))
    return chosen[::-1]


def _is_brief(matches: Sequence[Match], places: Sequence[int]) -> bool:
    """Return whether words are so close together that between equal shifts theirs is an error of hearing.

    Otherwise something was inserted, and after a few words exactly as much left out.
    """
    return matches[places[-1]].written - matches[places[0]].written < _BRIEF


def _middle(shifts: NDArray[np.float64], value: float) -> float:
    """Return the median of the shifts near ``value``; those far from it are errors of hearing."""
    near = shifts[np.abs(shifts - value) <= 1.5 * _WINDOW]
    return float(np.median(near if len(near) else shifts))
