"""Chapters that move with the words: from the clock of one set of times of a transcript to that of another. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from ingest.transcribing.linking import links
from ingest.transcribing.matching import Written
from ingest.transcribing.shifts import INSERTED
from ingest.transcribing.tokens import Side
from kb.types import Chapter, Segment

__all__ = ["moved_chapters"]

#: Seconds by which a chapter may begin after its first word.
_LATE = 1.0


def moved_chapters(
    chapters: Sequence[Chapter], before: Sequence[Segment], after: Sequence[Segment]
) -> tuple[Chapter, ...]:
    """Return the chapters as much later as the words that they begin with, where these moved; in order.

    ``before`` and ``after`` have the same words, apart from corrections.
    """
    if not chapters:
        return ()
    times = _times(before, after)
    found: list[Chapter] = []
    for chapter in sorted(chapters, key=lambda chapter: chapter.start):
        start = _moved(chapter.start, times)
        found.append(replace(chapter, start=max(start, found[-1].start if found else 0.0)))
    return tuple(found)


def _moved(start: float, times: Sequence[tuple[float, float]]) -> float:
    place = bisect_left(times, (start - _LATE,))
    if not times:
        return start
    was, now = times[min(place, len(times) - 1)]
    if abs(now - was) < INSERTED:
        return start
    start = round(start + now - was, 3)
    # What is left out in the recording is no time before the last word that is there.
    return max(start, times[place - 1][1]) if 0 < place < len(times) else start


def _times(before: Sequence[Segment], after: Sequence[Segment]) -> list[tuple[float, float]]:
    """Return the times of the segments' first words, before and after, in order."""
    old, new = Written(before), Written(after)
    numbers = _linked(old, new)
    found = []
    for word in dict.fromkeys(old.firsts[:-1]):
        was = old.starts[word] if word < len(old.starts) else None
        now = new.starts[numbers[word]] if word in numbers else None
        if was is not None and now is not None:
            found.append((was, now))
    return sorted(found)


def _linked(old: Written, new: Written) -> dict[int, int]:
    """Return the number of each word in ``new``."""
    words, others = ([w for s in each.segments for w in s.text.split()] for each in (old, new))
    if words == others:
        return {n: n for n in range(len(words))}
    left, right = Side.of(words), Side.of(others)
    return {left.owner[i]: right.owner[j] for i, j in sorted(links(left.tokens, right.tokens).items(), reverse=True)}
