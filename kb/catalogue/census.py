"""What a catalogue has held so far: counts that only grow, so that an older or different catalogue is noticed."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from .database import Database

__all__ = ["Census", "count_removal", "read_census"]


@dataclass(frozen=True, slots=True)
class Census:
    """``identity`` is the catalogue's own, ``removed`` counts episodes taken out by hand, ``arrivals`` all revisions.

    ``episodes + removed`` and ``arrivals`` never become smaller, whatever people do with Verbatim.
    """

    identity: str
    episodes: int
    removed: int
    arrivals: int


def read_census(database: Database) -> Census:
    """Return the census; read as one statement, so that its numbers are of one moment."""
    row = database.read(
        "SELECT (SELECT value FROM settings WHERE key = 'identity'), (SELECT count(*) FROM episodes),"
        " (SELECT CAST(value AS INTEGER) FROM settings WHERE key = 'removed'),"
        " (SELECT seq FROM sqlite_sequence WHERE name = 'arrivals')"
    )[0]
    return Census(row[0] or "", row[1], row[2] or 0, row[3] or 0)


def count_removal(sql: sqlite3.Connection) -> None:
    """Count an episode that is removed, within the transaction that removes it."""
    sql.execute(
        "INSERT INTO settings (key, value) VALUES ('removed', '1') ON CONFLICT (key) DO UPDATE "
        "SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)"
    )
