"""A backup's list of contents: which files, how large, with which SHA-256, and what they were made from."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import BackupError

__all__ = ["CATALOGUE", "MANIFEST", "PLACES", "Entry", "Manifest"]

MANIFEST = "manifest.json"
CATALOGUE = "catalogue.sqlite3"
#: Folders of the data folder that a backup may hold files of.
PLACES = ("uploads", "media", "archives", "recordings")

_FORMAT = "verbatim-backup-1"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LONGEST_NAME = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A file: its place in the data folder, and the original path of a recording that was outside it."""

    name: str
    size: int
    sha256: str
    origin: str | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a backup; ``home`` is the data folder it was taken of, ``made_at`` an ISO time in UTC."""

    made_at: str
    home: str
    episodes: int
    passages: int
    files: tuple[Entry, ...]

    def to_bytes(self) -> bytes:
        """Return the manifest as it is written."""
        return json.dumps({"format": _FORMAT, **asdict(self)}, ensure_ascii=False, indent=1).encode("utf-8")

    @classmethod
    def of(cls, path: Path, content: bytes) -> Manifest:
        """Return the parsed manifest of a backup; ``BackupError`` if it is not one of ours."""
        try:
            found = json.loads(content.decode("utf-8"))
            if found["format"] != _FORMAT:
                raise BackupError(path, f"is of the format {str(found['format'])[:60]!r}, expected {_FORMAT!r}.")
            files = tuple(_entry(each) for each in found["files"])
            made = cls(
                _typed(found["made_at"], str),
                _typed(found["home"], str),
                _typed(found["episodes"], int),
                _typed(found["passages"], int),
                files,
            )
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise BackupError(path, f"has a {MANIFEST} that is not as Verbatim writes it.") from error
        names = [entry.name for entry in made.files]
        if len(set(names)) < len(names) or names.count(CATALOGUE) != 1:
            raise BackupError(path, f"has a {MANIFEST} that names no catalogue, or a file twice.")
        return made


def _entry(found: dict[str, Any]) -> Entry:
    entry = Entry(
        _typed(found["name"], str),
        _typed(found["size"], int),
        _typed(found["sha256"], str),
        None if found["origin"] is None else _typed(found["origin"], str),
    )
    if not (_is_confined(entry.name) and entry.size >= 0 and _SHA256.fullmatch(entry.sha256)):
        raise ValueError(entry.name)
    return entry


def _is_confined(name: str) -> bool:
    """Return whether a name is a place of a backup: the catalogue, or a file in one of the known folders."""
    parts = name.split("/")
    wrong = len(name) > _LONGEST_NAME or any(letter in "\\:" or not letter.isprintable() for letter in name)
    return name == CATALOGUE or (
        len(parts) > 1 and parts[0] in PLACES and not wrong and {"", ".", ".."}.isdisjoint(parts)
    )


def _typed(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise TypeError(kind)
    return value
