"""The reader: question and sentences compared token by token, a logit a sentence; 0 is that of "nothing answers".

Late interaction (ColBERT: Khattab and Zaharia 2020, arXiv:2004.12832) for each sentence in the context of its passage:
every token of the question is matched with the most similar token in the sentence, in the sentence or the one before
it, and in the passage. ``training/reader/model.py`` is the same in torch, and a test compares the two. Passages are
encoded when they are ingested; a question costs one short run of the model and some products of small matrices.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .kept import Kept, is_kept, keep, kept, unit
from .protocol import Text, Vectors
from .transformer import FOLDER, Head, loaded

__all__ = ["MATCHES", "Reader", "Reading", "scores"]

#: How well the question's tokens are matched, on average: by a sentence or the one before it, with token weights; by
#: the sentence alone, unweighted; by its passage, weighted and unweighted.
MATCHES = ("pair", "sentence evenly", "whole", "whole evenly")

#: The logit of a sentence that is beyond the part of its passage that is read.
_UNREAD = -20.0
#: The first and the last token of a question are special tokens, not words.
_MARKS = 2


class Reading(NamedTuple):
    """The reader's results for each sentence of a passage."""

    logits: NDArray[np.float32]
    #: Cosine of its vector and the question's.
    cosines: NDArray[np.float32]
    #: ``MATCHES``, shape ``(sentences, len(MATCHES))``.
    matches: NDArray[np.float32]
    is_read: bool = True


class Reader:
    """The reader in ``folder``; the transformer is loaded once and shared with the embedding."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Load it; raises ``ModelNotAvailable`` when its files are missing or damaged."""
        self._transformer = loaded(folder)
        #: Stored data of passages was made by this model if it has this revision.
        self.revision = self._transformer.digest

    def keep(self, passages: Sequence[Text]) -> list[bytes]:
        """Encode passages now, and return the data to store."""
        return [keep(tokens, self._transformer.head) for tokens in self._transformer.passages(passages)]

    def knows(self, some: bytes, passage: Text) -> bool:
        """Return whether ``some`` can be the stored data of ``passage``: undamaged, with the same sentences."""
        return is_kept(some, self._transformer.head, len(passage.sentences))

    def read(self, question: str, passages: Sequence[bytes]) -> list[Reading]:
        """Return the results for the sentences of passages, given as their stored data, and ``question``."""
        if not passages:
            return []
        found = kept(passages, self._transformer.head)
        said = scores(self._transformer.head, self._transformer.question(question), found)
        borders = np.cumsum(found.sentences)[:-1]
        return [Reading(*each) for each in zip(*(np.split(some, borders) for some in said), strict=True)]


def scores(head: Head, asked: Vectors, found: Kept) -> tuple[Vectors, Vectors, Vectors]:
    """Return each kept sentence's logit, cosine and ``MATCHES`` to the question whose tokens' vectors are ``asked``."""
    mix = head.mix
    read = found.counts > 0
    attention = np.exp(asked @ head.weight - (asked @ head.weight).max())
    attention /= attention.sum()
    likeness = found.tokens @ unit(asked @ head.narrow.T).T  # (tokens, question)
    best = np.full((len(found.counts), len(asked)), -1.0, dtype=np.float32)
    if read.any():
        starts = np.cumsum(found.counts) - found.counts
        best[read] = np.maximum.reduceat(likeness, starts[read], axis=0)
    passage = np.repeat(np.arange(len(found.sentences)), found.sentences)
    first = np.diff(passage, prepend=-1) > 0
    before = np.where(first[:, None], best, np.roll(best, 1, axis=0))
    whole = np.full((len(found.sentences), len(asked)), -1.0, dtype=np.float32)
    np.maximum.at(whole, passage, best)
    pair = np.maximum(best, before)
    inner = (
        slice(1, -1) if len(asked) > _MARKS else slice(None)
    )  # between the question's first and last token, its marks
    matches = np.stack(
        [
            _weighed(pair, attention),
            best[:, inner].mean(axis=1),
            _weighed(whole, attention)[passage],
            whole[:, inner].mean(axis=1)[passage],
        ],
        axis=1,
    )
    mean = asked.mean(axis=0)
    cosines = unit(found.means) @ unit(mean)
    logits = (
        mix[0] * _weighed(best, attention)
        + mix[1] * cosines
        + mix[2] * matches[:, 2]
        + mix[3] * matches[:, 0]
        + mix[4]
        + found.means @ head.answer
        + (found.means @ head.down_s.T) @ (head.down_q @ mean)
    )
    return (
        np.where(read, logits, _UNREAD).astype(np.float32),
        cosines.astype(np.float32),
        np.where(read[:, None], matches, -1.0).astype(np.float32),
    )


def _weighed(values: Vectors, shares: Vectors) -> Vectors:
    """Return the weighed mean of each row.

    Not by ``@``: in a product of so few columns, OpenBLAS was seen to warn of an invalid value though all were finite.
    """
    weighed: Vectors = (values * shares).sum(axis=1)
    return weighed
