"""Decodes the end of a block again if the engine has left it out.

Whisper sometimes ends a block's text while somebody still speaks (measured: 4 % of the words of a four-minute reading).
The voice activity detector shows it, so the rest is decoded again, from the end of the last word on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ingest.sound.blocks import Block
from ingest.transcribing.loading import LoadedEngine
from kb.types import SAMPLE_RATE, Segment

__all__ = ["hear"]

ROUNDS = 4  # decodings of a block, at most
REST = 1.0  # seconds of speech after the last word that need another decoding; less is mostly breath


def hear(
    engine: LoadedEngine, group: Sequence[Block], language: str, again: bool = False
) -> tuple[tuple[Segment, ...], ...]:
    """Return the segments of each block, in seconds of the recording; blocks of a group are decoded together.

    ``again``: the engine decodes with its other settings.
    """
    heard: list[list[Segment]] = [[] for _ in group]
    starts = [block.start for block in group]
    waiting = list(range(len(group)))
    for _ in range(ROUNDS):
        pieces = [_from(group[index], starts[index]) for index in waiting]
        unfinished = []
        for index, segments in zip(waiting, engine.transcribe(pieces, language, again), strict=True):
            heard[index] += [_moved(segment, starts[index]) for segment in segments]
            if not segments:
                continue  # it found nothing here, and would find nothing again
            starts[index] = max(segment.end or 0.0 for segment in heard[index])
            if _speech_after(group[index], starts[index]) >= REST:
                unfinished.append(index)
        waiting = unfinished
        if not waiting:
            break
    return tuple(tuple(segments) for segments in heard)


def _from(block: Block, start: float) -> NDArray[np.float32]:
    return block.samples[max(0, round((start - block.start) * SAMPLE_RATE)) :]


def _speech_after(block: Block, moment: float) -> float:
    return sum(max(0.0, end - max(start, moment)) for start, end in block.speech)


def _moved(segment: Segment, offset: float) -> Segment:
    """Return the segment ``offset`` seconds later."""

    def later(seconds: float | None) -> float | None:
        return None if seconds is None else round(seconds + offset, 3)

    words = tuple(replace(word, start=later(word.start), end=later(word.end)) for word in segment.words)
    return replace(segment, start=later(segment.start), end=later(segment.end), words=words)
