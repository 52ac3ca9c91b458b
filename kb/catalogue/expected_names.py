"""Names to expect in recordings, for the whole knowledge base: one setting, a list."""

from __future__ import annotations

import json
from collections.abc import Iterable

from ..errors import UsageError
from ..translatable import phrase
from .database import Database

__all__ = ["ExpectedNames", "as_names"]

_KEY = "expected names"
_MOST = 500


class ExpectedNames:
    """A list without doubles, in the order in which the names were added."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[str, ...]:
        """Return the names."""
        rows = self._database.read("SELECT value FROM settings WHERE key = ?", (_KEY,))
        return (as_names(rows[0][0]) or ()) if rows else ()

    def add(self, names: Iterable[str]) -> int:
        """Add names that are one visible line each, and return how many were new."""
        known = self.all()
        both = tuple(dict.fromkeys((*known, *names)))
        if len(both) > _MOST:
            raise UsageError(
                phrase(
                    "The list would have %(names)s names, and %(most)s are the most; remove some first.",
                    names=len(both),
                    most=str(_MOST),
                )
            )
        self._keep(both)
        return len(both) - len(known)

    def remove(self, names: Iterable[str]) -> int:
        """Remove names, and return how many were there."""
        known, unwanted = self.all(), frozenset(names)
        left = tuple(name for name in known if name not in unwanted)
        self._keep(left)
        return len(known) - len(left)

    def _keep(self, names: tuple[str, ...]) -> None:
        with self._database.transaction() as sql:
            value = json.dumps(names, ensure_ascii=False)
            sql.execute("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", (_KEY, value))


def as_names(value: str) -> tuple[str, ...] | None:
    """Return the names that a setting's value lists, or ``None`` if it was damaged and is no list."""
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return tuple(map(str, found)) if isinstance(found, list) else None
