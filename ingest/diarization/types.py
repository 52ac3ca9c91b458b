"""The diarizer's protocol, and its result: who speaks when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Diarizer", "SampleBlock", "SpeakerSpan"]

#: float32 samples in -1..1 at 16 kHz, shape (n, channels).
SampleBlock = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SpeakerSpan:
    """One voice from ``start`` to ``end`` (seconds); ``speaker`` is whatever the diarizer calls it."""

    start: float
    end: float
    speaker: str


class Diarizer(Protocol):
    """Anything that takes a recording block by block and returns who speaks when, in order of time."""

    def __call__(self, blocks: Iterable[SampleBlock], /) -> tuple[SpeakerSpan, ...]:
        """Return the spans of the voices in ``blocks``, each float32 of shape (n, channels) at 16 kHz."""
