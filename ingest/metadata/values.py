"""An episode's metadata from one source, and the checks of values for all sources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, get_args

from kb.errors import UsageError
from kb.text.cleaning import fold
from kb.translatable import phrase
from kb.types import Chapter, Origin, Person

__all__ = ["AUDIO_SUFFIXES", "Metadata", "checked_origin", "is_web_address", "plain"]

#: Sound that a browser or FFmpeg plays.
AUDIO_SUFFIXES = frozenset(
    ".mp3 .m4a .m4b .mp4 .aac .wav .flac .ogg .oga .opus .webm .mkv .mka .mov .aif .aiff .wma".split()
)

_LONGEST = 1_000


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a sidecar, the command line, a recording's tags or a file's name says; ``None`` where it says nothing."""

    show: str | None = None
    title: str | None = None
    published: str | None = None
    publisher: str | None = None
    medium: str | None = None
    language: str | None = None
    url: str | None = None
    audio: str | None = None
    audio_note: str | None = None
    season: str | None = None
    number: str | None = None
    #: Who made the transcript: one of ``kb.types.Origin``.
    origin: str | None = None
    people: tuple[Person, ...] | None = None
    chapters: tuple[Chapter, ...] | None = None

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Metadata:
        """Return what ``dataclasses.asdict`` made of metadata."""
        people, chapters = values.get("people"), values.get("chapters")
        rest = {name: value for name, value in values.items() if name not in ("people", "chapters")}
        return cls(
            **rest,
            people=None if people is None else tuple(Person(**person) for person in people),
            chapters=None if chapters is None else tuple(Chapter(**chapter) for chapter in chapters),
        )

    @property
    def given(self) -> tuple[str, ...]:
        """Return the names of the fields about which something is said."""
        return tuple(f.name for f in fields(self) if getattr(self, f.name) is not None)

    def over(self, other: Metadata) -> Metadata:
        """Return these values, and ``other``'s where these are missing."""
        return replace(other, **{name: getattr(self, name) for name in self.given})


def checked_origin(origin: str | None, name: str) -> str | None:
    """Return ``origin`` if it is valid; ``UsageError`` gives ``name`` and the valid values."""
    if origin and origin not in get_args(Origin):
        raise UsageError(
            phrase(
                "%(name)s: %(origin)s is not one of %(known)s.",
                name=name,
                origin=repr(origin[:100]),
                known=", ".join(get_args(Origin)),
            )
        )
    return origin or None


def plain(text: str) -> str:
    """Return ``text`` on one line without invisible characters or surrogates, cut to 1,000 characters."""
    return fold(text)[:_LONGEST].rstrip()


def is_web_address(text: str) -> bool:
    """Return whether ``text`` is one web address; a link to anything else could run code."""
    return re.fullmatch(r"https?://[^\s<>\"]+", text) is not None
