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
from .protocol import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

__all__ = ["SentenceTransformerEmbedder"]


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
