"""Database rows as the program's types."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import fields, replace
from operator import itemgetter

from ..types import Chunk, Episode, Person, Turn
from .database import Database

__all__ = [
    "CHUNK_COLUMNS",
    "EPISODE_COLUMNS",
    "EPISODE_FIELDS",
    "MOST_PARAMETERS",
    "TURN_COLUMNS",
    "chunk_from",
    "episodes_from",
    "marks",
    "turn_from",
    "turn_values",
]

#: Where the fields of an episode are stored that are not columns of ``episodes``; people have their own table.
_ELSEWHERE = {"show": "s.name AS show", "publisher": "s.publisher", "people": ""}
#: The columns of ``episodes``: a field that is added to an episode needs a migration, and no other change here.
EPISODE_FIELDS = tuple(field.name for field in fields(Episode) if field.name not in _ELSEWHERE)
#: What ``episodes_from`` reads, of ``episodes e JOIN shows s``.
EPISODE_COLUMNS = ", ".join(
    column for field in fields(Episode) if (column := _ELSEWHERE.get(field.name, f"e.{field.name}"))
)
#: The columns of a passage, in the order of its fields; its speakers have a table, and its times are the transcript's.
CHUNK_COLUMNS = tuple(f.name for f in fields(Chunk) if f.name not in ("speakers", "earliest", "latest", "advert"))

#: How many values one statement is given; SQLite's own limit is far higher, but plans are cached per length.
MOST_PARAMETERS = 900


#: The columns of a turn, in the order of its fields.
TURN_COLUMNS = tuple(field.name for field in fields(Turn))
_TURN = itemgetter(*TURN_COLUMNS)
#: What is read out in a turn is stored as "12-80 95-130".
_PART = re.compile(r"([0-9]{1,9})-([0-9]{1,9})")


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
    names = (*EPISODE_FIELDS, "show", "publisher")
    return tuple(Episode(**{name: row[name] for name in names}, people=tuple(people[row["id"]])) for row in rows)


def turn_from(row: sqlite3.Row) -> Turn:
    """Return the turn of one row."""
    turn = Turn(*_TURN(row))
    parts = _PART.findall(row["read_out"] or "")
    return replace(turn, read_out=tuple((int(start), int(end)) for start, end in parts))


def turn_values(turn: Turn) -> tuple[object, ...]:
    """Return the values of a turn's columns."""
    *values, _ = (getattr(turn, column) for column in TURN_COLUMNS)
    return (*values, " ".join(f"{start}-{end}" for start, end in turn.read_out) or None)


def chunk_from(row: sqlite3.Row, speakers: tuple[str, ...]) -> Chunk:
    """Return the chunk of one row."""
    return Chunk(**{column: row[column] for column in CHUNK_COLUMNS}, speakers=speakers)
