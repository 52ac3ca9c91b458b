"""Which second belongs to which character: a revision's timed spans, packed for storage and fast look-up.

A span is a word where the source times words, a whole segment where it times only segments. Where the source gives a
start without an end, or an end without a start, a span of no characters *marks* the place. Twenty bytes a word, so that
an hour of speech costs 180 kB; milliseconds as integers, so that times come back as given.

For words between two known times, only that interval is known. A place between them gets an interpolated time only if
they are at most ``COARSE`` seconds apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

__all__ = ["COARSE", "TimedSpan", "Timings", "When"]

#: Seconds. Recognisers and captions give no longer segments (Whisper's window is this long); longer spans lie between
#: two marks that an editor set, and an interpolated time in them would be wrong.
COARSE = 30.0

_DTYPE = np.dtype(
    [("char_start", "<u4"), ("char_end", "<u4"), ("start", "<u4"), ("end", "<u4"), ("probability", "<f4")]
)


@dataclass(frozen=True, slots=True)
class TimedSpan:
    """``text[char_start:char_end]`` was said from ``start`` to ``end`` seconds.

    One without characters is a mark: words before ``char_start`` were said before it, the others after it.
    """

    char_start: int
    char_end: int
    start: float
    end: float
    probability: float | None = None

    def within(self, char_start: int, char_end: int) -> TimedSpan:
        """Return its part between two places; the part's times are interpolated by characters."""
        first, last = max(char_start, self.char_start), min(char_end, self.char_end)
        if (first, last) == (self.char_start, self.char_end):
            return self
        rate = (self.end - self.start) / (self.char_end - self.char_start)
        begin, stop = (self.start + rate * (place - self.char_start) for place in (first, last))
        return TimedSpan(first, last, begin, stop, self.probability)


@dataclass(frozen=True, slots=True)
class When:
    """When some words were said, in seconds.

    ``start`` and ``end`` are ``None`` where not known; the words were then said between ``earliest`` and ``latest``,
    each ``None`` without a mark there. A known ``start`` is also ``earliest``, a known ``end`` also ``latest``.
    """

    start: float | None = None
    end: float | None = None
    earliest: float | None = None
    latest: float | None = None


@dataclass(frozen=True, slots=True)
class _Moment:
    """The time of one place if it is known, and the known times around it."""

    time: float | None
    earliest: float | None
    latest: float | None

    @property
    def is_wide(self) -> bool:
        """Return whether the known times are too far apart for a time between them to mean anything."""
        return self.earliest is None or self.latest is None or self.latest - self.earliest > COARSE


class Timings:
    """The timed spans and marks of one revision, in the order of its text."""

    def __init__(self, rows: np.ndarray) -> None:
        self._rows = rows

    @classmethod
    def from_spans(cls, spans: Iterable[TimedSpan]) -> Timings:
        """Pack spans and marks that rise in ``char_start`` and do not overlap."""
        rows = [
            (s.char_start, s.char_end, round(s.start * 1000), round(s.end * 1000), _or_nan(s.probability))
            for s in spans
        ]
        return cls(np.array(rows, dtype=_DTYPE))

    @classmethod
    def from_bytes(cls, data: bytes) -> Timings:
        """Read what ``to_bytes`` wrote; ``ValueError`` if the length is wrong."""
        return cls(np.frombuffer(data, dtype=_DTYPE))

    def fit(self, length: int) -> bool:
        """Return whether these are valid spans for a text of this length: in order, within it, none backwards."""
        rows = self._rows
        rising = bool(np.all(rows["char_end"][:-1] <= rows["char_start"][1:])) if len(rows) else True
        inside = bool(np.all(rows["char_start"] <= rows["char_end"]) and np.all(rows["char_end"] <= length))
        return rising and inside and bool(np.all(rows["start"] <= rows["end"]))

    def to_bytes(self) -> bytes:
        """Return the packed rows, little-endian."""
        return self._rows.tobytes()

    def __len__(self) -> int:
        return len(self._rows)

    def when(self, char_start: int, char_end: int) -> When:
        """Return when ``text[char_start:char_end]`` was said, or between which known times."""
        begin, finish = self._start(char_start), self._end(char_end)
        start, earliest = begin.time, begin.earliest if begin.time is None else begin.time
        end, latest = finish.time, finish.latest if finish.time is None else finish.time
        if earliest is not None and latest is not None and latest < earliest:
            return When(start, None, earliest, None)  # the source's clock runs backwards here, as in joined files
        return When(start, end, earliest, latest)

    def start_at(self, offset: int) -> float | None:
        """Return when the character at ``offset`` begins to be said, ``None`` where that is not known.

        Inside a span of several words the time is interpolated by characters; between two spans it is the
        end of the earlier one, so that playing from there misses nothing.
        """
        return self._start(offset).time

    def end_at(self, offset: int) -> float | None:
        """Return when the character before ``offset`` has been said, ``None`` where that is not known."""
        return self._end(offset).time

    def spans(self) -> tuple[TimedSpan, ...]:
        """Return everything in the order of the text, the marks too."""
        return tuple(_span(*row) for row in self._rows.tolist())

    def within(self, char_start: int, char_end: int) -> tuple[TimedSpan, ...]:
        """Return the spans that lie wholly inside ``[char_start, char_end)``; marks are none."""
        rows = self._inside(char_start, char_end)
        return tuple(_span(*row) for row in rows[rows["char_start"] < rows["char_end"]].tolist())

    def probability(self, char_start: int, char_end: int) -> float | None:
        """Return the mean word probability inside the span, ``None`` where nobody measured one."""
        values = self._inside(char_start, char_end)["probability"]
        values = values[~np.isnan(values)]
        return round(float(values.mean()), 3) if len(values) else None

    def _inside(self, char_start: int, char_end: int) -> np.ndarray:
        first = int(np.searchsorted(self._rows["char_start"], char_start))
        last = int(np.searchsorted(self._rows["char_end"], char_end, side="right"))
        return self._rows[first:last]

    def _before(self, offset: int) -> int:
        """Return the index of the last row that starts at or before ``offset``, or -1."""
        return int(np.searchsorted(self._rows["char_start"], offset, side="right")) - 1

    def _start(self, offset: int) -> _Moment:
        index = self._before(offset)
        if index >= 0:
            row = self._rows[index]
            if offset == row["char_start"]:
                return _known(row["start"])
            if offset < row["char_end"]:
                return _inside(row, offset)
        between = self._between(index)
        return between if between.is_wide else replace(between, time=between.earliest)

    def _end(self, offset: int) -> _Moment:
        index = self._before(offset - 1)
        if index >= 0:
            row = self._rows[index]
            if offset == row["char_end"]:
                return _known(row["end"])
            if offset < row["char_end"]:
                return _inside(row, offset)
        elif len(self._rows) and offset == self._rows[0]["char_start"]:
            return _known(self._rows[0]["start"])
        between = self._between(index)
        return between if between.is_wide else replace(between, time=between.latest)

    def _between(self, index: int) -> _Moment:
        """Return the known times after the row at ``index`` and before the next; a recording begins at 0."""
        if not len(self._rows):
            return _Moment(None, None, None)
        earliest = float(self._rows[index]["end"]) / 1000 if index >= 0 else 0.0
        if index + 1 == len(self._rows):
            return _Moment(None, earliest, None)
        latest = float(self._rows[index + 1]["start"]) / 1000
        return _Moment(None, min(earliest, latest), max(earliest, latest))


def _known(milliseconds: int) -> _Moment:
    seconds = float(milliseconds) / 1000
    return _Moment(seconds, seconds, seconds)


def _inside(row: np.void, offset: int) -> _Moment:
    """Return the moment of a place inside a span, interpolated by characters where the span is short."""
    between = _Moment(None, float(row["start"]) / 1000, float(row["end"]) / 1000)
    if between.is_wide:
        return between
    share = (offset - int(row["char_start"])) / (int(row["char_end"]) - int(row["char_start"]))
    return replace(between, time=round(int(row["start"]) + share * (int(row["end"]) - int(row["start"]))) / 1000)


def _span(char_start: int, char_end: int, start: int, end: int, probability: float) -> TimedSpan:
    told = None if math.isnan(probability) else round(probability, 3)
    return TimedSpan(char_start, char_end, start / 1000, end / 1000, told)


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value
