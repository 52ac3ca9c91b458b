"""The words for quotes, their times and origins, and what was searched, the same in every interface."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .timecode import clock
from .types import UNKNOWN_SPEAKER, Chunk, Origin, Quote, Remark, Searched

__all__ = [
    "MONTHS",
    "OLDER_SOUND",
    "ORIGINS",
    "attribution",
    "between",
    "counted",
    "difference",
    "file_size",
    "long_date",
    "made_by",
    "name_of",
    "play_from",
    "receipt",
    "respelt",
    "said_when",
    "unknown_words",
]

#: Not from ``strftime``, which uses the machine's language.
MONTHS = "January February March April May June July August September October November December".split()

#: What a transcript of each origin is called; "by ENGINE" may follow.
ORIGINS: dict[Origin, str] = {
    "publisher": "publisher's transcript",
    "machine": "machine transcript",
    "person": "transcript typed by a person",
    "unknown": "transcript of unknown origin",
}

#: Shown with an older revision: its sound may be another recording than the one it was made from.
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
    """Return where to start playing a quote: its start, or the beginning of the range that it lies in."""
    return quote.earliest if quote.start is None else quote.start


def made_by(origin: Origin, engine: str | None = None) -> str:
    """Return what kind of transcript it is and what made it: "machine transcript by whisperx"."""
    return f"{ORIGINS[origin]}{f' by {engine}' if engine else ''}"


def attribution(quote: Quote) -> str:
    """Return who said it, where and when, in one line."""
    episode = quote.episode
    role = episode.role_of(quote.speaker)
    speaker = f"{quote.speaker or UNKNOWN_SPEAKER}{f' ({role})' if role else ''}"
    parts = (speaker, episode.show, f"“{episode.title}”", episode.published, said_when(quote))
    return ", ".join(part for part in parts if part)


def difference(remark: Remark) -> str:
    """Return what a remark of the kind ``differs`` says: "the written transcript says “A”; we hear “B”"."""
    says = f"says “{remark.note}”" if remark.note else "has nothing"
    return f"the written transcript {says}; we hear {f'“{remark.text}”' if remark.text else 'nothing'}"


def file_size(size: int | None) -> str:
    """Return "486 MB", or "of unknown size"."""
    if size is None:
        return "of unknown size"
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def counted(n: int, noun: str) -> str:
    """Return ``2,030 episodes`` or ``1 episode``."""
    return f"{n:,} {noun if n == 1 else noun + 's'}"


def name_of(source: str) -> str:
    """Return the name of a file or of the last part of an address."""
    path = unquote(urlsplit(source).path) if "://" in source else source
    return (Path(path).name or source).encode("utf-8", "replace").decode()  # a name may be bytes that are not text


def long_date(published: str) -> str:
    """Return an ISO date as ``8 July 2019``; other texts are returned unchanged."""
    try:
        day = date.fromisoformat(published)
    except ValueError:
        return published
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def receipt(searched: Searched) -> str:
    """Return how much was searched: "2,030 passages of 12 episodes"."""
    return f"{counted(searched.passages, 'passage')} of {counted(searched.episodes, 'episode')}"


def unknown_words(searched: Searched, is_sure: bool = False) -> str:
    """Return which of the question's words occur nowhere, and which names no episode quoted says; empty if none.

    Over a sure answer only names count: the quotes may be somebody else's. "Rise" for "rose" is no news there.
    """
    told = []
    if words := [word for word in searched.unknown_words if not (is_sure and word[0].islower())]:
        told.append(f"{'Words that occur' if len(words) > 1 else 'A word that occurs'} nowhere: {', '.join(words)}.")
    if names := searched.unsaid_names:
        told.append(f"Not said in these episodes: {', '.join(names)}.")
    return " ".join(told)


def respelt(searched: Searched) -> tuple[str, ...]:
    """Return a sentence for each name whose spelling was corrected before the search."""
    return tuple(f"“{asked}” occurs nowhere; searched for “{found}”." for asked, found in searched.respelt)
