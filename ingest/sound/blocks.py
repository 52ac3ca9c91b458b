"""Cuts a recording at its silences into blocks of at most 28 s, the unit of decoding, resuming and review.

Whisper reads 30 s at a time; longer arrays need gigabytes, and one failure would lose the whole programme. A block is
one continuous piece of the recording with its offset, so no times have to be corrected afterwards: leaving
silence out *inside* the engine's input is what shifts the times of other tools. The cuts depend only on the
sound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.sound.voice_activity import WINDOW, speech_probabilities
from kb.types import SAMPLE_RATE

__all__ = ["BLOCKS_VERSION", "LONGEST_BLOCK", "Block", "BlockSpan", "Cutter", "blocks"]

#: Part of the key of stored results; increase it when the same sound is cut differently than before.
BLOCKS_VERSION = 1

LONGEST = 28 * SAMPLE_RATE // WINDOW  # windows; a margin below Whisper's 30 s
#: Seconds; no block is longer.
LONGEST_BLOCK = LONGEST * WINDOW / SAMPLE_RATE

SPEECH = 0.5  # probability from which a window is speech
STILL_SPEECH = 0.35  # and below which speech has ended (Silero's default pair)
SILENCE = 2 * SAMPLE_RATE // WINDOW  # windows of silence that end a block: Whisper invents text in longer ones
PAUSE = SAMPLE_RATE // 2 // WINDOW  # windows that make a good place to cut
PAD = SAMPLE_RATE // 4 // WINDOW  # windows kept around speech: soft first consonants are below the threshold
LEAST = SAMPLE_RATE // 5 // WINDOW  # windows of speech in a block; less is a click, not a word
JOIN = 3 * SAMPLE_RATE // 10 // WINDOW  # windows; shorter pauses do not divide the reported stretches of speech


@dataclass(frozen=True, slots=True)
class BlockSpan:
    """A block in windows: ``[start, end)``, and the runs of speech in it."""

    start: int
    end: int
    runs: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A continuous piece of the recording; ``samples`` float32 at 16 kHz, ``start`` and ``speech`` in its seconds."""

    number: int
    start: float
    samples: NDArray[np.float32]
    #: Where the detector found speech, within the block.
    speech: tuple[tuple[float, float], ...]

    @property
    def end(self) -> float:
        """Return the second of the recording at which the block ends."""
        return self.start + len(self.samples) / SAMPLE_RATE


def blocks(chunks: Iterable[NDArray[np.float32]]) -> Iterator[Block]:
    """Yield the blocks of a 16 kHz recording that comes in arrays of any length; less than a minute is in memory.

    The same sound gives the same blocks however it is divided into arrays.
    """
    cutter = Cutter()
    held, first = np.zeros(0, np.float32), 0  # the samples from window ``first`` on
    number = 0
    for samples, probabilities in speech_probabilities(chunks):
        held = np.concatenate([held, samples])
        for span in cutter.feed(probabilities):
            yield _block(number, span, held, first)
            number += 1
        keep = cutter.needed_from
        held, first = held[(keep - first) * WINDOW :], keep
    for span in cutter.finish():
        yield _block(number, span, held, first)
        number += 1


def _block(number: int, span: BlockSpan, held: NDArray[np.float32], first: int) -> Block:
    samples = held[(span.start - first) * WINDOW : (span.end - first) * WINDOW].copy()
    speech = tuple((start * WINDOW / SAMPLE_RATE, end * WINDOW / SAMPLE_RATE) for start, end in _joined(span.runs))
    return Block(number, span.start * WINDOW / SAMPLE_RATE, samples, speech)


def _joined(runs: tuple[tuple[int, int], ...]) -> Iterator[tuple[int, int]]:
    start, end = runs[0]
    for run_start, run_end in runs[1:]:
        if run_start - end >= JOIN:
            yield start, end
            start = run_start
        end = run_end
    yield start, end


class Cutter:
    """Speech probabilities in, spans out; all positions count windows from the start of the recording."""

    def __init__(self) -> None:
        self._now = 0
        self._free = 0  # nothing before this may go into the next block
        self._runs: list[tuple[int, int]] = []
        self._probabilities: list[float] = []  # from ``_begin`` on, while a block is open
        self._speaking = False

    @property
    def needed_from(self) -> int:
        """Return the earliest window that a later span can contain."""
        return self._begin if self._runs else max(self._free, self._now - PAD)

    @property
    def _begin(self) -> int:
        return max(self._free, self._runs[0][0] - PAD)

    def feed(self, probabilities: Iterable[float]) -> Iterator[BlockSpan]:
        """Take the probabilities of the next windows; yield each span that they complete."""
        for probability in probabilities:
            self._speaking = probability >= (STILL_SPEECH if self._speaking else SPEECH)
            self._add(float(probability))
            if not self._runs:
                continue
            if self._now - self._runs[-1][1] >= SILENCE:
                yield from self._close()
            elif self._now - self._begin >= LONGEST:
                yield from self._cut()

    def finish(self) -> Iterator[BlockSpan]:
        """Yield the span that was open when the recording ended, if any."""
        if self._runs:
            yield from self._close()

    def _add(self, probability: float) -> None:
        window, self._now = self._now, self._now + 1
        if self._speaking and self._runs and self._runs[-1][1] == window:
            self._runs[-1] = (self._runs[-1][0], window + 1)
        elif self._speaking:
            self._runs.append((window, window + 1))
        if self._runs:
            self._probabilities.append(probability)

    def _close(self) -> Iterator[BlockSpan]:
        end = min(self._runs[-1][1] + PAD, self._now)
        yield from self._span(end, self._runs)
        self._free, self._runs, self._probabilities = end, [], []

    def _cut(self) -> Iterator[BlockSpan]:
        """End a block that is too long: in its last good pause, else its longest, else its weakest window."""
        early = self._begin + LONGEST // 3
        ends = [end for _, end in self._runs]
        starts = [start for start, _ in self._runs[1:]] + [self._now]
        pauses = [(end, start) for end, start in zip(ends, starts, strict=True) if early <= end < start]
        good = [pause for pause in pauses if pause[1] - pause[0] >= PAUSE]
        if good:
            end, start = good[-1]
        elif pauses:
            end, start = max(pauses, key=lambda pause: (pause[1] - pause[0], pause))
        else:
            end = start = self._weakest(early)
        before = [(a, min(b, end)) for a, b in self._runs if a < end]
        after = [(max(a, start), b) for a, b in self._runs if b > start]
        border = min(end + PAD, (end + start + 1) // 2)
        yield from self._span(border, before)
        self._free, self._runs = border, after
        self._probabilities = self._probabilities[-(self._now - after[0][0]) :] if after else []

    def _weakest(self, early: int) -> int:
        first = self._now - len(self._probabilities)
        return min(range(early, self._now), key=lambda window: (self._probabilities[window - first], -window))

    def _span(self, end: int, runs: list[tuple[int, int]]) -> Iterator[BlockSpan]:
        if sum(b - a for a, b in runs) >= LEAST:
            yield BlockSpan(self._begin, end, tuple(runs))
