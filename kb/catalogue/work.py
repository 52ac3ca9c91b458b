"""Unfinished work: the queue of sources, and the blocks of them that are already transcribed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ..timecode import now
from .database import Database
from .rows import MOST_PARAMETERS, marks

__all__ = ["HeardBlocks", "Job", "JobState", "Jobs"]

#: The state of a job as users see it.
JobState = Literal["queued", "running", "interrupted", "failed"]

_COLUMNS = "id, uri, state, reason, request, done, total, added_at, updated_at"


@dataclass(frozen=True, slots=True)
class Job:
    """A source that is to be taken in; ``request`` is JSON, ``reason`` a sentence for a person.

    ``done`` and ``total`` are seconds of its recording. A job that says ``running`` while nobody works was
    interrupted.
    """

    id: int
    uri: str
    state: Literal["queued", "running", "failed"]
    reason: str | None
    request: str
    done: float | None
    total: float | None
    added_at: str
    updated_at: str

    def seen(self, at_work: bool) -> JobState:
        """Return the state to show, which depends on whether a process is working on the queue."""
        return "interrupted" if self.state == "running" and not at_work else self.state


class Jobs:
    """Stores jobs until they are done, also across kills and failures; a job that is done is deleted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def enqueue(self, requests: Iterable[tuple[str, str]]) -> tuple[Job, ...]:
        """Queue ``(uri, request)`` pairs, all or none, and return their jobs in order.

        A source that is in the queue already keeps its place and gets the new request.
        """
        moment = now()
        wanted = dict(requests)
        with self._database.transaction() as sql:
            sql.executemany(
                "INSERT INTO jobs (uri, state, request, added_at, updated_at) VALUES (?, 'queued', ?, ?, ?) "
                "ON CONFLICT (uri) DO UPDATE SET request = excluded.request, updated_at = excluded.updated_at, "
                "state = iif(state = 'running', state, 'queued'), reason = NULL",
                [(uri, request, moment, moment) for uri, request in wanted.items()],
            )
        queued = {job.uri: job for job in self.all()}
        return tuple(queued[uri] for uri in wanted if uri in queued)

    def begin(self, job: Job) -> bool:
        """Record that work begins, with the current request; ``False`` if the job was cancelled meanwhile."""
        with self._database.transaction() as sql:
            changed = sql.execute(
                "UPDATE jobs SET state = 'running', reason = NULL, request = ?, updated_at = ? WHERE uri = ?",
                (job.request, now(), job.uri),
            )
            return changed.rowcount > 0

    def progress(self, job: Job, done: float, total: float | None) -> None:
        """Record how far a transcription is, in seconds of the recording."""
        with self._database.transaction() as sql:
            sql.execute(
                "UPDATE jobs SET done = ?, total = ?, updated_at = ? WHERE uri = ?", (done, total, now(), job.uri)
            )

    def fail(self, job: Job, reason: str) -> None:
        """Record why a job could not be finished."""
        with self._database.transaction() as sql:
            sql.execute(
                "UPDATE jobs SET state = 'failed', reason = ?, updated_at = ? WHERE uri = ?", (reason, now(), job.uri)
            )

    def release(self) -> None:
        """Put running jobs back into the queue; called by the process that has just got the queue's lock."""
        with self._database.transaction() as sql:
            sql.execute("UPDATE jobs SET state = 'queued' WHERE state = 'running'")

    def finish(self, uris: Iterable[str]) -> None:
        """Delete jobs that are done or cancelled."""
        with self._database.transaction() as sql:
            sql.executemany("DELETE FROM jobs WHERE uri = ?", [(uri,) for uri in uris])

    def is_wanted(self, job: Job) -> bool:
        """Return whether the job is still in the queue (not cancelled)."""
        return bool(self._database.read("SELECT 1 FROM jobs WHERE uri = ?", (job.uri,)))

    def at(self, uri: str) -> Job | None:
        """Return the unfinished job of a source, ``None`` without one."""
        rows = self._database.read(f"SELECT {_COLUMNS} FROM jobs WHERE uri = ?", (uri,))
        return Job(*rows[0]) if rows else None

    def all(self) -> tuple[Job, ...]:
        """Return all unfinished work, oldest first."""
        return tuple(Job(*row) for row in self._database.read(f"SELECT {_COLUMNS} FROM jobs ORDER BY id"))

    def first(self, most: int) -> tuple[int, tuple[Job, ...]]:
        """Return the number of unfinished jobs, and the first of them: running, then failed, then waiting ones."""
        rows = self._database.read(
            f"SELECT {_COLUMNS} FROM jobs ORDER BY state <> 'running', state <> 'failed', id LIMIT ?", (most,)
        )
        return int(self._database.read("SELECT count(*) FROM jobs")[0][0]), tuple(Job(*row) for row in rows)

    def get_many(self, ids: Iterable[int]) -> tuple[Job, ...]:
        """Return those of the jobs that exist, oldest first."""
        wanted = list(ids)
        found: list[Job] = []
        for start in range(0, len(wanted), MOST_PARAMETERS):
            some = wanted[start : start + MOST_PARAMETERS]
            query = f"SELECT {_COLUMNS} FROM jobs WHERE id IN ({marks(some)})"
            found += [Job(*row) for row in self._database.read(query, tuple(some))]
        return tuple(sorted(found, key=lambda job: job.id))


class HeardBlocks:
    """Stores the transcribed blocks of a recording until its transcript is complete."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str, number: int) -> str | None:
        """Return the transcription of a block, ``None`` if there is none yet."""
        rows = self._database.read("SELECT heard FROM heard_blocks WHERE key = ? AND number = ?", (key, number))
        return str(rows[0][0]) if rows else None

    def put(self, key: str, number: int, text: str) -> None:
        """Store the transcription of a block; it is on the disk when this returns."""
        with self._database.transaction() as sql:
            sql.execute(
                "INSERT OR REPLACE INTO heard_blocks (key, number, heard) VALUES (?, ?, ?)", (key, number, text)
            )

    def forget(self, key: str) -> None:
        """Delete the blocks of a transcript that is complete."""
        with self._database.transaction() as sql:
            sql.execute("DELETE FROM heard_blocks WHERE key = ?", (key,))
