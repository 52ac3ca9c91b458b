"""From text to unit vectors: the model that comes with the program, or a sentence-transformers model."""

from __future__ import annotations

from .protocol import Embedder
from .static import StaticEmbedder

__all__ = ["DEFAULT_MODEL", "Embedder", "StaticEmbedder", "load_embedder"]

#: The model that needs no download.
DEFAULT_MODEL = StaticEmbedder.name
#: What data folders name as their model that are older than ours, when the default was feature hashing; their vectors
#: are made anew when such a folder is opened.
_FORMER_DEFAULT = "hashing"


def load_embedder(name: str = DEFAULT_MODEL) -> Embedder:
    """Return the model called ``name``: the built-in ``verbatim-static``, a local folder, or a model in the hub cache.

    Raises ``ModelNotAvailable`` at once when it is not on this machine; never downloads.
    """
    if name in {DEFAULT_MODEL, _FORMER_DEFAULT}:
        return StaticEmbedder()
    from .sentence_transformer import SentenceTransformerEmbedder

    return SentenceTransformerEmbedder(name)
