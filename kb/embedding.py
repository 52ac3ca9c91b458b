"""From text to unit vectors: our own feature hashing without any download, or a sentence-transformers model.

Only this module imports ``sentence_transformers``, and only when such a model has been chosen and found.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import mmh3
import numpy as np
from numpy.typing import NDArray

from .errors import ModelNotAvailable
from .terms import content_stems

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

__all__ = ["DEFAULT_MODEL", "Embedder", "HashingEmbedder", "SentenceTransformerEmbedder", "load_embedder"]

#: The model that needs no download.
DEFAULT_MODEL = "hashing"

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
        vectors = np.array([self._vector(text) for text in texts], dtype=np.float32).reshape(-1, self.dimension)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, norms, out=vectors, where=norms > 0)
        return vectors

    def _vector(self, text: str) -> list[float]:
        vector = [0.0] * self.dimension
        stems = content_stems(text)
        counted = [(_word_features(word), n) for word, n in Counter(stems).items()]
        counted += [(_pair_features(pair), n) for pair, n in Counter(pairwise(stems)).items()]
        for features, n in counted:
            times = 1 + math.log(n)
            for slot, weight in features:
                vector[slot % self.dimension] += times * weight
        return vector

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of questions; the same as for passages."""
        return self.embed_passages(texts)


@lru_cache(maxsize=65_536)
def _word_features(stem: str) -> tuple[tuple[int, float], ...]:
    """Return the slots and signed weights of a stem and of its letter groups."""
    padded = f"<{stem[:40]}>"
    groups = ("#" + padded[i : i + 4] for i in range(len(padded) - 3))
    return (_hashed(stem, 1.0), *(_hashed(group, 0.25) for group in groups))


def _pair_features(pair: tuple[str, str]) -> tuple[tuple[int, float], ...]:
    return (_hashed(" ".join(pair), 0.5),)


def _hashed(feature: str, weight: float) -> tuple[int, float]:
    slot, sign = divmod(mmh3.hash(feature, signed=False), 2)
    return slot, weight if sign else -weight


class SentenceTransformerEmbedder:
    """A sentence-transformers model from a folder or the hub cache, with the prompts its card configures."""

    floor = 0.0

    def __init__(self, name: str) -> None:
        self.name = name
        self._folder = _find_model(name)
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


_ENCODING = {"normalize_embeddings": True, "show_progress_bar": False, "batch_size": 64}


def _find_model(name: str) -> Path:
    """Return the folder of a model: the path itself, or its snapshot in the hub cache."""
    remedy = (
        "Give --embedding the folder of a sentence-transformers model (a copy from another machine will do), "
        "or leave it out to use the built-in one."
    )
    folder = Path(os.path.expanduser(name))  # not Path.expanduser, which fails for "~nobody"
    if os.path.isdir(folder):
        # Looked at before it is hashed: a folder given by mistake may hold a whole disk.
        if not any(os.path.isfile(folder / file) for file in ("modules.json", "config.json")):
            raise ModelNotAvailable(name, [f"{folder.absolute()}, which holds no modules.json"], remedy)
        return folder.resolve()
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    looked = [str(folder.absolute())]
    # A bare name means the sentence-transformers organisation, as in the library itself.
    for repository in (name, f"sentence-transformers/{name}") if "/" not in name else (name,):
        looked.append(f"the hub cache ({_hub_cache()}) for {repository}")
        try:
            return Path(snapshot_download(repository, local_files_only=True))
        except (LocalEntryNotFoundError, HFValidationError, OSError, ValueError):
            continue
    raise ModelNotAvailable(name, looked, remedy)


def _hub_cache() -> str:
    from huggingface_hub.constants import HF_HUB_CACHE

    return str(HF_HUB_CACHE)


def _content_hash(folder: Path) -> str:
    """Return a digest of the model's files, so that another model in the same folder is noticed."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in {".safetensors", ".bin", ".json", ".txt", ".model"}:
            digest.update(path.relative_to(folder).as_posix().encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]
