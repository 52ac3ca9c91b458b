"""Vectors of the passages as float32, kept per model so that two models never mix."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..timecode import now
from .database import Database
from .rows import MOST_PARAMETERS, marks

__all__ = ["INDEXED_IN", "PART", "Embeddings", "Stored"]

Vectors = NDArray[np.float32]

#: The setting with the name of the Chroma server's collection that the marks "indexed" refer to; without it, they refer
#: to the index in the data folder.
INDEXED_IN = "vector index"

#: Vectors that are read at a time; 6 MB.
PART = 4_000
#: More than any row's number in SQLite.
_ABOVE_ALL = 2**63 - 1
_SELECT = "SELECT e.chunk, c.id, e.vector FROM embeddings e JOIN chunks c ON c.rowid = e.chunk"


class Stored(NamedTuple):
    """Vectors as they are kept: passage rows ``(n,)``, their ids, and unit vectors ``(n, dimension)``."""

    rows: NDArray[np.int64]
    ids: list[str]
    vectors: Vectors


class Embeddings:
    """Stores and streams the vectors of one model."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def model_id(self, name: str, revision: str, dimension: int) -> int:
        """Return the number under which this model's vectors are kept, giving it one if it is new."""
        key = (name, revision, dimension)
        query = "SELECT id FROM models WHERE name = ? AND revision = ? AND dimension = ?"
        found = self._database.read(query, key)
        if not found:
            with self._database.transaction() as sql:
                sql.execute("INSERT OR IGNORE INTO models (name, revision, dimension) VALUES (?, ?, ?)", key)
            found = self._database.read(query, key)
        return int(found[0][0])

    def dimension(self, name: str, revision: str) -> int | None:
        """Return the length of this model's vectors, ``None`` if it has never been used here."""
        found = self._database.read("SELECT dimension FROM models WHERE name = ? AND revision = ?", (name, revision))
        return int(found[0][0]) if found else None

    def missing(self, model_id: int) -> int:
        """Return how many passages this model has not embedded yet."""
        # The index of either table is counted, which at a million passages is a tenth of comparing them.
        query = "SELECT (SELECT count(*) FROM chunks) - (SELECT count(*) FROM embeddings WHERE model_id = ?)"
        return int(self._database.read(query, (model_id,))[0][0])

    def pending(self, model_id: int, before: int | None, most: int) -> tuple[int, ...]:
        """Return ``most`` passages that this model has not embedded yet, the newest before the row ``before`` first.

        Asked for no more than are ``missing``, it reads little of a large library, since what is new is at its end.
        """
        rows = self._database.read(
            "SELECT c.rowid FROM chunks c WHERE NOT EXISTS "
            "(SELECT 1 FROM embeddings e WHERE e.chunk = c.rowid AND e.model_id = ?) AND c.rowid < ? "
            "ORDER BY c.rowid DESC LIMIT ?",
            (model_id, _ABOVE_ALL if before is None else before, most),
        )
        return tuple(row[0] for row in rows)

    def put(self, model_id: int, rows: Sequence[int], vectors: Vectors, kept: Sequence[bytes] = ()) -> None:
        """Store passages' vectors, and what is kept for the reader; passages deleted meanwhile are skipped."""
        into = "INSERT OR REPLACE INTO {} SELECT rowid, ?, ? FROM chunks WHERE rowid = ?"
        with self._database.transaction() as sql:
            sql.executemany(
                into.format("embeddings (chunk, model_id, vector)"),
                [(model_id, vector.astype("<f4").tobytes(), row) for row, vector in zip(rows, vectors, strict=True)],
            )
            # Without, the model makes none.
            sql.executemany(
                into.format("passages_read (chunk, model_id, kept)"),
                [(model_id, some, row) for row, some in zip(rows, kept, strict=False)],
            )

    def kept(self, model_id: int, rows: Sequence[int]) -> dict[int, bytes]:
        """Return the stored reader data of passages, where there is any."""
        found: dict[int, bytes] = {}
        for start in range(0, len(rows), MOST_PARAMETERS):
            part = tuple(rows[start : start + MOST_PARAMETERS])
            query = f"SELECT chunk, kept FROM passages_read WHERE model_id = ? AND chunk IN ({marks(part)})"
            found.update(map(tuple, self._database.read(query, (model_id, *part))))
        return found

    def drop_others(self, model_id: int) -> None:
        """Delete the vectors of every other model, once this one has embedded everything."""
        if not self._database.read("SELECT 1 FROM models WHERE id <> ? LIMIT 1", (model_id,)):
            return  # otherwise every vector would be looked at
        with self._database.transaction() as sql:
            sql.execute("DELETE FROM embeddings WHERE model_id <> ?", (model_id,))
            sql.execute("DELETE FROM passages_read WHERE model_id <> ?", (model_id,))
            sql.execute("DELETE FROM models WHERE id <> ?", (model_id,))

    def count(self, model_id: int) -> int:
        """Return how many passages this model has embedded."""
        query = "SELECT count(*) FROM embeddings WHERE model_id = ?"
        return self._database.remembered(
            f"embedded by {model_id}", lambda: int(self._database.read(query, (model_id,))[0][0])
        )

    def unindexed(self, model_id: int, batch: int) -> Iterator[Stored]:
        """Yield what the vector index does not hold yet, in batches; mark each before asking for the next."""
        while True:
            found = self._database.read(
                f"{_SELECT} WHERE e.model_id = ? AND e.indexed_at IS NULL ORDER BY e.chunk LIMIT ?", (model_id, batch)
            )
            if not found:
                return
            yield _stored(found)

    def mark_indexed(self, model_id: int, rows: Sequence[int]) -> None:
        """Record that the vector index holds these passages."""
        moment = now()
        with self._database.transaction() as sql:
            sql.executemany(
                "UPDATE embeddings SET indexed_at = ? WHERE model_id = ? AND chunk = ?",
                [(moment, model_id, row) for row in rows],
            )

    def forget_index(self, model_id: int) -> None:
        """Record that the vector index holds nothing."""
        with self._database.transaction() as sql:
            sql.execute("UPDATE embeddings SET indexed_at = NULL WHERE model_id = ?", (model_id,))

    def some_indexed(self, model_id: int, most: int) -> Stored:
        """Return up to ``most`` vectors that the vector index should hold, from all of the library."""
        held = "FROM embeddings WHERE model_id = ? AND indexed_at IS NOT NULL"
        # Two queries, each of which reads one end of the index.
        first, last = (
            self._database.read(f"SELECT {end}(chunk) {held}", (model_id,))[0][0] or 0 for end in ("min", "max")
        )
        found = set()
        for number in range(most):
            row = first + (last - first) * number // max(1, most - 1)
            query = f"SELECT chunk {held} AND chunk >= ? ORDER BY chunk LIMIT 1"
            found |= {each[0] for each in self._database.read(query, (model_id, row))}
        return self.some(model_id, sorted(found))

    def indexed_rows(self, model_id: int) -> frozenset[int]:
        """Return the passages that the vector index should hold."""
        rows = self._database.read(
            "SELECT chunk FROM embeddings WHERE model_id = ? AND indexed_at IS NOT NULL", (model_id,)
        )
        return frozenset(row[0] for row in rows)

    def all(self, model_id: int) -> Stored:
        """Return every passage's vector."""
        return _stored(list(self._database.stream(f"{_SELECT} WHERE e.model_id = ? ORDER BY e.chunk", (model_id,))))

    def stamp(self, model_id: int, above: int = 0) -> tuple[int, int, int]:
        """Return the number, the sum and the greatest of the embedded passages' rows, those after the row ``above``:
        three numbers that change when passages are embedded or removed. A row's vector never changes.
        """
        query = (
            "SELECT count(*), coalesce(sum(chunk), 0), coalesce(max(chunk), 0) FROM embeddings "
            "WHERE model_id = ? AND chunk > ?"
        )
        count, total, greatest = self._database.read(query, (model_id, above))[0]
        return count, total, greatest

    def rows(self, model_id: int, above: int = 0) -> NDArray[np.int64]:
        """Return the passages that this model has embedded, in ascending order, those after the row ``above``."""
        # As one text, which SQLite's driver hands over in a tenth of the time of a row for each.
        query = (
            "SELECT group_concat(chunk, ' ') FROM (SELECT chunk FROM embeddings WHERE model_id = ? AND chunk > ? "
            "ORDER BY chunk)"
        )
        (told,) = self._database.read(query, (model_id, above))
        return np.sort(np.array((told[0] or "").split(), dtype=np.int64), kind="stable")

    def parts(self, model_id: int, rows: NDArray[np.int64]) -> Iterator[Stored]:
        """Yield the vectors of passages, as far as they are embedded, some thousands at a time, without their ids."""
        query = (
            "SELECT chunk, '' AS id, vector FROM embeddings WHERE model_id = ? "
            "AND chunk IN (SELECT value FROM json_each(?)) ORDER BY chunk"
        )
        for start in range(0, len(rows), PART):
            found = self._database.read(query, (model_id, json.dumps(rows[start : start + PART].tolist())))
            if found:
                yield _stored(found)

    def dimension_of(self, model_id: int) -> int:
        """Return the length of a model's vectors by its number."""
        return int(self._database.read("SELECT dimension FROM models WHERE id = ?", (model_id,))[0][0])

    def some(self, model_id: int, rows: Sequence[int]) -> Stored:
        """Return the vectors of the given passages, as far as they are embedded."""
        found: list[sqlite3.Row] = []
        for start in range(0, len(rows), MOST_PARAMETERS):
            part = tuple(rows[start : start + MOST_PARAMETERS])
            found += self._database.read(
                f"{_SELECT} WHERE e.model_id = ? AND e.chunk IN ({marks(part)}) ORDER BY e.chunk", (model_id, *part)
            )
        return _stored(found)


def _stored(found: list[sqlite3.Row]) -> Stored:
    flat = np.frombuffer(b"".join(row["vector"] for row in found), dtype="<f4")
    return Stored(
        rows=np.array([row["chunk"] for row in found], dtype=np.int64),
        ids=[row["id"] for row in found],
        vectors=flat.reshape(len(found), -1) if found else np.zeros((0, 0), dtype=np.float32),
    )
