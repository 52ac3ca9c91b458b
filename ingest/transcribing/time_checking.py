"""Checks a publisher's times against the recording that is here: hosts insert advertisements into each listener's copy.

A few places are heard first. Where two of them agree, everything between them is in place, unless as much was inserted
as left out. Where they differ, the middle is heard, again and again, and at last the stretch with the change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ingest.transcribing.matching import Match, Written
from ingest.transcribing.moving import Border, borders, moved
from ingest.transcribing.shifts import NOTABLE, Shift, agreeing, is_regular, settled, stretches_of
from kb.text.adverts import not_written
from kb.timecode import clock
from kb.types import Remark, Segment, Word

__all__ = ["CheckedTimes", "check_times"]

Stretch = tuple[float, float]
#: Seconds that are heard at one place: one window of Whisper.
_PROBE = 26.0
#: Seconds between two places at most, and how many places there are at least.
_APART, _FEWEST = 600.0, 3
#: A recording of this many seconds is heard whole; so is a stretch in which the shift changes.
_WHOLE = 120.0
#: Rounds of hearing at most; each halves the stretches in question.
_ROUNDS = 14
#: Words of a place that have to fit, and which share of the words that were heard there.
_ENOUGH, _SHARE = 8, 0.2
#: Seconds at the ends of a transcript that need no place of their own.
_END = 30.0
#: Seconds from which more sound is told as inserted, and of one insertion that are heard for what is said there.
_INSERTED, _LONGEST = 5.0, 300.0
#: Words of an insertion that are kept.
_TOLD = 60
#: Places that one sentence names.
_MOVES_TOLD = 6


@dataclass(frozen=True, slots=True)
class CheckedTimes:
    """The segments, moved where they were off, with remarks; ``heard`` are the seconds that a model had to hear."""

    segments: tuple[Segment, ...]
    remarks: tuple[Remark, ...]
    heard: float
    #: Whether the times were found in place or put there; otherwise they are the publisher's, and a remark says so.
    sure: bool


def check_times(
    segments: Sequence[Segment],
    length: float | None,
    cut: Callable[[Sequence[Stretch]], Sequence[NDArray[np.float32]]],
    hear: Callable[[NDArray[np.float32], float], Sequence[Word]],
) -> CheckedTimes:
    """Return a publisher's segments at the times of a recording of ``length`` seconds (``None``: unknown).

    ``cut`` returns the sound of some spans, ``hear`` the words in a piece of sound that begins at a second. Segments
    whose times are in place are returned as they are.
    """
    written = Written(segments)
    if written.bounds is None:
        return CheckedTimes(tuple(segments), (), 0.0, sure=False)
    search = _Search(written, length or written.bounds[1] + 2 * _PROBE)
    for _ in range(_ROUNDS):
        wanted = search.wanted()
        if not wanted:
            break
        for (start, _), samples in zip(wanted, cut(wanted), strict=True):
            search.take(start, len(samples), hear(samples, start) if len(samples) else ())
    return search.result(length)


@dataclass(frozen=True, slots=True)
class _Place:
    """A stretch that was heard, how many words, and the first and the last one that fit, each with its shift."""

    start: float
    end: float
    words: int
    fitting: tuple[tuple[Match, float], ...]

    @property
    def tells(self) -> bool:
        return len(self.fitting) >= max(_ENOUGH, _SHARE * self.words)


class _Search:
    """What was heard so far, and what to hear next."""

    def __init__(self, written: Written, length: float) -> None:
        assert written.bounds is not None
        self._written, self._length, self._bounds = written, length, written.bounds
        self._heard: list[tuple[Stretch, tuple[Word, ...]]] = []
        self._tried: set[Stretch] = set()
        self._matches: tuple[Match, ...] = ()
        self._stretches: tuple[Shift, ...] = ()

    def take(self, start: float, samples: int, words: Sequence[Word]) -> None:
        """Add what was heard from ``start`` on."""
        self._heard.append(((start, start + samples / 16_000), tuple(words)))
        self._heard.sort(key=lambda heard: heard[0])
        self._matches = self._written.matches([word for _, some in self._heard for word in some])
        self._stretches = stretches_of(self._matches)

    def wanted(self) -> list[Stretch]:
        """Return what to hear next, in order; nothing when all is known."""
        if not self._heard:
            asked = list(_first_places(self._bounds, self._length))
        else:
            places = [place for place in self._places() if place.tells]
            asked = [*self._changes(places), *self._ends(places)] or self._insertions()
        fresh = [span for span in asked if span not in self._tried and span[1] > span[0]]
        self._tried.update(fresh)
        return sorted(fresh)

    def result(self, length: float | None) -> CheckedTimes:
        """Return the segments as far as is known."""
        heard = sum(end - start for (start, end), _ in self._heard)
        kept = tuple(self._written.segments)
        if not any(place.tells for place in self._places()):
            return CheckedTimes(kept, (_note(_UNCHECKED),), heard, sure=False)
        if not is_regular(self._matches, self._stretches):
            return CheckedTimes(kept, (_note(_IRREGULAR),), heard, sure=False)
        stretches = settled(self._stretches)
        if all(abs(stretch.seconds) < NOTABLE for stretch in stretches):
            return CheckedTimes(kept, (), heard, sure=True)
        fitting = [match for match, _ in agreeing(self._matches, self._stretches)]
        found = borders(self._written, stretches, fitting)
        segments = moved(self._written, stretches, fitting, length)
        remarks = (_note(_told(found)), *self._inserted(found))
        return CheckedTimes(segments, remarks, heard, sure=True)

    def _places(self) -> list[_Place]:
        fitting = agreeing(self._matches, self._stretches)
        return [
            _Place(start, end, len(words), tuple(pair for pair in fitting if start <= pair[0].start < end))
            for (start, end), words in self._heard
        ]

    def _changes(self, places: Sequence[_Place]) -> Iterator[Stretch]:
        """Yield what to hear between two places that differ: the middle, or all if that is short or told nothing."""
        for before, after in pairwise(places):
            if abs(before.fitting[-1][1] - after.fitting[0][1]) < NOTABLE:
                continue
            unheard = self._unheard(before.end, after.start)
            seconds = sum(end - start for start, end in unheard)
            if seconds <= _WHOLE or len(unheard) > 1:
                yield from unheard
            else:
                middle = (unheard[0][0] + unheard[0][1] - _PROBE) / 2
                yield _rounded(middle, middle + _PROBE)

    def _ends(self, places: Sequence[_Place]) -> Iterator[Stretch]:
        """Yield the places of the transcript's first and last words, if no place told of them."""
        if not places:
            return
        first, last = self._bounds
        match, shift = places[0].fitting[0]
        if match.written - first > _END:
            yield _rounded(max(0.0, first + shift), first + shift + _PROBE)
        match, shift = places[-1].fitting[-1]
        if last - match.written > _END:
            start = max(0.0, min(last + shift, self._length) - _PROBE + 3)
            yield _rounded(start, start + _PROBE)

    def _insertions(self) -> list[Stretch]:
        """Return the inserted stretches that are not heard yet, so that it can be told what is said there."""
        fitting = [match for match, _ in agreeing(self._matches, self._stretches)]
        found = [border for border in borders(self._written, settled(self._stretches), fitting) if _is_inserted(border)]
        return [span for b in found for span in self._unheard(b.start, min(b.end, b.start + _LONGEST))]

    def _unheard(self, start: float, end: float) -> list[Stretch]:
        """Return the parts of a stretch that were not heard; less than a second is no part."""
        found = []
        for (first, last), _ in [*self._heard, ((end, end), ())]:
            if min(first, end) - start >= 1.0:
                found.append(_rounded(start, min(first, end)))
            start = max(start, last)
        return found

    def _inserted(self, found: Sequence[Border]) -> Iterator[Remark]:
        """Yield a remark for each inserted stretch, with the words that are heard there."""
        for border in found:
            if not _is_inserted(border):
                continue
            words = [
                word.text.strip()
                for _, some in self._heard
                for word in some
                if word.start is not None and word.end is not None
                if border.start <= (word.start + word.end) / 2 <= border.end
            ]
            text = " ".join(words[:_TOLD]) + (" …" if len(words) > _TOLD else "")
            note = str(not_written(f"{border.by:.0f}"))
            yield Remark("inserted", round(border.start, 3), round(border.end, 3), text, note)


_UNCHECKED = (
    "The publisher's times are unchecked: nothing that was heard at some places of the recording is in the transcript."
)
_IRREGULAR = (
    "The publisher's times do not fit the recording, and not by constant shifts; they are kept, "
    "so listen for the right place."
)


def _first_places(bounds: Stretch, length: float) -> Iterator[Stretch]:
    """Yield the places that are heard first: evenly from the first word to the last."""
    if length <= _WHOLE:
        yield _rounded(0.0, length)
        return
    first, last = min(bounds[0], length - _PROBE), max(bounds[0], min(bounds[1] + 3, length) - _PROBE)
    number = max(_FEWEST, int((last - first) / _APART) + 2)
    for start in np.linspace(max(0.0, first), max(0.0, last), number).tolist():
        yield _rounded(start, start + _PROBE)


def _rounded(start: float, end: float) -> Stretch:
    return round(start, 2), round(end, 2)


def _is_inserted(border: Border) -> bool:
    return border.by >= _INSERTED and border.end > border.start


def _note(text: str) -> Remark:
    return Remark("note", None, None, "", text)


def _told(found: Sequence[Border]) -> str:
    """Return one sentence that says by how much the times moved, and from where on."""
    total = 0.0
    moves = []
    for border in found:
        total += border.by
        moves.append(f"by {total:.0f} s from {clock(border.start)} on")
    if len(moves) > _MOVES_TOLD:
        moves = [*moves[: _MOVES_TOLD - 1], f"in {len(moves) - _MOVES_TOLD + 1} more places"]
    if all(border.by > 0 for border in found):
        why = "something was inserted there"
    elif all(border.by < 0 for border in found):
        why = "something was left out there"
    else:
        why = "the recording differs there"
    joined = ", ".join(moves[:-1]) + (" and " if len(moves) > 1 else "") + moves[-1]
    return f"Times moved {joined}: {why}."
