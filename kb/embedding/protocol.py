"""What search needs of an embedding model; the only seam of the knowledge base."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Embedder", "Vectors"]

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """What search needs of a model; ``name`` and ``revision`` are stored beside its vectors."""

    @property
    def name(self) -> str:
        """The name or folder it was chosen by."""

    @property
    def revision(self) -> str:
        """Changes whenever the same text would get another vector."""

    @property
    def dimension(self) -> int:
        """The length of its vectors."""

    @property
    def floor(self) -> float:
        """The cosine that texts without anything in common reach by chance."""

    @property
    def trust(self) -> float:
        """What its cosine counts in a passage's score, where full agreement of the words counts 1."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape ``(len(texts), dimension)``."""

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of questions, shape ``(len(texts), dimension)``."""
