"""From text to vectors: the models that come with the program, or a sentence-transformers model; and the reader."""

from __future__ import annotations

from .built_in import TransformerEmbedder
from .ordinary import ordinary_words
from .protocol import Embedded, Embedder, Text
from .reader import MATCHES, Reader, Reading
from .static import StaticEmbedder

__all__ = [
    "DEFAULT_MODEL",
    "MATCHES",
    "Embedded",
    "Embedder",
    "Reader",
    "Reading",
    "StaticEmbedder",
    "Text",
    "TransformerEmbedder",
    "load_embedder",
    "ordinary_words",
]

#: The model that a new data folder uses.
DEFAULT_MODEL = TransformerEmbedder.name
#: The former default model, named in older data folders; their vectors are computed again.
_FORMER_DEFAULTS = frozenset({"hashing", "verbatim-static"})


def load_embedder(name: str = DEFAULT_MODEL) -> Embedder:
    """Return the model called ``name``: a built-in one, a local folder, or a model in the hub cache.

    Built in are ``verbatim-reader``, a transformer, and ``static``, which is faster and worse. Raises
    ``ModelNotAvailable`` at once when it is not on this machine; never downloads.
    """
    if name == DEFAULT_MODEL or name in _FORMER_DEFAULTS:
        return TransformerEmbedder()
    if name == StaticEmbedder.name:
        return StaticEmbedder()
    from .sentence_transformer import SentenceTransformerEmbedder

    return SentenceTransformerEmbedder(name)
