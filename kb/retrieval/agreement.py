"""Compare a vector index with one model's vectors in the catalogue, and bring it into agreement."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from ..catalogue import Catalogue
from .vectors import BATCH, VectorIndex

__all__ = ["Agreement", "Progress"]

#: Called with ``(what, done, total)`` during long work.
Progress = Callable[[str, int, int], None]

#: Number of vectors that are tested when an index is opened: a search for each must find it.
_SPOT_CHECKS = 32


class Agreement:
    """Compares an index with the vectors of ``model_id`` and brings it up to date; the catalogue is always right."""

    def __init__(self, catalogue: Catalogue, model_id: int) -> None:
        self._embeddings = catalogue.embeddings
        self._model_id = model_id

    def finds_some(self, index: VectorIndex) -> bool:
        """Return whether searches for some vectors that the index should hold find them."""
        stored = self._embeddings.some_indexed(self._model_id, _SPOT_CHECKS)
        return not index.misses(stored.ids, stored.vectors)

    def unfindable(self, index: VectorIndex) -> int:
        """Return how many of the indexed vectors are not found by a search for themselves."""
        stored = self._embeddings.some(self._model_id, sorted(self._embeddings.indexed_rows(self._model_id)))
        there = index.ids()
        held = [number for number, id_ in enumerate(stored.ids) if id_ in there]
        lost = len(stored.ids) - len(held)
        return lost + index.misses([stored.ids[number] for number in held], stored.vectors[held])

    def make_anew(self, index: VectorIndex, progress: Progress | None) -> None:
        """Rebuild the index from the catalogue."""
        self._embeddings.forget_index(self._model_id)
        index.rebuild(self._unindexed(progress))

    def bring_up(self, index: VectorIndex, progress: Progress | None) -> None:
        """Add missing vectors to the index, and remove those that are no longer in the catalogue."""
        for ids, vectors in self._unindexed(progress):
            index.upsert(ids, vectors)
        if index.count() != self._embeddings.count(self._model_id):
            # In this order, so that vectors added by another process in between are in both.
            there, known = index.ids(), self._embeddings.all(self._model_id)
            if stale := there - set(known.ids):
                index.delete(sorted(stale))
            if lost := [number for number, id_ in enumerate(known.ids) if id_ not in there]:
                index.upsert([known.ids[number] for number in lost], known.vectors[lost])

    def _unindexed(self, progress: Progress | None) -> Iterator[tuple[list[str], NDArray[np.float32]]]:
        """Yield the vectors missing in the index; a batch counts as indexed when the next one is asked for."""
        total = self._embeddings.count(self._model_id)
        done = 0
        for stored in self._embeddings.unindexed(self._model_id, BATCH):
            yield stored.ids, stored.vectors
            self._embeddings.mark_indexed(self._model_id, stored.rows.tolist())
            done += len(stored.ids)
            if progress:
                progress("Indexing passages", done, total)
