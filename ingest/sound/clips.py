"""Stretches of a recording, cut to the sample and written as FLAC: the sound behind a quote.

Clips are cut from the transcribed sound (16 kHz, one channel), on the same clock, so a quote's times fit.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from kb.types import SAMPLE_RATE

from .decoding import Samples
from .isolated import IsolatedDecoder

__all__ = ["LONGEST_CLIP", "cut", "decoded_seconds", "to_flac"]

#: Seconds; a quote is a few sentences.
LONGEST_CLIP = 900.0


def cut(path: Path, spans: Sequence[tuple[float, float]]) -> tuple[Samples, ...]:
    """Return the sound of each span of seconds, in one pass; shorter, or empty, where the recording ends earlier.

    Raises ``AudioError`` for what cannot be decoded.
    """
    wanted = [
        (round(max(0.0, start) * SAMPLE_RATE), round(min(end, start + LONGEST_CLIP) * SAMPLE_RATE))
        for start, end in spans
    ]
    pieces: list[list[Samples]] = [[] for _ in wanted]
    last = max((end for _, end in wanted), default=0)
    at = 0
    for samples in IsolatedDecoder(path):
        for (start, end), mine in zip(wanted, pieces, strict=True):
            if start < at + len(samples) and end > at:
                mine.append(samples[max(0, start - at) : end - at])
        at += len(samples)
        if at >= last:
            break
    return tuple(np.concatenate(mine) if mine else np.empty(0, np.float32) for mine in pieces)


def to_flac(samples: Samples) -> bytes:
    """Return 16 kHz samples, shape (n,), as a FLAC file: 16 bits, without loss."""
    import av

    file = io.BytesIO()
    with av.open(file, "w", format="flac", options={"fflags": "+bitexact"}) as output:
        stream = output.add_stream("flac", rate=SAMPLE_RATE, layout="mono")
        whole = np.clip(np.round(samples * 32768), -32768, 32767).astype(np.int16).reshape(1, -1)
        size = 4_096  # the encoder chooses the size of its input, at most this
        for begin in range(0, whole.shape[1], size):
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(whole[:, begin : begin + size]), "s16", "mono")
            frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE, begin, Fraction(1, SAMPLE_RATE)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


def decoded_seconds(path: Path) -> float:
    """Return the decoded length of a recording, counted up to a little over ``LONGEST_CLIP``.

    Raises ``AudioError`` for what cannot be decoded.
    """
    count = 0
    for samples in IsolatedDecoder(path):
        count += len(samples)
        if count > (LONGEST_CLIP + 60) * SAMPLE_RATE:
            break
    return count / SAMPLE_RATE
