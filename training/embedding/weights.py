"""How much words count: by how many passages they stand in, and how often training looks at them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .corpus import Corpus

__all__ = ["keep_chances", "rarities"]

Floats = NDArray[np.float32]

#: Words more frequent than this are looked at less often.
_SUBSAMPLED = 5e-4


def rarities(corpus: Corpus, rows: int) -> Floats:
    """Return each row's inverse document frequency over the passages, the rarest 1, shape ``(rows,)``."""
    ends = corpus.sentences[corpus.passages[:, 1]]
    words = corpus.rows[: ends[-1]]
    passage = np.searchsorted(ends, np.arange(len(words)), side="right")
    standing = np.unique(passage * rows + words) % rows
    rarity = np.log(len(ends) / (np.bincount(standing, minlength=rows) + 1))
    return np.asarray(np.maximum(rarity / rarity.max(), 0.02), dtype=np.float32)


def keep_chances(corpus: Corpus, rows: int) -> Floats:
    """Return how likely each row survives subsampling (Mikolov et al. 2013, arXiv:1310.4546), shape ``(rows,)``.

    A vector trained so is multiplied by its chance: what a text's sum then has of it is what training expected.
    """
    counts = np.bincount(corpus.rows, minlength=rows)
    share = counts / counts.sum()
    return np.minimum(1, np.sqrt(_SUBSAMPLED / np.maximum(share, 1e-12))).astype(np.float32)
