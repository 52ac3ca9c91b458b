"""A global alignment of two token sequences: which word of one matches which word of the other.

Word groups that occur exactly once on both sides anchor the alignment (as in patience diff), and the short stretches
between anchors are aligned cell by cell (Needleman and Wunsch 1970).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = ["links"]

#: The largest stretch that is aligned cell by cell (some 30 MB); a larger one is split at anchors first.
_CELLS = 1_000_000
#: The scores for equal and for similar words; other words are never linked, as two gaps cost less.
_SAME, _SIMILAR, _OTHER, _LEFT_OUT = 20, 2, -10, 1


def links(a: list[str], b: list[str]) -> dict[int, int]:
    """Return the position in ``b`` for each linked position in ``a``: an equal token, or a similar one."""
    found: dict[int, int] = {}
    regions = [(0, len(a), 0, len(b))]
    while regions:
        a0, a1, b0, b1 = regions.pop()
        if (a1 - a0) * (b1 - b0) <= _CELLS:
            found.update((a0 + i, b0 + j) for i, j in _aligned(a[a0:a1], b[b0:b1]))
            continue
        anchors = _anchors(a[a0:a1], b[b0:b1])
        for i, j in anchors:
            found[a0 + i] = b0 + j
        if anchors:  # without any, the two stretches have nothing in common
            corners = [(-1, -1), *anchors, (a1 - a0, b1 - b0)]
            regions += [(a0 + i + 1, a0 + k, b0 + j + 1, b0 + m) for (i, j), (k, m) in pairwise(corners)]
    return found


def _anchors(a: list[str], b: list[str]) -> list[tuple[int, int]]:
    """Return the increasing pairs of positions where a group of words begins that is unique on both sides."""
    for length in (4, 3, 2, 1):
        here, there = _unique_groups(a, length), _unique_groups(b, length)
        pairs = sorted((here[group], there[group]) for group in here.keys() & there.keys())
        if pairs:
            return _longest_increasing(pairs)
    return []


def _unique_groups(tokens: list[str], length: int) -> dict[tuple[str, ...], int]:
    found: dict[tuple[str, ...], int] = {}
    repeated = set()
    for position, group in enumerate(zip(*(tokens[k:] for k in range(length)), strict=False)):
        if found.setdefault(group, position) != position:
            repeated.add(group)
    return {group: position for group, position in found.items() if group not in repeated}


def _longest_increasing(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest subsequence of ``pairs`` (sorted by the first) that also increases in the second."""
    tails: list[int] = []  # the smallest end of a subsequence of each length, and its pair
    which: list[int] = []
    before: list[int] = []
    for index, (_, second) in enumerate(pairs):
        place = bisect_left(tails, second)
        before.append(which[place - 1] if place else -1)
        tails[place : place + 1] = [second]
        which[place : place + 1] = [index]
    rise = []
    index = which[-1]
    while index >= 0:
        rise.append(pairs[index])
        index = before[index]
    return rise[::-1]


def _aligned(a: list[str], b: list[str]) -> Iterator[tuple[int, int]]:
    """Yield the links of the best alignment, last first; memory is proportional to len(a) * len(b)."""
    score = _scores(a, b)
    left_out = np.arange(len(b) + 1, dtype=np.int32) * _LEFT_OUT
    best = np.empty((len(a) + 1, len(b) + 1), np.int32)
    best[0] = -left_out
    for i in range(1, len(a) + 1):
        row = best[i - 1] - _LEFT_OUT
        np.maximum(row[1:], best[i - 1, :-1] + score[i - 1], out=row[1:])
        # Gaps in ``b`` from any earlier column, for the whole row at once.
        best[i] = np.maximum.accumulate(row + left_out) - left_out
    i, j = len(a), len(b)
    while i and j:
        if best[i, j] == best[i - 1, j - 1] + score[i - 1, j - 1]:
            i, j = i - 1, j - 1
            yield i, j
        elif best[i, j] == best[i - 1, j] - _LEFT_OUT:
            i -= 1
        else:
            j -= 1


def _scores(a: list[str], b: list[str]) -> NDArray[np.int32]:
    """Return the score of each token of ``a`` against each of ``b``; a common beginning counts as similar."""

    def equal(left: list[str], right: list[str]) -> NDArray[np.bool_]:
        number = {text: index for index, text in enumerate({*left, *right})}
        return np.equal.outer([number[text] for text in left], [number[text] for text in right])

    similar = equal([token[:3] for token in a], [token[:3] for token in b])
    return np.where(equal(a, b), _SAME, np.where(similar, _SIMILAR, _OTHER)).astype(np.int32)
