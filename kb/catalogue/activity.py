"""Who did what with the library: a log that is only added to, as the ledger is."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import without_password
from ..timecode import now
from .database import Database

__all__ = ["Activity", "Deed"]


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
        """Add what was done just now; a password in an address is left out, since nothing is ever taken back."""
        told = without_password(subject)[:500]
        with self._database.transaction() as sql:
            sql.execute("INSERT INTO activity (at, by, what, subject) VALUES (?, ?, ?, ?)", (now(), by, what, told))

    def last(self, most: int, by: str | None = None) -> tuple[Deed, ...]:
        """Return the newest deeds, of one person if named, oldest first."""
        rows = self._database.read(
            "SELECT at, by, what, subject FROM activity WHERE ?1 IS NULL OR by = ?1 ORDER BY id DESC LIMIT ?2",
            (by, most),
        )
        return tuple(Deed(*row) for row in reversed(rows))
