"""The example episode: the seed's words, the right speakers, and times at which the sound really is."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tomllib
from datetime import date
from itertools import groupby, pairwise
from pathlib import Path

import numpy as np
import pytest
import webvtt
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.errors import FormatError
from kb.types import Segment, Word
from tests.conftest import CORPUS, MATERIAL, ROOT
from training.festival import Festival
from training.flite import Flite
from training.make_reading import EPISODE, spoken_words
from training.reading import compose_reading, read_reading, split_words
from training.sound import read_sound
from training.utterance import RATE, SpeakerMissing, SpeechFailed, Voice, trim
from training.voices import CAST

VTT = CORPUS / f"{EPISODE}.vtt"
OPUS = CORPUS / f"{EPISODE}.opus"
TOML = CORPUS / f"{EPISODE}.toml"
WORDS_SHA256 = "3a1e65b14e54602e7f91242d1f9ae6f4ad8cb18e41d1d3dfbdaeda0aecceb3ae"

CORNISH, SHAHANI, BEDOYA = "Audie Cornish", "Aarti Shahani", "Alvaro Bedoya"
needs_synthesisers = pytest.mark.skipif(
    not (shutil.which("espeak-ng") and shutil.which("flite")), reason="espeak-ng and flite are not installed"
)


@pytest.fixture(scope="module")
def cues() -> tuple[Segment, ...]:
    return read_reading(VTT)


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    return read_sound(OPUS)


def rms(samples: np.ndarray) -> float:
    return float(np.sqrt(np.mean(samples**2)))


def payload(path: Path) -> str:
    """All the words of the file by another reader than ours."""
    return " ".join(" ".join(caption.text for caption in webvtt.read(str(path))).split())


def turns(cues: tuple[Segment, ...]) -> list[tuple[str | None, str]]:
    return [(who, " ".join(cue.text for cue in said)) for who, said in groupby(cues, key=lambda cue: cue.speaker)]


def test_the_words_are_the_seeds() -> None:
    seed = (MATERIAL / "seed" / f"{EPISODE}.txt").read_text(encoding="utf-8")
    assert payload(VTT) == " ".join(seed.split())


def test_the_words_are_those_that_were_given() -> None:
    assert hashlib.sha256(payload(VTT).encode()).hexdigest() == WORDS_SHA256


def test_the_turns_are_the_seeds(cues: tuple[Segment, ...]) -> None:
    seed = (MATERIAL / "seed" / f"{EPISODE}.txt").read_text(encoding="utf-8")
    assert [text for _, text in turns(cues)] == re.split(r"\s{2,}", seed.strip())


def test_the_speakers_alternate_around_the_recording(cues: tuple[Segment, ...]) -> None:
    speakers = [speaker for speaker, _ in turns(cues)]
    assert speakers == [CORNISH, SHAHANI] * 4 + [BEDOYA, SHAHANI, CORNISH, SHAHANI]
    before, recording, after = turns(cues)[7:10]
    assert before[1].endswith("This is him.")
    assert recording[1].startswith("The question that people")
    assert recording[1].endswith("who is undocumented?")
    assert after[1].startswith("And he is not alone")
    assert turns(cues)[-1] == (SHAHANI, "Thank you.")


def test_each_cue_is_a_sentence(cues: tuple[Segment, ...]) -> None:
    assert len(cues) == 48
    assert all(cue.text[0].isupper() and cue.text[-1] in ".?" for cue in cues)


def test_times_rise_strictly_inside_each_cue_and_the_audio(cues: tuple[Segment, ...], sound: np.ndarray) -> None:
    bounds = [time for cue in cues for time in (cue.start, *(word.start for word in cue.words[1:]), cue.end)]
    assert all(earlier < later for earlier, later in pairwise(bounds))
    assert bounds[0] > 0
    assert bounds[-1] < len(sound) / RATE


def test_every_word_but_the_first_has_its_timestamp() -> None:
    for block in VTT.read_text(encoding="utf-8").split("\n\n")[2:]:
        words = split_words(re.sub(r"<[^>]*>", "", block.splitlines()[1]))
        assert len(re.findall(r"<\d\d:\d\d:\d\d\.\d{3}>", block)) == len(words) - 1


def test_the_file_says_that_the_reading_is_synthetic() -> None:
    note = VTT.read_text(encoding="utf-8").split("\n\n")[1]
    assert note.startswith("NOTE")
    assert "synthetic" in note
    assert "not NPR's broadcast" in note


def test_another_reader_finds_the_same_cues(cues: tuple[Segment, ...]) -> None:
    others = [(caption.start_in_seconds, caption.voice, caption.text) for caption in webvtt.read(str(VTT))]
    assert others == [(int(cue.start or 0), cue.speaker, cue.text) for cue in cues]


def test_there_is_speech_in_each_cue_and_silence_between(cues: tuple[Segment, ...], sound: np.ndarray) -> None:
    edge = 0.06  # the fading of a last consonant, and the codec's
    spans = [(cue.start or 0.0, cue.end or 0.0) for cue in cues]
    gaps = list(pairwise([0.0, *(time for span in spans for time in span), len(sound) / RATE]))[::2]
    assert min(rms(sound[int(start * RATE) : int(end * RATE)]) for start, end in spans) > 0.03
    assert max(rms(sound[int((start + edge) * RATE) : int((end - edge) * RATE)]) for start, end in gaps) < 0.001


def test_each_cue_starts_where_its_sound_starts(cues: tuple[Segment, ...], sound: np.ndarray) -> None:
    ended = 0.0
    for cue in cues:
        assert cue.start is not None
        assert cue.end is not None
        stretch = np.abs(sound[int((ended + 0.06) * RATE) : int(cue.end * RATE)])
        onset = ended + 0.06 + float(np.argmax(stretch > 0.01)) / RATE
        assert onset == pytest.approx(cue.start, abs=0.12), cue.text
        ended = cue.end


def test_words_are_spoken_at_a_human_pace(cues: tuple[Segment, ...]) -> None:
    lengths = [(word.end or 0) - (word.start or 0) for cue in cues for word in cue.words]
    assert min(lengths) >= 0.015
    assert max(lengths) < 2.0
    assert 0.2 < sum(lengths) / len(lengths) < 0.5


def test_the_audio_is_small_mono_opus() -> None:
    assert OPUS.stat().st_size < 2_000_000
    assert OPUS.read_bytes()[:4] == b"OggS"
    assert b"OpusHead" in OPUS.read_bytes()[:100]


def test_the_sidecar_has_exactly_these_facts() -> None:
    facts = tomllib.loads(TOML.read_text(encoding="utf-8"))
    assert {key: value for key, value in facts.items() if key != "audio_note"} == {
        "show": "All Things Considered",
        "title": "ICE Turned To DMV Driver's License Databases For Help With Facial Recognition",
        "published": date(2019, 7, 8),
        "publisher": "NPR",
        "medium": "radio",
        "language": "en",
        "audio": OPUS.name,
        "origin": "publisher",
        "people": [
            {"name": CORNISH, "role": "host"},
            {"name": SHAHANI, "role": "reporter"},
            {"name": BEDOYA, "role": "recording"},
        ],
    }
    assert "synthetic reading" in facts["audio_note"]
    assert "not NPR's broadcast" in facts["audio_note"]


@pytest.mark.slow
@needs_synthesisers
def test_the_cast_speaks_and_says_when() -> None:
    sentence = "This is NPR in the U.S. of America, is it?"
    for voice in CAST.values():
        (utterance,) = voice.speak([sentence])
        starts, ends = zip(*utterance.spans, strict=True)
        assert len(starts) == len(sentence.split())
        assert all(earlier < later for earlier, later in pairwise(starts))
        assert starts[0] >= 0
        assert ends[-1] <= utterance.duration
        assert rms(utterance.sound) > 0.01


@pytest.mark.parametrize(("voice", "package"), [(Flite("slt"), "flite"), (Festival("kal_diphone"), "festvox")])
def test_a_missing_synthesiser_is_named_with_its_package(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, voice: Voice, package: str
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SpeakerMissing, match=f"was not found. Install the Debian package .*{package}"):
        voice.speak(["Anything."])


@needs_synthesisers
@pytest.mark.slow
def test_making_it_anew_gives_the_same_words_and_is_repeatable(tmp_path: Path) -> None:
    for name in ("first", "second"):
        command = [sys.executable, "-m", "training.make_reading", "--out", str(tmp_path / name)]
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=240)
    for file in (VTT.name, OPUS.name):
        assert (tmp_path / "first" / file).read_bytes() == (tmp_path / "second" / file).read_bytes()
    assert payload(tmp_path / "first" / VTT.name) == payload(VTT)


def test_a_dash_is_a_pause_and_no_word() -> None:
    assert split_words("did do it - right? - hand over") == ["did", "do", "it -", "right? -", "hand", "over"]
    assert spoken_words("did do it - right? - hand over") == ["did", "do", "it,", "right?", "hand", "over"]


@given(st.lists(st.text("abcdeé'.-?", min_size=1), min_size=1))
def test_splitting_loses_no_letter(tokens: list[str]) -> None:
    assert " ".join(split_words(" ".join(tokens))) == " ".join(tokens)


@settings(deadline=None)  # it writes a file
@given(
    st.lists(st.lists(st.from_regex(r"[a-zA-Z'.?é]+( -)?", fullmatch=True), min_size=1, max_size=5), max_size=5),
    st.sampled_from([CORNISH, SHAHANI]),
)
def test_a_written_reading_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, lines: list[list[str]], who: str
) -> None:
    segments = []
    for index, texts in enumerate(lines):
        words = tuple(Word(text, 10 * index + step, 10 * index + step + 1) for step, text in enumerate(texts))
        segments.append(Segment(words[0].start, words[-1].end, " ".join(texts), who, words))
    path = tmp_path_factory.getbasetemp() / "round-trip.vtt"
    path.write_text(compose_reading(segments, "A comment."), encoding="utf-8")
    assert read_reading(path) == tuple(segments)


def test_a_cue_without_a_voice_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "nameless.vtt"
    path.write_text("WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nHello.\n")
    with pytest.raises(FormatError, match=r"nameless\.vtt: the cue at .* has no voice tag\. Write <v Name>"):
        read_reading(path)


@given(
    st.lists(st.one_of(st.none(), st.floats(0, 2)), min_size=1, max_size=12),
)
def test_trimmed_word_times_rise_whatever_the_synthesiser_said(starts: list[float | None]) -> None:
    speech = np.concatenate([np.zeros(RATE // 2), np.full(RATE, 0.1), np.zeros(RATE // 2)]).astype(np.float32)
    words = ["word"] * len(starts)
    utterance = trim(speech, words, starts, [None] * len(starts))
    begins = [begin for begin, _ in utterance.spans]
    assert all(earlier < later for earlier, later in pairwise(begins))
    assert all(begin < end <= utterance.duration for begin, end in utterance.spans)


def test_silence_is_no_speech() -> None:
    with pytest.raises(SpeechFailed, match="silence"):
        trim(np.zeros(RATE, np.float32), ["word"], [0.0], [None])
