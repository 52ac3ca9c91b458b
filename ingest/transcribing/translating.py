"""Translates pieces of a recording into English, from their sound.

Whisper translates in one direction only. Each piece is translated for itself, so that a translation never holds
what another speaker says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..sound.blocks import Block, blocks
from ..sound.clips import LONGEST_CLIP, cut
from .doubts import review
from .hearing import hear
from .languages import spoken_in
from .loading import LoadedEngine
from .rehearing import hear_again

__all__ = ["PieceTranslation", "translate"]

#: Seconds of sound kept on both sides; more would hold a neighbour's words.
_AROUND = 0.2
_ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class PieceTranslation:
    """The translation of a piece; ``text`` is empty where English is spoken, or nothing was recognised."""

    text: str
    #: The language that is spoken, as a code.
    language: str
    #: Whether the recogniser was unsure, or a part was left out.
    doubtful: bool
    engine: str
    model: str


def translate(
    recording: Path,
    spans: Sequence[tuple[float, float]],
    engine: LoadedEngine,
    named: str | None,
    expected: str | None,
) -> Iterator[PieceTranslation]:
    """Yield the translation of each span of seconds, in order; one pass over the sound serves a quarter of an hour.

    ``named`` is the language of all of them. Without it each piece tells its own, and one that is not sure is taken
    to be in the language ``expected``. Raises ``AudioError``, and what the engine raises.
    """
    for group in _groups(spans):
        padded = [(max(0.0, start - _AROUND), end + _AROUND) for start, end in group]
        for samples in cut(recording, padded):
            yield _translated(samples, engine, named, expected)


def _groups(spans: Sequence[tuple[float, float]]) -> Iterator[list[tuple[float, float]]]:
    group: list[tuple[float, float]] = []
    seconds = 0.0
    for start, end in spans:
        if group and seconds + end - start > LONGEST_CLIP:
            yield group
            group, seconds = [], 0.0
        group.append((start, end))
        seconds += end - start
    if group:
        yield group


def _translated(
    samples: NDArray[np.float32], engine: LoadedEngine, named: str | None, expected: str | None
) -> PieceTranslation:
    heard = list(blocks([samples])) if len(samples) else []
    spoken: list[str] = []
    for block in heard:
        spoken.append(named or _language(block, engine, spoken[-1] if spoken else expected))
    settings = engine.settings
    language = max(dict.fromkeys(spoken), key=spoken.count, default=named or expected or "")
    texts, doubtful = [], False
    if any(each != _ENGLISH for each in spoken):
        for block, each in zip(heard, spoken, strict=True):
            (first,) = hear(engine, [block], each)
            better, _ = hear_again(engine, block, each, first)
            judged = review(better, block.speech)
            texts += [segment.text.strip() for segment in judged.kept]
            doubtful = doubtful or bool(judged.doubts)
        language = next(each for each in spoken if each != _ENGLISH) if language == _ENGLISH else language
    return PieceTranslation(
        " ".join(filter(None, texts)), language, doubtful, settings.engine, settings.name or settings.model.name
    )


def _language(block: Block, engine: LoadedEngine, before: str | None) -> str:
    """Return the language of a block; where it is not sure of it, the one before or the one expected."""
    spoken = spoken_in(engine, block, before or "")
    return spoken.language or spoken.guess
