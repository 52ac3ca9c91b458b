"""A person's corrections of an episode's metadata, and the values that its sources had given.

A correction replaces one value: ingesting the same file, its unchanged sidecar or its tags again does not undo it. A
source with a new value does, and the correction is deleted.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import fields, replace

from ..timecode import now
from ..types import Episode
from . import passages
from .database import Database
from .episodes import write_episode
from .rows import EPISODE_COLUMNS, episodes_from

__all__ = ["Edits"]

#: What can be corrected: everything except what is read from the recording. The publisher belongs to the show, so its
#: correction applies to all episodes of the show.
_FIELDS = tuple(f.name for f in fields(Episode) if f.name not in ("id", "audio", "audio_note", "duration"))


class Edits:
    """Writes corrections, and protects them when sources are read again."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def correct(self, known: Episode, corrected: Episode) -> None:
        """Write a known episode as it is ``corrected`` and remember what was replaced: all or nothing."""
        changed = [field for field in _FIELDS if getattr(known, field) != getattr(corrected, field)]
        with self._database.transaction() as sql:
            passages.unindex(sql, known.id)  # the full-text index holds the title
            _write_show(sql, known, corrected, changed)
            # Written above, where an empty publisher means "removed"; here it means "not given".
            write_episode(sql, replace(corrected, publisher=None), None, now())
            for field in changed:
                _remember(sql, known.id, field, _json(known, field), _json(corrected, field))
            sql.execute("DELETE FROM shows WHERE id NOT IN (SELECT show_id FROM episodes)")
            passages.index(sql, known.id)

    def fields(self, episode_id: str) -> tuple[str, ...]:
        """Return which fields of an episode a person corrected."""
        rows = self._database.read("SELECT field FROM edits WHERE episode_id = ? ORDER BY field", (episode_id,))
        return tuple(row[0] for row in rows)

    def held(self, told: Episode) -> tuple[Episode, tuple[str, ...]]:
        """Return an episode from its sources with its corrections, and the fields with new values."""
        own = self._database.read(
            "SELECT field, replaced FROM edits WHERE episode_id = ? AND field <> 'publisher'", (told.id,)
        )
        released: list[str] = []
        for known in self._known(told.id) if own else ():
            for field, replaced in own:
                told = _settled(told, field, (replaced,), getattr(known, field), released)
        # The publisher of the show that the episode belongs to after its corrections.
        publishers = self._database.read(
            "SELECT s.publisher, d.replaced FROM edits d JOIN episodes e ON e.id = d.episode_id "
            "JOIN shows s ON s.id = e.show_id WHERE d.field = 'publisher' AND s.name = ?",
            (told.show,),
        )
        if publishers:
            before = tuple(row["replaced"] for row in publishers)
            told = _settled(told, "publisher", before, publishers[0]["publisher"], released)
        return told, tuple(released)

    def forget(self, told: Episode, fields: Sequence[str]) -> None:
        """Delete the corrections of some fields, so that the sources decide again."""
        with self._database.transaction() as sql:
            sql.executemany(
                "DELETE FROM edits WHERE field = :field AND (episode_id = :id OR :field = 'publisher' AND episode_id "
                "IN (SELECT e.id FROM episodes e JOIN shows s ON s.id = e.show_id WHERE s.name = :show))",
                [{"field": field, "id": told.id, "show": told.show} for field in fields],
            )

    def _known(self, episode_id: str) -> tuple[Episode, ...]:
        rows = self._database.read(
            f"SELECT {EPISODE_COLUMNS} FROM episodes e JOIN shows s ON s.id = e.show_id WHERE e.id = ?", (episode_id,)
        )
        return episodes_from(self._database, rows)


def _settled(told: Episode, field: str, replaced: Collection[str], known: object, released: list[str]) -> Episode:
    """Return ``told`` with the ``known`` value of a field unless it has a new value; if it has, note that."""
    value = getattr(told, field)
    if value is None or _json(told, field) in replaced:
        return replace(told, **{field: known})  # type: ignore[arg-type]
    if value != known:
        released.append(field)
    return told


def _write_show(sql: sqlite3.Connection, known: Episode, corrected: Episode, changed: Sequence[str]) -> None:
    """Write the show's row. An episode moved to a known show leaves that one's publisher as it is."""
    sql.execute(
        "INSERT INTO shows (name, publisher) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
        (corrected.show, corrected.publisher),
    )
    if "publisher" in changed:
        sql.execute("UPDATE shows SET publisher = ? WHERE name = ?", (corrected.publisher, corrected.show))
    if "show" in changed:  # "Speaker 1" is the same person in the show under its new name
        sql.execute(
            "INSERT OR IGNORE INTO speaker_names (show_id, label, name) SELECT new.id, n.label, n.name "
            "FROM speaker_names n JOIN shows old ON old.id = n.show_id, shows new WHERE old.name = ? AND new.name = ?",
            (known.show, corrected.show),
        )


def _remember(sql: sqlite3.Connection, episode_id: str, field: str, replaced: str, value: str) -> None:
    """Keep the sources' value of a field through several corrections; delete it when the correction equals it."""
    sql.execute(
        "INSERT INTO edits (episode_id, field, replaced, edited_at) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (episode_id, field) DO UPDATE SET edited_at = excluded.edited_at",
        (episode_id, field, replaced, now()),
    )
    sql.execute("DELETE FROM edits WHERE episode_id = ? AND field = ? AND replaced = ?", (episode_id, field, value))


def _json(episode: Episode, field: str) -> str:
    value = getattr(episode, field)
    if field == "people":
        value = [[person.name, person.role] for person in value]
    return json.dumps(value, ensure_ascii=False)
