"""Rows of the catalogue as the types of the field."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import fields

from ..types import Chunk, Episode, Person, Turn
from .database import Database

__all__ = ["EPISODE_COLUMNS", "MOST_PARAMETERS", "TURN_COLUMNS", "chunk_from", "episodes_from", "marks", "turn_from"]

#: What ``episodes_from`` reads, of ``episodes e JOIN shows s``.
EPISODE_COLUMNS = (
    "e.id, s.name AS show, s.publisher, e.title, e.published, e.medium, e.url, e.audio, e.audio_note, "
    "e.duration, e.language, e.season, e.number, e.current_revision"
)

#: How many values one statement is given; SQLite's own limit is far higher, but plans are cached per length.
MOST_PARAMETERS = 900


#: The columns of a turn, in the order of its fields.
TURN_COLUMNS = tuple(field.name for field in fields(Turn))


def marks(values: Iterable[object]) -> str:
    """Return as many SQL placeholders as there are values."""
    return ",".join("?" for _ in values)


def episodes_from(database: Database, rows: list[sqlite3.Row]) -> tuple[Episode, ...]:
    """Return the episodes of rows of ``EPISODE_COLUMNS``, with their people."""
    people: dict[str, list[Person]] = {row["id"]: [] for row in rows}
    ids = list(people)
    for start in range(0, len(ids), MOST_PARAMETERS):
        some = ids[start : start + MOST_PARAMETERS]
        for person in database.read(
            f"SELECT episode_id, name, role FROM people WHERE episode_id IN ({marks(some)}) "
            "ORDER BY episode_id, position",
            tuple(some),
        ):
            people[person["episode_id"]].append(Person(person["name"], person["role"]))
    return tuple(
        Episode(
            id=row["id"],
            show=row["show"],
            title=row["title"],
            published=row["published"],
            url=row["url"],
            audio=row["audio"],
            people=tuple(people[row["id"]]),
            duration=row["duration"],
            language=row["language"],
            publisher=row["publisher"],
            medium=row["medium"],
            audio_note=row["audio_note"],
            season=row["season"],
            number=row["number"],
        )
        for row in rows
    )


def turn_from(row: sqlite3.Row) -> Turn:
    """Return the turn of one row."""
    return Turn(*(row[column] for column in TURN_COLUMNS))


def chunk_from(row: sqlite3.Row, speakers: tuple[str, ...]) -> Chunk:
    """Return the chunk of one row."""
    return Chunk(
        id=row["id"],
        episode_id=row["episode_id"],
        revision=row["revision"],
        position=row["position"],
        start=row["start"],
        end=row["end"],
        char_start=row["char_start"],
        char_end=row["char_end"],
        speakers=speakers,
    )
