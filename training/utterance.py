"""One sentence as a synthesiser spoke it: its sound and the span of every word, trimmed to the speech."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kb.errors import VerbatimError

__all__ = ["RATE", "Sound", "SpeakerMissing", "SpeechFailed", "Utterance", "Voice", "trim"]

#: Samples a second of every sound in this package: what Whisper listens to.
RATE = 16_000
#: What is kept around the speech when a sentence is trimmed, in seconds.
LEAD, TAIL = 0.03, 0.05

Sound = NDArray[np.float32]


class SpeakerMissing(VerbatimError):
    """A speech synthesiser that is not installed."""

    def __init__(self, program: str, package: str) -> None:
        super().__init__(f"The speech synthesiser {program} was not found. Install the Debian package {package}.")


class SpeechFailed(VerbatimError):
    """A synthesiser that was asked to speak and did not."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A spoken sentence: mono sound at 16 kHz, and ``(start, end)`` in seconds of each word between blanks."""

    sound: Sound
    spans: tuple[tuple[float, float], ...]

    @property
    def duration(self) -> float:
        """Return the length in seconds."""
        return len(self.sound) / RATE


class Voice(Protocol):
    """A speaker; the words of a sentence are what ``str.split`` finds in it."""

    def speak(self, sentences: Sequence[str]) -> list[Utterance]:
        """Return one utterance a sentence; raises ``SpeakerMissing`` or ``SpeechFailed``."""
        ...


def trim(sound: Sound, words: Sequence[str], starts: Sequence[float | None], ends: Sequence[float | None]) -> Utterance:
    """Cut silence off both sides and make the word times rise.

    ``starts`` and ``ends`` are seconds in ``sound``; a synthesiser that runs words together ("of the") gives
    ``None`` or the same start for several, which then share the stretch by their letters. A missing end is
    the next word's start.
    """
    first, last = _speech(sound)
    begins = _spread([max(first, start) if start is not None else None for start in starts], words, first, last)
    finishes = [end if end is not None else after for end, after in zip(ends, [*begins[1:], last], strict=True)]
    finishes[-1] = last
    shift = max(0.0, first - LEAD)
    piece = sound[int(shift * RATE) : int((last + TAIL) * RATE)]
    shift = int(shift * RATE) / RATE
    spans = tuple(
        (round(begin - shift, 4), round(min(max(finish, begin + 0.02), bound) - shift, 4))
        for begin, finish, bound in zip(begins, finishes, [*begins[1:], last], strict=True)
    )
    return Utterance(piece, spans)


def _speech(sound: Sound) -> tuple[float, float]:
    """Return where the speech begins and ends, in seconds."""
    loudness = np.convolve(np.abs(sound), np.ones(160) / 160, "same")
    loud = np.flatnonzero(loudness > max(0.001, loudness.max(initial=0.0) * 0.01))
    if not loud.size:
        raise SpeechFailed("A synthesiser returned silence for a sentence; look at its installation.")
    return float(loud[0] / RATE), float(loud[-1] / RATE)


def _spread(starts: Sequence[float | None], words: Sequence[str], first: float, last: float) -> list[float]:
    """Return strictly rising starts: words without one of their own divide their predecessor's stretch."""
    known, latest = [], first
    for start in starts:
        latest = max(latest, start if start is not None else latest)
        known.append(min(latest, last - 0.05))
    stretches = [[index for index, _ in group] for _, group in groupby(enumerate(known), key=lambda item: item[1])]
    bounds = [known[stretch[0]] for stretch in stretches] + [last]
    spread: list[float] = []
    for stretch, (begin, end) in zip(stretches, pairwise(bounds), strict=True):
        letters = np.cumsum([0.0] + [len(words[index]) for index in stretch])
        spread += [float(begin + (end - begin) * share) for share in letters[:-1] / letters[-1]]
    return spread
