"""Which second belongs to which character: a revision's timed spans, packed for storage and fast look-up.

A span is a word where the source times words, a whole segment where it times only segments. Twenty bytes
a word, so that an hour of speech costs 180 kB; milliseconds as integers, so that times come back as given.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

__all__ = ["TimedSpan", "Timings"]

_DTYPE = np.dtype(
    [("char_start", "<u4"), ("char_end", "<u4"), ("start", "<u4"), ("end", "<u4"), ("probability", "<f4")]
)


@dataclass(frozen=True, slots=True)
class TimedSpan:
    """``text[char_start:char_end]`` was said from ``start`` to ``end`` seconds."""

    char_start: int
    char_end: int
    start: float
    end: float
    probability: float | None = None

    def within(self, char_start: int, char_end: int) -> TimedSpan:
        """Return the part between two places that lies in it; its times are interpolated by characters."""
        first, last = max(char_start, self.char_start), min(char_end, self.char_end)
        if (first, last) == (self.char_start, self.char_end):
            return self
        rate = (self.end - self.start) / (self.char_end - self.char_start)
        begin, stop = (self.start + rate * (place - self.char_start) for place in (first, last))
        return TimedSpan(first, last, begin, stop, self.probability)


class Timings:
    """The timed spans of one revision, in the order of its text."""

    def __init__(self, rows: np.ndarray) -> None:
        self._rows = rows

    @classmethod
    def from_spans(cls, spans: Iterable[TimedSpan]) -> Timings:
        """Pack spans that rise in ``char_start`` and do not overlap."""
        rows = [
            (s.char_start, s.char_end, round(s.start * 1000), round(s.end * 1000), _or_nan(s.probability))
            for s in spans
        ]
        return cls(np.array(rows, dtype=_DTYPE))

    @classmethod
    def from_bytes(cls, data: bytes) -> Timings:
        """Read what ``to_bytes`` wrote; ``ValueError`` if the length is wrong."""
        return cls(np.frombuffer(data, dtype=_DTYPE))

    def to_bytes(self) -> bytes:
        """Return the packed rows, little-endian."""
        return self._rows.tobytes()

    def __len__(self) -> int:
        return len(self._rows)

    def start_at(self, offset: int) -> float | None:
        """Return when the character at ``offset`` begins to be said, ``None`` without any times.

        Inside a span of several words the time is interpolated by characters; between two spans it is the
        end of the earlier one, so that playing from there misses nothing.
        """
        if not len(self._rows):
            return None
        row = self._rows[max(0, self._before(offset))]
        return self._at(row, offset) / 1000

    def end_at(self, offset: int) -> float | None:
        """Return when the character before ``offset`` has been said, ``None`` without any times."""
        if not len(self._rows):
            return None
        index = max(0, self._before(offset - 1))
        row = self._rows[index]
        if offset > row["char_end"] and index + 1 < len(self._rows):
            return float(self._rows[index + 1]["start"]) / 1000  # an untimed word: up to the next timed one
        return self._at(row, offset) / 1000

    def within(self, char_start: int, char_end: int) -> tuple[TimedSpan, ...]:
        """Return the spans that lie wholly inside ``[char_start, char_end)``."""
        first = int(np.searchsorted(self._rows["char_start"], char_start))
        last = int(np.searchsorted(self._rows["char_end"], char_end, side="right"))
        return tuple(_span(*row) for row in self._rows[first:last].tolist())

    def probability(self, char_start: int, char_end: int) -> float | None:
        """Return the mean word probability inside the span, ``None`` where nobody measured one."""
        first = int(np.searchsorted(self._rows["char_start"], char_start))
        last = int(np.searchsorted(self._rows["char_end"], char_end, side="right"))
        values = self._rows["probability"][first:last]
        values = values[~np.isnan(values)]
        return round(float(values.mean()), 3) if len(values) else None

    def _before(self, offset: int) -> int:
        """Return the index of the last span that starts at or before ``offset``, or -1."""
        return int(np.searchsorted(self._rows["char_start"], offset, side="right")) - 1

    @staticmethod
    def _at(row: np.void, offset: int) -> int:
        """Return the millisecond of ``offset`` within (or clamped to) one span."""
        begin, finish = int(row["char_start"]), int(row["char_end"])
        share = min(1.0, max(0.0, (offset - begin) / max(1, finish - begin)))
        return round(int(row["start"]) + share * (int(row["end"]) - int(row["start"])))


def _span(char_start: int, char_end: int, start: int, end: int, probability: float) -> TimedSpan:
    told = None if math.isnan(probability) else round(probability, 3)
    return TimedSpan(char_start, char_end, start / 1000, end / 1000, told)


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value
