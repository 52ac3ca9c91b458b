"""A block is told the words of the block before, but nothing after one that went wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ingest.sound.blocks import Block, blocks
from ingest.transcribing.block_store import Heard
from ingest.transcribing.context import LONGEST_PAUSE, context_after, hear_on, takes_context
from ingest.transcribing.hearing import hear
from ingest.transcribing.languages import SpokenLanguage
from ingest.transcribing.loading import EngineSettings, load
from ingest.transcribing.rehearing import Again
from ingest.transcribing.transcription import transcribe_file
from kb.types import SAMPLE_RATE, Segment, Word

from .models.tiny import ct2_folder
from .sounds import speech, write

ENGLISH = SpokenLanguage("en", "en", 0.99)


def block(number: int, start: float) -> Block:
    return Block(number, start, np.zeros(10 * SAMPLE_RATE, np.float32), ((start, start + 10.0),))


def segment(text: str, probability: float = 0.9) -> Segment:
    words = tuple(Word(word, float(n), n + 1.0, probability) for n, word in enumerate(text.split()))
    return Segment(0.0, float(len(words)), text, words=words, avg_logprob=-0.2, no_speech_prob=0.1)


GOOD = Heard((segment("The gates stood open."), segment("Nobody shut them.")), ENGLISH)


def told(heard: Heard, pause: float = 1.0, language: str = "en") -> str:
    found = context_after(block(0, 0.0), heard)
    return found.before(block(1, 10.0 + pause), language) if found else ""


def test_the_next_block_is_told_the_words() -> None:
    assert told(GOOD) == "The gates stood open. Nobody shut them."
    assert told(GOOD, pause=LONGEST_PAUSE) == told(GOOD)


@pytest.mark.parametrize(
    "heard",
    [
        replace(GOOD, again=Again("loop", True)),
        replace(GOOD, again=Again("unsure", False)),
        replace(GOOD, segments=(segment("Yeah. " * 20),)),
        replace(GOOD, segments=(*GOOD.segments, segment("Perhaps a dragnet.", 0.1))),
        replace(GOOD, segments=()),
    ],
    ids=["looped", "unsure", "a loop that is dropped", "one doubtful sentence", "no words"],
)
def test_it_is_told_nothing_after_a_block_that_went_wrong(heard: Heard) -> None:
    assert told(heard) == ""


def test_it_is_told_nothing_in_another_language_or_after_a_long_pause() -> None:
    assert told(GOOD, language="de") == ""
    assert told(GOOD, pause=LONGEST_PAUSE + 0.1) == ""


def test_a_batch_names_and_a_prompt_leave_no_room() -> None:
    plain = EngineSettings(Path("model"), batch=1)
    assert takes_context(plain)
    for more in ({"batch": 8}, {"hotwords": "Bedoya"}, {"initial_prompt": "A talk."}, {"engine": "openai-whisper"}):
        assert not takes_context(replace(plain, **more))


class _Listening:
    """The real engine; it notes what it is told before each piece."""

    def __init__(self, settings: EngineSettings) -> None:
        self._engine = load(settings)
        self.settings = self._engine.settings
        self.detect_language = self._engine.detect_language
        self.before: list[str] = []

    def transcribe(self, pieces, language, again=False, before=""):
        self.before.append(before)
        return self._engine.transcribe(pieces, language, again, before)


@pytest.mark.slow
def test_a_resumed_run_tells_what_an_undisturbed_one_tells(tmp_path: Path) -> None:
    sound = write(tmp_path / "talk.flac", speech(0, 70.3), "flac")
    settings = EngineSettings(ct2_folder(), device="cpu", threads=1, beam_size=1, language="en")

    class Texts(dict[tuple[str, int], str]):
        def put(self, key: str, number: int, text: str) -> None:
            self[key, number] = text

        def get(self, key: str, number: int) -> str | None:  # type: ignore[override]
            return super().get((key, number))

    whole, store = _Listening(settings), Texts()
    result = transcribe_file(sound, whole.settings, store, engine=whole)
    assert len(store) == 3
    assert whole.before[0] == ""
    assert sum(map(bool, whole.before)) >= 2  # each block after the first
    del store[max(store)]  # the last block is not finished
    rest = _Listening(settings)
    assert transcribe_file(sound, rest.settings, store, engine=rest).transcript == result.transcript
    assert rest.before[0] in whole.before
    assert rest.before[0]


@pytest.mark.slow
def test_a_model_that_told_words_make_silent_is_asked_without_them(tmp_path: Path) -> None:
    """The tiny model never learnt to be told anything, and says nothing then."""
    engine = load(EngineSettings(ct2_folder(), device="cpu", threads=1, beam_size=1, language="en"))
    first, second, *_ = blocks([speech(0, 47)])
    ((before,), (alone,)) = (hear(engine, [each], "en") for each in (first, second))
    told = " ".join(segment.text for segment in before)
    assert alone
    assert hear(engine, [second], "en", before=told) == ((),)
    assert hear_on(engine, second, "en", told) == alone
