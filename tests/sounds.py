"""Sound for tests, made on the spot: speech from a reading, noise, chords, and files in any format."""

from __future__ import annotations

import functools
from fractions import Fraction
from pathlib import Path

import numpy as np

RATE = 16_000
READING = Path(__file__).parent / "material" / "reading" / "reading.opus"


@functools.cache
def reading() -> np.ndarray:
    """The whole reading that the tiny model knows: float32, 16 kHz, 272 s."""
    from ingest.sound.decoding import Decoder

    return np.concatenate(list(Decoder(READING)))


def speech(start: float = 0.0, end: float = 15.0) -> np.ndarray:
    """A piece of the reading; its first sentence is from 0.3 to 14.6 s."""
    return reading()[int(start * RATE) : int(end * RATE)]


def silence(seconds: float) -> np.ndarray:
    return np.zeros(int(seconds * RATE), np.float32)


def noise(seconds: float, level: float = 0.1) -> np.ndarray:
    return np.random.default_rng(7).normal(0, level, int(seconds * RATE)).astype(np.float32)


def chord(seconds: float) -> np.ndarray:
    """A held A major chord with overtones, as a bed under a trailer."""
    times = np.arange(int(seconds * RATE)) / RATE
    tones = sum(np.sin(2 * np.pi * pitch * h * times) / h for pitch in (220, 277.2, 329.6) for h in (1, 2, 3, 4))
    return (0.5 * tones / np.abs(tones).max()).astype(np.float32)


def tune(seconds: float) -> np.ndarray:
    """Plucked notes, four a second, as a jingle."""
    pitches = 220 * 2 ** (np.random.default_rng(3).integers(0, 24, int(seconds * 4) + 1) / 12)
    times = np.arange(RATE // 4) / RATE
    notes = [sum(np.sin(2 * np.pi * p * h * times) / h for h in range(1, 8)) * np.exp(-6 * times) for p in pitches]
    return (0.25 * np.concatenate(notes)[: int(seconds * RATE)]).astype(np.float32)


def write(
    path: Path,
    samples: np.ndarray,
    codec: str,
    rate: int = RATE,
    layout: str = "mono",
    *,
    container: str | None = None,
    picture: bool = False,
    late: float = 0.0,
    bit_rate: int | None = None,
    options: dict[str, str] | None = None,
    tags: dict[str, str] | None = None,
    chapters: list[tuple[float, str]] | None = None,
) -> Path:
    """Write ``samples`` (float32, 16 kHz, (n,) or (channels, n)) with any codec; ``late`` seconds into a film.

    ``tags`` go where the container has them; a chapter lasts until the next one.
    """
    import av

    channels = np.atleast_2d(samples)
    with av.open(str(path), "w", format=container, options=options or {}) as output:
        film = _film(output) if picture else None
        stream = output.add_stream(codec, rate=rate, layout=layout)
        # Ogg has its tags on the stream, whose tags name the track elsewhere.
        (stream if path.suffix in (".opus", ".ogg", ".oga") else output).metadata.update(tags or {})
        if chapters:
            output.set_chapters(_chapters(chapters, late + channels.shape[1] / RATE))
        if bit_rate is not None:
            stream.bit_rate = bit_rate
        if film is not None:
            _show(output, film, late + channels.shape[1] / RATE)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(channels.T.reshape(1, -1)), format="flt", layout=_layout(len(channels), layout)
        )
        frame.sample_rate = RATE
        resampler = av.AudioResampler(format=stream.format, layout=layout, rate=rate)
        position = round(late * rate)
        for part in resampler.resample(frame) + resampler.resample(None):
            part.pts, part.time_base = position, Fraction(1, rate)
            position += part.samples
            output.mux(stream.encode(part))
        output.mux(stream.encode(None))
    return path


def write_film(path: Path, seconds: float) -> Path:
    """Write a video that has no sound."""
    import av

    with av.open(str(path), "w") as output:
        _show(output, _film(output), seconds)
    return path


def _chapters(chapters: list[tuple[float, str]], end: float):
    ends = [start for start, _ in chapters[1:]] + [max(end, chapters[-1][0])]
    return [
        {
            "id": n,
            "start": round(start * 1000),
            "end": round(end * 1000),
            "time_base": Fraction(1, 1000),
            "metadata": {"title": title},
        }
        for n, ((start, title), end) in enumerate(zip(chapters, ends, strict=True), start=1)
    ]


def _layout(channels: int, layout: str) -> str:
    return layout if channels > 1 else "mono"


def _film(output):
    stream = output.add_stream("mpeg4", rate=5)
    stream.width = stream.height = 32
    stream.pix_fmt = "yuv420p"
    return stream


def _show(output, stream, seconds: float) -> None:
    import av

    for number in range(int(seconds * 5)):
        frame = av.VideoFrame.from_ndarray(np.full((32, 32, 3), number % 255, np.uint8), format="rgb24")
        frame.pts = number
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))
