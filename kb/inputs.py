"""Check what a person types before it is stored or searched with: lines, names, filters. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from .errors import UsageError
from .text.cleaning import visible
from .timecode import checked_date
from .translatable import phrase
from .types import Filters

__all__ = [
    "LONGEST_NAME",
    "checked_filters",
    "checked_line",
    "checked_lines",
    "checked_name",
    "checked_tags",
    "person_key",
]

#: Longest name of a person or a speaker, in characters.
LONGEST_NAME = 200
_LONGEST_TAG = 60
_MOST_TAGS = 30


def checked_line(text: str, what: str, longest: int = 80) -> str:
    """Return ``text`` as one line without spaces around it; ``UsageError`` names ``what`` it should have been."""
    line = " ".join(text.split())
    if not line:
        raise UsageError(
            phrase("%(what)s is missing; write 1 to %(longest)s visible characters.", what=what, longest=str(longest))
        )
    if not line.isprintable() or len(line) > longest:
        raise UsageError(
            phrase(
                "%(what)s has to be 1 to %(longest)s visible characters, found %(text)s.",
                what=what,
                longest=str(longest),
                text=repr(text[:40]),
            )
        )
    return line


def checked_name(text: str) -> str:
    """Return a collection's name, which is part of an address; ``UsageError`` if it cannot be."""
    name = checked_line(text, phrase("A collection's name"))
    if "/" in name or not name.strip("."):
        raise UsageError(
            phrase("A collection's name cannot have a slash or only dots, found %(name)s.", name=repr(name[:40]))
        )
    return name


def person_key(name: str) -> str:
    """Return a user's name as it is compared: keyboards write accents, and people capitals, differently.

    Lower case, and no case folding, which makes one of "Straße" and "Strasse", who may be two people.
    """
    return unicodedata.normalize("NFC", name).strip().lower()


def checked_lines(text: str, what: str, longest: int = 10_000) -> str:
    """Return ``text`` with plain line breaks and without control characters; ``UsageError`` if it is too long."""
    plain = visible(text).strip()
    if len(plain) > longest:
        raise UsageError(
            phrase(
                "%(what)s may have %(longest)s characters, and this one has %(found)s.",
                what=what,
                longest=longest,
                found=len(plain),
            )
        )
    return plain


def checked_tags(tags: Iterable[str]) -> tuple[str, ...]:
    """Return tags once each, in order; ``UsageError`` for one that is too long or has a comma, or for too many."""
    found = tuple(dict.fromkeys(checked_line(tag, phrase("A tag"), _LONGEST_TAG) for tag in tags))
    if any("," in tag for tag in found):
        raise UsageError(phrase("A tag cannot have a comma; give several tags one by one."))
    if len(found) > _MOST_TAGS:
        raise UsageError(
            phrase("A quote may have %(most)s tags, and these are %(found)s.", most=_MOST_TAGS, found=str(len(found)))
        )
    return found


def checked_filters(
    shows: Iterable[str] | None,
    speakers: Iterable[str] | None,
    since: str | None,
    until: str | None,
    collections: Iterable[str] | None = None,
    ads: bool = False,
) -> Filters:
    """Return the filters of a search, for every interface; ``UsageError`` for an invalid date."""
    days = checked_date(since), checked_date(until)
    return Filters(tuple(shows or ()), tuple(speakers or ()), *days, collections=tuple(collections or ()), ads=ads)
