"""Where episodes were taken from: files and addresses, with the SHA-256 of their bytes."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from .database import Database

__all__ = ["Source", "Sources", "write_source"]


@dataclass(frozen=True, slots=True)
class Source:
    """A file or address that an episode was taken from, and the SHA-256 of its bytes then."""

    uri: str
    sha256: str


class Sources:
    """Finds the episode of a file by the file's address or its bytes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, episode_id: str, source: Source) -> None:
        """Record ``source`` as a further source of an episode."""
        with self._database.transaction() as sql:
            write_source(sql, episode_id, source)

    def find(self, uri: str) -> tuple[str, str] | None:
        """Return ``(episode_id, sha256)`` of what was taken from ``uri``."""
        rows = self._database.read("SELECT episode_id, sha256 FROM sources WHERE uri = ?", (uri,))
        return (rows[0][0], rows[0][1]) if rows else None

    def of(self, episode_id: str) -> tuple[Source, ...]:
        """Return the files and addresses that an episode was taken from."""
        rows = self._database.read("SELECT uri, sha256 FROM sources WHERE episode_id = ? ORDER BY uri", (episode_id,))
        return tuple(Source(row["uri"], row["sha256"]) for row in rows)

    def with_bytes(self, sha256: str) -> tuple[str, ...]:
        """Return the episodes taken from a file with these bytes, at any address."""
        rows = self._database.read("SELECT DISTINCT episode_id FROM sources WHERE sha256 = ?", (sha256,))
        return tuple(row[0] for row in rows)


def write_source(sql: sqlite3.Connection, episode_id: str, source: Source) -> None:
    """Write where an episode was taken from, within the transaction of ``sql``."""
    sql.execute(
        "INSERT INTO sources (uri, episode_id, sha256) VALUES (?, ?, ?) ON CONFLICT (uri) DO UPDATE "
        "SET episode_id = excluded.episode_id, sha256 = excluded.sha256",
        (source.uri, episode_id, source.sha256),
    )
