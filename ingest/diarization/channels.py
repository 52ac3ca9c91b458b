"""An interview recorded with one speaker on each channel, split by channel; needs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from kb.types import SAMPLE_RATE

from .types import SampleBlock, SpeakerSpan

__all__ = ["split_by_channel"]

_FRAME = 320  # samples: 20 ms
_SMOOTHING = 11  # frames: long enough to bridge a consonant
_LOUDER = 6.0  # dB by which the other side must lead to be the only one that speaks
_SHORTEST_TURN = 0.15
_LONGEST_PAUSE = 0.5
_LEAST_SPEECH = 0.5  # seconds on each channel
_SAME_SOUND = 0.6  # from this correlation of the two sides' loudness on, both have the same sound


def split_by_channel(blocks: Iterable[SampleBlock]) -> tuple[SpeakerSpan, ...]:
    """Return who speaks when in a stereo recording with one speaker on each side, called ``left`` and ``right``.

    Returns nothing when the channels do not separate speakers: mono, equal channels, a silent or noisy side, music.
    Blocks are (n, 2) float32 at 16 kHz; what is kept of them is 800 bytes a second.
    """
    frames = _frame_powers(blocks)
    if len(frames) < _SMOOTHING:
        return ()
    kernel = np.full(_SMOOTHING, 1 / _SMOOTHING)
    power = np.stack([np.convolve(side, kernel, "same") for side in frames.T], axis=1)
    level = 10 * np.log10(power + 1e-12)
    loud = np.percentile(level, 99.5, axis=0)
    floor = np.percentile(level, 10, axis=0)
    if np.any(loud < -70) or np.any(loud - floor < 15):
        return ()  # silence, or a sound too steady to be speech
    active = level > np.maximum(np.minimum(floor + 12, loud - 15), loud - 35)
    if not _are_two_microphones(level, active):
        return ()
    lead = (level[:, 0] - loud[0]) - (level[:, 1] - loud[1])
    speaks = active & np.stack([~active[:, 1] | (lead > -_LOUDER), ~active[:, 0] | (lead < _LOUDER)], axis=1)
    turns = [SpeakerSpan(*turn, side) for k, side in enumerate(("left", "right")) for turn in _turns(speaks[:, k])]
    return tuple(sorted(turns, key=lambda span: span.start))


def _frame_powers(blocks: Iterable[SampleBlock]) -> NDArray[np.float64]:
    """Return the mean power of the left and of the right channel for each 20 ms; nothing if there are not two."""
    rest = np.zeros((0, 2), np.float32)
    powers = [np.zeros((0, 2))]
    for block in blocks:
        if block.ndim != 2 or block.shape[1] != 2:
            return np.zeros((0, 2))
        rest = np.concatenate([rest, np.nan_to_num(block, posinf=0.0, neginf=0.0)])
        count = len(rest) // _FRAME
        frames = rest[: count * _FRAME].reshape(count, _FRAME, 2).astype(np.float64)
        rest = rest[count * _FRAME :]
        powers.append((frames**2).mean(axis=1))
    return np.concatenate(powers)


def _are_two_microphones(level: NDArray[np.float64], active: NDArray[np.bool_]) -> bool:
    """Tell two separate microphones from one scene on two channels, whose loudness rises and falls together.

    That detects mono, panned sound, and (which a comparison of the waveforms would miss) a room recorded with
    two microphones; people who take turns have opposite loudness, people who interrupt each other independent one.
    """
    if np.count_nonzero(active, axis=0).min() * _FRAME < _LEAST_SPEECH * SAMPLE_RATE:
        return False
    spoken = level[active.any(axis=1)]
    loudness = np.maximum(spoken, spoken.max(axis=0) - 35)  # the exact level of silence does not matter
    together = np.mean(np.prod(loudness - loudness.mean(axis=0), axis=1))
    return bool(together < _SAME_SOUND * np.prod(loudness.std(axis=0)))


def _turns(speaks: NDArray[np.bool_]) -> Iterator[tuple[float, float]]:
    """Join frames to turns: very short sounds are dropped, and a pause within a turn belongs to it."""
    edges = np.flatnonzero(np.diff(speaks, prepend=False, append=False)).reshape(-1, 2) * (_FRAME / SAMPLE_RATE)
    turns = [(begin, stop) for begin, stop in edges.tolist() if stop - begin >= _SHORTEST_TURN]
    while turns:
        begin, stop = turns.pop(0)
        while turns and turns[0][0] - stop <= _LONGEST_PAUSE:
            stop = turns.pop(0)[1]
        yield begin, stop
