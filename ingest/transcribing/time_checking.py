"""Checks a publisher's times against the recording that is here: hosts insert advertisements into each listener's copy.

A few places are heard first. Where two of them agree, everything between them is in place, unless as much was inserted
as left out. Where they differ, the middle is heard, again and again, until the words beside the change are found. How
much is heard is limited; what is not found by then is left as the publisher has it, and said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ingest.transcribing import time_remarks
from ingest.transcribing.matching import Match, Written
from ingest.transcribing.moving import Border, borders, moved, within
from ingest.transcribing.shifts import INSERTED, Shift, agreeing, is_regular, settled, stretches_of
from kb.text.adverts import not_written
from kb.text.times import IRREGULAR, SILENT, TOO_FEW, UNCHECKED
from kb.types import SAMPLE_RATE, Remark, Segment, Word

__all__ = ["CheckedTimes", "check_times", "most_heard"]

Stretch = tuple[float, float]
#: Seconds that are heard at one place: one window of Whisper.
_PROBE = 26.0
#: Seconds between two places at most, and how many places there are at least.
_APART, _FEWEST = 600.0, 3
#: A recording of this many seconds is heard whole; a change in a longer stretch without words that fit is not claimed.
_WHOLE = 120.0
#: Seconds between the words before a change and those after it that are close enough.
_CLOSE = 5.0
#: What may be heard at most: so many seconds, or such a share of a longer recording.
_MOST_SECONDS, _MOST_SHARE = 600.0, 0.15
#: Of so many pairs of neighbouring first places, most do not differ by advertisements alone.
_PAIRS = 4
#: Words of a place that have to fit, and which share of the words that were heard there.
_ENOUGH, _SHARE = 8, 0.2
#: Seconds at the ends of a transcript that need no place of their own.
_END = 30.0
#: Seconds of one insertion that are heard for what is said there.
_LONGEST = 300.0
#: Words of an insertion that are kept.
_TOLD = 60


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
    if written.is_checkable:
        search = _Search(written, length or written.bounds[1] + 2 * _PROBE)
        while wanted := search.wanted():
            for (start, _), samples in zip(wanted, cut(wanted), strict=True):
                search.take(start, len(samples), hear(samples, start) if len(samples) else ())
        found = search.result()
    else:
        found = CheckedTimes(tuple(segments), (time_remarks.note(TOO_FEW),), 0.0, sure=False)
    return found if length is None else _ended(found, length, cut)


def most_heard(length: float) -> float:
    """Return how many seconds of a recording are heard at most."""
    return max(_MOST_SECONDS, _MOST_SHARE * length)


def _ended(
    found: CheckedTimes, length: float, cut: Callable[[Sequence[Stretch]], Sequence[NDArray[np.float32]]]
) -> CheckedTimes:
    """Return what was found without times after the recording's end, with a remark if there are any."""
    segments = within(found.segments, length)
    if all(now.start == was.start for now, was in zip(segments, found.segments, strict=True)):
        return replace(found, segments=segments)
    # A file without an index is only guessed to have this length, so look whether there is sound after it.
    (beyond,) = cut([(length, length + _PROBE)])
    if len(beyond) > SAMPLE_RATE:
        return found
    last = max(time for s in found.segments for time in (s.start, s.end) if time is not None)
    told = time_remarks.note(time_remarks.ended(length, last))
    return replace(found, segments=segments, remarks=(*found.remarks, told))


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
        self._seconds = 0.0
        self._first = 0
        self._gave_up = False

    def take(self, start: float, samples: int, words: Sequence[Word]) -> None:
        """Add what was heard from ``start`` on."""
        self._seconds += samples / SAMPLE_RATE
        self._heard.append(((start, start + samples / SAMPLE_RATE), tuple(words)))
        self._heard.sort(key=lambda heard: heard[0])
        self._matches = self._written.matches([word for _, some in self._heard for word in some])
        self._stretches = stretches_of(self._matches)

    def wanted(self) -> list[Stretch]:
        """Return what to hear next, in order; nothing when all is known, or too much would have to be heard."""
        if not self._heard:
            first = self._fresh(_first_places(self._bounds, self._length))
            self._first = len(first)
            return first
        places = [place for place in self._places() if place.tells]
        left = most_heard(self._length) - self._seconds
        if needed := self._fresh([*self._changes(), *self._ends(places)]):
            seconds = sum(end - start for start, end in needed)
            self._gave_up = seconds > left or (len(self._heard) == self._first and _mostly_differ(places))
            return [] if self._gave_up else needed
        told = []
        for start, end in self._fresh(self._insertions()):
            left -= end - start
            if left >= 0:
                told.append((start, end))
        return told

    def _fresh(self, asked: Iterable[Stretch]) -> list[Stretch]:
        """Return the stretches that were not asked for before, in order, each once."""
        fresh = sorted(dict.fromkeys(span for span in asked if span not in self._tried and span[1] > span[0]))
        self._tried.update(fresh)
        return fresh

    def result(self) -> CheckedTimes:
        """Return the segments as far as is known."""
        kept = tuple(self._written.segments)
        if 2 * sum(place.tells for place in self._places()) < max(1, self._first):
            silent = not any(words for _, words in self._heard)
            return self._kept(SILENT if silent else UNCHECKED)
        if self._gave_up or not is_regular(self._matches, self._stretches):
            return self._kept(IRREGULAR)
        stretches = settled(self._stretches)
        if not any(stretch.seconds for stretch in stretches):
            return CheckedTimes(kept, (), self._seconds, sure=True)
        fitting = [match for match, _ in agreeing(self._matches, self._stretches)]
        if gaps := list(self._gaps(stretches, fitting)):
            return self._kept(time_remarks.uncertain(gaps))
        found = borders(self._written, stretches, fitting)
        segments = moved(self._written, stretches, fitting)
        remarks = (time_remarks.note(time_remarks.moves(found)), *self._inserted(found))
        return CheckedTimes(segments, remarks, self._seconds, sure=True)

    def _kept(self, why: str) -> CheckedTimes:
        return CheckedTimes(tuple(self._written.segments), (time_remarks.note(why),), self._seconds, sure=False)

    def _gaps(self, stretches: Sequence[Shift], fitting: Sequence[Match]) -> Iterator[Stretch]:
        """Yield the publisher's times between which the shift changes, nobody knows where.

        A long gap on one side alone is what was inserted, or left out.
        """
        known = {match.word: match for match in fitting}
        first = known[stretches[0].first]
        if stretches[0].seconds and first.written - self._bounds[0] > _WHOLE:
            yield self._bounds[0], first.written
        for before, after in pairwise(stretches):
            last, following = known[before.last], known[after.first]
            if min(following.written - last.written, following.start - last.end) > _WHOLE:
                yield last.written, following.written

    def _places(self) -> list[_Place]:
        fitting = agreeing(self._matches, self._stretches)
        return [
            _Place(start, end, len(words), tuple(pair for pair in fitting if start <= pair[0].start < end))
            for (start, end), words in self._heard
        ]

    def _changes(self) -> Iterator[Stretch]:
        """Yield what to hear where the shift changes, until the words before and after it are found."""
        for (last, shift), (following, other) in pairwise(agreeing(self._matches, self._stretches)):
            gap = min(following.written - last.written, following.start - last.end)
            if abs(other - shift) >= INSERTED and gap > _CLOSE:
                inside = self._edges(last.end, following.start, other - shift)
                yield from inside or self._halves(last.end, following.start)

    def _halves(self, start: float, end: float) -> Iterator[Stretch]:
        """Yield the middle of what is unheard between two moments; if the middle was heard in vain, of both sides.

        What lies between the sides is not heard.
        """
        unheard = self._unheard(start, end)
        if unheard and unheard[0][0] - start < _CLOSE:
            yield _middle(unheard[0])
        if unheard and end - unheard[-1][1] < _CLOSE:
            yield _middle(unheard[-1])

    def _edges(self, start: float, end: float, seconds: float) -> list[Stretch]:
        """Return what to hear where something of so many seconds was inserted, and a part of it was heard.

        Its beginning is at most so much before the end of that part; from one of its edges follows the other.
        """
        low, high = start + _CLOSE, end - _CLOSE
        parts = [(max(low, first), min(high, last)) for (first, last), _ in self._heard if first < high and last > low]
        if not parts or parts[-1][1] - parts[0][0] > seconds + 2 * _CLOSE:
            return []
        first, last = parts[0][0], parts[-1][1]
        if first - low < 1.0:
            place = start + seconds - _CLOSE
            span = (place, place + _PROBE)
        elif high - last < 1.0:
            place = end - seconds + _CLOSE
            span = (place - _PROBE, place)
        else:
            span = _middle((max(start, last - seconds - _CLOSE), first))
        return self._unheard(max(start, span[0]), min(end, span[1]))

    def _ends(self, places: Sequence[_Place]) -> Iterator[Stretch]:
        """Yield the places of the transcript's first and last words, if no place told of them."""
        if not places:
            return
        first, last = self._bounds
        match, shift = places[0].fitting[0]
        if match.written - first > _END:
            yield from self._place(max(0.0, first + shift))
        match, shift = places[-1].fitting[-1]
        if last - match.written > _END:
            yield from self._place(max(0.0, min(last + shift, self._length) - _PROBE + 3))
            # There may be an advertisement now, and the last words later.
            yield from self._place(max(0.0, self._length - _PROBE))

    def _place(self, start: float) -> Iterator[Stretch]:
        """Yield the place that begins at a second, unless half of it was heard."""
        unheard = self._unheard(start, start + _PROBE)
        if sum(end - begin for begin, end in unheard) > _PROBE / 2:
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


def _middle(span: Stretch) -> Stretch:
    """Return a place in the middle of a stretch; a short one is heard whole."""
    start, end = span
    if end - start <= 2 * _PROBE:
        return span
    start = (start + end - _PROBE) / 2
    return _rounded(start, start + _PROBE)


def _mostly_differ(places: Sequence[_Place]) -> bool:
    """Return whether most neighbouring places differ, as with times that drift."""
    differ = [abs(a.fitting[-1][1] - b.fitting[0][1]) >= INSERTED for a, b in pairwise(places)]
    return len(differ) >= _PAIRS and 2 * sum(differ) > len(differ)


def _is_inserted(border: Border) -> bool:
    return border.by >= INSERTED and border.end > border.start
