"""Which characters a canonical text, a name or a title may have: those that are shown as they are. Pure. All input
(files, engines, corrections, metadata, feeds, typed text) goes through here. Letters stay as given, with no Unicode
normalisation, so that a quote is what the publisher printed. Revisions that are stored already are not changed.
"""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import Any

from ..types import Episode

__all__ = ["UNSEEN", "clean_episode", "fold", "visible"]

#: Characters that are removed:
#: - controls, except white space;
#: - overrides, embeddings and isolates of the direction of writing, with which a text shows as another than it is;
#: - those without width that do not separate words: byte order marks, word joiners, invisible operators, annotation
#: marks; - lone surrogates and non-characters, which cannot be stored as UTF-8 or written as XML. The
#: joiners of Persian, Indic scripts and emoji, the marks of direction of single letters (U+200E and U+200F) and the
#: zero-width space between letters of scripts that part words with it are spelling, and stay.
UNSEEN = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
    "\u202a-\u202e\u2066-\u2069\u206a-\u206f"
    "\u2060-\u2065\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
)
_UNSEEN = re.compile(f"[{UNSEEN}]")
_ZERO_WIDTH_SPACE = "\u200b"  # some caption files use it for empty lines
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")

#: Fields of an episode that are not text for readers.
_EXACT = frozenset({"id", "published", "url", "audio", "medium", "language"})


def fold(text: str) -> str:
    """Return ``text`` in one line: no invisible characters, white space folded to single spaces, none at the ends."""
    words = _UNSEEN.sub("", text).split()
    if _ZERO_WIDTH_SPACE in text:
        words = [stripped for word in words if (stripped := word.strip(_ZERO_WIDTH_SPACE))]
    return " ".join(words)


def visible(text: str) -> str:
    """Return ``text`` for notes and documents: plain line breaks and tabs, no invisible characters."""
    return _UNSEEN.sub("", _BREAKS.sub("\n", text)).replace("\x1f", " ")


def clean_episode(episode: Episode) -> Episode:
    """Return an episode with every name and title as one visible line."""
    lines: dict[str, Any] = {
        field.name: fold(text)
        for field in fields(episode)
        if field.name not in _EXACT and isinstance(text := getattr(episode, field.name), str)
    }
    people = tuple(replace(person, name=fold(person.name), role=fold(person.role)) for person in episode.people)
    return replace(episode, **lines, people=people)
