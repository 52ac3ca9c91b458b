"""Who corrected a transcript by hand, and when: the record of a revision that did not come from a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..timecode import now
from .database import Database

__all__ = ["Correction", "Corrections", "RevisionNote"]

Corrected = Literal["words", "speakers", "times"]


@dataclass(frozen=True, slots=True)
class Correction:
    """A person made ``revision`` out of ``made_from``; ``made_at`` is ISO, UTC. Times may be moved by nobody ("")."""

    revision: int
    made_from: int
    what: Corrected
    by: str
    made_at: str


@dataclass(frozen=True, slots=True)
class RevisionNote:
    """A revision's number, when it was written (ISO, UTC), and who corrected it, ``None`` if it came from a source."""

    number: int
    created_at: str
    correction: Correction | None


class Corrections:
    """Writes down who made a revision, and lists a transcript's revisions."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, episode_id: str, revision: int, made_from: int, what: Corrected, by: str) -> None:
        """Write down that ``by`` made this revision just now; within the transaction that made it."""
        with self._database.transaction() as sql:
            sql.execute(
                "INSERT INTO corrections (episode_id, revision, made_from, what, by, made_at)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (episode_id, revision, made_from, what, by, now()),
            )

    def by(self, ending: str, most: int) -> tuple[tuple[str, Correction], ...]:
        """Return the newest corrections whose author's name ends so, each with its episode's id, the newest first."""
        rows = self._database.read(
            "SELECT episode_id, revision, made_from, what, by, made_at FROM corrections "
            "WHERE substr(by, -length(?1)) = ?1 ORDER BY made_at DESC, episode_id, revision DESC LIMIT ?2",
            (ending, most),
        )
        return tuple((row[0], Correction(*row[1:])) for row in rows)

    def revisions(self, episode_id: str) -> tuple[RevisionNote, ...]:
        """Return an episode's revisions, oldest first."""
        rows = self._database.read(
            "SELECT r.revision, r.created_at, c.made_from, c.what, c.by, c.made_at FROM revisions r "
            "LEFT JOIN corrections c ON c.episode_id = r.episode_id AND c.revision = r.revision "
            "WHERE r.episode_id = ? ORDER BY r.revision",
            (episode_id,),
        )
        return tuple(
            RevisionNote(row[0], row[1], None if row[2] is None else Correction(row[0], *row[2:])) for row in rows
        )
