"""What a reader is told about a publisher's times: that they moved and where, or why they are as they were. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.transcribing.moving import Border
from kb.text import times
from kb.timecode import clock
from kb.types import Remark

__all__ = ["ended", "is_about_times", "is_doubt", "moves", "note", "uncertain"]

#: How the notes of checks begin, those first that say that nobody knows.
_DOUBTS = ("The publisher's times ", "The transcript has too few times ")
_BEGINNINGS = (
    *_DOUBTS,
    "Times are ",
    "The recording ends at ",
    "The times were checked from ",
)
#: Places that one sentence names.
_MOST_TOLD = 6


def note(text: str) -> Remark:
    """Return a remark about the whole transcript."""
    return Remark("note", None, None, "", str(text))


def is_about_times(text: str) -> bool:
    """Return whether a note is what a check of times said."""
    return text.startswith(_BEGINNINGS)


def is_doubt(text: str) -> bool:
    """Return whether a note says that times are unchecked or do not fit."""
    return text.startswith(_DOUBTS)


def moves(found: Sequence[Border]) -> str:
    """Return one sentence that says by how much the times moved, and from where on."""
    total = 0.0
    told = []
    for border in found:
        total += border.by
        told.append(_later(total, clock(border.start)))
    if all(border.by > 0 for border in found):
        return times.inserted(_listed(told))
    if all(border.by < 0 for border in found):
        return times.left_out(_listed(told))
    return times.otherwise(_listed(told))


def uncertain(gaps: Sequence[tuple[float, float]]) -> str:
    """Return one sentence that says between which of the publisher's times something changes, nobody knows where."""
    return times.uncertain(clock(gaps[0][0]), _listed([times.within(clock(start), clock(end)) for start, end in gaps]))


def ended(length: float, last: float) -> str:
    """Return the sentence about a recording that ends before its transcript."""
    return times.ended(clock(length), clock(last))


def _later(seconds: float, time: str) -> str:
    if abs(seconds) < 0.5:
        return times.in_place(time)
    told = f"{abs(seconds):.0f}"
    return times.later(told, time) if seconds > 0 else times.earlier(told, time)


def _listed(told: list[str]) -> str:
    if len(told) > _MOST_TOLD:
        told = [*told[: _MOST_TOLD - 1], times.elsewhere(str(len(told) - _MOST_TOLD + 1))]
    return times.listed(told)
