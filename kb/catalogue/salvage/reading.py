"""Read the rows of a damaged file: from both ends up to the damage, and then around it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from ..passages import Progress

__all__ = ["copy_rows", "tables_of"]

#: Row numbers to try after the last readable one if the table's end is damaged too: more than a page holds.
_PAST_THE_END = 2_000
#: Tables that other tables refer to, so they are read first; the rest in alphabetical order.
_FIRST = ("settings", "models", "shows", "episodes", "revisions", "chunks", "collections", "saved_questions", "feeds")
#: And one whose rows are found by the references to it.
_LAST = "saved_quotes"
_NAMING = ("collected_quotes", "ledger", "second_hearings")


@dataclass(frozen=True, slots=True)
class _Table:
    """A table's columns, its key (``rowid``, or its primary key's columns), and a query for the keys' first columns."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    named_by: str | None


def copy_rows(source: sqlite3.Connection, new: sqlite3.Connection, progress: Progress | None) -> list[str]:
    """Copy every readable row into the same table of ``new``; return the tables with unreadable rows."""
    losses = []
    known = tables_of(new)
    tables = [_described(new, name, known) for name in _in_order(known)]
    there = tables_of(source)
    for number, table in enumerate(tables):
        if progress:
            progress("Reading what can be read", number, len(tables))
        if table.name in there and not _copy(source, new, table):
            losses.append(f"Rows of the table {table.name} could not be read.")
    return losses


def tables_of(connection: sqlite3.Connection) -> frozenset[str]:
    """Return the tables with data from people or from long computation; the full-text index is neither."""
    rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    names = {row[0] for row in rows}
    return frozenset(
        name
        for name in names
        if not name.startswith("sqlite_") and (not name.startswith("passages") or name == "passages_read")
    )


def _in_order(names: frozenset[str]) -> list[str]:
    def place(name: str) -> tuple[int, str]:
        number = _FIRST.index(name) if name in _FIRST else len(_FIRST) + (name == _LAST)
        return number, name

    return sorted(names, key=place)


def _described(new: sqlite3.Connection, name: str, known: frozenset[str]) -> _Table:
    info = new.execute(f'PRAGMA table_info("{name}")').fetchall()
    keys = tuple(row["name"] for row in sorted(info, key=lambda row: row["pk"]) if row["pk"])
    sql = new.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0]
    # A catalogue of an older Verbatim has not all of these tables.
    naming = [f"SELECT quote FROM {each}" for each in _NAMING if each in known]
    named_by = " UNION ".join(naming) if name == _LAST else None
    for row in new.execute(f'PRAGMA foreign_key_list("{name}")'):
        if keys and row["from"] == keys[0]:
            named_by = f'SELECT DISTINCT "{row["to"]}" FROM "{row["table"]}"'
    key = keys if "WITHOUT ROWID" in sql else ("rowid",)
    return _Table(name, tuple(row["name"] for row in info), key, named_by)


def _copy(source: sqlite3.Connection, new: sqlite3.Connection, table: _Table) -> bool:
    """Copy a table's rows, and return whether all could be read."""
    columns = ", ".join(f'"{column}"' for column in table.columns)
    numbered = table.key == ("rowid",)
    into = f'INSERT OR REPLACE INTO "{table.name}" ({"rowid, " if numbered else ""}{columns}) VALUES ('
    into += ", ".join("?" * (len(table.columns) + numbered)) + ")"
    select = f'SELECT {"rowid, " if numbered else ""}{columns} FROM "{table.name}"'
    rows = _Rows(source, select)
    new.execute("BEGIN")
    for row in _numbered_rows(rows) if numbered else _keyed_rows(rows, new, table):
        with suppress(sqlite3.IntegrityError):  # a damaged value that violates the table's constraints
            new.execute(into, row)
    new.execute("COMMIT")
    return rows.whole


class _Rows:
    """Reads a table; ``whole`` is true until a read fails."""

    def __init__(self, source: sqlite3.Connection, select: str) -> None:
        self._source = source
        self._select = select
        self.whole = True
        #: Whether the last reading broke off.
        self.failed = False

    def read(self, rest: str, values: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        """Yield rows up to the first that cannot be read."""
        self.failed = False
        try:
            yield from self._source.execute(f"{self._select} {rest}", values)
        except sqlite3.DatabaseError:
            self.whole = False
            self.failed = True


def _numbered_rows(rows: _Rows) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table that numbers them, around every gap."""
    last = 0
    for row in rows.read("WHERE rowid > 0 ORDER BY rowid"):
        last = row[0]
        yield row
    if not rows.failed:
        return
    first = last + _PAST_THE_END
    from_end = False
    for row in rows.read("WHERE rowid > ? ORDER BY rowid DESC", (last,)):
        first, from_end = row[0], True
        yield row
    yield from _between(rows, last + 1, first - from_end)


def _between(rows: _Rows, low: int, high: int) -> Iterator[tuple[Any, ...]]:
    """Yield the readable rows of a range of row numbers, by bisection."""
    waiting = [(low, high)]
    while waiting:
        low, high = waiting.pop()
        if low > high:
            continue
        reached = low - 1
        for row in rows.read("WHERE rowid BETWEEN ? AND ? ORDER BY rowid", (low, high)):
            reached = row[0]
            yield row
        rest = reached + 1
        if rows.failed and low < high and rest <= high:
            middle = (rest + high) // 2
            waiting += [(middle + 1, high), (rest, middle)]


def _keyed_rows(rows: _Rows, new: sqlite3.Connection, table: _Table) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table that is ordered by its key: from both ends, then of each row that the key names."""
    order = ", ".join(f'"{column}"' for column in table.key)
    yield from rows.read(f"ORDER BY {order}")
    if not rows.failed:
        return
    yield from rows.read("ORDER BY " + ", ".join(f'"{column}" DESC' for column in table.key))
    if table.named_by:
        for (value,) in new.execute(table.named_by).fetchall():
            yield from rows.read(f'WHERE "{table.key[0]}" = ? ORDER BY {order}', (value,))
