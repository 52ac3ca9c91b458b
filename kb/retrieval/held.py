"""Vectors in memory, and the nearest among them: the same question gives the same cosines and the same order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Held", "Room", "cosines", "ranked"]

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]

#: Vectors of a block: a larger library takes more blocks, and nothing that is there is moved. 25 MB, taken as used.
_BLOCK = 16_384
#: Vectors that are copied at a time, and that are compared together where only some are asked for.
_PIECE, _RUN = 8_192, 512
#: Copying a vector takes as long as comparing so many where they lie.
_COPYING = 5
#: More than a matrix product may be off.
_ROUNDING = 1e-5
#: Places that may be in use by vectors that are no longer wanted, as a share of those that are, and a number.
_WASTE, _FEW = 0.25, 4_096


class Room:
    """Places for vectors, which are filled from the first on; what is in one stays there.

    It may begin with vectors that lie in a file, of which the machine keeps in memory what it has room for.
    """

    def __init__(self, dimension: int, filed: Vectors | None = None) -> None:
        self._dimension = dimension
        self.blocks: tuple[Vectors, ...] = () if filed is None else (filed,)
        #: The first place of each block.
        self.starts: tuple[int, ...] = () if filed is None else (0,)
        self.used = self._end = 0 if filed is None else len(filed)

    def put(self, vectors: Vectors) -> None:
        """Copy vectors to the next places."""
        while len(vectors):
            if self.used == self._end:
                self.blocks = (*self.blocks, np.empty((_BLOCK, self._dimension), np.float32))
                self.starts = (*self.starts, self._end)
                self._end += _BLOCK
            start = self.used - self.starts[-1]
            count = min(len(vectors), self._end - self.used)
            self.blocks[-1][start : start + count] = vectors[:count]
            self.used += count
            vectors = vectors[count:]


@dataclass(frozen=True, slots=True)
class Held:
    """Passages by ascending row, ``(n,)``, and the places of their vectors in a room. It never changes."""

    rows: Rows
    places: Rows
    room: Room
    blocks: tuple[Vectors, ...]
    starts: tuple[int, ...]
    used: int

    @classmethod
    def of(cls, rows: Rows, room: Room) -> Held:
        """Return the vectors in a room, whose ``rows`` are in the order of their places."""
        return _ordered(rows, np.arange(len(rows)), room)

    def only(self, there: Rows) -> Held:
        """Return this without the passages that are not ``there``; their places stay in use."""
        stays = np.isin(self.rows, there, assume_unique=True)
        return self if stays.all() else _ordered(self.rows[stays], self.places[stays], self.room)

    def plus(self, parts: Iterable[tuple[Rows, Vectors]]) -> Held:
        """Return this with more passages; others may be using what is there, which stays as it is."""
        rows, places = [self.rows], [self.places]
        for more, vectors in parts:
            rows.append(more)
            places.append(self.room.used + np.arange(len(more)))
            self.room.put(vectors)
        return _ordered(np.concatenate(rows), np.concatenate(places), self.room) if len(rows) > 1 else self

    def is_wasteful(self) -> bool:
        """Return whether so many places are of passages no longer there that reading all again is worth its time."""
        return self.used - len(self.rows) > _WASTE * len(self.rows) + _FEW

    def nearest(self, asked: Vectors, k: int, wanted: Rows | None = None) -> list[tuple[int, float]]:
        """Return ``(row, cosine)`` of the ``k`` passages nearest to a unit vector, among ``wanted`` if given."""
        if wanted is not None and _COPYING * len(wanted) < len(self.rows):
            wanted = np.unique(wanted[wanted <= self.rows[-1]])
            at = np.searchsorted(self.rows, wanted)
            at = at[self.rows[at] == wanted]
            rows, places = self.rows[at], self.places[at]
            pieces = [self._vectors(places[n : n + _PIECE]) @ asked for n in range(0, len(places), _PIECE)]
            rough = np.concatenate(pieces) if pieces else asked[:0]
        else:
            within = slice(None) if wanted is None else np.isin(self.rows, wanted)
            rows, places = self.rows[within], self.places[within]
            rough = self._products(places, asked)
        return ranked(rows, rough, lambda some: self._vectors(places[some]), asked, k)

    def _products(self, places: Rows, asked: Vectors) -> Vectors:
        """Return the products of the vectors in some places with ``asked``, where they lie, together with all near."""
        found = np.empty(self.used + _RUN, np.float32)
        touched = np.zeros(self.used // _RUN + 2, np.int8)  # a run that is not touched stands at the end
        touched[places // _RUN] = 1
        edges = np.flatnonzero(np.diff(touched, prepend=np.int8(0))).reshape(-1, 2) * _RUN
        for first, last in edges.tolist():
            for block, start in zip(self.blocks, self.starts, strict=True):
                begin, end = max(first, start), min(last, start + len(block), self.used)
                if begin < end:
                    found[begin:end] = block[begin - start : end - start] @ asked
        return found[places]

    def _vectors(self, places: Rows) -> Vectors:
        """Return copies of the vectors in some places."""
        found = np.empty((len(places), self.blocks[0].shape[1] if self.blocks else 0), np.float32)
        numbers = np.searchsorted(self.starts, places, "right") - 1
        for number in np.unique(numbers):
            there = numbers == number
            found[there] = self.blocks[number][places[there] - self.starts[number]]
        return found


def cosines(vectors: Vectors, asked: Vectors) -> Vectors:
    """Return the cosine of each unit vector to another one, to the last bit the same wherever the vector stands.

    A matrix product adds up in another order near its end than before it, so that equal vectors would differ.
    """
    told: Vectors = (vectors * asked).sum(axis=1)
    return told


def ranked(
    rows: Rows, rough: Vectors, vectors_of: Callable[[Rows], Vectors], asked: Vectors, k: int
) -> list[tuple[int, float]]:
    """Return ``(row, cosine)`` of the ``k`` nearest passages, those with equal cosines in the order of their rows.

    ``rough`` are their matrix products; ``vectors_of`` returns the vectors of some, by their places in ``rows``.
    """
    if not len(rows):
        return []
    k = min(k, len(rows))
    least = -np.partition(-rough, k - 1)[k - 1] - _ROUNDING
    near = np.flatnonzero(~(rough < least))
    pieces = [near[n : n + _PIECE] for n in range(0, len(near), _PIECE)]
    exact = np.concatenate([cosines(vectors_of(piece), asked) for piece in pieces])
    return [(int(rows[near[n]]), float(exact[n])) for n in np.lexsort((rows[near], -exact))[:k]]


def _ordered(rows: Rows, places: Rows, room: Room) -> Held:
    """Return passages in the order of their rows, each once."""
    rows, first = np.unique(rows, return_index=True)
    return Held(rows, places[first], room, room.blocks, room.starts, room.used)
