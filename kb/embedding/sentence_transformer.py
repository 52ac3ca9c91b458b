"""A sentence-transformers model from a folder or the hub cache; found without any network, loaded when first used.

Only this module imports ``sentence_transformers``.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..errors import ModelNotAvailable
from .local_models import find_model
from .prompts import prompts_of
from .protocol import Embedded, Text, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

__all__ = ["SentenceTransformerEmbedder"]


class SentenceTransformerEmbedder:
    """A sentence-transformers model from a folder or the hub cache, with the prompts that its card asks for."""

    def __init__(self, name: str) -> None:
        self._folder = find_model(name, "sentence-transformers", _REMEDY)
        # A folder is stored as an absolute path, with its own name, which may decide its prompts.
        folder = os.path.expanduser(name)
        self.name = os.path.abspath(folder) if os.path.isdir(folder) else name
        self._prompts = prompts_of(self.name, self._folder)
        self.revision = _content_hash(self._folder, self._prompts.query, self._prompts.passage)
        self._loaded: SentenceTransformer | None = None

    @property
    def dimension(self) -> int:
        """The length of its vectors."""
        dimension = self._model.get_embedding_dimension()
        assert dimension is not None
        return int(dimension)

    def embed(self, texts: Sequence[Text]) -> Embedded:
        """Return the vectors of passages; the reader's data is made when a question needs it."""
        return Embedded(self.embed_passages([str(text) for text in texts]))

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape ``(len(texts), dimension)``."""
        found = self._model.encode_document(list(texts), prompt=self._prompts.passage or None, **_ENCODING)
        return np.asarray(found, dtype=np.float32)

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of questions, shape ``(len(texts), dimension)``."""
        found = self._model.encode_query(list(texts), prompt=self._prompts.query or None, **_ENCODING)
        return np.asarray(found, dtype=np.float32)

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
                    f"The files there are not a usable sentence-transformers model ({error}); copy the folder again.",
                ) from error
        return self._loaded


_REMEDY = (
    "Give --embedding the folder of a sentence-transformers model (a copy from another machine will do), "
    "or leave it out to use the built-in one."
)
_ENCODING = {"normalize_embeddings": True, "show_progress_bar": False, "batch_size": 64}


def _content_hash(folder: Path, *prompts: str) -> str:
    """Return a digest of the model's files and prompts, so that another model in the same folder is noticed."""
    digest = hashlib.sha256("\0".join(prompts).encode())
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in {".safetensors", ".bin", ".json", ".txt", ".model"}:
            digest.update(path.relative_to(folder).as_posix().encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16]
