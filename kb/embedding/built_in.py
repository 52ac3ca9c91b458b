"""The embedding that a new data folder uses: the mean of the built-in transformer's token vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from .kept import keep, unit
from .protocol import Embedded, Text, Vectors
from .transformer import FOLDER, loaded

__all__ = ["TransformerEmbedder"]


class TransformerEmbedder:
    """Vectors of passages and questions; the same pass also gives the reader's data for the passages."""

    name = "verbatim-reader"

    def __init__(self, folder: Path = FOLDER) -> None:
        self._transformer = loaded(folder)
        self.revision = self._transformer.digest

    @property
    def dimension(self) -> int:
        """The length of its vectors."""
        return self._transformer.width

    def embed(self, texts: Sequence[Text]) -> Embedded:
        """Return the vectors of passages, and the stored form of their tokens."""
        found = self._transformer.passages(texts)
        means = [tokens.vectors.mean(axis=0) for tokens in found]
        return Embedded(self._stacked(means), tuple(keep(tokens, self._transformer.head) for tokens in found))

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of questions, shape ``(len(texts), dimension)``."""
        return self._stacked([self._transformer.question(text).mean(axis=0) for text in texts])

    def _stacked(self, vectors: Sequence[Vectors]) -> Vectors:
        return unit(np.stack(vectors)) if vectors else np.zeros((0, self.dimension), dtype=np.float32)
