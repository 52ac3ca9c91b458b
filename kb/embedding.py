"""From text to unit vectors: our own feature hashing without any download, or a sentence-transformers model.

Only this module imports ``sentence_transformers``, and only when such a model has been chosen and found.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import mmh3
import numpy as np
from numpy.typing import NDArray

from .errors import ModelNotAvailable
from .local_models import find_model
from .terms import content_stems

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

__all__ = ["DEFAULT_MODEL", "Embedder", "HashingEmbedder", "SentenceTransformerEmbedder", "load_embedder"]

#: The model that needs no download.
DEFAULT_MODEL = "hashing"

Vectors = NDArray[np.float32]

#: Texts whose features are summed in one go: a call of numpy costs as much as a dozen features.
_TOGETHER = 256
_SLOT = np.dtype(np.int64)


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

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape ``(len(texts), dimension)``."""

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of questions, shape ``(len(texts), dimension)``."""


def load_embedder(name: str = DEFAULT_MODEL) -> Embedder:
    """Return the model called ``name``: ``hashing``, a local folder, or a model in the hub cache.

    Raises ``ModelNotAvailable`` at once when it is not on this machine; never downloads.
    """
    return HashingEmbedder() if name == DEFAULT_MODEL else SentenceTransformerEmbedder(name)


class HashingEmbedder:
    """Signed feature hashing of stems, their pairs and letter groups (Weinberger et al. 2009, arXiv:0902.2206).

    It knows no meanings; letter groups forgive the spelling of names ("Bedoia", "Shahany").
    """

    name = DEFAULT_MODEL
    revision = "2"
    dimension = 512
    floor = 0.12  # nearly three standard deviations of the cosine of two random vectors of this length

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape ``(len(texts), 512)``; a text without words gets the zero vector."""
        parts = [self._summed(texts[start : start + _TOGETHER]) for start in range(0, len(texts), _TOGETHER)]
        vectors = np.concatenate(parts) if parts else np.zeros((0, self.dimension), np.float32)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, norms, out=vectors, where=norms > 0)
        return vectors

    def _summed(self, texts: Sequence[str]) -> Vectors:
        """Return the sums of the texts' features; what comes more often weighs more, by its logarithm."""
        stems = [content_stems(text) for text in texts]
        words = [Counter(found) for found in stems]
        pairs = [Counter(pairwise(found)) for found in stems]
        features = [_word_features(word) for counted in words for word in counted]
        lengths = [len(slots) // _SLOT.itemsize for slots, _ in features]
        hashes = _hashes(" ".join(pair) for counted in pairs for pair in counted)
        slots = np.frombuffer(b"".join(slots for slots, _ in features), _SLOT)
        weights = np.frombuffer(b"".join(weights for _, weights in features))
        sums = np.bincount(
            np.concatenate(
                [
                    slots % self.dimension + np.repeat(_begins(words, self.dimension), lengths),
                    _slots(hashes) % self.dimension + _begins(pairs, self.dimension),
                ]
            ),
            np.concatenate([weights * np.repeat(_times(words), lengths), _signed(hashes, 0.5) * _times(pairs)]),
            len(texts) * self.dimension,
        )
        return sums.reshape(-1, self.dimension).astype(np.float32)

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of questions; the same as for passages."""
        return self.embed_passages(texts)


@lru_cache(maxsize=65_536)
def _word_features(stem: str) -> tuple[bytes, bytes]:
    """Return the slots (int64) and signed weights (float64) of a stem and of its letter groups."""
    padded = f"<{stem[:40]}>"
    hashes = _hashes([stem, *("#" + padded[i : i + 4] for i in range(len(padded) - 3))])
    weights = _signed(hashes, 0.25)
    weights[0] *= 4
    return _slots(hashes).tobytes(), weights.tobytes()


def _hashes(features: Iterable[str]) -> NDArray[np.uint32]:
    return np.array([mmh3.hash(feature, signed=False) for feature in features], np.uint32)


def _slots(hashes: NDArray[np.uint32]) -> NDArray[np.int64]:
    return (hashes >> 1).astype(_SLOT)


def _signed(hashes: NDArray[np.uint32], weight: float) -> NDArray[np.float64]:
    return np.where(hashes & 1, weight, -weight)


def _begins(counters: Sequence[Counter[Any]], dimension: int) -> NDArray[np.int64]:
    """Return for each thing counted where the vector of its text begins."""
    return np.repeat(np.arange(len(counters)) * dimension, [len(counted) for counted in counters])


def _times(counters: Sequence[Counter[Any]]) -> NDArray[np.float64]:
    """Return for each thing counted how much its count multiplies its weight."""
    counts = [n for counted in counters for n in counted.values()]
    table = np.array([1 + math.log(n) for n in range(1, max(counts, default=0) + 1)])
    return table[np.array(counts, np.intp) - 1]


class SentenceTransformerEmbedder:
    """A sentence-transformers model from a folder or the hub cache, with the prompts its card configures."""

    floor = 0.0

    def __init__(self, name: str) -> None:
        self.name = name
        self._folder = find_model(name, "sentence-transformers", _REMEDY)
        self.revision = _content_hash(self._folder)
        self._loaded: SentenceTransformer | None = None

    @property
    def dimension(self) -> int:
        """The length of its vectors."""
        dimension = self._model.get_embedding_dimension()
        assert dimension is not None
        return int(dimension)

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape ``(len(texts), dimension)``."""
        return np.asarray(self._model.encode_document(list(texts), **_ENCODING), dtype=np.float32)

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of questions, shape ``(len(texts), dimension)``."""
        return np.asarray(self._model.encode_query(list(texts), **_ENCODING), dtype=np.float32)

    @property
    def _model(self) -> SentenceTransformer:
        if self._loaded is None:
            from sentence_transformers import SentenceTransformer

            try:
                self._loaded = SentenceTransformer(str(self._folder), local_files_only=True)
            except Exception as error:  # whatever its loaders raise: SafetensorError is a bare Exception
                raise ModelNotAvailable(
                    self.name,
                    [str(self._folder)],
                    f"The files there are no usable sentence-transformers model ({error}); copy the folder again.",
                ) from error
        return self._loaded


_REMEDY = (
    "Give --embedding the folder of a sentence-transformers model (a copy from another machine will do), "
    "or leave it out to use the built-in one."
)
_ENCODING = {"normalize_embeddings": True, "show_progress_bar": False, "batch_size": 64}


def _content_hash(folder: Path) -> str:
    """Return a digest of the model's files, so that another model in the same folder is noticed."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in {".safetensors", ".bin", ".json", ".txt", ".model"}:
            digest.update(path.relative_to(folder).as_posix().encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]
