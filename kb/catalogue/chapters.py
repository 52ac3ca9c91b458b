"""The chapters of episodes: where each begins in the sound, and what it is called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..text.cleaning import fold
from ..types import Chapter
from .database import Database

__all__ = ["Chapters"]


class Chapters:
    """Reads and writes an episode's chapters, all of them at once."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, episode_id: str) -> tuple[Chapter, ...]:
        """Return an episode's chapters in order, none for an unknown one."""
        rows = self._database.read(
            "SELECT start, title FROM chapters WHERE episode_id = ? ORDER BY position", (episode_id,)
        )
        return tuple(Chapter(row["start"], row["title"]) for row in rows)

    def write(self, episode_id: str, chapters: Sequence[Chapter]) -> None:
        """Write an episode's chapters if they are others than before."""
        chapters = tuple(replace(chapter, title=fold(chapter.title)) for chapter in chapters)
        if self.of(episode_id) == chapters:
            return
        with self._database.transaction() as sql:
            sql.execute("DELETE FROM chapters WHERE episode_id = ?", (episode_id,))
            sql.executemany(
                "INSERT INTO chapters (episode_id, position, start, title) VALUES (?, ?, ?, ?)",
                [(episode_id, n, chapter.start, chapter.title) for n, chapter in enumerate(chapters)],
            )
