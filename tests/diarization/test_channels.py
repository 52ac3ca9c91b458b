"""An interview on two channels is split right, and whatever is none is left alone."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.diarization import (
    SampleBlock,
    assign_speakers,
    split_by_channel,
)
from kb.types import SAMPLE_RATE, Segment, Word

from ..conftest import MATERIAL


def decoded(path: Path, layout: str = "stereo") -> SampleBlock:
    resampler = av.AudioResampler(format="flt", layout=layout, rate=SAMPLE_RATE)
    parts = []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            frame.pts = None
            parts += [part.to_ndarray() for part in resampler.resample(frame)]
    samples = np.concatenate(parts, axis=1)
    return samples.reshape(-1, 2 if layout == "stereo" else 1).astype(np.float32)


def in_blocks(samples: SampleBlock, size: int = SAMPLE_RATE) -> Iterator[SampleBlock]:
    return (samples[begin : begin + size] for begin in range(0, len(samples), size))


@pytest.fixture(scope="module")
def reading() -> tuple[SampleBlock, list[Segment]]:
    """The reading in one channel, and its sentences with known speakers and words."""
    folder = MATERIAL / "reading"
    sentences = [
        Segment(
            s["start"],
            s["end"],
            s["text"],
            s["speaker"],
            tuple(
                Word(word, start, end)
                for word, start, end in zip(
                    s["text"].split(), s["word_starts"], [*s["word_starts"][1:], s["end"]], strict=True
                )
            ),
        )
        for s in json.loads((folder / "reading.json").read_text())
    ]
    return decoded(folder / "reading.opus", "mono"), sentences


def interview(
    reading: tuple[SampleBlock, list[Segment]], leak: float, noise: float, gain: float, delay: int
) -> SampleBlock:
    """Put the host on the left and everybody else on the right, as a remote interview is recorded."""
    samples, sentences = reading
    clean = np.zeros((len(samples), 2), np.float32)
    for sentence in sentences:
        at = slice(int((sentence.start or 0) * SAMPLE_RATE), int((sentence.end or 0) * SAMPLE_RATE))
        clean[at, int(sentence.speaker != "Audie Cornish")] = samples[at, 0]
    mixed = (clean + leak * np.roll(clean[:, ::-1], delay, axis=0)) * np.array([1.0, gain])
    return (mixed + np.random.default_rng(1).normal(0, noise, mixed.shape)).astype(np.float32)


@pytest.mark.parametrize(
    ("leak", "noise", "gain", "delay"),
    [
        pytest.param(0.0, 0.0, 1.0, 0, id="clean"),
        pytest.param(0.1, 1e-4, 1.0, 0, id="each faintly in the other's microphone"),
        pytest.param(0.35, 1e-4, 1.0, 40, id="in one room"),
        pytest.param(0.1, 1e-2, 1.0, 0, id="noisy"),
        pytest.param(0.1, 1e-4, 0.1, 0, id="one much quieter"),
    ],
)
def test_an_interview_on_two_channels_is_split_right(
    reading: tuple[SampleBlock, list[Segment]], leak: float, noise: float, gain: float, delay: int
) -> None:
    spans = split_by_channel(in_blocks(interview(reading, leak, noise, gain, delay)))
    unknown = [Segment(s.start, s.end, s.text, None, s.words) for s in reading[1]]
    named = assign_speakers(unknown, spans, {"left": "host", "right": "guest"})
    got = [segment.speaker for segment in named for _ in segment.words]
    wanted = ["host" if s.speaker == "Audie Cornish" else "guest" for s in reading[1] for _ in s.words]
    assert len(got) == len(wanted)
    assert sum(a == b for a, b in zip(got, wanted, strict=True)) >= 0.99 * len(wanted)


def test_real_speech_on_two_channels() -> None:
    """On the left somebody speaks all the time, on the right only from about 0.4 to 2.3 s."""
    spans = split_by_channel(in_blocks(decoded(MATERIAL / "speech/stereo_diarization.wav")))
    assert {span.speaker for span in spans} == {"left", "right"}
    right = [span for span in spans if span.speaker == "right"]
    left = [span for span in spans if span.speaker == "left"]
    assert right[0].start == pytest.approx(0.4, abs=0.3)
    assert right[-1].end == pytest.approx(2.3, abs=0.4)
    assert left[0].start < 0.5
    assert left[-1].end > 4
    later = assign_speakers([Segment(0.0, 5.0, "now later", None, (Word("now", 3, 3.4), Word("later", 4, 4.4)))], spans)
    assert len(later) == 1


@pytest.mark.parametrize("name", ["jfk.flac", "hotwords.mp3", "multilingual.mp3"])
def test_real_recordings_with_one_channel_in_two_are_left_alone(name: str) -> None:
    assert split_by_channel(in_blocks(decoded(MATERIAL / "speech" / name))) == ()


def panned_notes(_: SampleBlock) -> SampleBlock:
    rng = np.random.default_rng(1)
    notes = np.zeros((SAMPLE_RATE * 20, 2))
    time = np.arange(12000) / SAMPLE_RATE
    for begin in range(0, len(notes) - 12000, 4000):
        sound = np.sin(2 * np.pi * 220 * 2 ** (rng.integers(24) / 12) * time) * np.exp(-time * 3)
        notes[begin : begin + 12000] += np.outer(sound, [(side := rng.uniform()), 1 - side]) * 0.2
    return notes.astype(np.float32)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda m: np.hstack([m, m]), id="the same on both"),
        pytest.param(lambda m: np.hstack([m, 0.3 * m]), id="off the centre"),
        pytest.param(lambda m: np.hstack([m, np.roll(m, 37)]), id="one room, two microphones"),
        pytest.param(lambda m: np.hstack([m, np.zeros_like(m)]), id="one side silent"),
        pytest.param(
            lambda m: np.hstack([m, np.random.default_rng(1).normal(0, 0.01, m.shape)]), id="one side only noise"
        ),
        pytest.param(lambda m: np.random.default_rng(1).normal(0, 0.1, (len(m), 2)), id="noise"),
        pytest.param(lambda m: np.zeros((len(m), 2)), id="silence"),
        pytest.param(panned_notes, id="notes from all sides"),
        pytest.param(lambda m: m, id="one channel"),
        pytest.param(lambda m: m[:, 0], id="one channel, flat"),
        pytest.param(lambda m: np.hstack([m] * 6), id="six channels"),
        pytest.param(lambda m: np.full((len(m), 2), np.nan), id="not a number"),
        pytest.param(lambda m: np.zeros((0, 2)), id="nothing"),
        pytest.param(lambda m: np.hstack([m, m])[:300], id="very short"),
    ],
)
def test_channels_that_do_not_tell_are_left_alone(
    reading: tuple[SampleBlock, list[Segment]], make: Callable[[SampleBlock], SampleBlock]
) -> None:
    samples = make(reading[0][: 60 * SAMPLE_RATE]).astype(np.float32)
    assert split_by_channel(in_blocks(samples)) == ()


@settings(max_examples=20, deadline=None)
@given(size=st.integers(1, 40_000))
def test_the_size_of_the_blocks_does_not_matter(stereo: SampleBlock, size: int) -> None:
    size = max(size, 50)
    assert split_by_channel(in_blocks(stereo, size)) == split_by_channel([stereo])


@pytest.fixture(scope="module")
def stereo() -> SampleBlock:
    return decoded(MATERIAL / "speech/stereo_diarization.wav")


def test_a_long_recording_is_split_in_bounded_memory(stereo: SampleBlock) -> None:
    """Half an hour is 230 MB as samples."""
    tracemalloc.start()
    spans = split_by_channel(stereo for _ in range(360))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40_000_000
    assert max(span.end for span in spans) == pytest.approx(1800, abs=2)
