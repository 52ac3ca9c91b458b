"""What a reader is told about a publisher's times: that they moved and where, or why they are as they were. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.transcribing.moving import Border
from kb.timecode import clock
from kb.types import Remark

__all__ = [
    "ENGLISH_ONLY",
    "FITTING",
    "IRREGULAR",
    "SILENT",
    "TOO_FEW",
    "UNCHECKED",
    "ended",
    "is_about_times",
    "moves",
    "note",
    "uncertain",
]

FITTING = "The times fit the recording."
UNCHECKED = (
    "The publisher's times are unchecked: nothing that was heard at some places of the recording is in the transcript."
)
SILENT = "The publisher's times are unchecked: no words were heard at some places of the recording."
IRREGULAR = (
    "The publisher's times do not fit the recording, and not by a few constant shifts; they are kept, "
    "so listen for the right place."
)
TOO_FEW = "The transcript has too few times to check them against the recording."
ENGLISH_ONLY = (
    "The publisher's times are unchecked: the model %s hears only English, and the transcript is in another language."
)
#: How the notes of checks begin.
_BEGINNINGS = (
    "Times are ",
    "The publisher's times ",
    "The transcript has too few times ",
    "The recording ends at ",
    "The times were checked from ",
)
#: Places that one sentence names.
_MOST_TOLD = 6


def note(text: str) -> Remark:
    """Return a remark about the whole transcript."""
    return Remark("note", None, None, "", text)


def is_about_times(text: str) -> bool:
    """Return whether a note is what a check of times said."""
    return text.startswith(_BEGINNINGS)


def moves(found: Sequence[Border]) -> str:
    """Return one sentence that says by how much the times moved, and from where on."""
    total = 0.0
    told = []
    for border in found:
        total += border.by
        told.append(f"{_later(total)} from {clock(border.start)} on")
    if all(border.by > 0 for border in found):
        why = "something was inserted there"
    elif all(border.by < 0 for border in found):
        why = "something was left out there"
    else:
        why = "the recording differs there"
    return f"Times are {_joined(told)}: {why}."


def uncertain(gaps: Sequence[tuple[float, float]]) -> str:
    """Return one sentence that says between which of the publisher's times something changes, nobody knows where."""
    told = _joined([f"between {clock(start)} and {clock(end)}" for start, end in gaps])
    return (
        f"The publisher's times are uncertain from {clock(gaps[0][0])} on: somewhere {told} the recording differs, and "
        "too little that is heard there is in the transcript. They are kept, so listen for the right place."
    )


def ended(length: float, last: float) -> str:
    """Return the sentence about a recording that ends before its transcript."""
    return f"The recording ends at {clock(length)}; the transcript goes on to {clock(last)}."


def _later(seconds: float) -> str:
    if abs(seconds) < 0.5:
        return "in place again"
    return f"{abs(seconds):.0f} s {'later' if seconds > 0 else 'earlier'}"


def _joined(told: list[str]) -> str:
    if len(told) > _MOST_TOLD:
        told = [*told[: _MOST_TOLD - 1], f"other in {len(told) - _MOST_TOLD + 1} more places"]
    return ", ".join(told[:-1]) + (" and " if len(told) > 1 else "") + told[-1]
