"""Transcripts of made-up words, and recordings in which each word is heard without an error; no model is needed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ingest.transcribing.time_checking import CheckedTimes, check_times
from kb.types import SAMPLE_RATE, Segment, Word

#: Seconds of a caption, and its words, no two captions alike.
CAPTION, WORDS = 4.0, 10
Clock = Callable[[float], float | None]


def captions(length: float) -> list[Segment]:
    rng = random.Random(7)
    starts = [n * CAPTION for n in range(int(length / CAPTION))]
    return [Segment(s, s + CAPTION, " ".join(words(rng)) + ".", "Ann") for s in starts]


def words(rng: random.Random) -> Iterator[str]:
    for _ in range(WORDS):
        yield "".join(rng.choices("bcdfglmnprst", k=3)) + rng.choice("aeiou") + rng.choice("klmnrs")


class Recording:
    """A recording in which a transcript's words are heard where ``clock`` puts them, and others everywhere else."""

    def __init__(self, segments: Sequence[Segment], length: float, clock: Clock, others: bool = True) -> None:
        self.length, self.seconds, self.places = length, 0.0, list[float]()
        step = CAPTION / WORDS
        self._said = [
            Word(text, at, at + step * 0.8)
            for segment in segments
            for n, text in enumerate(segment.text.split())
            if segment.start is not None and (at := clock(segment.start + n * step)) is not None
        ]
        if others:
            busy = {round(word.start or 0.0) for word in self._said}
            rng = random.Random(3)
            for second in range(int(length)):
                if not busy & {second - 1, second, second + 1}:
                    self._said.append(Word("x" + next(words(rng)), float(second), second + 0.5))
        self._said.sort(key=lambda word: word.start or 0.0)

    def cut(self, spans: Sequence[tuple[float, float]]) -> list[NDArray[np.float32]]:
        lengths = [max(0.0, min(end, self.length) - start) for start, end in spans]
        return [np.zeros(round(seconds * SAMPLE_RATE), np.float32) for seconds in lengths]

    def hear(self, samples: NDArray[np.float32], begins: float) -> list[Word]:
        ends = begins + len(samples) / SAMPLE_RATE
        self.seconds += ends - begins
        self.places.append(begins)
        return [
            w for w in self._said if w.start is not None and w.end is not None if begins <= w.start and w.end < ends
        ]

    def check(self, segments: Sequence[Segment]) -> CheckedTimes:
        return check_times(segments, self.length, self.cut, self.hear)


def inserted(at: float, seconds: float) -> Clock:
    return lambda time: time if time < at else time + seconds
