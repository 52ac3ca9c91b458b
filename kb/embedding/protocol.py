"""The interface of an embedding model: the only place where the knowledge base's implementation can be exchanged."""

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
    """The text of a passage that is embedded: its sentences, after a heading that is not part of the transcript."""

    heading: str
    sentences: tuple[str, ...]

    def __str__(self) -> str:
        """Return all of it as one text."""
        return " ".join((self.heading, *self.sentences)).strip()


class Embedded(NamedTuple):
    """Unit vectors of passages ``(n, dimension)``, and the reader's data where its model made it."""

    passages: Vectors
    kept: tuple[bytes, ...] = ()


class Embedder(Protocol):
    """What search needs of a model; ``name`` and ``revision`` are stored beside its vectors."""

    @property
    def name(self) -> str:
        """The name or folder it was chosen by."""

    @property
    def revision(self) -> str:
        """Changes whenever the same text would get a different vector."""

    @property
    def dimension(self) -> int:
        """The length of its vectors."""

    def embed(self, texts: Sequence[Text]) -> Embedded:
        """Return the vectors of passages, and the reader's data where the same pass gives it."""

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of questions, shape ``(len(texts), dimension)``."""
