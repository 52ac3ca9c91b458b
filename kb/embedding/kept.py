"""The reader's stored data for a passage, so that no question has to encode it again.

For each sentence: the number of its tokens, each token's vector reduced to a few dimensions, and the mean of its
tokens' vectors; all int8. About 13 kB a passage of 120 words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .protocol import Vectors
from .transformer import Head, TokenVectors

__all__ = ["Kept", "is_kept", "keep", "kept", "unit"]

_COUNTS, _SCALES = np.dtype("<u2"), np.dtype("<f4")
#: A bound that no mean of tokens' vectors comes near.
_LARGEST = 1e6


class Kept(NamedTuple):
    """The stored data of several passages, one after another."""

    #: Tokens' unit vectors ``(tokens, narrow)``, how many each sentence has, and the means ``(sentences, width)``.
    tokens: Vectors
    counts: NDArray[np.int64]
    means: Vectors
    #: How many sentences each passage has.
    sentences: NDArray[np.int64]


def keep(tokens: TokenVectors, head: Head) -> bytes:
    """Return the data to store for one passage's tokens."""
    width = tokens.vectors.shape[1]
    said = [tokens.vectors[start:end] for start, end in tokens.spans]
    counts = np.array([len(some) for some in said], dtype=_COUNTS)
    means = np.zeros((len(said), width), dtype=np.float32)
    for mean, some in zip(means, said, strict=True):
        if len(some):
            mean[:] = some.mean(axis=0)
    scales = np.abs(means).max(axis=1, initial=1e-9).astype(_SCALES)
    small = np.rint(127 * unit(np.concatenate([*said, np.zeros((0, width))]) @ head.narrow.T)).astype(np.int8)
    large = np.rint(127 * means / scales[:, None]).astype(np.int8)
    return b"".join(part.tobytes() for part in (np.array([len(said)], dtype=_COUNTS), counts, scales, large, small))


def kept(blobs: Sequence[bytes], head: Head) -> Kept:
    """Read what ``keep`` wrote for several passages; ``ValueError`` for bytes that it did not write."""
    narrow, width = head.narrow.shape
    parts = [_parted(blob, narrow, width) for blob in blobs]
    none = (np.zeros(0, _COUNTS), np.zeros(0, _SCALES), np.zeros((0, width), np.int8), np.zeros((0, narrow), np.int8))
    counts, scales, means, tokens = (np.concatenate(some) for some in zip(*parts, none, strict=True))
    return Kept(
        (tokens / 127).astype(np.float32),
        counts.astype(np.int64),
        (means * (scales[:, None] / 127)).astype(np.float32),
        np.array([len(part.counts) for part in parts], dtype=np.int64),
    )


def is_kept(blob: bytes, head: Head, sentences: int) -> bool:
    """Return whether ``keep`` can have written this for a passage with this number of sentences."""
    try:
        return len(_parted(blob, *head.narrow.shape).counts) == sentences
    except ValueError:
        return False


class _PassageData(NamedTuple):
    """The stored data of one passage, as it was written."""

    counts: NDArray[np.uint16]
    scales: Vectors
    means: NDArray[np.int8]
    tokens: NDArray[np.int8]


def _parted(blob: bytes, narrow: int, width: int) -> _PassageData:
    (count,) = np.frombuffer(blob, _COUNTS, 1)
    at = _COUNTS.itemsize
    counts = np.frombuffer(blob, _COUNTS, count, at)
    at += counts.nbytes
    scales = np.frombuffer(blob, _SCALES, count, at)
    at += scales.nbytes
    means = np.frombuffer(blob, np.int8, int(count) * width, at).reshape(count, width)
    tokens = np.frombuffer(blob, np.int8, -1, at + means.nbytes).reshape(-1, narrow)
    if len(tokens) != int(counts.sum()) or not np.all((scales >= 0) & (scales < _LARGEST)):
        raise ValueError("what is kept of a passage is damaged")
    return _PassageData(counts, scales, means, tokens)


def unit(vectors: Vectors) -> Vectors:
    """Return vectors scaled to length 1; the zero vector stays."""
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, 1e-9), dtype=np.float32)
