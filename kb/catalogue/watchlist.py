"""Saved questions, what arrived since each was asked, and what was already shown for it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from ..errors import NotFound
from ..timecode import now
from ..types import Filters
from .database import Database

__all__ = ["Saved", "Shown", "Watchlist"]

_COLUMNS = "id, name, question, filters, arrival, added_at, run_at"


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved question; all that arrived up to ``arrival`` has been searched, and shown if it answered."""

    id: int
    name: str
    question: str
    filters: Filters
    arrival: int
    added_at: str
    run_at: str | None


class Shown(NamedTuple):
    """A sentence of an episode by a digest of its words, the ``nth`` of those with the same words."""

    episode_id: str
    words: str
    nth: int


class Watchlist:
    """Remembers questions and their state; a question's state changes in one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, question: str, filters: Filters) -> Saved | None:
        """Save a question, and return it; ``None`` if the name is taken."""
        with self._database.transaction() as sql:
            added = sql.execute(
                "INSERT INTO saved_questions (name, question, filters, added_at) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (name) DO NOTHING",
                (name, question, json.dumps(asdict(filters)), now()),
            )
            return self.get(name) if added.rowcount else None

    def all(self) -> tuple[Saved, ...]:
        """Return every saved question, oldest first."""
        return tuple(
            _saved_from(row) for row in self._database.read(f"SELECT {_COLUMNS} FROM saved_questions ORDER BY id")
        )

    def get(self, name: str) -> Saved:
        """Return the question of that name; ``NotFound`` if there is none."""
        rows = self._database.read(f"SELECT {_COLUMNS} FROM saved_questions WHERE name = ?", (name,))
        if not rows:
            raise NotFound(f"There is no saved question {name[:100]!r}; 'kb watchlist' lists them.")
        return _saved_from(rows[0])

    def remove(self, saved: Saved) -> None:
        """Forget a question and what was shown for it."""
        with self._database.transaction() as sql:
            sql.execute("DELETE FROM saved_questions WHERE id = ?", (saved.id,))

    def arrived(self, after: int) -> tuple[tuple[str, ...], int]:
        """Return the episodes that came in or changed after an arrival, and the last arrival there is."""
        rows = self._database.read("SELECT id, episode_id FROM arrivals WHERE id > ? ORDER BY id", (after,))
        return tuple(row[1] for row in rows), int(rows[-1][0]) if rows else after

    def shown(self, saved: Saved) -> frozenset[Shown]:
        """Return the sentences that were shown for a question."""
        rows = self._database.read("SELECT episode_id, words, nth FROM shown_sentences WHERE question = ?", (saved.id,))
        return frozenset(Shown(*row) for row in rows)

    def remember(self, saved: Saved, arrival: int, shown: Iterable[Shown]) -> None:
        """Record that these sentences were shown, and what has been searched: both or neither."""
        with self._database.transaction() as sql:
            sql.execute(
                "UPDATE saved_questions SET arrival = max(arrival, ?), run_at = ? WHERE id = ?",
                (arrival, now(), saved.id),
            )
            # Nothing is written for a question that somebody has removed meanwhile.
            sql.executemany(
                "INSERT OR IGNORE INTO shown_sentences (question, episode_id, words, nth) "
                "SELECT id, ?, ?, ? FROM saved_questions WHERE id = ?",
                [(*sentence, saved.id) for sentence in shown],
            )


def _saved_from(row: sqlite3.Row) -> Saved:
    stored: dict[str, Any] = json.loads(row["filters"])
    given: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in stored.items()}
    filters = Filters(**given)
    return Saved(row["id"], row["name"], row["question"], filters, row["arrival"], row["added_at"], row["run_at"])
