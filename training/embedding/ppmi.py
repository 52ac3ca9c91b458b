"""Initial vectors: positive pointwise mutual information of words near each other, factorised.

Levy and Goldberg (2014), "Neural Word Embedding as Implicit Matrix Factorization"; context distribution smoothing
after Levy, Goldberg and Dagan (2015); randomised factorisation after Halko, Martinsson and Tropp (2011).
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from .corpus import Corpus

__all__ = ["word_directions"]

Floats = NDArray[np.float32]

#: Words this near each other count, the nearer half doubly.
_WINDOW = 10
_SMOOTHING = 0.75
#: A pair met less often than this tells more of one text than of the language.
_LEAST = 1.5
#: Words more frequent than this share of all words are no context, nor have one.
_TOO_COMMON = 1.5e-3
#: Passages by which their common direction is told.
_SAMPLE = 10_000


def word_directions(corpus: Corpus, weights: Floats, dimension: int, seed: int) -> tuple[Floats, NDArray[np.bool_]]:
    """Return a unit vector for each row, shape ``(rows, dimension)``, and which rows had neighbours to learn from.

    The others get random ones.
    """
    rows = len(weights)
    counts = np.bincount(corpus.rows, minlength=rows)
    random = np.random.default_rng(seed)
    words, passage = _passage_words(corpus, counts / counts.sum())
    vectors = _factorised(_ppmi(_near(words, passage, rows)), dimension, random)
    lost = np.linalg.norm(vectors, axis=1) < 1e-6
    vectors[lost] = random.standard_normal((int(lost.sum()), dimension))
    vectors = _without_common(_unit(vectors), weights, corpus)
    vectors[0] = 0
    return vectors, ~lost


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def _without_common(vectors: Floats, weights: Floats, corpus: Corpus) -> Floats:
    """Remove the direction that all passages share, as Arora, Liang and Ma (2017) do."""
    some = corpus.passages[:: max(1, len(corpus.passages) // _SAMPLE)]
    weighted = vectors * weights[:, None]
    sums = (
        weighted[corpus.rows[corpus.sentences[first] : corpus.sentences[end]]].sum(axis=0) for first, end, _ in some
    )
    _, _, axes = np.linalg.svd(_unit(np.array(list(sums))), full_matrices=False)
    return np.asarray(vectors - (vectors @ axes[:1].T) @ axes[:1], dtype=np.float32)


def _passage_words(corpus: Corpus, share: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the telling words of all passages and the passage that each stands in."""
    ends = corpus.sentences[corpus.passages[:, 1]]
    words = corpus.rows[: ends[-1]].astype(np.int64)
    passage = np.searchsorted(ends, np.arange(len(words)), side="right")
    telling = share[words] < _TOO_COMMON
    return words[telling], passage[telling]


def _near(words: NDArray[np.int64], passage: NDArray[np.int64], rows: int) -> sp.csr_matrix:
    total: sp.csr_matrix = sp.csr_matrix((rows, rows), dtype=np.float32)
    for distance in range(1, _WINDOW + 1):
        together = passage[:-distance] == passage[distance:]
        one, other = words[:-distance][together], words[distance:][together]
        weight = np.full(len(one), 1.0 if 2 * distance <= _WINDOW else 0.5, dtype=np.float32)
        total = total + sp.coo_matrix((weight, (one, other)), shape=(rows, rows)).tocsr()
    total = (total + total.T).tocsr()
    total.data[total.data < _LEAST] = 0
    total.eliminate_zeros()
    return total


def _ppmi(near: sp.csr_matrix) -> sp.csr_matrix:
    cells = near.tocoo()
    word = np.asarray(near.sum(axis=1)).ravel()
    context = word**_SMOOTHING
    expected = word[cells.row] * context[cells.col] / context.sum()
    information = np.log(cells.data / np.maximum(expected, 1e-9))
    kept = information > 0
    return sp.csr_matrix((information[kept].astype(np.float32), (cells.row[kept], cells.col[kept])), shape=near.shape)


def _factorised(matrix: sp.csr_matrix, dimension: int, random: np.random.Generator) -> Floats:
    """Return the left singular vectors, each by the root of its singular value."""
    sample = matrix @ random.standard_normal((matrix.shape[1], dimension + 32)).astype(np.float32)
    for _ in range(2):
        sample, _ = np.linalg.qr(matrix @ (matrix.T @ sample))
    basis, _ = np.linalg.qr(sample)
    left, values, _ = np.linalg.svd((matrix.T @ basis).T, full_matrices=False)
    vectors: Floats = (basis @ left[:, :dimension]) * values[:dimension] ** 0.5
    return vectors
