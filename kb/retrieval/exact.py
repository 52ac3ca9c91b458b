"""Exact nearest passages: compares with every vector, in memory once that is cheaper than reading single vectors."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..catalogue import Catalogue
from .held import Held, Room, ranked
from .vector_file import VectorFile

__all__ = ["ExactVectors"]

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]

#: Passages that are not in the file although later ones are, as a share of all: they were embedded last.
_LATE = 0.01
#: Reading a vector alone from SQLite takes as long as reading so many from the file of all.
_SINGLY = 8


class ExactVectors:
    """All vectors of one model; safe to use from several threads.

    A row of the catalogue never stands for another passage nor for another text of it, so loaded vectors stay valid.
    New ones are read, removed ones are dropped. A vector takes 1.5 kB of memory.
    """

    def __init__(self, catalogue: Catalogue, model_id: int, file: VectorFile) -> None:
        self._embeddings = catalogue.embeddings
        self._catalogue = catalogue
        self._model_id = model_id
        self._file = file
        self._guard = threading.Lock()
        self._held: Held | None = None
        self._stamp: tuple[int, ...] = ()
        self._seen: int | None = None
        self._read_singly = 0

    def nearest(self, vector: Vectors, k: int, rows: Sequence[int] | Rows | None = None) -> list[tuple[int, float]]:
        """Return ``(row, cosine)`` of the ``k`` passages nearest to a unit vector, among ``rows`` if given."""
        if rows is None:
            return self._current().nearest(vector, k)
        wanted: Rows = np.asarray(rows, dtype=np.int64)
        if not len(wanted):
            return []
        if self._is_cheaper_singly(len(wanted)):
            stored = self._embeddings.some(self._model_id, wanted.tolist())
            return ranked(stored.rows, stored.vectors @ vector, lambda some: stored.vectors[some], vector, k)
        return self._current().nearest(vector, k, wanted)

    def forget(self) -> None:
        """Release the memory; the next search reads the vectors again."""
        with self._guard:
            self._held = self._seen = None

    def _is_cheaper_singly(self, count: int) -> bool:
        """Return whether to read only these vectors: until that has cost as much as reading all would."""
        if self._held is not None:
            return False
        self._read_singly += count
        cost = _SINGLY if self._file.is_there() else 1
        return self._read_singly * cost < self._embeddings.count(self._model_id)

    def _current(self) -> Held:
        """Return the vectors as they are now; read what is missing."""
        with self._guard:
            version = self._catalogue.version()
            if self._held is None or version != self._seen:
                stamp = self._embeddings.stamp(self._model_id)
                if self._held is None or stamp != self._stamp:
                    self._held = self._taken_up()
                    self._stamp = stamp
                self._seen = version
            return self._held

    def _taken_up(self) -> Held:
        there = self._embeddings.rows(self._model_id)
        if self._held is not None and self._held.only(there).is_wasteful():
            self._held = None  # released first, so that not all are in memory twice
        held = (self._held or self._filed(there)).only(there)
        missing = there[~np.isin(there, held.rows)]
        return held.plus((part.rows, part.vectors) for part in self._embeddings.parts(self._model_id, missing))

    def _filed(self, there: Rows) -> Held:
        """Return what is in the file, nothing if that cannot be used; one that lacks much is to be made anew."""
        found = self._file.read()
        if found is None:
            return Held.of(there[:0], Room(self._file.dimension))
        rows, vectors = found
        late = ~np.isin(there, rows) & (there < rows.max())
        if late.sum() > _LATE * len(there):
            self._file.delete()
        return Held.of(rows, Room(self._file.dimension, vectors))
