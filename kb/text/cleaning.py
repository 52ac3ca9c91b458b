"""What may stand in a canonical text, a name or a title: characters that show as what they are. Pure.

Every door (files, engines, corrections, metadata, feeds, what is typed in) goes through here. Letters stay as given,
with no Unicode normalisation, so that a quote is what the publisher printed. Revisions that are stored already stay
as they are, whatever they hold.
"""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import Any

from ..types import Episode

__all__ = ["UNSEEN", "clean_episode", "fold", "visible"]

#: What is taken out:
#: - controls, but for white space;
#: - overrides, embeddings and isolates of the direction of writing, with which a text shows as another than it is;
#: - what has no width and parts no words: byte order marks, word joiners, invisible operators, annotation marks;
#: - halves of characters and what is no character, which cannot be stored as UTF-8 or written as XML.
#: The joiners of Persian, Indic scripts and emoji, the marks of direction of single letters (U+200E and U+200F) and the
#: zero-width space between letters of scripts that part words with it are spelling, and stay.
UNSEEN = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
    "\u202a-\u202e\u2066-\u2069\u206a-\u206f"
    "\u2060-\u2065\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
)
_UNSEEN = re.compile(f"[{UNSEEN}]")
_ZERO_WIDTH_SPACE = "\u200b"  # alone it pads the empty lines of caption files
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")

#: Fields of an episode that are no text for a reader.
_EXACT = frozenset({"id", "published", "url", "audio", "medium", "language"})


def fold(text: str) -> str:
    """Return ``text`` in one line: nothing unseen, white space folded to single spaces, none at the ends."""
    words = _UNSEEN.sub("", text).split()
    if _ZERO_WIDTH_SPACE in text:
        words = [stripped for word in words if (stripped := word.strip(_ZERO_WIDTH_SPACE))]
    return " ".join(words)


def visible(text: str) -> str:
    """Return ``text`` with plain line breaks and tabs and nothing unseen, as notes and documents may hold it."""
    return _UNSEEN.sub("", _BREAKS.sub("\n", text)).replace("\x1f", " ")


def clean_episode(episode: Episode) -> Episode:
    """Return an episode with every name and title of it in one visible line."""
    lines: dict[str, Any] = {
        field.name: fold(text)
        for field in fields(episode)
        if field.name not in _EXACT and isinstance(text := getattr(episode, field.name), str)
    }
    people = tuple(replace(person, name=fold(person.name), role=fold(person.role)) for person in episode.people)
    return replace(episode, **lines, people=people)
