"""Sidecars: the ``.toml`` or ``.json`` file beside a transcript or recording with its metadata."""

from __future__ import annotations

import json
import math
import os
import re
import tomllib
from collections.abc import Iterable
from dataclasses import fields
from datetime import date, time
from pathlib import Path
from typing import Any, get_args

from kb.errors import MetadataError
from kb.timecode import parse_date, parse_timecode
from kb.translatable import phrase
from kb.types import Chapter, Origin, Person

from .values import Metadata, is_web_address, plain

__all__ = ["is_sidecar", "read_sidecar"]

_LARGEST = 1_000_000
_LONGEST_RECORDING = 3_600_000  # seconds, as in transcripts
_KEYS = tuple(f.name for f in fields(Metadata))
# Python's reader takes quadratic memory and time for a key of many parts. A sidecar's keys have one part.
_DEEP_KEY = re.compile(r"""^[ \t\[]*+(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){9}""", re.MULTILINE)
# Keys of other JSON files: transcripts of every recogniser, Podcasting 2.0's chapters.
_FOREIGN_KEY = re.compile(r'"(?:segments|transcription|text|words|results|utterances|version)"\s*:')
_OWN_KEY = re.compile(rf'"(?:{"|".join(_KEYS)})"\s*:')


def read_sidecar(transcript: Path) -> Metadata:
    """Return what the sidecar of a transcript or recording says, nothing if there is none.

    Raises ``MetadataError`` naming the file, the key and what is allowed.
    """
    toml, js = transcript.with_suffix(".toml"), transcript.with_suffix(".json")
    has_json = transcript.suffix.lower() != ".json" and is_sidecar(js)
    text = _text(toml)
    if text is None:
        return _from_json(js) if has_json else Metadata()
    if has_json:
        raise MetadataError(
            js, phrase("describes the episode, and so does %(other)s.", other=toml.name), phrase("Keep one of the two.")
        )
    return _from_toml(toml, text)


def is_sidecar(path: Path) -> bool:
    """Return whether a ``.toml`` or ``.json`` file is a sidecar and not a transcript.

    JSON is one if it is an object with one of a sidecar's keys and none that transcripts have; its values
    are not checked.
    """
    suffix = path.suffix.lower()
    if suffix != ".json":
        return suffix == ".toml"
    try:
        if not os.path.isfile(path):  # reading a pipe would block
            return False
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except (OSError, ValueError):
        return False
    text = data.decode("utf-8-sig", errors="replace")
    if len(data) > _LARGEST or _FOREIGN_KEY.search(text):  # not parsed, because folders are searched often
        return False
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):  # not valid: judged by its text
        return _OWN_KEY.search(text) is not None
    return isinstance(document, dict) and not set(document).isdisjoint(_KEYS)


def _text(path: Path) -> str | None:
    """Return a sidecar's text, ``None`` if there is no such file."""
    kind = path.suffix[1:].upper()
    try:
        if not os.path.isfile(path):  # not Path.is_file, which fails where the sidecar's name would be too long
            return None
        if path.stat().st_size > _LARGEST:
            raise MetadataError(
                path, phrase("is too large for a sidecar."), phrase("Expected a few lines of %(kind)s.", kind=kind)
            )
        return path.read_text("utf-8-sig")  # Windows editors write a byte order mark
    except ValueError as error:
        raise _invalid(path, error) from error
    except OSError as error:
        raise MetadataError(
            path, phrase("cannot be read (%(reason)s).", reason=str(error.strerror)), phrase("Check its permissions.")
        ) from error


def _from_toml(path: Path, text: str) -> Metadata:
    try:
        if _DEEP_KEY.search(text):
            raise MetadataError(
                path, phrase("has a key of many parts."), phrase("Allowed are %(keys)s.", keys=", ".join(_KEYS))
            )
        return _from_table(path, tomllib.loads(text))
    except (ValueError, RecursionError) as error:  # also whole numbers of 5,000 digits
        raise _invalid(path, error) from error


def _from_json(path: Path) -> Metadata:
    try:
        return _from_table(path, json.loads(_text(path) or "", object_pairs_hook=_once))
    except (ValueError, RecursionError) as error:
        raise _invalid(path, error) from error


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object that has no key twice, as in TOML: the first value would be lost silently."""
    table: dict[str, Any] = {}
    for key, value in pairs:
        if key in table:
            raise ValueError(phrase("the key %(key)s is there twice", key=_shown(key)))
        table[key] = value
    return table


def _invalid(path: Path, error: Exception) -> MetadataError:
    return MetadataError(
        path,
        phrase("is not valid %(format)s (%(reason)s).", format=path.suffix[1:].upper(), reason=str(error)[:200]),
        phrase("Correct it, or remove it."),
    )


def _from_table(path: Path, table: dict[str, Any]) -> Metadata:
    unknown = sorted(set(table) - set(_KEYS))
    if unknown:
        raise MetadataError(
            path,
            phrase("has the unknown key %(key)s.", key=_shown(unknown[0])),
            phrase("Allowed are %(keys)s.", keys=", ".join(_KEYS)),
        )
    values: dict[str, Any] = {}
    for key, value in table.items():
        match key:
            case "people":
                values[key] = tuple(_person(path, entry) for entry in _listed(value))
            case "chapters":
                values[key] = tuple(sorted((_chapter(path, c) for c in _listed(value)), key=lambda c: c.start))
            case "published":
                values[key] = _date(path, value)
            case _:
                values[key] = _words(path, key, value)
    if values.get("medium", "radio") not in ("radio", "podcast"):
        raise MetadataError(
            path,
            phrase("has medium = %(value)s.", value=_shown(values["medium"])),
            phrase('Expected "radio" or "podcast".'),
        )
    if values.get("origin", "unknown") not in (origins := get_args(Origin)):
        expected = ", ".join(f'"{origin}"' for origin in origins)
        raise MetadataError(
            path,
            phrase("has origin = %(value)s.", value=_shown(values["origin"])),
            phrase("Expected one of %(expected)s.", expected=expected),
        )
    if not is_web_address(values.get("url", "https://-")):
        raise MetadataError(
            path,
            phrase("has url = %(value)s.", value=_shown(values["url"])),
            phrase("Expected an address that begins with https://."),
        )
    return Metadata(**values)


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _words(path: Path, key: str, value: object) -> str:
    if key in ("season", "number") and isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9:
        return str(value)
    if isinstance(value, str) and plain(value):
        return plain(value)
    remedy = phrase("Expected some text in quotation marks.")
    if key in ("season", "number"):
        remedy = phrase("Expected some text in quotation marks or a whole number.")
    raise MetadataError(path, phrase("has %(key)s = %(value)s.", key=key, value=_shown(value)), remedy)


def _person(path: Path, entry: object) -> Person:
    if isinstance(entry, dict) and set(entry) == {"name", "role"} and all(isinstance(v, str) for v in entry.values()):
        person = Person(plain(entry["name"]), plain(entry["role"]))
        if person.name and person.role:
            return person
    remedy = phrase('Expected people, each with name = "..." and role = "...".')
    if path.suffix == ".toml":
        remedy = phrase('Expected [[people]] with name = "..." and role = "...".')
    raise MetadataError(path, phrase("has a person %(entry)s.", entry=_shown(entry)), remedy)


def _chapter(path: Path, entry: object) -> Chapter:
    if isinstance(entry, dict) and set(entry) == {"start", "title"} and isinstance(entry["title"], str):
        start, title = _seconds(entry["start"]), plain(entry["title"])
        if start is not None and title:
            return Chapter(start, title)
    remedy = phrase('Expected chapters, each with start = "1:02:03" (or the seconds) and title = "...".')
    if path.suffix == ".toml":
        remedy = phrase('Expected [[chapters]] with start = "1:02:03" (or the seconds) and title = "...".')
    raise MetadataError(path, phrase("has a chapter %(entry)s.", entry=_shown(entry)), remedy)


def _seconds(value: object) -> float | None:
    """Return when a chapter starts, ``None`` for anything else."""
    if isinstance(value, time):  # TOML's own, written without quotation marks
        return value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1_000_000
    if isinstance(value, str):
        try:
            return parse_timecode(value[:100])
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    fits = 0 <= value < _LONGEST_RECORDING  # also false for not-a-number
    return float(value) if fits and math.isfinite(value) else None


def _date(path: Path, value: object) -> str:
    try:
        return parse_date(value.isoformat()[:10] if isinstance(value, date) else str(value))
    except ValueError as error:
        raise MetadataError(
            path,
            phrase("has published = %(value)s.", value=_shown(value)),
            phrase("Expected a date such as 2019-07-08."),
        ) from error


def _shown(value: object) -> str:
    """Return a value as a message shows it, shortened."""
    try:
        shown = repr(value)
    except (ValueError, RecursionError):  # a whole number of 5,000 digits, or deeply nested tables
        return "something very long"
    return shown if len(shown) <= 200 else f"{shown[:200]}..."
