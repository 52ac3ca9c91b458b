"""Who did what with the library: an append-only log, like the ledger, kept as long as a setting says."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from ..errors import without_password
from ..timecode import now
from ..translatable import phrase
from .database import Database

__all__ = ["Activity", "Deed"]

_KEPT = "log kept"
_QUESTIONS = "log questions"
#: Most characters of a subject: as many as a question may have.
_LONGEST = 2_000
_OLD = (
    "EXISTS (SELECT 1 FROM settings WHERE key = 'log kept' "
    "AND datetime(activity.at) < datetime('now', '-' || CAST(value AS INTEGER) || ' days'))"
)
#: Most old entries that a new one deletes, so that writing stays quick.
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Deed:
    """An action; ``at`` is an ISO time in UTC, ``subject`` an episode's id, a collection's name, ..."""

    at: str
    by: str
    what: str
    subject: str


class Activity:
    """Adds and reads entries; questions are logged only if a setting says so (``question_log.py``)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, by: str, what: str, subject: str) -> None:
        """Add an entry, and delete some of those older than the log is kept.

        A password in an address is left out, since entries cannot be edited.
        """
        told = without_password(subject)[:_LONGEST]
        with self._database.transaction() as sql:
            sql.execute("INSERT INTO activity (at, by, what, subject) VALUES (?, ?, ?, ?)", (now(), by, what, told))
            erased = _take_out(sql, _AT_ONCE)
        if erased and not sql.in_transaction:
            sql.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # what was overwritten is still in the log beside the file

    def last(self, most: int, by: str | None = None) -> tuple[Deed, ...]:
        """Return the newest entries, of one person if named, oldest first; none that is older than the log is kept."""
        rows = self._database.read(
            "SELECT at, by, what, subject FROM activity "
            f"WHERE (?1 IS NULL OR by = ?1) AND NOT {_OLD} ORDER BY id DESC LIMIT ?2",
            (by, most),
        )
        return tuple(Deed(*row) for row in reversed(rows))

    @property
    def can_add(self) -> bool:
        """Whether entries can be added: not if the data folder is read-only."""
        return not self._database.read_only

    @property
    def logs_questions(self) -> bool:
        """Whether the setting says that questions are logged; by default they are not."""
        return bool(self._database.read("SELECT 1 FROM settings WHERE key = ?", (_QUESTIONS,)))

    def log_questions(self, on: bool, by: str) -> None:
        """Set whether questions are logged, and log who did so; those that are logged stay as long as all entries."""
        with self._database.transaction() as sql:
            sql.execute("DELETE FROM settings WHERE key = ?", (_QUESTIONS,))
            if on:
                sql.execute("INSERT INTO settings (key, value) VALUES (?, 'yes')", (_QUESTIONS,))
            self.note(by, phrase("set whether questions are logged"), "logged" if on else "not logged")

    @property
    def kept_days(self) -> int | None:
        """For how many days entries are kept; ``None``: for ever."""
        rows = self._database.read("SELECT value FROM settings WHERE key = ?", (_KEPT,))
        return int(rows[0][0]) if rows else None

    def keep(self, days: int | None, by: str) -> None:
        """Set how many days entries are kept, or for ever, and log who did so; older ones are overwritten at once."""
        with self._database.erasing() as sql:
            if days is None:
                sql.execute("DELETE FROM settings WHERE key = ?", (_KEPT,))
            else:
                sql.execute("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", (_KEPT, str(days)))
                _take_out(sql, -1)
            self.note(by, phrase("set how long the log is kept"), "for ever" if days is None else f"{days} days")


def _take_out(sql: sqlite3.Connection, most: int) -> int:
    """Delete up to ``most`` of the oldest expired entries, -1: all of them, and return how many; they may be people's
    questions, so that they are overwritten.
    """
    oldest = "SELECT id FROM activity ORDER BY id LIMIT ?"
    sql.execute("PRAGMA secure_delete = ON")
    erased = sql.execute(f"DELETE FROM activity WHERE id IN ({oldest}) AND {_OLD}", (most,)).rowcount
    sql.execute("PRAGMA secure_delete = OFF")
    return erased
