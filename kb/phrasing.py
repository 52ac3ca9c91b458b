"""The words for quotes, their times and origins, and what was searched, the same in every interface.

Pages print most of them in the reader's language, so they are phrases (``translatable.py``).
"""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from .timecode import clock
from .translatable import Day, Phrase, joined, phrase, phrases
from .types import UNKNOWN_SPEAKER, Chunk, Origin, Quote, Remark, Searched

__all__ = [
    "LESS_LIKELY",
    "MONTHS",
    "NO_NAME",
    "OLDER_SOUND",
    "ORIGINS",
    "READ_OUT",
    "attribution",
    "between",
    "counted",
    "difference",
    "file_size",
    "long_date",
    "made_by",
    "name_of",
    "placed_at",
    "play_from",
    "receipt",
    "respelt",
    "role_name",
    "said_when",
    "unknown_words",
]

#: Not from ``strftime``, which uses the machine's language.
MONTHS = "January February March April May June July August September October November December".split()

#: Who speaks where no name is known.
NO_NAME = phrase("Unknown speaker")
assert NO_NAME == UNKNOWN_SPEAKER

#: The caution about words that the speaker reads out; citations do not say "said" then.
#: Above quotes that are less likely than an answer has to be.
LESS_LIKELY = phrase("Less likely to answer")
READ_OUT = phrase("The speaker reads out somebody else’s text.")

#: What a transcript of each origin is called.
ORIGINS: dict[Origin, str] = {
    "publisher": phrase("publisher's transcript"),
    "machine": phrase("machine transcript"),
    "person": phrase("transcript typed by a person"),
    "unknown": phrase("transcript of unknown origin"),
}

#: The roles of people that a page can translate; any other one is shown as the metadata say it.
_ROLES: dict[str, str] = {
    role: role
    for role in (
        phrase("host"),
        phrase("co-host"),
        phrase("guest"),
        phrase("moderator"),
        phrase("narrator"),
        phrase("producer"),
        phrase("reporter"),
    )
}

#: What is counted: the nouns that ``counted`` knows.
Noun = Literal[
    "clip", "episode", "excerpt", "file", "minute", "other", "passage", "quote", "row", "show", "speech model",
    "transcript", "vector",
]  # fmt: skip

#: Shown with an older revision: its sound may be another recording than the one it was made from.
OLDER_SOUND = phrase(
    "The sound is the newest recording; if the publisher has replaced it since this revision, times here may differ."
)


def said_when(quote: Quote | Chunk) -> str:
    """Return "at 4:12", or "between 0:00 and 8:10" where no time is known; empty where nothing is."""
    if quote.start is not None:
        return phrase("at %(time)s", time=clock(quote.start))
    return placed_at(quote)


def placed_at(quote: Quote | Chunk) -> str:
    """Return "4:12", or "between 0:00 and 8:10" where no time is known; empty where nothing is."""
    if quote.start is not None:
        return clock(quote.start)
    if quote.earliest is None:
        return ""
    if quote.latest is None:
        return phrase("after %(time)s", time=clock(quote.earliest))
    return phrase("between %(time)s and %(later)s", time=clock(quote.earliest), later=_latest(quote.latest))


def between(quote: Quote | Chunk, to: str = "–") -> str:
    """Return the known times around a quote, "0:00–8:10"; the later one rounded up. Empty where one is missing."""
    if quote.earliest is None or quote.latest is None:
        return ""
    return f"{clock(quote.earliest)}{to}{_latest(quote.latest)}"


def _latest(seconds: float) -> str:
    return clock(math.ceil(seconds - 1e-6))


def play_from(quote: Quote) -> float | None:
    """Return where to start playing a quote: its start, or the beginning of the range that it lies in."""
    return quote.earliest if quote.start is None else quote.start


def made_by(origin: Origin, engine: str | None = None) -> str:
    """Return what kind of transcript it is and what made it: "machine transcript by whisperx"."""
    if not engine:
        return ORIGINS[origin]
    return phrase("%(transcript)s by %(engine)s", transcript=ORIGINS[origin], engine=engine)


def attribution(quote: Quote) -> str:
    """Return who said it, where and when, in one line."""
    episode = quote.episode
    role = episode.role_of(quote.speaker)
    speaker = f"{quote.speaker or UNKNOWN_SPEAKER}{f' ({role})' if role else ''}"
    parts = (speaker, episode.show, f"“{episode.title}”", episode.published, said_when(quote))
    return ", ".join(part for part in parts if part)


def role_name(role: str | None) -> str | None:
    """Return a role as a page shows it."""
    return _ROLES.get(role, role) if role else role


def difference(remark: Remark) -> str:
    """Return what a remark of the kind ``differs`` says: "the written transcript says “A”; we hear “B”"."""
    if not remark.note:
        if not remark.text:
            return phrase("the written transcript has nothing; we hear nothing")
        return phrase("the written transcript has nothing; we hear “%(heard)s”", heard=remark.text)
    if not remark.text:
        return phrase("the written transcript says “%(written)s”; we hear nothing", written=remark.note)
    return phrase(
        "the written transcript says “%(written)s”; we hear “%(heard)s”", written=remark.note, heard=remark.text
    )


def file_size(size: int | None) -> str:
    """Return "486 MB", or "of unknown size"."""
    if size is None:
        return phrase("of unknown size")
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def counted(n: int, noun: Noun) -> Phrase:
    """Return ``2,030 episodes`` or ``1 episode``."""
    match noun:
        case "clip":
            return phrases("%(count)s clip", "%(count)s clips", n)
        case "episode":
            return phrases("%(count)s episode", "%(count)s episodes", n)
        case "excerpt":
            return phrases("%(count)s excerpt", "%(count)s excerpts", n)
        case "file":
            return phrases("%(count)s file", "%(count)s files", n)
        case "minute":
            return phrases("%(count)s minute", "%(count)s minutes", n)
        case "other":
            return phrases("%(count)s other", "%(count)s others", n)
        case "passage":
            return phrases("%(count)s passage", "%(count)s passages", n)
        case "quote":
            return phrases("%(count)s quote", "%(count)s quotes", n)
        case "row":
            return phrases("%(count)s row", "%(count)s rows", n)
        case "show":
            return phrases("%(count)s show", "%(count)s shows", n)
        case "speech model":
            return phrases("%(count)s speech model", "%(count)s speech models", n)
        case "transcript":
            return phrases("%(count)s transcript", "%(count)s transcripts", n)
        case "vector":
            return phrases("%(count)s vector", "%(count)s vectors", n)


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
    return Day(f"{day.day} {MONTHS[day.month - 1]} {day.year}", day)


def receipt(searched: Searched) -> str:
    """Return how much was searched: "2,030 passages of 12 episodes"."""
    return f"{counted(searched.passages, 'passage')} of {counted(searched.episodes, 'episode')}"


def unknown_words(searched: Searched, is_sure: bool = False) -> str:
    """Return which of the question's words occur nowhere, and which names no episode quoted says; empty if none.

    Over a sure answer only names count: the quotes may be somebody else's. "Rise" for "rose" is no news there.
    """
    told = []
    if words := [word for word in searched.unknown_words if not (is_sure and word[0].islower())]:
        told.append(
            phrases("A word that occurs nowhere: %(words)s.", "Words that occur nowhere: %(words)s.", len(words),
                    words=", ".join(words))
        )  # fmt: skip
    if names := searched.unsaid_names:
        told.append(phrase("Not said in these episodes: %(names)s.", names=", ".join(names)))
    return joined(" ", told)


def respelt(searched: Searched) -> tuple[str, ...]:
    """Return a sentence for each name whose spelling was corrected before the search."""
    return tuple(
        phrase("“%(asked)s” occurs nowhere; searched for “%(found)s”.", asked=asked, found=found)
        for asked, found in searched.respelt
    )
