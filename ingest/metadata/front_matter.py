"""What the front matter of a Markdown transcript says about its episode: title, date, show, speakers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from ingest.formats.encoding import decode
from ingest.formats.front_matter import front_matter
from kb.errors import FormatError
from kb.timecode import parse_date
from kb.types import Person

from .values import Metadata, is_web_address, plain

__all__ = ["read_front_matter"]

# Not a YAML library: only lines and lists of words are needed, and the other features of untrusted YAML (anchors,
# merges, tags, a date where a title should be) are not.
_PAIR = re.compile(r"(?:-\s+)?([\w.-]{1,40})\s*[:=]\s*(.*)")
_COMMENT = re.compile(r"\s#\s.*$")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?=$|[T\s])")
_FIELDS = {
    "title": "title",
    "date": "published",
    "published": "published",
    "pubdate": "published",
    "pub_date": "published",
    "publish_date": "published",
    "show": "show",
    "podcast": "show",
    "series": "show",
    "program": "show",
    "programme": "show",
    "publisher": "publisher",
    "language": "language",
    "lang": "language",
    "url": "url",
    "link": "url",
    "canonical_url": "url",
    "season": "season",
    "episode": "number",
    "episode_number": "number",
    "number": "number",
}
_PEOPLE = {
    "speaker": "speaker",
    "speakers": "speaker",
    "participants": "speaker",
    "people": "speaker",
    "guest": "guest",
    "guests": "guest",
    "host": "host",
    "hosts": "host",
    "cohosts": "host",
    "interviewer": "interviewer",
    "interviewee": "interviewee",
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MOST_PEOPLE = 50


def read_front_matter(path: Path, data: bytes) -> Metadata:
    """Return what the front matter of a Markdown file says; nothing if it has none or uses other keys."""
    if path.suffix.lower() not in (".md", ".markdown"):
        return Metadata()
    try:
        told = dict(_fields(front_matter(decode(path, data))))
    except FormatError:  # reported when the words are parsed
        return Metadata()
    values: dict[str, Any] = {}
    people: list[Person] = []
    for key, texts in told.items():
        field, role = _FIELDS.get(key), _PEOPLE.get(key)
        if role:
            people += [Person(name, role) for name in texts]
        elif field and field not in values and texts and (value := _value(field, texts[0])):
            values[field] = value
    names = {person.name: person for person in reversed(people[:_MOST_PEOPLE])}
    return Metadata(**values, people=tuple(reversed(names.values())) or None)


def _fields(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each key, in lower case, with its value or the items of its list."""
    key, items = "", list[str]()
    for line in text.split("\n"):
        bare = line.strip()
        pair = _PAIR.fullmatch(bare)
        is_item = bare.startswith("- ")
        if not is_item and not line[:1].isspace() and pair:
            yield key, items
            key, items = pair[1].lower().replace("-", "_"), _listed(pair[2])
        elif is_item and pair and pair[1].lower() == "name":  # "- name: Jane Doe", her role on the next line
            items += _listed(pair[2])
        elif is_item and not pair:
            items += _listed(bare[2:])
        elif not is_item and not pair and line[:1].isspace() and bare and len(items) == 1:  # a long value, wrapped
            items = _listed(f"{items[0]} {bare}")
    yield key, items


def _listed(text: str) -> list[str]:
    """Return the words of a value, one of an inline list (``[Jane Doe, "Omar Said"]``) each."""
    text = _COMMENT.sub("", text).strip()
    parts = text[1:-1].split(",") if text[:1] == "[" and text[-1:] == "]" else [text]
    found = (plain(part.strip().strip("\"'")) for part in parts)
    return [words for words in found if words and words not in ("|", ">", "~", "null")]


def _value(field: str, text: str) -> str | None:
    if field == "published":
        return _date(text)
    if field == "url":
        return text if is_web_address(text) else None
    if field in ("season", "number"):
        return text if len(text) <= 20 else None
    return text


def _date(text: str) -> str | None:
    """Return the ISO date of ``2024-01-05T10:00:00Z`` or ``January 5, 2024``; ``None`` for others."""
    try:
        if found := _DATE.match(text):
            return parse_date(found[0])
        month, day, year = text.replace(",", " ").split()
        number = _MONTHS.index(month[:3].casefold()) + 1 if month[:1].isalpha() else 0
        return date(int(year), number, int(day.rstrip("stndrh"))).isoformat()
    except (ValueError, OverflowError):
        return None
