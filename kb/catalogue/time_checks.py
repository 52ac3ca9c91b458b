"""When an episode's times were checked against its recording, and what was found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ..timecode import now
from ..types import Chapter
from .database import Database

__all__ = ["CheckedRecording", "TimeCheck", "TimeChecks", "TimeResult"]

#: The times were in place; they were moved; nobody can tell; a person put the earlier times back.
TimeResult = Literal["unchanged", "moved", "unknown", "undone"]


@dataclass(frozen=True, slots=True)
class CheckedRecording:
    """A recording's bytes: their SHA-256 and number, and when the file was changed (nanoseconds)."""

    sha256: str
    size: int
    modified: int


@dataclass(frozen=True, slots=True)
class TimeCheck:
    """A check, after which ``revision`` was the current one; ``told`` is a sentence, ``checked_at`` is ISO, UTC."""

    revision: int
    recording: CheckedRecording
    result: TimeResult
    told: str
    checked_at: str


class TimeChecks:
    """Stores checks, one for each revision; a later one of the same revision replaces it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(
        self,
        episode_id: str,
        revision: int,
        recording: CheckedRecording,
        result: TimeResult,
        told: str,
        chapters: tuple[Sequence[Chapter], Sequence[Chapter]] | None = None,
    ) -> None:
        """Write down a check; ``chapters`` are those before and after, if it made this revision."""
        both = None if chapters is None else json.dumps([_as_json(some) for some in chapters], ensure_ascii=False)
        with self._database.transaction() as sql:
            sql.execute(
                "INSERT INTO time_checks (episode_id, revision, recording, size, modified, result, told, chapters,"
                " checked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (episode_id, revision) DO UPDATE SET"
                " recording = excluded.recording, size = excluded.size, modified = excluded.modified,"
                " result = excluded.result, told = excluded.told, checked_at = excluded.checked_at",
                (
                    episode_id,
                    revision,
                    recording.sha256,
                    recording.size,
                    recording.modified,
                    result,
                    told,
                    both,
                    now(),
                ),
            )

    def newest(self, episode_id: str) -> TimeCheck | None:
        """Return the check of an episode's newest checked revision, ``None`` without any."""
        rows = self._database.read(
            "SELECT revision, recording, size, modified, result, told, checked_at FROM time_checks"
            " WHERE episode_id = ? ORDER BY revision DESC LIMIT 1",
            (episode_id,),
        )
        if not rows:
            return None
        revision, sha256, size, modified, *rest = rows[0]
        return TimeCheck(revision, CheckedRecording(sha256, size, modified), *rest)

    def result(self, episode_id: str, revision: int) -> TimeResult | None:
        """Return what the check of a revision found, ``None`` without one."""
        rows = self._database.read(
            "SELECT result FROM time_checks WHERE episode_id = ? AND revision = ?", (episode_id, revision)
        )
        return rows[0][0] if rows else None

    def chapters(self, episode_id: str, revision: int) -> tuple[tuple[Chapter, ...], tuple[Chapter, ...]] | None:
        """Return the chapters before and after the move that made a revision, ``None`` if they are not known."""
        rows = self._database.read(
            "SELECT chapters FROM time_checks WHERE episode_id = ? AND revision = ?", (episode_id, revision)
        )
        return _chapters(rows[0][0]) if rows and rows[0][0] else None


def _as_json(chapters: Sequence[Chapter]) -> list[list[float | str]]:
    return [[chapter.start, chapter.title] for chapter in chapters]


def _chapters(stored: str) -> tuple[tuple[Chapter, ...], tuple[Chapter, ...]] | None:
    """Return chapters from the catalogue, ``None`` if they were damaged there."""
    try:
        told: Any = json.loads(stored)
        before, after = (tuple(Chapter(float(start), str(title)) for start, title in some) for some in told)
    except (ValueError, TypeError):
        return None
    return before, after
