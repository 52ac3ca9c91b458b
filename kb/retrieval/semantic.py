"""Nearest passages by meaning: by the vector index if this process owns it, otherwise by exact comparison."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..catalogue import INDEXED_IN, Catalogue
from ..embedding import Embedder, Text
from ..errors import IndexAway, IndexDamaged
from ..types import Filters
from .agreement import Agreement, Progress
from .chroma_server import ServerAddress, ServerIndex
from .exact import ExactVectors
from .held import cosines
from .passages import heading_of, read_passages, text_of
from .vector_file import VectorFile
from .vectors import VectorIndex

__all__ = ["Progress", "SemanticIndex"]

Vectors = NDArray[np.float32]

#: Passages that are embedded and written together; a kill loses at most this many.
_EMBED_BATCH = 64
#: Up to this many passages, a process without the index compares with each (milliseconds) rather than import and open
#: the index (over a second): a single question on the command line, or a page beside a running batch.
_COMPARABLE = 20_000
#: Seconds between attempts to own an index that another process holds.
_RETRY = 5.0
#: Seconds between attempts to reach a server that was away: a silent one delays a question each time.
_RETRY_SERVER = 60.0


class SemanticIndex:
    """Keeps the vectors of all passages, and the index over them, up to date with the catalogue."""

    def __init__(
        self, catalogue: Catalogue, embedder: Embedder, folder: Path, server: ServerAddress | None = None
    ) -> None:
        """Keep the index under ``folder``, or at a Chroma ``server``."""
        self._catalogue = catalogue
        self._server = server
        self.embedder = embedder
        self._folder = folder
        name, revision = embedder.name, embedder.revision
        # The model is used only the first time, because loading it takes seconds that a list of episodes does not need.
        dimension = catalogue.embeddings.dimension(name, revision) or embedder.dimension
        self._model_id = catalogue.embeddings.model_id(name, revision, dimension)
        self._agreement = Agreement(catalogue, self._model_id)
        self._key = f"{name}|{revision}|{dimension}"
        self._index: VectorIndex | None = None
        self._tried = float("-inf")
        self._guard = threading.RLock()
        self._embedding = threading.Lock()
        self._away = False
        self._seen: int | None = None
        #: All vectors, for exact comparison.
        self.file = VectorFile(folder, catalogue, self._model_id, self._key)
        self._exact = ExactVectors(catalogue, self._model_id, self.file)
        self._question: tuple[str, Vectors] | None = None

    @property
    def owned(self) -> bool:
        """Whether this process uses the vector index: it holds its lock, or is connected to its server."""
        return self._index is not None

    @property
    def revision(self) -> str:
        """The revision of the embedding model."""
        return self.embedder.revision

    def embed_pending(self, progress: Progress | None = None) -> int:
        """Embed what this model has not embedded yet, then forget other models' vectors; return how many."""
        total, done, before = self.pending(), 0, None
        # A batch at a time, so that two threads share the work, such as re-embedding an old base beside an ingestion.
        while done < total and (rows := self._embed_batch(before, min(_EMBED_BATCH, total - done))):
            before = rows[-1]
            done += len(rows)
            if progress:
                progress("Embedding passages", done, total)
        if done:
            self._catalogue.embeddings.drop_others(self._model_id)
        return done

    def _embed_batch(self, before: int | None, most: int) -> tuple[int, ...]:
        embeddings = self._catalogue.embeddings
        with self._embedding:
            rows = embeddings.pending(self._model_id, before, most)
            texts = self._texts(rows)
            if texts:
                found = self.embedder.embed(list(texts.values()))
                embeddings.put(self._model_id, list(texts), found.passages, found.kept)
        return rows

    def refresh(self, progress: Progress | None = None) -> None:
        """Add new passages to the vector index and remove deleted ones; rebuild it if it is damaged."""
        with self._guard:
            try:
                self._own(progress)
                if self._index is not None and self._catalogue.version() != self._seen:
                    self._follow(self._index, progress)
            except (IndexAway, IndexDamaged) as error:  # until it can be used again, exact comparison answers
                self._drop_index()
                self._away = isinstance(error, IndexAway)

    def nearest(self, question: str, k: int, filters: Filters | None = None) -> list[tuple[int, float]]:
        """Return ``(row, cosine)`` of the passages nearest to ``question``; exact under a filter."""
        vector = self._asked(question)
        return self._nearest(vector, k, filters) if vector.any() else []

    def _nearest(self, vector: Vectors, k: int, filters: Filters | None) -> list[tuple[int, float]]:
        if filters:
            return self._exact.nearest(vector, k, self._catalogue.passages.select(filters))
        with self._guard:
            if self._index is not None or self._index_pays():
                self.refresh()
            if self._index is not None:
                try:
                    return self._indexed(self._index, vector, k)
                except (IndexAway, IndexDamaged):
                    # Deleted or damaged while in use: compare exactly now, rebuild it for the next question.
                    self._drop_index()
        return self._exact.nearest(vector, k)

    def similarity(self, question: str, rows: Sequence[int]) -> dict[int, float]:
        """Return the cosine of each passage that is embedded to the question."""
        stored = self._catalogue.embeddings.some(self._model_id, rows)
        if not len(stored.rows):
            return {}
        found = cosines(stored.vectors, self._asked(question))
        return {int(row): float(cosine) for row, cosine in zip(stored.rows, found, strict=True)}

    def kept(self, rows: Sequence[int]) -> dict[int, bytes]:
        """Return the stored reader data of these passages, where there is any."""
        return self._catalogue.embeddings.kept(self._model_id, rows)

    def _asked(self, question: str) -> Vectors:
        """Return the question's vector; it is needed several times for one question."""
        known = self._question  # read once: another thread may replace it
        if known is None or known[0] != question:
            known = self._question = question, self.embedder.embed_questions([question])[0]
        return known[1]

    def unfindable(self) -> int | None:
        """Return how many vectors a search for themselves does not find, ``None`` if another process owns the index.
        Vectors that are not indexed yet do not count: the next question or ingestion adds them.
        """
        with self._guard:
            if self._index is None:
                return None
            return self._agreement.unfindable(self._index)

    def is_new(self) -> bool:
        """Return whether there are passages and this model has embedded none of them."""
        return not self._catalogue.embeddings.count(self._model_id) and self._catalogue.passages.count()[1] > 0

    def sealed(self) -> int:
        """Return how many passages the vector index holds, as far as it is recorded."""
        return VectorIndex.sealed(self._folder)

    def pending(self) -> int:
        """Return how many passages wait to be embedded."""
        return self._catalogue.embeddings.missing(self._model_id)

    def inspect(self) -> str | None:
        """Open the index as it is and return what is wrong with it, ``None`` if nothing is."""
        with self._guard:
            if self._index is not None:
                return None
            try:
                index = self._reached()
            except IndexAway as error:
                return str(error)
            if index is None:
                return None
            try:
                self._open(index)
            except (IndexAway, IndexDamaged) as error:
                index.close()
                return str(error)
            self._index = index
            return None

    def rebuild(self, progress: Progress | None = None) -> None:
        """Rebuild the vector index from the catalogue's vectors, if this process can own it."""
        with self._guard:
            self._tried = time.monotonic()
            self._exact.forget()
            try:
                index = self._index or self._reached()
                if index is not None and self._make_anew(index, progress):
                    self._index = index
                    self._seen = self._catalogue.version()
            except IndexAway:
                self._drop_index()

    def close(self) -> None:
        """Let another process own the vector index, and release all vectors."""
        with self._guard:
            self._drop_index()
        self._exact.forget()

    def _own(self, progress: Progress | None) -> None:
        """Acquire and open the index if it is free; a damaged or missing one is rebuilt."""
        if self._catalogue.read_only:
            return  # opening locks and writes the index; exact comparison is used instead
        pause = _RETRY_SERVER if self._away else _RETRY
        if self._index is not None or time.monotonic() - self._tried < pause:
            return
        self._tried = time.monotonic()
        index = self._reached()
        self._away = False
        if index is None:
            return
        try:
            ready = self._is_sound(index) or self._make_anew(index, progress)
        except IndexAway:
            index.close()
            raise
        if ready:
            self._index = index
        else:
            index.close()

    def _reached(self) -> VectorIndex | None:
        """Return the index to open, ``None`` while another process owns it."""
        if self._server is None:
            return VectorIndex.acquire(self._folder, self._key)
        return ServerIndex.reach(self._server, self._folder, self._key, self._place)

    @property
    def _place(self) -> str:
        return self._catalogue.setting(INDEXED_IN) or ""

    def _open(self, index: VectorIndex) -> None:
        if index.place != self._place:
            raise IndexDamaged("The vector index was moved to a Chroma server since it was made.")
        index.open()

    def _make_anew(self, index: VectorIndex, progress: Progress | None) -> bool:
        """Rebuild the index from the catalogue's vectors; return ``False`` if another process is writing to it."""
        with index.writing() as mine:
            if mine:
                self._agreement.make_anew(index, progress)
                if index.place != self._place:
                    self._catalogue.set_setting(INDEXED_IN, index.place)
            return mine

    def _follow(self, index: VectorIndex, progress: Progress | None) -> None:
        """Bring the index up to date, unless another process is doing that, or has begun to use another index."""
        if index.place != self._place:
            raise IndexDamaged("Another process keeps the vectors elsewhere.")
        with index.writing() as mine:
            if mine:
                self._agreement.bring_up(index, progress)
                self._seen = self._catalogue.version()

    def _is_sound(self, index: VectorIndex) -> bool:
        """Open the index and return whether it can be used."""
        try:
            self._open(index)
        except IndexDamaged:
            return False
        return self._agreement.finds_some(index)

    def _index_pays(self) -> bool:
        """Return whether there are enough passages that opening the index is quicker than comparing with each."""
        return self._catalogue.embeddings.count(self._model_id) > _COMPARABLE

    def _indexed(self, index: VectorIndex, vector: Vectors, k: int) -> list[tuple[int, float]]:
        found = index.query(vector, k)
        rows = self._catalogue.passages.rows_of([id_ for id_, _ in found])
        near = [(rows[id_], similarity) for id_, similarity in found if id_ in rows]
        return sorted(near, key=lambda each: (-each[1], each[0]))

    def _drop_index(self) -> None:
        if self._index is not None:
            self._index.close()
        self._index = None
        self._seen = None

    def _texts(self, rows: Sequence[int]) -> dict[int, Text]:
        """Return the text to embed for each passage: title and speakers (never quoted), then its words."""
        passages = read_passages(self._catalogue, rows)
        return {row: text_of(passage, heading_of(passage)) for row, passage in sorted(passages.items())}
