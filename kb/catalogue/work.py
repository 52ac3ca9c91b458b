"""Unfinished work: transcriptions begun, and the blocks that an engine has already heard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from .database import Database

__all__ = ["HeardBlocks", "Job", "Jobs"]


@dataclass(frozen=True, slots=True)
class Job:
    """A recording whose transcription is not finished; ``request`` is JSON, ``reason`` a sentence for a person."""

    id: int
    uri: str
    state: str
    reason: str | None
    request: str
    updated_at: str


class Jobs:
    """Remembers what was begun until it is done, through kills and failures."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, uri: str, request: str) -> None:
        """Record that work on ``uri`` begins (again)."""
        self._set(uri, "running", None, request)

    def fail(self, uri: str, reason: str, request: str) -> None:
        """Record why work on ``uri`` could not be finished."""
        self._set(uri, "failed", reason, request)

    def finish(self, uri: str) -> None:
        """Forget work that is done or no longer wanted."""
        with self._database.transaction() as sql:
            sql.execute("DELETE FROM jobs WHERE uri = ?", (uri,))

    def all(self) -> tuple[Job, ...]:
        """Return all unfinished work, oldest first."""
        rows = self._database.read("SELECT id, uri, state, reason, request, updated_at FROM jobs ORDER BY id")
        return tuple(Job(*row) for row in rows)

    def _set(self, uri: str, state: str, reason: str | None, request: str) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._database.transaction() as sql:
            sql.execute(
                "INSERT INTO jobs (uri, state, reason, request, added_at, updated_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (uri) "
                "DO UPDATE SET state = excluded.state, reason = excluded.reason, request = excluded.request, "
                "updated_at = excluded.updated_at",
                (uri, state, reason, request, now, now),
            )


class HeardBlocks:
    """Keeps what an engine has heard of a recording until its transcript is complete."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str, number: int) -> str | None:
        """Return what was heard in a block, ``None`` if it was not heard yet."""
        rows = self._database.read("SELECT heard FROM heard_blocks WHERE key = ? AND number = ?", (key, number))
        return str(rows[0][0]) if rows else None

    def put(self, key: str, number: int, text: str) -> None:
        """Keep what was heard in a block; it is on the disk when this returns."""
        with self._database.transaction() as sql:
            sql.execute(
                "INSERT OR REPLACE INTO heard_blocks (key, number, heard) VALUES (?, ?, ?)", (key, number, text)
            )

    def forget(self, key: str) -> None:
        """Delete the blocks of a transcript that is complete."""
        with self._database.transaction() as sql:
            sql.execute("DELETE FROM heard_blocks WHERE key = ?", (key,))
