"""Shows, episodes and their transcript revisions: what is kept for ever."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..errors import NotFound
from ..timecode import now
from ..transcripts.canonical import Canonical
from ..transcripts.timings import Timings
from ..translatable import phrase
from ..types import Chunk, Episode, Origin, Remark, Transcript, Turn
from . import passages
from .census import count_removal
from .database import Database
from .rows import EPISODE_COLUMNS, EPISODE_FIELDS, TURN_COLUMNS, episodes_from, marks, turn_from, turn_values
from .sources import Source, write_source

__all__ = ["Episodes", "Revision", "is_sound", "write_episode"]

#: The most characters that SQLite's substr() accepts.
_ALL = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Revision:
    """What is known of a transcript's revision besides its text."""

    episode_id: str
    number: int
    origin: Origin
    engine: str | None
    model: str | None
    settings: str | None


class Episodes:
    """Writes an episode in one transaction, reads text, turns and times back."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_revision(
        self,
        episode: Episode,
        transcript: Transcript,
        canonical: Canonical,
        revision: int,
        chunks: Sequence[Chunk],
        source: Source | None,
    ) -> None:
        """Write the episode, this revision as its current one, and its passages: all or nothing.

        A revision without a ``source`` is a person's correction of the one before.
        """
        moment = now()
        with self._database.transaction() as sql:
            passages.remove(sql, episode.id)
            write_episode(sql, episode, revision, moment)
            sql.execute(
                "INSERT INTO revisions (episode_id, revision, text, sha256, origin, engine, model, settings, timings,"
                " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    episode.id,
                    revision,
                    canonical.text,
                    _sha256(canonical.text),
                    transcript.source,
                    transcript.engine,
                    transcript.model,
                    transcript.settings,
                    canonical.timings.to_bytes(),
                    moment,
                ),
            )
            sql.executemany(
                f"INSERT INTO turns (episode_id, revision, position, {', '.join(TURN_COLUMNS)})"
                f" VALUES (?, ?, ?, {marks(TURN_COLUMNS)})",
                [(episode.id, revision, n, *turn_values(turn)) for n, turn in enumerate(canonical.turns)],
            )
            sql.executemany(
                "INSERT INTO remarks (episode_id, revision, position, kind, start, end, text, note)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (episode.id, revision, n, r.kind, r.start, r.end, r.text, r.note)
                    for n, r in enumerate(transcript.remarks)
                ],
            )
            if source is not None:
                write_source(sql, episode.id, source)
            passages.add(sql, chunks)

    def update(self, episode: Episode, source: Source) -> None:
        """Correct an episode's metadata; its transcript stays as it is."""
        with self._database.transaction() as sql:
            passages.unindex(sql, episode.id)  # the full-text index holds the title
            write_episode(sql, episode, None, now())
            write_source(sql, episode.id, source)
            passages.index(sql, episode.id)

    def set_origin(self, episode_id: str, revision: int, origin: str, engine: str | None) -> None:
        """Write who or what made the words of a revision."""
        with self._database.transaction() as sql:
            sql.execute(
                "UPDATE revisions SET origin = ?, engine = ? WHERE episode_id = ? AND revision = ?",
                (origin, engine, episode_id, revision),
            )

    def drop_remarks(self, episode_id: str, revision: int, remarks: Iterable[Remark]) -> None:
        """Delete remarks about the whole of a revision that are no longer true."""
        with self._database.transaction() as sql:
            sql.executemany(
                "DELETE FROM remarks WHERE episode_id = ? AND revision = ? AND kind = ? AND start IS NULL AND note = ?",
                [(episode_id, revision, remark.kind, remark.note) for remark in remarks],
            )

    def remove(self, episode_id: str) -> None:
        """Delete an episode with all its revisions; its quotes no longer resolve."""
        self.get(episode_id)
        with self._database.transaction() as sql:
            passages.remove(sql, episode_id)
            sql.execute("DELETE FROM episodes WHERE id = ?", (episode_id,))
            sql.execute("DELETE FROM shows WHERE id NOT IN (SELECT show_id FROM episodes)")
            count_removal(sql)

    def get(self, episode_id: str) -> Episode:
        """Return an episode; ``NotFound`` if there is none of that id."""
        found = self.get_many([episode_id])
        if not found:
            raise NotFound(
                phrase("There is no episode %(episode)s; 'kb episodes' lists them.", episode=repr(episode_id))
            )
        return found[episode_id]

    def get_many(self, ids: Sequence[str]) -> dict[str, Episode]:
        """Return those of the episodes that exist, by id."""
        wanted = tuple(dict.fromkeys(ids))
        rows = self._database.read(
            f"SELECT {EPISODE_COLUMNS} FROM episodes e JOIN shows s ON s.id = e.show_id "
            f"WHERE e.id IN ({','.join('?' * len(wanted))})",
            wanted,
        )
        return {episode.id: episode for episode in episodes_from(self._database, rows)}

    def all(self) -> tuple[Episode, ...]:
        """Return every episode, newest first."""
        rows = self._database.read(
            f"SELECT {EPISODE_COLUMNS} FROM episodes e JOIN shows s ON s.id = e.show_id ORDER BY e.published DESC, e.id"
        )
        return episodes_from(self._database, rows)

    def count(self) -> int:
        """Return how many episodes there are."""
        return int(self._database.read("SELECT count(*) FROM episodes")[0][0])

    def shows(self) -> tuple[str, ...]:
        """Return the shows' names in order."""
        query = "SELECT name FROM shows ORDER BY name"
        return self._database.remembered("shows", lambda: tuple(row[0] for row in self._database.read(query)))

    def speakers(self) -> tuple[str, ...]:
        """Return every name that speaks in a current revision."""
        query = "SELECT DISTINCT speaker FROM chunk_speakers ORDER BY speaker"
        return self._database.remembered("speakers", lambda: tuple(row[0] for row in self._database.read(query)))

    def current_revision(self, episode_id: str) -> int:
        """Return the number of the current revision, 0 for an unknown episode."""
        rows = self._database.read("SELECT current_revision FROM episodes WHERE id = ?", (episode_id,))
        return int(rows[0][0]) if rows else 0

    def revision(self, episode_id: str, number: int) -> Revision:
        """Return what is known of a revision; ``NotFound`` if it does not exist."""
        rows = self._database.read(
            "SELECT origin, engine, model, settings FROM revisions WHERE episode_id = ? AND revision = ?",
            (episode_id, number),
        )
        if not rows:
            raise _no_revision(episode_id, number)
        return Revision(episode_id, number, *rows[0])

    def remarks(self, episode_id: str, revision: int) -> tuple[Remark, ...]:
        """Return the remarks on a revision."""
        rows = self._database.read(
            "SELECT kind, start, end, text, note FROM remarks WHERE episode_id = ? AND revision = ? ORDER BY position",
            (episode_id, revision),
        )
        return tuple(Remark(*row) for row in rows)

    def playing(self, audio: str) -> tuple[str, ...]:
        """Return the episodes whose recording lies at this path."""
        return tuple(row[0] for row in self._database.read("SELECT id FROM episodes WHERE audio = ?", (audio,)))

    def text(self, episode_id: str, revision: int, char_start: int = 0, char_end: int | None = None) -> str:
        """Return the canonical text, or a slice of it, straight from the file."""
        rows = self._database.read(
            "SELECT substr(text, ?, ?) FROM revisions WHERE episode_id = ? AND revision = ?",
            (char_start + 1, _ALL if char_end is None else char_end - char_start, episode_id, revision),
        )
        if not rows:
            raise _no_revision(episode_id, revision)
        return str(rows[0][0])

    def sound_text(self, episode_id: str, revision: int) -> str | None:
        """Return the whole canonical text if it still has the checksum it was stored with, else ``None``."""
        rows = self._database.read(
            "SELECT text, sha256 FROM revisions WHERE episode_id = ? AND revision = ?", (episode_id, revision)
        )
        return str(rows[0]["text"]) if rows and is_sound(rows[0]) else None

    def turns(
        self, episode_id: str, revision: int, char_start: int = 0, char_end: int | None = None
    ) -> tuple[Turn, ...]:
        """Return the turns of a revision in order, all or those that touch a span of its text."""
        rows = self._database.read(
            f"SELECT {', '.join(TURN_COLUMNS)} FROM turns WHERE episode_id = ? AND revision = ? "
            "AND char_end > ? AND char_start < ? ORDER BY position",
            (episode_id, revision, char_start, _ALL if char_end is None else char_end),
        )
        return tuple(turn_from(row) for row in rows)

    def timings(self, episode_id: str, revision: int) -> Timings:
        """Return the timed spans of a revision."""
        rows = self._database.read(
            "SELECT timings FROM revisions WHERE episode_id = ? AND revision = ?", (episode_id, revision)
        )
        if not rows:
            raise _no_revision(episode_id, revision)
        return Timings.from_bytes(rows[0][0])

    def damaged_texts(self) -> tuple[tuple[str, int], ...]:
        """Return the revisions whose text no longer has the checksum it was stored with."""
        return tuple(
            (row["episode_id"], row["revision"])
            for row in self._database.stream("SELECT episode_id, revision, text, sha256 FROM revisions")
            if not is_sound(row)
        )


def write_episode(sql: sqlite3.Connection, episode: Episode, revision: int | None, moment: str) -> None:
    """Write an episode's metadata and people; ``revision`` becomes the current one, ``None`` leaves that as it is.

    The embedded text begins with the title, so after a change of title the passages are embedded again, as new rows.
    The full-text index must not hold them meanwhile.
    """
    known = sql.execute("SELECT title FROM episodes WHERE id = ?", (episode.id,)).fetchone()
    if known is not None and known[0] != episode.title:
        passages.renumber(sql, episode.id)
    sql.execute(
        "INSERT INTO shows (name, publisher) VALUES (?, ?) ON CONFLICT (name) DO UPDATE "
        "SET publisher = coalesce(excluded.publisher, publisher)",
        (episode.show, episode.publisher),
    )
    changing = ("show_id", "current_revision", *EPISODE_FIELDS[1:])  # the id stays
    sql.execute(
        f"INSERT INTO episodes (show_id, current_revision, {', '.join(EPISODE_FIELDS)}, added_at)"
        " VALUES ((SELECT id FROM shows WHERE name = ?),"
        f" coalesce(?, (SELECT current_revision FROM episodes WHERE id = ?)), {marks(EPISODE_FIELDS)}, ?)"
        f" ON CONFLICT (id) DO UPDATE SET {', '.join(f'{column} = excluded.{column}' for column in changing)}",
        (episode.show, revision, episode.id, *(getattr(episode, field) for field in EPISODE_FIELDS), moment),
    )
    sql.execute("DELETE FROM people WHERE episode_id = ?", (episode.id,))
    sql.executemany(
        "INSERT INTO people (episode_id, position, name, role) VALUES (?, ?, ?, ?)",
        [(episode.id, n, person.name, person.role) for n, person in enumerate(episode.people)],
    )


def is_sound(row: sqlite3.Row) -> bool:
    """Return whether the ``text`` of a revision's row has the ``sha256`` that it was stored with."""
    return bool(_sha256(row["text"]) == row["sha256"])


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _no_revision(episode_id: str, number: int) -> NotFound:
    return NotFound(
        phrase(
            "Episode %(episode)s has no transcript revision %(number)s.", episode=repr(episode_id), number=str(number)
        )
    )
