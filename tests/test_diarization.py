"""Speakers are told apart or said to be unknown, and whatever fails there, the transcript stays."""

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
    SAMPLE_RATE,
    Block,
    SpeakerSpan,
    add_speakers,
    assign_speakers,
    pyannote_diarizer,
    sherpa_diarizer,
    split_by_channel,
)
from kb.errors import AudioError, ModelNotAvailable, UsageError
from kb.types import Segment, Word


def decoded(path: Path, layout: str = "stereo") -> Block:
    resampler = av.AudioResampler(format="flt", layout=layout, rate=SAMPLE_RATE)
    parts = []
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            frame.pts = None
            parts += [part.to_ndarray() for part in resampler.resample(frame)]
    samples = np.concatenate(parts, axis=1)
    return samples.reshape(-1, 2 if layout == "stereo" else 1).astype(np.float32)


def in_blocks(samples: Block, size: int = SAMPLE_RATE) -> Iterator[Block]:
    return (samples[begin : begin + size] for begin in range(0, len(samples), size))


# One speaker on each channel


@pytest.fixture(scope="module")
def reading(shared: Path) -> tuple[Block, list[Segment]]:
    """The reading in one channel, and its sentences with known speakers and words."""
    folder = shared / "models/whisper-tiny-segment"
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


def interview(reading: tuple[Block, list[Segment]], leak: float, noise: float, gain: float, delay: int) -> Block:
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
    reading: tuple[Block, list[Segment]], leak: float, noise: float, gain: float, delay: int
) -> None:
    spans = split_by_channel(in_blocks(interview(reading, leak, noise, gain, delay)))
    unknown = [Segment(s.start, s.end, s.text, None, s.words) for s in reading[1]]
    named = assign_speakers(unknown, spans, {"left": "host", "right": "guest"})
    got = [segment.speaker for segment in named for _ in segment.words]
    wanted = ["host" if s.speaker == "Audie Cornish" else "guest" for s in reading[1] for _ in s.words]
    assert len(got) == len(wanted)
    assert sum(a == b for a, b in zip(got, wanted, strict=True)) >= 0.99 * len(wanted)


def test_real_speech_on_two_channels(shared: Path) -> None:
    """On the left somebody speaks all the time, on the right only from about 0.4 to 2.3 s."""
    spans = split_by_channel(in_blocks(decoded(shared / "data/audio/stereo_diarization.wav")))
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
def test_real_recordings_with_one_channel_in_two_are_left_alone(shared: Path, name: str) -> None:
    assert split_by_channel(in_blocks(decoded(shared / "data/audio" / name))) == ()


def panned_notes(_: Block) -> Block:
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
    reading: tuple[Block, list[Segment]], make: Callable[[Block], Block]
) -> None:
    samples = make(reading[0][: 60 * SAMPLE_RATE]).astype(np.float32)
    assert split_by_channel(in_blocks(samples)) == ()


@settings(max_examples=20, deadline=None)
@given(size=st.integers(1, 40_000))
def test_the_size_of_the_blocks_does_not_matter(shared_stereo: Block, size: int) -> None:
    size = max(size, 50)
    assert split_by_channel(in_blocks(shared_stereo, size)) == split_by_channel([shared_stereo])


@pytest.fixture(scope="module")
def shared_stereo(shared: Path) -> Block:
    return decoded(shared / "data/audio/stereo_diarization.wav")


def test_a_long_recording_is_split_in_bounded_memory(shared_stereo: Block) -> None:
    """Half an hour is 230 MB as samples."""
    tracemalloc.start()
    spans = split_by_channel(shared_stereo for _ in range(360))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40_000_000
    assert max(span.end for span in spans) == pytest.approx(1800, abs=2)


# Speakers for segments

seconds = st.floats(0, 60).map(lambda value: round(value, 2))
span_lists = st.lists(
    st.builds(lambda a, b, who: SpeakerSpan(min(a, b), max(a, b), who), seconds, seconds, st.sampled_from("ABC")),
    max_size=12,
)
word_texts = st.text("abc,.é日", min_size=1, max_size=4)


@st.composite
def transcripts(draw: st.DrawFn) -> list[Segment]:
    segments = []
    for _ in range(draw(st.integers(0, 4))):
        texts = draw(st.lists(word_texts, max_size=8))
        marks = sorted(draw(st.lists(seconds, min_size=2 * len(texts) + 2, max_size=2 * len(texts) + 2)))
        words = tuple(
            Word(draw(st.sampled_from(["", " "])) + text, *draw(st.sampled_from([(a, b), (a, b), (None, None)])), 0.5)
            for text, a, b in zip(texts, marks[1:-1:2], marks[2::2], strict=True)
        )
        text = draw(st.sampled_from(["", " "])) + draw(st.sampled_from([" ", "", "  "])).join(texts)
        kept = draw(st.sampled_from([words, words, words, ()]))
        speaker = draw(st.sampled_from([None, None, None, "Aarti Shahani", "Speaker 1"]))
        segments.append(Segment(marks[0], marks[-1], text, speaker, kept, -0.3, 0.01))
    return segments


@given(transcripts(), span_lists)
def test_text_words_and_times_stay(segments: list[Segment], spans: list[SpeakerSpan]) -> None:
    parts = assign_speakers(segments, spans)
    assert "".join(part.text for part in parts) == "".join(segment.text for segment in segments)
    assert [word for part in parts for word in part.words] == [word for segment in segments for word in segment.words]
    assert {part.start for part in parts} >= {segment.start for segment in segments}
    assert {part.end for part in parts} >= {segment.end for segment in segments}
    assert all((part.avg_logprob, part.no_speech_prob) == (-0.3, 0.01) for part in parts)
    assert [part for part in parts if part.speaker == "Aarti Shahani"] == [
        segment for segment in segments if segment.speaker == "Aarti Shahani"
    ]


@given(transcripts(), span_lists)
def test_unknown_speakers_are_numbered_in_the_order_of_appearance(
    segments: list[Segment], spans: list[SpeakerSpan]
) -> None:
    given_names = {segment.speaker for segment in segments}
    speakers = [part.speaker for part in assign_speakers(segments, spans) if part.speaker not in given_names]
    first = 2 if "Speaker 1" in given_names else 1
    assert list(dict.fromkeys(speakers)) == [f"Speaker {first + k}" for k in range(len(set(speakers)))]


@given(transcripts(), span_lists)
def test_each_word_goes_to_who_overlaps_it_most(segments: list[Segment], spans: list[SpeakerSpan]) -> None:
    def overlap(word: Word, who: str) -> float:
        if word.start is None or word.end is None:
            return 0
        return sum(
            max(0, min(word.end, span.end) - max(word.start, span.start)) for span in spans if span.speaker == who
        )

    for part in assign_speakers(segments, spans, {"A": "A", "B": "B", "C": "C"}):
        places = "".join(word.text.strip() for word in part.words) == "".join(part.text.split())
        for word in part.words if part.speaker in {"A", "B", "C"} and places else ():
            shares = {who: overlap(word, who) for who in "ABC"}
            assert part.speaker is not None
            assert shares[part.speaker] == pytest.approx(max(shares.values()))


@given(transcripts())
def test_without_spans_nothing_changes(segments: list[Segment]) -> None:
    assert assign_speakers(segments, ()) == tuple(segments)


def words_at(text: str, *starts: float) -> tuple[Word, ...]:
    return tuple(Word(f" {word}", start, start + 0.5) for word, start in zip(text.split(), starts, strict=True))


def test_a_segment_is_split_where_the_speaker_changes() -> None:
    text = " Is it new? Yes it is."
    segment = Segment(0.0, 6.5, text, None, words_at(text, 0, 1, 2, 4, 5, 6))
    parts = assign_speakers([segment], [SpeakerSpan(0, 3, "SPEAKER_07"), SpeakerSpan(3.5, 7, "SPEAKER_02")])
    assert [(part.speaker, part.text, part.start, part.end) for part in parts] == [
        ("Speaker 1", " Is it new?", 0.0, 2.5),
        ("Speaker 2", " Yes it is.", 4, 6.5),
    ]


def test_a_word_in_a_gap_goes_with_its_neighbour() -> None:
    segment = Segment(0.0, 3.5, "Is it new?", None, words_at("Is it new?", 0, 1.2, 2.5))
    assert assign_speakers([segment], [SpeakerSpan(0, 1, "x"), SpeakerSpan(2, 4, "x")]) == (
        Segment(0.0, 3.5, "Is it new?", "Speaker 1", segment.words),
    )


def test_a_segment_whose_words_are_not_its_text_stays_whole() -> None:
    segment = Segment(0.0, 4.0, "Something else.", None, words_at("two words", 0, 3))
    parts = assign_speakers([segment], [SpeakerSpan(0, 1, "x"), SpeakerSpan(1, 4, "y")])
    assert [(part.text, part.speaker) for part in parts] == [("Something else.", "Speaker 1")]


def test_a_segment_that_nobody_overlaps_stays_unknown() -> None:
    segment = Segment(10.0, 12.0, "Hello.", None, words_at("Hello.", 10))
    assert assign_speakers([segment], [SpeakerSpan(0, 5, "x")])[0].speaker is None


def test_names_are_used_and_never_given_twice() -> None:
    segments = [Segment(0.0, 1.0, "a"), Segment(2.0, 3.0, "b")]
    parts = assign_speakers(segments, [SpeakerSpan(0, 1, "x"), SpeakerSpan(2, 3, "y")], {"x": "Speaker 1"})
    assert [part.speaker for part in parts] == ["Speaker 1", "Speaker 2"]


# What fails keeps the transcript

TRANSCRIPT = (Segment(0.0, 1.0, "Kept."),)


@pytest.mark.parametrize(
    ("failure", "warning"),
    [
        (RuntimeError("CUDA out of memory"), "RuntimeError: CUDA out of memory"),
        (AudioError("a.mp3", "is damaged.", "Fetch it again."), "a.mp3: is damaged. Fetch it again."),
        (IndexError("list index out of range"), "the transcript is complete without them"),
        (MemoryError(), "MemoryError"),
    ],
)
def test_a_diarization_that_fails_keeps_the_transcript(failure: Exception, warning: str) -> None:
    def broken(blocks: object) -> tuple[SpeakerSpan, ...]:
        raise failure

    segments, said = add_speakers(TRANSCRIPT, [], broken)
    assert segments == TRANSCRIPT
    assert (said or "").startswith("The speakers were not told apart")
    assert warning in (said or "")


def test_one_voice_is_no_failure_and_none_is_said() -> None:
    assert add_speakers(TRANSCRIPT, [], lambda blocks: (SpeakerSpan(0, 1, "x"),))[1] is None
    segments, said = add_speakers(TRANSCRIPT, [np.zeros((16000, 2), np.float32)], split_by_channel)
    assert (segments, said) == (TRANSCRIPT, "The speakers were not told apart: no two voices could be distinguished.")


def test_a_person_who_stops_it_is_obeyed() -> None:
    def stopped(blocks: object) -> tuple[SpeakerSpan, ...]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        add_speakers(TRANSCRIPT, [], stopped)


# Other people's diarizers


@pytest.mark.parametrize(
    ("package", "make", "install"),
    [
        ("sherpa_onnx", sherpa_diarizer, r"pip install 'verbatim-kb\[diarize\]'"),
        ("pyannote", pyannote_diarizer, r"pip install 'pyannote\.audio'"),
    ],
)
def test_a_missing_package_is_named_with_the_command(
    tmp_path: Path, package: str, make: Callable[[Path], object], install: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.path", [])  # so that it is missing on a machine that has it, too
    monkeypatch.delitem(__import__("sys").modules, package, raising=False)
    with pytest.raises(UsageError, match=install):
        make(tmp_path)


@pytest.fixture
def pretended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Put a package called sherpa_onnx before any real one: its models are too large to ship with the tests."""

    def install(process: str) -> Path:
        (tmp_path / "sherpa_onnx.py").write_text(
            "import os, sys, time\n"
            "class Anything:\n"
            "    def __init__(self, *args, **options): self.__dict__.update(options)\n"
            "OfflineSpeakerSegmentationPyannoteModelConfig = OfflineSpeakerSegmentationModelConfig = Anything\n"
            "SpeakerEmbeddingExtractorConfig = FastClusteringConfig = OfflineSpeakerDiarizationConfig = Anything\n"
            "class OfflineSpeakerDiarization:\n"
            "    def __init__(self, config): self.config = config\n"
            "    def sort_by_start_time(self): return self.found\n"
            "    def process(self, samples):\n" + "".join(f"        {line}\n" for line in process.splitlines())
        )
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        for name in ("segmentation.onnx", "embedding.onnx"):
            (tmp_path / name).touch()
        return tmp_path

    return install


def test_the_recording_reaches_the_child_and_its_spans_come_back(pretended: Callable[[str], Path]) -> None:
    folder = pretended(
        "print('some chatter')\n"
        "who = self.config.clustering.num_clusters\n"
        "self.found = [Anything(start=len(samples) / 16000, end=float(samples.max()), speaker=who)]\n"
        "return self"
    )
    stereo = np.zeros((16000, 2), np.float32)
    stereo[5] = [0.5, 1.0]
    assert sherpa_diarizer(folder, 3)([stereo, stereo[:8000]]) == (SpeakerSpan(1.5, 0.75, "3"),)
    assert sherpa_diarizer(folder)([stereo[:, 0]]) == (SpeakerSpan(1.0, 0.5, "-1"),)


@pytest.mark.parametrize(
    ("process", "said"),
    [
        ("sys.stderr.write('window_size does not exist in the metadata'); os._exit(255)", "window_size does not exist"),
        ("raise RuntimeError('bad model')", "RuntimeError: bad model"),
        ("os.kill(os.getpid(), 11)", "check that the model files in"),
        ("os._exit(0)", "check that the model files in"),
    ],
)
def test_a_library_that_ends_its_process_does_not_end_ours(
    pretended: Callable[[str], Path], process: str, said: str
) -> None:
    """The real one calls exit() on a model that is not the one its name says."""
    diarizer = sherpa_diarizer(pretended(process))
    segments, warning = add_speakers(TRANSCRIPT, [np.zeros((16000, 1), np.float32)] * 300, diarizer)
    assert segments == TRANSCRIPT
    assert said in (warning or "")


def test_missing_model_files_are_named(pretended: Callable[[str], Path]) -> None:
    folder = pretended("pass")
    (folder / "embedding.onnx").unlink()
    with pytest.raises(ModelNotAvailable, match=r"embedding\.onnx") as failure:
        sherpa_diarizer(folder)
    assert failure.value.looked == (str(folder / "embedding.onnx"),)
