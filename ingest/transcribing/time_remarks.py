"""What a reader is told about a publisher's times: that they moved and where, or why they are as they were. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.transcribing.moving import Border
from kb.timecode import clock
from kb.translatable import Phrase, joined, phrase
from kb.types import Remark

__all__ = ["IRREGULAR", "SILENT", "TOO_FEW", "UNCHECKED", "ended", "english_only", "moves", "note", "uncertain"]

UNCHECKED = phrase(
    "The publisher's times are unchecked: nothing that was heard at some places of the recording is in the transcript."
)
SILENT = phrase("The publisher's times are unchecked: no words were heard at some places of the recording.")
IRREGULAR = phrase(
    "The publisher's times do not fit the recording, and not by a few constant shifts; they are kept, "
    "so listen for the right place."
)
TOO_FEW = phrase("The transcript has too few times to check them against the recording.")
#: Places that one sentence names.
_MOST_TOLD = 6


def note(text: str) -> Remark:
    """Return a remark about the whole transcript."""
    return Remark("note", None, None, "", text)


def english_only(model: str) -> str:
    """Return why a model cannot check the times of a transcript in another language."""
    return phrase(
        "The publisher's times are unchecked: the model %(model)s hears only English, "
        "and the transcript is in another language.",
        model=model,
    )


def moves(found: Sequence[Border]) -> str:
    """Return one sentence that says by how much the times moved, and from where on."""
    total = 0.0
    told = []
    for border in found:
        total += border.by
        told.append(_later(total, clock(border.start)))
    if all(border.by > 0 for border in found):
        why = phrase("something was inserted there")
    elif all(border.by < 0 for border in found):
        why = phrase("something was left out there")
    else:
        why = phrase("the recording differs there")
    return phrase("Times are %(places)s: %(why)s.", places=_joined(told), why=why)


def uncertain(gaps: Sequence[tuple[float, float]]) -> str:
    """Return one sentence that says between which of the publisher's times something changes, nobody knows where."""
    told = [phrase("between %(time)s and %(later)s", time=clock(start), later=clock(end)) for start, end in gaps]
    return phrase(
        "The publisher's times are uncertain from %(time)s on: somewhere %(places)s the recording differs, and "
        "too little that is heard there is in the transcript. They are kept, so listen for the right place.",
        time=clock(gaps[0][0]),
        places=_joined(told),
    )


def ended(length: float, last: float) -> str:
    """Return the sentence about a recording that ends before its transcript."""
    return phrase(
        "The recording ends at %(end)s; the transcript goes on to %(last)s.", end=clock(length), last=clock(last)
    )


def _later(seconds: float, time: str) -> Phrase:
    by = f"{abs(seconds):.0f}"
    if abs(seconds) < 0.5:
        return phrase("in place again from %(time)s on", time=time)
    if seconds > 0:
        return phrase("%(seconds)s s later from %(time)s on", seconds=by, time=time)
    return phrase("%(seconds)s s earlier from %(time)s on", seconds=by, time=time)


def _joined(told: list[Phrase]) -> str:
    if len(told) > _MOST_TOLD:
        more = phrase("other in %(number)s more places", number=str(len(told) - _MOST_TOLD + 1))
        told = [*told[: _MOST_TOLD - 1], more]
    if len(told) == 1:
        return told[0]
    return phrase("%(places)s and %(last)s", places=joined(", ", told[:-1]), last=told[-1])
