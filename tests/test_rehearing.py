"""Blocks that a recogniser repeats itself in or is unsure of are heard once more; the better hearing is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ingest.sound.blocks import Block
from ingest.transcribing.block_store import Heard, dump, parse
from ingest.transcribing.languages import SpokenLanguage
from ingest.transcribing.loading import EngineSettings, load, resolved
from ingest.transcribing.recordings import Recogniser, Request
from ingest.transcribing.rehearing import Again, hear_again
from ingest.transcribing.transcription import transcribe_file
from kb.types import SAMPLE_RATE, Remark, Segment, Word
from tests.models.tiny import ct2_folder, openai_checkpoint
from tests.sounds import noise, speech, write

pytestmark = [
    # three habits of openai-whisper that are ours to bear: see test_whisper.py
    pytest.mark.filterwarnings("ignore:__array_wrap__ must accept:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:unclosed file .*tiktoken:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in.*tiktoken:pytest.PytestUnraisableExceptionWarning"),
]

SECONDS = 28
BLOCK = Block(0, 0.0, np.zeros(SECONDS * SAMPLE_RATE, np.float32), ((0.0, float(SECONDS)),))
GOOD = "And so we asked the people of the town what they had seen of it that night"
OTHER = "In so we asked a purple on the down what say had seem of it at might"


def _said(text: str, probability: float = 0.9, start: float = 0.0, end: float = SECONDS) -> Segment:
    words = text.split()
    step = (end - start) / len(words)
    times = [round(start + i * step, 3) for i in range(len(words) + 1)]
    timed = [Word(word, times[i], times[i + 1], probability) for i, word in enumerate(words)]
    return Segment(start, end, text, words=tuple(timed), avg_logprob=-0.3, no_speech_prob=0.1)


LOOP = tuple(_said("Yeah.", start=i, end=i + (0.0 if i in (4, 9) else 0.4)) for i in range(26))
HALF_A_LOOP = (_said(GOOD, 0.9, 0, 5), *LOOP[5:])


class Fickle:
    """An engine that says one thing at first and another when it is asked again."""

    def __init__(self, first: tuple[Segment, ...], second: tuple[Segment, ...]) -> None:
        self.settings = resolved(EngineSettings(Path(__file__), device="cpu", language="en"))
        self.says = {False: first, True: second}
        self.asked: list[bool] = []

    def detect_language(self, samples):
        return "en", 1.0

    def transcribe(self, pieces, language, again=False):
        self.asked.append(again)
        return tuple(self.says[again] for _ in pieces)


@pytest.mark.parametrize(
    ("first", "second", "trouble", "better"),
    [
        (LOOP, (_said(GOOD),), "loop", True),
        (LOOP, LOOP, "loop", False),
        (LOOP, (), "loop", False),
        (HALF_A_LOOP, (_said(OTHER, 0.3),), "loop", False),  # what is no loop in the first is worth more
        (HALF_A_LOOP, (_said(f"{GOOD} and then some more"),), "loop", True),
        ((_said(OTHER, 0.2),), (_said(GOOD, 0.6),), "unsure", True),
        ((_said(OTHER, 0.3),), (_said(OTHER, 0.2),), "unsure", False),
        ((_said(OTHER, 0.3),), (_said("And so we.", 0.9),), "unsure", False),  # sure of little, and most of it lost
        ((_said(OTHER, 0.3),), (_said(f"{GOOD} {OTHER}", 0.2),), "unsure", False),  # more words, and worse ones
        ((_said(OTHER, 0.3),), LOOP, "unsure", False),
        ((Segment(0.0, 28.0, OTHER, avg_logprob=-1.4),), (Segment(0.0, 28.0, GOOD, avg_logprob=-0.2),), "unsure", True),
    ],
)
def test_the_better_of_two_hearings_is_kept(first, second, trouble, better):
    engine = Fickle(first, second)
    assert hear_again(engine, BLOCK, "en", first) == (second if better else first, Again(trouble, better))
    assert set(engine.asked) == {True}


@pytest.mark.parametrize("first", [(), (_said(GOOD, 0.4),), (_said("No, no, no, no, no."),), (_said(GOOD, 0.9),)])
def test_what_went_well_is_heard_once(first):
    engine = Fickle(first, ())
    assert hear_again(engine, BLOCK, "en", first) == (first, None)
    assert engine.asked == []


def test_what_came_of_it_is_kept_with_the_block():
    for again in (None, Again("loop", second=True), Again("unsure", second=False)):
        heard = Heard((_said(GOOD),), SpokenLanguage("en", "en", 1.0), again)
        assert parse(dump(BLOCK, heard), BLOCK) == heard


class Texts(dict):
    """A block store in memory."""

    def get(self, key, number):
        return super().get((key, number))

    def put(self, key, number, text):
        self[key, number] = text


@pytest.mark.slow
def test_a_second_hearing_is_told_and_done_once_only(tmp_path):
    path = write(tmp_path / "talk.flac", speech(0, 14), "flac")
    store, engine = Texts(), Fickle((_said("Yeah. " * 20, end=13.0),), (_said(GOOD, end=13.0),))
    first = transcribe_file(path, engine.settings, store, engine=engine)
    assert [segment.text for segment in first.transcript.segments] == [GOOD]
    assert first.notes == ("1 place was transcribed twice, with other settings; 1 second result was better.",)
    assert engine.asked == [False, True]
    again = transcribe_file(path, engine.settings, store, engine=engine)
    assert engine.asked == [False, True]
    assert replace(again, resumed=0) == first

    recogniser = Recogniser(Request(model=str(ct2_folder())))
    recogniser._engine = engine
    (note, *others) = recogniser.transcribe(path, None).transcript.remarks
    assert note.note == first.notes[0]
    (told,) = [remark for remark in others if remark.start is not None]
    assert told == Remark(
        "note",
        first.twice[0][0],
        first.twice[0][1],
        "",
        "Transcribed twice, because the recogniser repeated itself; the second result, with other settings, was better "
        "and is kept.",
    )


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["faster-whisper", "openai-whisper"])
def test_both_engines_hear_again_in_another_way_that_is_always_the_same(engine):
    import torch

    model: Path = ct2_folder() if engine == "faster-whisper" else openai_checkpoint()
    loaded = load(EngineSettings(model, engine=engine, device="cpu", threads=1, beam_size=1))
    piece = speech(0, 10) + noise(10, 0.05)
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    found = [loaded.transcribe([piece], "en", again=True) for _ in range(2)]
    assert torch.rand(1) == expected  # its random numbers are its own
    assert found[0] == found[1]
    if engine == "openai-whisper":  # which hears nothing of it at first
        assert loaded.transcribe([piece], "en") == ((),)
        assert "Now we are going to look more broadly" in found[0][0][0].text
