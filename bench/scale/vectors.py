"""The built-in embedding, which computes a text's vectors once and then takes them from a file."""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from kb.embedding import Embedded, Embedder, Text
from kb.embedding.kept import unit
from kb.embedding.protocol import Vectors

#: Noise between vectors of the same passage in several episodes: equal ones would make an index's graph degenerate.
_NOISE = 0.15


class OnceEmbedder:
    """``embedder``, used only for passages that are not in ``path``.

    The key of a passage does not include its title, so that the same words have one vector in every episode.
    """

    def __init__(self, embedder: Embedder, path: Path) -> None:
        self._embedder = embedder
        self.path = path
        self.name, self.revision, self.dimension = embedder.name, embedder.revision, embedder.dimension
        #: Passages that were computed, the seconds that took, and the bytes that were put into the file.
        self.computed, self.computing, self.written = 0, 0.0, 0
        with closing(self._open()) as sql:
            sql.execute("CREATE TABLE IF NOT EXISTS known (key BLOB PRIMARY KEY, vector BLOB, kept BLOB) WITHOUT ROWID")

    def embed(self, texts: Sequence[Text]) -> Embedded:
        with closing(self._open()) as sql, sql:
            keys = [self._key(text) for text in texts]
            known = {key: self._known(sql, key) for key in keys}
            new = {key: text for key, text in zip(keys, texts, strict=True) if known[key] is None}
            if new:
                begin = time.perf_counter()
                found = self._embedder.embed(list(new.values()))
                self.computed += len(new)
                self.computing += time.perf_counter() - begin
                for key, vector, kept in zip(new, found.passages, found.kept, strict=True):
                    sql.execute("INSERT OR REPLACE INTO known VALUES (?, ?, ?)", (key, vector.tobytes(), kept))
                    self.written += 2 * (vector.nbytes + len(kept))  # SQLite writes them to its journal first
                    known[key] = (vector, kept)
        there = [known[key] for key in keys]
        vectors = np.stack([pair[0] for pair in there if pair])
        return Embedded(self._apart(vectors, texts), tuple(pair[1] for pair in there if pair))

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        return self._embedder.embed_questions(texts)

    def _apart(self, vectors: Vectors, texts: Sequence[Text]) -> Vectors:
        seeds = [int.from_bytes(hashlib.sha256(str(text).encode()).digest()[:8], "big") for text in texts]
        noise = np.stack([np.random.default_rng(seed).standard_normal(self.dimension, np.float32) for seed in seeds])
        return unit(vectors + _NOISE * unit(noise))

    def _key(self, text: Text) -> bytes:
        return hashlib.sha256("\0".join([self.revision, *text.sentences]).encode()).digest()[:16]

    def _known(self, sql: sqlite3.Connection, key: bytes) -> tuple[Vectors, bytes] | None:
        row = sql.execute("SELECT vector, kept FROM known WHERE key = ?", (key,)).fetchone()
        return (np.frombuffer(row[0], np.float32), row[1]) if row else None

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path)
