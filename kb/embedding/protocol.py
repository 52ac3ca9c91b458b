"""What search needs of an embedding model; the only seam of the knowledge base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Embedded", "Embedder", "Text", "Vectors"]

Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Text:
    """What is embedded of a passage: its sentences, in the context of a heading that nobody said."""

    heading: str
    sentences: tuple[str, ...]

    def __str__(self) -> str:
        """Return all of it as one text."""
        return " ".join((self.heading, *self.sentences)).strip()


class Embedded(NamedTuple):
    """Unit vectors of passages ``(n, dimension)``, and what is kept for the reader where its model made them."""

    passages: Vectors
    kept: tuple[bytes, ...] = ()


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

    def embed(self, texts: Sequence[Text]) -> Embedded:
        """Return the vectors of passages, and what is kept for the reader where the same pass gives it."""

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of questions, shape ``(len(texts), dimension)``."""
