"""How times and origins are told in words, the same at every door."""

from __future__ import annotations

import math

from .timecode import clock
from .types import Chunk, Origin, Quote

__all__ = ["OLDER_SOUND", "ORIGINS", "between", "made_by", "play_from", "said_when"]

#: What a transcript of each origin is called; "by ENGINE" may follow.
ORIGINS: dict[Origin, str] = {
    "publisher": "publisher's transcript",
    "machine": "machine transcript",
    "person": "transcript typed by a person",
    "unknown": "transcript of unknown origin",
}

#: Said where an older revision is shown with sound, which may be of another recording than it was made from.
OLDER_SOUND = (
    "The sound is the newest recording; if the publisher has replaced it since this revision, times here may differ."
)


def said_when(quote: Quote | Chunk) -> str:
    """Return "at 4:12", or "between 0:00 and 8:10" where no time is known; empty where nothing is."""
    if quote.start is not None:
        return f"at {clock(quote.start)}"
    if quote.earliest is None:
        return ""
    if quote.latest is None:
        return f"after {clock(quote.earliest)}"
    return f"between {between(quote, ' and ')}"


def between(quote: Quote | Chunk, to: str = "–") -> str:
    """Return the known times around a quote, "0:00–8:10"; the later one rounded up. Empty where one is missing."""
    if quote.earliest is None or quote.latest is None:
        return ""
    return f"{clock(quote.earliest)}{to}{clock(math.ceil(quote.latest - 1e-6))}"


def play_from(quote: Quote) -> float | None:
    """Return where playing misses no word of a quote: its start, or the beginning of its range."""
    return quote.earliest if quote.start is None else quote.start


def made_by(origin: Origin, engine: str | None = None) -> str:
    """Return what kind of transcript it is and what made it: "machine transcript by whisperx"."""
    return f"{ORIGINS[origin]}{f' by {engine}' if engine else ''}"
