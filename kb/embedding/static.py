"""The fast built-in model: a text's vector is the weighted sum of its words' vectors.

Made by ``python -m training.embedding`` and kept in sentence-transformers' own format (a ``StaticEmbedding`` with
model2vec's int8 ``embeddings``, ``mapping`` and ``weights``), so that library gives the same vectors. Only this module
imports ``tokenizers`` and ``safetensors``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..errors import ModelNotAvailable
from .protocol import Embedded, Text, Vectors

__all__ = ["FOLDER", "StaticEmbedder"]

#: Where the model lies.
FOLDER = Path(__file__).parent.parent / "models" / "verbatim-static"
_WEIGHTS, _TOKENIZER = "0_StaticEmbedding/model.safetensors", "0_StaticEmbedding/tokenizer.json"
#: Most distinct words in the cache of tokens; a text of only new words must not fill the memory.
_MOST_WORDS = 200_000
_LONGEST_KEPT = 40


class StaticEmbedder:
    """A bag of word vectors (Arora, Liang and Ma 2017), trained to find passages in other words than the question's.

    For very large archives: a hundred times as fast as the transformer, and worse. Unknown words, mostly names, have no
    vector.
    """

    name = "static"

    def __init__(self, folder: Path = FOLDER) -> None:
        """Load the model in ``folder``; raises ``ModelNotAvailable`` when it is incomplete or damaged."""
        from safetensors import SafetensorError
        from safetensors.numpy import load
        from tokenizers import Tokenizer

        try:
            weights, tokenizer = (folder / _WEIGHTS).read_bytes(), (folder / _TOKENIZER).read_bytes()
            tensors = load(weights)
            self._embeddings, self._rows, self._weights = tensors["embeddings"], tensors["mapping"], tensors["weights"]
            self._tokenizer = Tokenizer.from_buffer(tokenizer)
        except (OSError, KeyError, ValueError, SafetensorError) as error:
            raise ModelNotAvailable(
                self.name, [str(folder)], f"The files there are not the built-in model ({error}); install it again."
            ) from error
        self.revision = hashlib.sha256(weights + tokenizer).hexdigest()[:16]
        self._known: dict[str, list[int]] = {}

    @property
    def dimension(self) -> int:
        """The length of its vectors."""
        return int(self._embeddings.shape[1])

    def embed(self, texts: Sequence[Text]) -> Embedded:
        """Return the vectors of passages; the reader's data is made when a question needs it."""
        return Embedded(self.embed_passages([str(text) for text in texts]))

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape ``(len(texts), dimension)``; a text without known words gets the zero vector."""
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            tokens = self._tokens(text)
            vector[:] = self._weights[tokens] @ self._embeddings[self._rows[tokens]].astype(np.float32)
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        np.divide(vectors, norms, out=vectors, where=norms > 0)
        return vectors

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of questions; the same as for passages."""
        return self.embed_passages(texts)

    def _tokens(self, text: str) -> list[int]:
        """Return the tokens of ``text``; each distinct word is given to the tokenizer, which is slow, only once."""
        tokens: list[int] = []
        for word in text.split():
            found = self._known.get(word)
            if found is None:
                # A lone surrogate cannot be passed to the tokenizer.
                plain = word.encode("utf-8", "replace").decode("utf-8")
                found = self._tokenizer.encode(plain, add_special_tokens=False).ids
                if len(word) <= _LONGEST_KEPT:
                    if len(self._known) >= _MOST_WORDS:
                        self._known.clear()
                    self._known[word] = found
            tokens += found
        return tokens
