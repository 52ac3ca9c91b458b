"""Voice prints: one vector per voice (sherpa-onnx), and the similarity of two of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .engines import asked_of_child, require_sherpa
from .types import SampleBlock

__all__ = ["alike", "prints_model", "voice_prints"]

_FILE = "embedding.onnx"


def prints_model(folder: Path) -> str:
    """Return the SHA-256 of the model that makes the voice prints. Raises ``UsageError`` and ``ModelNotAvailable``."""
    require_sherpa(folder, (_FILE,))
    with (folder / _FILE).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def voice_prints(folder: Path, voices: Sequence[Sequence[SampleBlock]]) -> tuple[NDArray[np.float32], ...]:
    """Return a voice print of each voice, float32 of length 1, from pieces in which only it speaks.

    Raises ``UsageError`` and ``ModelNotAvailable``.
    """
    require_sherpa(folder, (_FILE,))
    pieces = [piece for voice in voices for piece in voice]
    lengths = json.dumps([len(piece) for piece in pieces])
    found = iter(asked_of_child("sherpa-onnx-prints", folder.absolute(), lengths, None, pieces))
    prints = []
    for voice in voices:
        vectors = [_unit(np.asarray(next(found), np.float32)) for _ in voice]
        weights = [len(piece) for piece in voice]
        prints.append(_unit(np.average(vectors, axis=0, weights=weights).astype(np.float32)))
    return tuple(prints)


def alike(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return the cosine of two prints, in -1..1."""
    return float(one @ other)


def _unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    length = float(np.linalg.norm(vector))
    return (vector / length if length else vector).astype(np.float32)
