"""The vector index: a Chroma collection that is derived from the catalogue and can be thrown away.

An embedded Chroma belongs to one process at a time (a lock file): two writers lose vectors silently. Its files are
trusted only with a seal, a list of their sizes written after each change, because opening a truncated index can crash
the process. A damaged or unsealed index is rebuilt in a new folder ("generation").
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from ..errors import IndexDamaged
from ..home import replacing

if TYPE_CHECKING:
    from chromadb.api import ClientAPI

__all__ = ["BATCH", "COLLECTION_OPTIONS", "VectorIndex", "Vectors"]

Vectors = NDArray[np.float32]

#: Rows per upsert; Chroma's own limit is 5,461.
BATCH = 4_000

_COLLECTION = "passages"
# Cosine over our own embeddings; wider than Chroma's defaults, for recall, and still quick to build.
COLLECTION_OPTIONS: dict[str, Any] = {
    "configuration": {"hnsw": {"space": "cosine", "ef_construction": 200, "max_neighbors": 24, "ef_search": 200}}
}
_SEAL = "seal.json"
_CURRENT = "CURRENT"


class VectorIndex:
    """An index that this process owns until ``close``."""

    #: The name of a collection of a server; the folder's own index has none.
    place = ""

    def __init__(self, folder: Path, key: str, lock: FileLock) -> None:
        self._folder = folder
        self._key = key
        self._lock = lock
        self._client: ClientAPI | None = None
        self._collection: Any = None
        self._generation: Path | None = None

    @classmethod
    def acquire(cls, folder: Path, key: str) -> VectorIndex | None:
        """Return the index under ``folder``, or ``None`` while another process owns it.

        ``key`` names what the vectors mean (model, revision, dimension); an index made with another key is
        not opened. Call ``open`` or ``rebuild`` next.
        """
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "owner.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return None
        return cls(folder, key, lock)

    @classmethod
    def sealed(cls, folder: Path) -> int:
        """Return the number of passages in the index under ``folder``, from its seal; nothing is opened."""
        generation = cls(folder, "", FileLock(folder / "owner.lock"))._current()
        seal = _read_seal(generation) if generation else None
        return int(seal["passages"]) if seal else 0

    def writing(self) -> AbstractContextManager[bool]:
        """Yield whether this process may write; the owner always may."""
        return nullcontext(True)

    def open(self) -> None:
        """Open the current generation; ``IndexDamaged`` if there is none or it differs from its seal."""
        generation = self._current()
        if generation is None:
            raise IndexDamaged("There is no vector index yet.")
        seal = _read_seal(generation)
        if seal is None or seal["key"] != self._key or seal["files"] != _sizes(generation):
            raise IndexDamaged(f"The vector index in {generation} is not as it was left.")
        try:
            self._connect(generation, create=False)
        except Exception as error:  # Chroma raises its own and sqlite's errors alike
            self._disconnect()
            raise IndexDamaged(f"The vector index in {generation} cannot be opened ({error}).") from error

    def rebuild(self, batches: Iterator[tuple[Sequence[str], Vectors]]) -> None:
        """Rebuild the index from ``(ids, vectors)`` batches, then switch to it and delete the old one."""
        self._disconnect()
        generation = self._folder / f"generation-{self._next_number():06d}"
        shutil.rmtree(generation, ignore_errors=True)
        self._connect(generation, create=True)
        for ids, vectors in batches:
            self._upsert(ids, vectors)
        self._seal()
        with replacing(self._folder / _CURRENT) as pointer:
            pointer.write(generation.name.encode())
        for old in self._folder.glob("generation-*"):
            if old != generation:
                shutil.rmtree(old, ignore_errors=True)

    def upsert(self, ids: Sequence[str], vectors: Vectors) -> None:
        """Add or replace vectors, shape ``(len(ids), dimension)``."""
        self._unseal()
        self._upsert(ids, vectors)
        self._seal()

    def delete(self, ids: Sequence[str]) -> None:
        """Delete vectors."""
        self._unseal()
        self._delete(ids)
        self._seal()

    def query(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        """Return up to ``k`` ids with their cosine similarity, nearest first; ``IndexDamaged`` if Chroma fails."""
        try:
            return self._query(vector, k)
        except Exception as error:  # an index deleted under a live client fails in many ways
            raise IndexDamaged(f"The vector index in {self._generation} cannot be read ({error}).") from error

    def ids(self) -> frozenset[str]:
        """Return the ids the index holds; their vectors may still be unfindable, see ``misses``."""
        return frozenset(self._collection.get(include=[])["ids"])

    def count(self) -> int:
        """Return how many ids the index holds."""
        return int(self._collection.count())

    def misses(self, ids: Sequence[str], vectors: Vectors) -> int:
        """Return how many of these vectors a search for them does not find: the only real test of an HNSW index."""
        try:
            return self._misses(ids, vectors)
        except Exception:  # see query
            return len(ids)

    def close(self) -> None:
        """Close the client and let another process own the index."""
        self._disconnect()
        self._lock.release()

    def _connect(self, generation: Path, *, create: bool) -> None:
        import chromadb

        settings = chromadb.Settings(anonymized_telemetry=False)
        self._generation = generation
        self._client = chromadb.PersistentClient(str(generation), settings=settings)
        if create:
            # Never get_or_create: it silently ignores a different configuration.
            self._collection = self._client.create_collection(
                _COLLECTION, metadata={"key": self._key}, embedding_function=None, **COLLECTION_OPTIONS
            )
        else:
            self._collection = self._client.get_collection(_COLLECTION, embedding_function=None)

    def _disconnect(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = self._collection = self._generation = None

    def _upsert(self, ids: Sequence[str], vectors: Vectors) -> None:
        for start in range(0, len(ids), BATCH):
            self._collection.upsert(ids=list(ids[start : start + BATCH]), embeddings=vectors[start : start + BATCH])

    def _delete(self, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), BATCH):
            self._collection.delete(ids=list(ids[start : start + BATCH]))

    def _query(self, vector: Vectors, k: int) -> list[tuple[str, float]]:
        found = self._collection.query(query_embeddings=vector[None, :], n_results=k, include=["distances"])
        return [
            (id_, 1.0 - float(distance)) for id_, distance in zip(found["ids"][0], found["distances"][0], strict=True)
        ]

    def _misses(self, ids: Sequence[str], vectors: Vectors) -> int:
        lost = 0
        for start in range(0, len(ids), 500):
            some = vectors[start : start + 500]
            found = self._collection.query(query_embeddings=some, n_results=5, include=["distances"])
            for id_, near, distances in zip(ids[start : start + 500], found["ids"], found["distances"], strict=True):
                # Passages with equal text have equal vectors: another one at distance 0 counts as found.
                lost += not (id_ in near or (distances and distances[0] < 1e-5))
        return lost

    def _seal(self) -> None:
        assert self._generation is not None
        seal = {"key": self._key, "files": _sizes(self._generation), "passages": self.count()}
        (self._generation / _SEAL).write_text(json.dumps(seal), "utf-8")

    def _unseal(self) -> None:
        assert self._generation is not None
        (self._generation / _SEAL).unlink(missing_ok=True)

    def _current(self) -> Path | None:
        try:
            name = (self._folder / _CURRENT).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            return None
        generation = self._folder / Path(name).name
        return generation if name.startswith("generation-") and generation.is_dir() else None

    def _next_number(self) -> int:
        numbers = [int(p.name[-6:]) for p in self._folder.glob("generation-*") if p.name[-6:].isdigit()]
        return max(numbers, default=0) + 1


def _read_seal(generation: Path) -> dict[str, Any] | None:
    try:
        seal = json.loads((generation / _SEAL).read_text("utf-8"))
        return {"key": seal["key"], "files": seal["files"], "passages": int(seal.get("passages", 0))}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _sizes(generation: Path) -> dict[str, int]:
    """Return the size of every file of a generation but the seal."""
    return {
        path.relative_to(generation).as_posix(): path.stat().st_size
        for path in sorted(generation.rglob("*"))
        if path.is_file() and path.name != _SEAL
    }
