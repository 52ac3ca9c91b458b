"""Any sound FFmpeg reads, as 16 kHz arrays in bounded memory, on the clock a player shows.

The only module that uses PyAV. It handles faults of real files: packets that cannot be decoded (skipped,
counted, reported), time missing in the middle (filled with silence, or every later word would have the wrong
time), a rate or layout that changes half-way (an inserted advertisement), a length that the file
declares but does not have, and playlists, which make FFmpeg read other files or the network.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.sound.reports import DRIFT, AudioReport
from kb.errors import AudioError
from kb.translatable import phrase, phrases
from kb.types import SAMPLE_RATE, Chapter

__all__ = [
    "AudioInfo",
    "AudioTags",
    "Decoder",
    "Samples",
    "audio_tags",
    "checked",
    "decoded",
    "probe",
    "sha256_of",
]

Samples = NDArray[np.float32]

CHUNK = 10 * SAMPLE_RATE  # samples per yielded array, at most
LONGEST = 24 * 3600.0  # seconds; a small hostile file can decode to any length
SHORTEST = 0.2  # seconds; no word is shorter, and Whisper invents text for less
LONGEST_HOLE = 600.0  # seconds; a larger jump is a broken clock, not missing sound
MOST_DAMAGED = 10_000  # packets; after that the rest counts as lost
LONGEST_TAG = 10_000  # characters; longer ones hold whole pictures or show notes
FAMILIAR = 8  # channels; above it FFmpeg can mix only some numbers, such as 16 and 24
LOWEST_RATE = 4_000  # Hz; telephones use 8,000
_ATTACHED_PICTURE = 0x400  # FFmpeg's AV_DISPOSITION_ATTACHED_PIC: cover art is not a film
PLAYLISTS = {".m3u", ".m3u8", ".pls", ".xspf", ".asx", ".ffconcat"}


@dataclass(frozen=True, slots=True)
class AudioInfo:
    """What a file declares about its sound, before decoding; ``duration`` in seconds, if declared."""

    container: str
    codec: str
    sample_rate: int
    channels: int
    duration: float | None
    #: The number of audio streams; FFmpeg's choice of the best is decoded.
    streams: int = 1


@dataclass(frozen=True, slots=True)
class AudioTags:
    """The tags of the whole file, with the container's keys, and its chapters."""

    texts: tuple[tuple[str, str], ...]
    chapters: tuple[Chapter, ...]


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of the file's bytes in hexadecimal; raises ``AudioError`` when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def probe(path: Path) -> AudioInfo:
    """Return what the file declares about its sound, in milliseconds of work; raises ``AudioError``."""
    with _opened(path) as (container, stream):
        return _info(container, stream)


def audio_tags(path: Path) -> AudioTags:
    """Return the raw tags and chapters of the file, cut to a safe length; raises ``AudioError``."""
    with _opened(path) as (container, stream):
        tags = dict(container.metadata)
        if container.format.name == "ogg":  # has its comments on the stream; elsewhere, a stream's tags are the track's
            tags |= stream.metadata
        chapters = (
            Chapter(float(chapter["start"] * chapter["time_base"]), chapter["metadata"].get("title", "")[:LONGEST_TAG])
            for chapter in container.chapters()
            if chapter["time_base"]
        )
        return AudioTags(tuple((key, text[:LONGEST_TAG]) for key, text in tags.items()), tuple(chapters))


def checked(path: Path, channel: int | None) -> AudioInfo:
    """Return what the file declares about its sound; raises ``AudioError`` also for a channel that it lacks."""
    return Decoder(path, channel).info


def decoded(path: Path, channel: int | None) -> Iterator[bytes | AudioReport]:
    """Yield a ``Decoder``'s arrays as bytes, and its report last: plain values, for another process."""
    decoder = Decoder(path, channel)
    for samples in decoder:
        yield samples.tobytes()
    yield decoder.report


class Decoder:
    """The sound of one file, iterated once as float32 arrays of at most 10 s, shape (samples,), 16 kHz, in -1..1.

    All channels are mixed to one, or ``channel`` (from 0) is taken alone, for interviews with one speaker per channel.
    ``info`` is set from the start, ``report`` is complete after the iteration. Raises ``AudioError``.
    """

    def __init__(self, path: Path, channel: int | None = None) -> None:
        self.path = path
        self.info = probe(path)
        self._channel = channel
        if channel is not None and not 0 <= channel < self.info.channels:
            raise AudioError(
                path,
                phrases(
                    "has %(count)s channel, so there is no channel %(channel)s.",
                    "has %(count)s channels, so there is no channel %(channel)s.",
                    self.info.channels,
                    channel=str(channel),
                ),
                phrase("Channels count from 0."),
            )
        self._origin: float | None = None  # the file's clock when ours is 0
        self._heard = 0.0  # our clock: seconds decoded or filled, before resampling
        self._samples = 0  # yielded so far
        self._filled = 0
        self._damaged = 0
        self._trailing = 0  # of these, since the last sound
        self._places: list[float] = []

    @property
    def report(self) -> AudioReport:
        """Return the faults found so far."""
        declared, decoded = self.info.duration, self._samples / SAMPLE_RATE
        damaged = self._damaged
        if declared is not None and decoded > declared - DRIFT:
            damaged -= self._trailing  # data after a complete recording, perhaps a tag; no word is lost
        places = tuple(self._places) if damaged else ()
        return AudioReport(declared, decoded, self._filled / SAMPLE_RATE, damaged, places)

    def __iter__(self) -> Iterator[Samples]:
        parts: list[Samples] = []
        held = 0
        for part in self._pieces():
            parts.append(part)
            held += len(part)
            if held >= CHUNK:
                joined = np.concatenate(parts)
                whole = held - held % CHUNK
                yield from np.split(joined[:whole], range(CHUNK, whole, CHUNK))
                parts, held = [joined[whole:]], held - whole
        if held:
            yield np.concatenate(parts)
        self._check_length()

    def _check_length(self) -> None:
        if self._samples == 0:
            raise AudioError(
                self.path, phrase("holds no sound that can be decoded."), phrase("Fetch the file again or convert it.")
            )
        if self._samples < SHORTEST * SAMPLE_RATE:
            seconds = self._samples / SAMPLE_RATE
            raise AudioError(
                self.path,
                phrase("holds only %(seconds)s s of sound.", seconds=format(seconds, ".2f")),
                phrase("A word needs at least %(seconds)s s; is it cut off?", seconds=str(SHORTEST)),
            )

    def _pieces(self) -> Iterator[Samples]:
        """Yield arrays of any size: the resampled frames, with silence where the file's clock jumps ahead."""
        import av

        with _opened(self.path) as (container, stream):
            if container.start_time is not None:
                self._origin = container.start_time / av.time_base
            waiting, resampler, shape = av.AudioFifo(), None, None
            for frame in self._frames(container, stream):
                if frame.samples == 0 or frame.sample_rate < LOWEST_RATE:
                    continue
                missing = self._missing(frame)
                now = (frame.format.name, frame.layout.name, frame.sample_rate)
                if resampler is None or missing or now != shape:
                    yield from self._resampled(resampler, waiting.read(), last=True)
                    yield from self._silence(missing)
                    waiting, resampler, shape = av.AudioFifo(), self._resampler(frame), now
                self._heard += missing + frame.samples / frame.sample_rate
                frame.pts = None  # our clock is used from here on
                waiting.write(frame)
                if (
                    waiting.samples >= frame.sample_rate
                ):  # a second at a time: a call for each frame costs three times more
                    yield from self._resampled(resampler, waiting.read())
            yield from self._resampled(resampler, waiting.read(), last=True)

    def _frames(self, container: Any, stream: Any) -> Iterator[Any]:
        """Yield the decoded frames; what cannot be read or decoded is counted and skipped."""
        import av

        stubborn = 0  # errors since the last packet: the demuxer may repeat one error for ever
        packets = container.demux(stream)
        while self._damaged < MOST_DAMAGED and stubborn < 10:
            try:
                packet = next(packets)
            except (StopIteration, av.error.EOFError):
                return
            except (av.error.FFmpegError, OSError):
                stubborn += 1
                self._note_damage()
                packets = container.demux(stream)  # a generator that raised has ended
                continue
            stubborn = 0
            try:
                frames = packet.decode()
            except av.error.EOFError:
                return
            except (av.error.FFmpegError, ValueError):
                self._note_damage()
                continue
            if frames:
                self._trailing = 0
            yield from frames

    def _note_damage(self) -> None:
        self._damaged += 1
        self._trailing += 1
        place = float(int(self._samples / SAMPLE_RATE))
        if len(self._places) < 5 and place not in self._places:
            self._places.append(place)

    def _missing(self, frame: Any) -> float:
        """Return the seconds of silence due before ``frame``; resets our clock if the file's makes no sense."""
        if frame.time is None:
            return 0.0
        if self._origin is None:
            self._origin = frame.time
        hole = float(frame.time - self._origin - self._heard)
        if abs(hole) < DRIFT:
            return 0.0
        if 0 < hole <= LONGEST_HOLE:
            return hole
        self._origin += hole
        return 0.0

    def _silence(self, seconds: float) -> Iterator[Samples]:
        left = round(seconds * SAMPLE_RATE)
        self._filled += left
        while left > 0:
            part = np.zeros(min(left, CHUNK), np.float32)
            left -= len(part)
            yield self._counted(part)

    def _resampler(self, frame: Any) -> Any:
        import av

        layout = "mono" if self._channel is None else frame.layout
        return av.AudioResampler(format="s16", layout=layout, rate=SAMPLE_RATE)  # packed: planar fails above 7 channels

    def _resampled(self, resampler: Any, frame: Any, last: bool = False) -> Iterator[Samples]:
        import av

        frames: list[Any] = []
        try:
            if frame is not None:
                frames += resampler.resample(frame)
            if last and resampler is not None:
                frames += resampler.resample(None)
        except (av.error.FFmpegError, ValueError) as error:
            if self._samples == 0 and self.info.channels > FAMILIAR:
                problem = phrase(
                    "has %(channels)s channels, which FFmpeg cannot mix.", channels=str(self.info.channels)
                )
                raise AudioError(self.path, problem, phrase("Export it with one or two.")) from error
            self._note_damage()
        for done in frames:
            samples = done.to_ndarray().reshape(-1, done.layout.nb_channels)
            picked = samples[:, min(self._channel or 0, samples.shape[1] - 1)]
            yield self._counted(picked.astype(np.float32) / 32768)

    def _counted(self, samples: Samples) -> Samples:
        self._samples += len(samples)
        if self._samples > LONGEST * SAMPLE_RATE:
            raise AudioError(
                self.path,
                phrase("lasts more than %(hours)s hours.", hours=format(LONGEST / 3600, ".0f")),
                phrase("Cut it into programmes first."),
            )
        return samples


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """Open the file and its best audio stream; FFmpeg gets the bytes only, and cannot open other files or addresses."""
    import av

    if not path.is_file():
        problem = phrase("is a folder.") if path.is_dir() else phrase("is not there.")
        raise AudioError(path, problem, phrase("Name a sound or video file."))
    try:
        if path.stat().st_size == 0:
            raise AudioError(path, phrase("is empty (0 bytes)."), phrase("Fetch the file again."))
        file = path.open("rb")
    except OSError as error:
        raise _unreadable(path, error) from error
    with file:
        try:
            container = av.open(file, options={"protocol_whitelist": "none"}, metadata_errors="replace")
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise _no_sound(path) from error
        with container:
            stream = container.streams.best("audio")
            _check(path, container, stream)
            yield container, stream


def _check(path: Path, container: Any, stream: Any) -> None:
    if stream is None and container.format.name in ("tty", "image2"):  # FFmpeg reads any text as a film
        raise _no_sound(path)
    if stream is None:
        moving = [video for video in container.streams.video if not video.disposition.value & _ATTACHED_PICTURE]
        raise (
            AudioError(path, phrase("is a video without sound."), phrase("Name one that has sound."))
            if moving
            else _no_sound(path)
        )
    if stream.codec_context is None or not stream.codec_context.sample_rate:
        raise AudioError(
            path, phrase("holds sound in a form that FFmpeg does not know."), phrase("Convert it to MP3 or FLAC first.")
        )
    if stream.codec_context.sample_rate < LOWEST_RATE:
        raise AudioError(
            path,
            phrase("is sampled only %(times)s times a second.", times=stream.codec_context.sample_rate),
            phrase("Speech needs %(least)s or more.", least=LOWEST_RATE),
        )


def _info(container: Any, stream: Any) -> AudioInfo:
    import av

    duration = None
    if stream.duration and stream.time_base:
        duration = float(stream.duration * stream.time_base)
    elif container.duration:
        duration = container.duration / av.time_base
    context = stream.codec_context
    return AudioInfo(
        container=container.format.name,
        codec=context.name,
        sample_rate=context.sample_rate,
        channels=context.layout.nb_channels,
        duration=duration if duration is not None and duration > 0 else None,
        streams=len(container.streams.audio),
    )


def _no_sound(path: Path) -> AudioError:
    if path.suffix.lower() in PLAYLISTS:
        return AudioError(
            path, phrase("is a playlist, a list of links."), phrase("Name the sound files that it lists.")
        )
    return AudioError(
        path, phrase("holds no sound that can be read."), phrase("Is it complete, and really a sound or video file?")
    )


def _unreadable(path: Path, error: OSError) -> AudioError:
    return AudioError(
        path,
        phrase("cannot be read (%(reason)s).", reason=str(error.strerror or error)),
        phrase("Check that it exists and you may read it."),
    )
