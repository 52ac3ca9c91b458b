"""Who did what with the library: a log that is only added to, as the ledger is, and kept as long as a setting says."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from ..errors import without_password
from ..timecode import now
from .database import Database

__all__ = ["Activity", "Deed"]

_KEPT = "log kept"
_OLD = (
    "EXISTS (SELECT 1 FROM settings WHERE key = 'log kept' "
    "AND datetime(activity.at) < datetime('now', '-' || CAST(value AS INTEGER) || ' days'))"
)
#: Old deeds that a new one takes out at most, so that noting stays quick.
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that was done; ``at`` is an ISO time in UTC, ``subject`` an episode's id, a collection's name, ..."""

    at: str
    by: str
    what: str
    subject: str


class Activity:
    """Adds deeds and reads them; questions are none."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, by: str, what: str, subject: str) -> None:
        """Add what was done just now, and take out some of what is older than the log is kept.

        A password in an address is left out, since nothing is ever taken back.
        """
        told = without_password(subject)[:500]
        with self._database.transaction() as sql:
            sql.execute("INSERT INTO activity (at, by, what, subject) VALUES (?, ?, ?, ?)", (now(), by, what, told))
            _take_out(sql, _AT_ONCE)

    def last(self, most: int, by: str | None = None) -> tuple[Deed, ...]:
        """Return the newest deeds, of one person if named, oldest first; none that is older than the log is kept."""
        rows = self._database.read(
            "SELECT at, by, what, subject FROM activity "
            f"WHERE (?1 IS NULL OR by = ?1) AND NOT {_OLD} ORDER BY id DESC LIMIT ?2",
            (by, most),
        )
        return tuple(Deed(*row) for row in reversed(rows))

    @property
    def kept_days(self) -> int | None:
        """For how many days deeds are kept; ``None``: for ever."""
        rows = self._database.read("SELECT value FROM settings WHERE key = ?", (_KEPT,))
        return int(rows[0][0]) if rows else None

    def keep(self, days: int | None, by: str) -> None:
        """Keep deeds for so many days, or for ever, and note who said so; what is older is taken out at once."""
        with self._database.transaction() as sql:
            if days is None:
                sql.execute("DELETE FROM settings WHERE key = ?", (_KEPT,))
            else:
                sql.execute("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", (_KEPT, str(days)))
                _take_out(sql, -1)
            self.note(by, "set how long the log is kept", "for ever" if days is None else f"{days} days")


def _take_out(sql: sqlite3.Connection, most: int) -> None:
    """Delete up to ``most`` of the oldest deeds that are older than the log is kept; -1: all of them."""
    oldest = "SELECT id FROM activity ORDER BY id LIMIT ?"
    sql.execute(f"DELETE FROM activity WHERE id IN ({oldest}) AND {_OLD}", (most,))
