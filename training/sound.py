"""Sound in and out of files, through PyAV."""

from __future__ import annotations

import wave
from pathlib import Path

import av
import numpy as np

from training.utterance import RATE, Sound

__all__ = ["read_sound", "read_wav", "resample", "write_opus"]


def resample(sound: Sound, rate: int) -> Sound:
    """Return ``sound`` of ``rate`` samples a second at 16 kHz."""
    if rate == RATE:
        return sound
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound[None]), format="fltp", layout="mono")
    frame.sample_rate = rate
    frames = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([piece.to_ndarray()[0] for piece in frames]).astype(np.float32)


def read_wav(path: Path) -> Sound:
    """Return the first channel of a 16-bit WAV file at 16 kHz, in -1..1."""
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)[:: file.getnchannels()]
        return resample((samples / 32768).astype(np.float32), file.getframerate())


def read_sound(path: Path) -> Sound:
    """Return any sound file whole, mono at 16 kHz; meant for minutes, not hours."""
    resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE)
    with av.open(str(path)) as container:
        pieces = [piece.to_ndarray()[0] for frame in container.decode(audio=0) for piece in resampler.resample(frame)]
    pieces += [piece.to_ndarray()[0] for piece in resampler.resample(None)]
    return np.concatenate(pieces).astype(np.float32)


def write_opus(sound: Sound, path: Path, bit_rate: int = 32_000) -> None:
    """Write mono 16 kHz ``sound`` as Ogg Opus; the same sound and encoder give the same bytes."""
    with av.open(str(path), "w", format="ogg", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libopus", rate=RATE, layout="mono", options={"application": "voip"})
        stream.bit_rate = bit_rate
        stream.codec_context.flags |= 1 << 23  # AV_CODEC_FLAG_BITEXACT: no encoder version in the tags
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound[None]), format="flt", layout="mono")
        frame.sample_rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
