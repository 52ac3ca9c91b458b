"""Exact nearest passages: compares with every vector, in memory once that is cheaper than reading single vectors."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..catalogue import Catalogue

__all__ = ["ExactVectors"]

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]

#: Vectors that are compared at a time, so that a wide filter copies little.
_BLOCK = 8_192
#: Spare room for more vectors, as a share, before all are copied to a larger array.
_SLACK = 0.1


class _InMemory(NamedTuple):
    """Vectors in memory by ascending row; ``stamp`` is the state that they were read at, ``used`` their number."""

    stamp: tuple[int, ...]
    rows: Rows
    vectors: Vectors
    used: int


class ExactVectors:
    """All vectors of one model; safe to use from several threads.

    A row of the catalogue never stands for another passage, so loaded vectors stay valid. New ones are read, removed
    ones are dropped. A vector takes 1.5 kB of memory.
    """

    def __init__(self, catalogue: Catalogue, model_id: int) -> None:
        self._catalogue = catalogue
        self._model_id = model_id
        self._guard = threading.Lock()
        self._held: _InMemory | None = None
        self._seen: int | None = None
        self._read_singly = 0

    def nearest(self, vector: Vectors, k: int, rows: Sequence[int] | Rows | None = None) -> list[tuple[int, float]]:
        """Return ``(row, cosine)`` of the ``k`` passages nearest to a unit vector, among ``rows`` if given."""
        if rows is None:
            held = self._current()
            return _best(held.rows[: held.used], held.vectors[: held.used] @ vector, k) if held.used else []
        wanted: Rows = np.sort(np.asarray(rows, dtype=np.int64))
        if not len(wanted):
            return []
        if self._is_cheaper_singly(len(wanted)):
            stored = self._catalogue.embeddings.some(self._model_id, wanted.tolist())
            return _best(stored.rows, stored.vectors @ vector, k) if len(stored.rows) else []
        held = self._current()
        known = held.rows[: held.used]
        places = np.searchsorted(known, wanted)
        there = places < held.used
        places, wanted = places[there], wanted[there]
        there = known[places] == wanted
        places, wanted = places[there], wanted[there]
        if not len(wanted):
            return []
        blocks = range(0, len(places), _BLOCK)
        return _best(wanted, np.concatenate([held.vectors[places[n : n + _BLOCK]] @ vector for n in blocks]), k)

    def forget(self) -> None:
        """Release the memory; the next search reads the vectors again."""
        with self._guard:
            self._held = self._seen = None

    def _is_cheaper_singly(self, count: int) -> bool:
        """Return whether to read only these vectors: until as many were read in this way as there are."""
        if self._held is not None:
            return False
        self._read_singly += count
        return self._read_singly < self._catalogue.embeddings.count(self._model_id)

    def _current(self) -> _InMemory:
        """Return the vectors as they are now; read what is missing."""
        with self._guard:
            version = self._catalogue.version()
            if self._held is None or version != self._seen:
                stamp = self._catalogue.embeddings.stamp(self._model_id)
                if self._held is None or stamp != self._held.stamp:
                    self._held = self._taken_up(self._held, stamp)
                self._seen = version
            return self._held

    def _taken_up(self, held: _InMemory | None, stamp: tuple[int, ...]) -> _InMemory:
        there = np.array(self._catalogue.embeddings.rows(self._model_id), dtype=np.int64)
        if held is not None:
            held = _without(held, there)
        known = held.rows[: held.used] if held is not None else there[:0]
        if held is None or not np.array_equal(known, there[: len(known)]):  # something was put in between
            held, known = None, there[:0]
        missing = there[len(known) :]
        held = _with_room(held, len(there), self._catalogue.embeddings.dimension_of(self._model_id), stamp)
        used = held.used
        if len(missing):
            for part in self._catalogue.embeddings.parts(self._model_id, int(missing[0])):
                end = min(used + len(part.rows), len(held.rows))  # more may have been written since
                held.rows[used:end] = part.rows[: end - used]
                held.vectors[used:end] = part.vectors[: end - used]
                used = end
        return held._replace(used=used, stamp=stamp)


def _best(rows: Rows, similarities: Vectors, k: int) -> list[tuple[int, float]]:
    k = min(k, len(similarities))
    best = np.argpartition(-similarities, k - 1)[:k]
    best = best[np.lexsort((rows[best], -similarities[best]))]
    return [(int(rows[i]), float(similarities[i])) for i in best]


def _without(held: _InMemory, there: Rows) -> _InMemory:
    """Return copies without the removed rows; other threads may be using the arrays, so these stay unchanged."""
    stays = np.isin(held.rows[: held.used], there, assume_unique=True)
    if stays.all():
        return held
    rows, vectors = held.rows[: held.used][stays], held.vectors[: held.used][stays]
    return held._replace(rows=rows, vectors=vectors, used=len(rows))


def _with_room(held: _InMemory | None, count: int, dimension: int, stamp: tuple[int, ...]) -> _InMemory:
    """Return arrays with room for ``count`` vectors, which begin with the loaded ones."""
    if held is not None and count <= len(held.rows):
        return held
    room = count + int(count * _SLACK) if held is not None else count
    larger = _InMemory(
        stamp, np.zeros(room, np.int64), np.zeros((room, dimension), np.float32), held.used if held else 0
    )
    if held is not None:
        larger.rows[: held.used] = held.rows[: held.used]
        larger.vectors[: held.used] = held.vectors[: held.used]
    return larger
