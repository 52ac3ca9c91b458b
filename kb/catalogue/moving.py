"""Places of files in a catalogue whose data folder lies elsewhere now."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from .database import Database
from .embeddings import INDEXED_IN

__all__ = ["move"]

#: Columns that hold the address of a file, of which many lie in the data folder.
_ADDRESSES = (("sources", "uri"), ("jobs", "uri"), ("feed_items", "source"))


def move(database: Database, old: str, new: str, recordings: Mapping[str, str], endings: Collection[str]) -> int:
    """Rewrite what lies in ``old`` to lie in ``new``, all or nothing, and return how many recordings are not played.

    ``recordings`` gives the new paths of others. Only files with one of the ``endings`` of sound are recordings, so
    that a stranger's backup cannot make the server send a password file.
    """
    lost = 0
    with database.transaction() as sql:
        for row in sql.execute("SELECT id, audio FROM episodes WHERE audio IS NOT NULL").fetchall():
            audio = recordings.get(row["audio"]) or _moved(row["audio"], old, new, endings)
            if audio != row["audio"]:
                sql.execute("UPDATE episodes SET audio = ? WHERE id = ?", (audio, row["id"]))
            lost += audio is None
        before, after = f"file://{quote(old)}/", f"file://{quote(new)}/"
        for table, column in _ADDRESSES:
            sql.execute(
                f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE substr({column}, 1, ?) = ?",
                (after, len(before) + 1, len(before), before),
            )
        for row in sql.execute("SELECT id, request FROM jobs").fetchall():
            request = _replaced(json.loads(row["request"]), f"{old}/", f"{new}/")
            sql.execute("UPDATE jobs SET request = ? WHERE id = ?", (json.dumps(request), row["id"]))
        # The folder that this one was copied from still uses its collection.
        sql.execute("DELETE FROM settings WHERE key = ?", (INDEXED_IN,))
    return lost


def _moved(audio: str, old: str, new: str, endings: Collection[str]) -> str | None:
    path = PurePosixPath(audio)
    if ".." in path.parts or not path.is_absolute() or path.suffix.lower() not in endings:
        return None
    return str(PurePosixPath(new) / path.relative_to(old)) if path.is_relative_to(old) else audio


def _replaced(value: Any, old: str, new: str) -> Any:
    """Return a job's request with the paths in it replaced."""
    if isinstance(value, dict):
        return {key: _replaced(each, old, new) for key, each in value.items()}
    if isinstance(value, list):
        return [_replaced(each, old, new) for each in value]
    return new + value[len(old) :] if isinstance(value, str) and value.startswith(old) else value
