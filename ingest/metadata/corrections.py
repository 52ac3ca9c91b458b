"""What a person types to correct an episode: fields, people and speakers' names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from kb.errors import UsageError
from kb.timecode import checked_date
from kb.types import Episode, Person

from .values import is_web_address, plain

__all__ = ["corrected", "numbered", "parse_renames"]

# The names that we, and diarizers, give to unnamed speakers.
_NUMBERED = re.compile(r"(?:speaker|voice)[ _]?\d{1,3}", re.IGNORECASE)
#: Fields that an episode must have.
_REQUIRED = frozenset({"show", "title", "medium"})


def corrected(
    episode: Episode,
    texts: Mapping[str, str],
    people: Sequence[str] | None = None,
    removed: Sequence[str] = (),
) -> Episode:
    """Return ``episode`` with the fields in ``texts`` replaced; an empty text clears a field.

    ``people`` (``Name=role`` each) replaces the people, and the people in ``removed`` are removed. Raises
    ``UsageError`` naming the option.
    """
    values: dict[str, Any] = {field: _value(field, text) for field, text in texts.items()}
    if people is not None:
        values["people"] = tuple(_person(text) for text in people if text.strip())
    remaining: tuple[Person, ...] = values.get("people", episode.people)
    for name in removed:
        if name not in {person.name for person in remaining}:
            known = ", ".join(person.name for person in remaining) or "nobody"
            raise UsageError(f"--remove-person {name!r}: the episode names {known}.")
    values["people"] = tuple(person for person in remaining if person.name not in removed)
    return replace(episode, **values)


def parse_renames(pairs: Sequence[str], option: str = "--speaker") -> dict[str, str]:
    """Return ``OLD=NEW`` speaker names as a mapping; ``UsageError`` shows the right form."""
    renames = {}
    for pair in pairs:
        old, equals, new = pair.partition("=")
        if not (equals and old.strip() and plain(new)):
            raise UsageError(f"{option} {pair!r} is not of the form OLD=NEW, such as 'SPEAKER_00=Audie Cornish'.")
        renames[old.strip()] = plain(new)
    return renames


def numbered(renames: Mapping[str, str]) -> dict[str, str]:
    """Return the new names of labels that are only a number."""
    return {label: name for label, name in renames.items() if _NUMBERED.fullmatch(label)}


def _value(field: str, text: str) -> str | None:
    option = "--date" if field == "published" else f"--{field}"
    value = plain(text)
    if not value and field in _REQUIRED:
        raise UsageError(f"{option} is empty, and an episode must have one.")
    if not value:
        return None
    if field == "published":
        return checked_date(value, option)
    if field == "medium" and value not in ("radio", "podcast"):
        raise UsageError(f"{option} {value!r} is neither radio nor podcast.")
    if field == "url" and not is_web_address(value):
        raise UsageError(f"{option} {value!r} is not a web address such as https://example.org/episode.")
    return value


def _person(text: str) -> Person:
    name, equals, role = text.rpartition("=")
    if not (equals and plain(name) and plain(role)):
        raise UsageError(f"--person {text!r} is not of the form NAME=ROLE, such as 'Audie Cornish=host'.")
    return Person(plain(name), plain(role))
