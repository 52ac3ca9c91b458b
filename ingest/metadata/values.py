"""What one source says about an episode, and the plain values that all sources are held to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, get_args

from kb.errors import UsageError
from kb.text.cleaning import fold
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
    #: Who wrote the transcript down: one of ``kb.types.Origin``.
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
        """Return these values, and ``other``'s where these are silent."""
        return replace(other, **{name: getattr(self, name) for name in self.given})


def checked_origin(origin: str | None, name: str) -> str | None:
    """Return who wrote a transcript down if that can be; ``UsageError`` names ``name`` and what would be right."""
    if origin and origin not in get_args(Origin):
        raise UsageError(f"{name}: {origin[:100]!r} is none of {', '.join(get_args(Origin))}.")
    return origin or None


def plain(text: str) -> str:
    """Return ``text`` on one line without what cannot be seen or stored, cut to 1,000 characters."""
    return fold(text)[:_LONGEST].rstrip()


def is_web_address(text: str) -> bool:
    """Return whether ``text`` is one address of the web; anything else in a link could run."""
    return re.fullmatch(r"https?://[^\s<>\"]+", text) is not None
