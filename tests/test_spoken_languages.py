"""Each block tells its own language, is heard in it, and a language that is only guessed is a doubt on the turn."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ingest.transcribing.languages import SpokenLanguage, guesses, main_language, other_languages
from ingest.transcribing.loading import EngineSettings, load, resolved
from ingest.transcribing.recordings import Recogniser, Request
from ingest.transcribing.transcription import transcribe_file
from kb.types import Segment, Word
from tests.models.tiny import ct2_folder
from tests.sounds import silence, speech, write

PLACES = [(0.0, 10.0), (12.0, 30.0), (31.0, 40.0), (45.0, 50.0)]


def _spoken(*blocks: tuple[str, str, float]) -> list[SpokenLanguage]:
    return [SpokenLanguage(*block) for block in blocks]


def test_the_main_language_is_that_of_most_of_the_recording():
    told = _spoken(("de", "de", 0.9), ("en", "en", 0.8), ("en", "en", 0.97), ("fr", "fr", 0.85))
    assert main_language(told, PLACES) == ("en", 0.97)
    assert other_languages(told, PLACES) == ((0.0, 10.0, "de"), (45.0, 50.0, "fr"))
    assert guesses(told, PLACES) == ()


def test_neighbouring_blocks_of_another_language_are_one_stretch():
    told = _spoken(("en", "en", 0.9), ("en", "en", 0.9), ("de", "de", 0.9), ("de", "de", 0.9))
    assert other_languages(told, PLACES) == ((31.0, 50.0, "de"),)
    assert other_languages([], []) == ()


def test_a_weak_guess_is_no_doubt_where_another_block_is_sure_of_the_same():
    told = _spoken(("en", "en", 0.34), ("en", "en", 0.9), ("en", "cy", 0.34), ("en", "en", 0.2))
    assert guesses(told, PLACES) == ((31.0, 40.0, "it is heard as 'en', and may be 'cy' (34 %)"),)


def test_a_language_that_no_block_is_sure_of_is_a_doubt_on_each():
    told = _spoken(("cy", "cy", 0.34), ("cy", "cy", 0.41))
    assert main_language(told, PLACES[:2]) == ("cy", 0.41)
    assert [why for _, _, why in guesses(told, PLACES[:2])] == [
        "its language is only guessed ('cy', 34 %)",
        "its language is only guessed ('cy', 41 %)",
    ]


def test_a_second_language_that_no_block_is_certain_of_is_a_doubt():
    told = _spoken(("en", "en", 0.9), ("en", "en", 0.6), ("nn", "nn", 0.61), ("en", "en", 0.9))
    assert guesses(told, PLACES) == ((31.0, 40.0, "its language is only guessed ('nn', 61 %)"),)
    told[3] = SpokenLanguage("nn", "nn", 0.85)
    assert guesses(told, PLACES) == ()


class Loudness:
    """An engine that takes a block's loudness for its language, and says in which language it was told to hear."""

    def __init__(self) -> None:
        self.settings = resolved(EngineSettings(Path(__file__), device="cpu"))
        self.peak = float(np.abs(speech(0, 14)).max())
        self.asked = 0

    def detect_language(self, samples):
        loud = float(np.abs(samples).max()) / self.peak
        return TOLD[min(TOLD, key=lambda level: abs(level - loud))]

    def transcribe(self, pieces, language, again=False):
        self.asked += len(pieces)
        for piece in pieces:
            seconds = len(piece) / 16_000
            yield (Segment(0.0, seconds, f"In {language}.", words=(Word(language, 0.0, seconds, 0.9),)),)


#: What language a loudness is.
TOLD = {1.0: ("en", 0.98), 0.5: ("de", 0.91), 0.25: ("cy", 0.34)}


class Texts(dict):
    """A block store in memory."""

    def get(self, key, number):
        return super().get((key, number))

    def put(self, key, number, text):
        self[key, number] = text


@pytest.fixture
def programme(tmp_path):
    """Five blocks of the same words: English, German, German that may be Welsh, English, and English again."""
    levels = (1.0, 0.5, 0.25, 1.0, 1.0)
    parts = [part for level in levels for part in (speech(0, 14) * level, silence(3))]
    return write(tmp_path / "talk.flac", np.concatenate(parts), "flac")


@pytest.mark.slow
def test_a_second_language_is_heard_in_its_own_and_an_unlikely_one_is_a_doubt(programme):
    store, engine = Texts(), Loudness()
    result = transcribe_file(programme, engine.settings, store, engine=engine)
    assert [segment.text[-3:-1] for segment in result.transcript.segments] == ["en", "de", "de", "en", "en"]
    assert (result.transcript.language, result.language_probability) == ("en", 0.98)
    assert result.notes == ("Another language is spoken at 0:17-0:48 ('de'), and was transcribed in that language.",)
    (doubt,) = result.doubts
    assert (doubt.segments, doubt.dropped) == (result.transcript.segments[2:3], False)
    assert doubt.reason == "“In de.” at 0:34 is doubtful: it is heard as 'de', and may be 'cy' (34 %)."

    for lost in ((), (3, 4), (0, 1), (2,)):  # a run that goes on anywhere ends as the undisturbed one
        kept = Texts({key: text for key, text in store.items() if key[1] not in lost})
        engine.asked = 0
        again = transcribe_file(programme, engine.settings, kept, engine=engine)
        assert engine.asked == len(lost)
        assert replace(again, resumed=5) == replace(result, resumed=5)

    recogniser = Recogniser(Request(model=str(ct2_folder())))
    recogniser._engine = engine
    (placed,) = [r for r in recogniser.transcribe(programme, None).transcript.remarks if r.kind == "note" and r.start]
    assert (placed.start, placed.note) == (result.languages[0][0], "Another language is spoken here: 'de'.")


@pytest.mark.slow
def test_a_language_that_was_named_is_the_language_of_all(programme):
    engine = Loudness()
    engine.settings = replace(engine.settings, language="fr")
    result = transcribe_file(programme, engine.settings, engine=engine)
    assert {segment.text for segment in result.transcript.segments} == {"In fr."}
    assert (result.transcript.language, result.notes, result.doubts) == ("fr", (), ())


@pytest.mark.slow
def test_a_batch_of_two_languages_is_heard_in_both(programme):
    engine = Loudness()
    engine.settings = replace(engine.settings, batch=4)
    alone = transcribe_file(programme, replace(engine.settings, batch=1), engine=Loudness())
    assert transcribe_file(programme, engine.settings, engine=engine).transcript == alone.transcript


@pytest.mark.slow
def test_a_piece_whose_language_was_told_is_not_encoded_again():
    engine = load(EngineSettings(ct2_folder(), device="cpu", threads=1, beam_size=1))
    piece = speech(0, 14.6)
    expected = engine.transcribe([piece], "en")
    encoded = engine._encoded(piece)
    assert engine.transcribe([piece], "en") == expected
    assert engine._model._last[1] is encoded
    assert engine.transcribe([speech(24, 38)], "en") != expected
