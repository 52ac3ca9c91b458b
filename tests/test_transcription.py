"""Nothing invented, nothing lost: whole recordings through the real engines, killed, cancelled, damaged and resumed."""

from __future__ import annotations

import itertools
import json
import random
import re
import sqlite3
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from ingest.transcribing.loading import EngineSettings, load, resolved
from ingest.transcribing.transcription import Cancelled, TranscriptionProgress, transcribe_file
from kb.errors import AudioError, UsageError
from tests.models.tiny import ct2_folder, openai_checkpoint
from tests.sounds import RATE, READING, chord, noise, silence, speech, tune, write

pytestmark = [
    pytest.mark.slow,
    # three habits of openai-whisper that are ours to bear: see test_whisper.py
    pytest.mark.filterwarnings("ignore:__array_wrap__ must accept:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:unclosed file .*tiktoken:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in.*tiktoken:pytest.PytestUnraisableExceptionWarning"),
]

ROOT = Path(__file__).parent.parent
TINY = {"device": "cpu", "threads": 1, "beam_size": 1}


class SqliteStore:
    """Finished blocks in one table, each put its own transaction."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("CREATE TABLE IF NOT EXISTS block (key, number, text, PRIMARY KEY (key, number))")

    def get(self, key, number):
        row = self.connection.execute("SELECT text FROM block WHERE key = ? AND number = ?", (key, number)).fetchone()
        return row and row[0]

    def put(self, key, number, text):
        self.connection.execute("INSERT OR REPLACE INTO block VALUES (?, ?, ?)", (key, number, text))

    def __len__(self):
        return self.connection.execute("SELECT count(*) FROM block").fetchone()[0]


@pytest.fixture
def store(tmp_path):
    store = SqliteStore(tmp_path / "blocks.sqlite")
    yield store
    store.connection.close()


@pytest.fixture(scope="module")
def engine():
    return load(EngineSettings(ct2_folder(), **TINY))


@pytest.fixture(scope="module")
def openai():
    return load(EngineSettings(openai_checkpoint(), engine="openai-whisper", **TINY))


@pytest.fixture(scope="module")
def programme(tmp_path_factory):
    """A minute of the reading as an MP3: four blocks."""
    sound = np.concatenate([speech(0, 24), silence(2), speech(24, 60)])
    return write(tmp_path_factory.mktemp("sound") / "programme.mp3", sound, "libmp3lame", 44_100)


@pytest.fixture(scope="module")
def undisturbed(programme, engine):
    return transcribe_file(programme, engine.settings, engine=engine)


def _text(result) -> str:
    return " ".join(segment.text for segment in result.transcript.segments)


def _plain(text: str) -> list[str]:
    return re.findall(r"[\w']+", text.lower())


def _word_errors(known: list[str], found: list[str]) -> int:
    row = list(range(len(found) + 1))
    for i, word in enumerate(known, start=1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(found, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return row[-1]


def test_the_whole_reading(engine):
    sentences = json.loads(READING.with_suffix(".json").read_text())
    result = transcribe_file(READING, engine.settings, engine=engine)
    known = [word for sentence in sentences for word in _plain(sentence["text"])]
    assert _word_errors(known, _plain(_text(result))) / len(known) < 0.03
    assert result.notes == ()
    assert (result.transcript.source, result.transcript.engine) == ("machine", "faster-whisper")
    assert (result.transcript.language, result.transcript.model) == ("en", ct2_folder().name)
    starts = [segment.start for segment in result.transcript.segments]
    assert starts == sorted(starts)


# Nothing invented


@pytest.mark.parametrize("name", ["engine", "openai"])
def test_no_word_outside_speech(name, request, tmp_path):
    """Speech between silence, a chord, noise and a jingle: every word kept is within speech, all of which is there."""
    engine = request.getfixturevalue(name)
    first, second = speech(0, 14.9), speech(24, 38)
    parts = [silence(4), first, chord(5), noise(5, 0.2), second, tune(4), noise(3)]
    edges = np.cumsum([0, *(len(part) for part in parts)]) / RATE
    spoken = [(edges[1], edges[2]), (edges[4], edges[5])]
    path = write(tmp_path / "mixed.flac", np.concatenate(parts), "flac")
    result = transcribe_file(path, engine.settings, engine=engine)
    assert len(result.transcript.segments) >= 3
    for word in (word for segment in result.transcript.segments for word in segment.words):
        assert any(start - 0.6 <= word.start <= end + 0.6 for start, end in spoken), word
    assert "Now we are going to look more broadly" in _text(result)


@pytest.mark.parametrize("sound", [silence(15), noise(15, 0.3), chord(15), tune(15)])
def test_no_voice_no_words_and_no_model_is_loaded(sound, tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.transcribing.transcription.load", lambda settings: pytest.fail("the model was loaded"))
    path = write(tmp_path / "quiet.flac", sound, "flac")
    result = transcribe_file(path, EngineSettings(ct2_folder(), **TINY))
    assert result.transcript.segments == ()
    assert result.notes == ("No voice was heard in 0:15 of sound, so the transcript is empty.",)


# Nothing lost

WORKER = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from ingest.transcribing.transcription import transcribe_file
from ingest.transcribing.loading import EngineSettings
from tests.test_transcription import SqliteStore

path, store, model = map(Path, sys.argv[1:])
store = SqliteStore(store)
result = transcribe_file(path, EngineSettings(model, device="cpu", threads=1, beam_size=1), store)
print(json.dumps([result.resumed, asdict(result.transcript)]))
"""


def _worker(path: Path, store: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WORKER, str(path), str(store), str(ct2_folder())]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_killed_at_random_moments_the_result_is_that_of_an_undisturbed_run(programme, undisturbed, tmp_path):
    path = tmp_path / "blocks.sqlite"
    store = SqliteStore(path)
    moments = random.Random(11)
    counts = [0]
    for _ in range(5):
        process = _worker(programme, path)
        try:
            output, _ = process.communicate(timeout=moments.uniform(1, 5))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            counts.append(len(store))
            continue
        assert process.returncode == 0
        break
    else:
        output, _ = _worker(programme, path).communicate(timeout=120)
    resumed, transcript = json.loads(output)
    assert counts == sorted(counts)
    assert resumed == counts[-1]
    assert transcript == json.loads(json.dumps(asdict(undisturbed.transcript)))
    store.connection.close()


def test_killed_between_two_blocks_goes_on_after_them(programme, engine, undisturbed, store, tmp_path):
    """The same without chance: a worker is killed as soon as its second block is stored."""
    process = _worker(programme, tmp_path / "blocks.sqlite")
    while len(store) < 2:
        assert process.poll() is None
    process.kill()
    process.communicate()
    before = len(store)
    result = transcribe_file(programme, engine.settings, store, engine=engine)
    assert 2 <= before == result.resumed <= result.blocks == len(store)
    assert result.transcript == undisturbed.transcript


def test_what_is_finished_is_not_heard_again(programme, engine, store, monkeypatch):
    first = transcribe_file(programme, engine.settings, store, engine=engine)
    assert (first.resumed, len(store)) == (0, first.blocks)
    monkeypatch.setattr("ingest.transcribing.transcription.load", lambda settings: pytest.fail("the model was loaded"))
    again = transcribe_file(programme, engine.settings, store)
    assert again.resumed == first.blocks
    assert replace(again, resumed=0) == first


def test_a_batch_that_was_half_stored_is_heard_again_as_a_whole(programme, store):
    settings = EngineSettings(ct2_folder(), batch=3, **TINY)
    first = transcribe_file(programme, settings, store)
    store.connection.execute("DELETE FROM block WHERE number = 1")
    again = transcribe_file(programme, settings, store)
    assert again.resumed == first.blocks - 3
    assert replace(again, resumed=0) == first


def test_a_damaged_store_costs_time_and_nothing_else(programme, engine, undisturbed, store):
    transcribe_file(programme, engine.settings, store, engine=engine)
    for harm in ("", "{}", '{"span": [0, 1]', "[[]]"):
        store.connection.execute("UPDATE block SET text = ? WHERE number IN (0, 2)", (harm,))
        again = transcribe_file(programme, engine.settings, store, engine=engine)
        assert again.resumed == undisturbed.blocks - 2
        assert replace(again, resumed=0) == undisturbed


def test_a_cancelled_transcription_stops_before_the_next_block_and_goes_on_later(programme, engine, undisturbed, store):
    with pytest.raises(Cancelled, match=r"programme\.mp3: stopped at 0:\d\d\. Start it again to go on from there"):
        transcribe_file(programme, engine.settings, store, engine=engine, cancelled=lambda: len(store) == 2)
    assert len(store) == 2
    result = transcribe_file(programme, engine.settings, store, engine=engine, cancelled=lambda: False)
    assert result.resumed == 2
    assert result.transcript == undisturbed.transcript


def test_a_file_that_grows_meanwhile_is_not_taken_for_whole(engine, tmp_path):
    path = write(tmp_path / "growing.mp3", speech(0, 60), "libmp3lame", 44_100)

    def grow(_: TranscriptionProgress) -> None:
        with path.open("ab") as file:
            file.write(b"\0" * 1_000)

    with pytest.raises(AudioError, match="changed while it was transcribed"):
        transcribe_file(path, engine.settings, engine=engine, progress=grow)


def test_a_file_that_goes_meanwhile(engine, tmp_path):
    path = write(tmp_path / "going.mp3", speech(0, 20), "libmp3lame", 44_100)
    with pytest.raises(AudioError, match="changed while it was transcribed"):
        transcribe_file(
            path, engine.settings, engine=engine, progress=lambda event: event.done and path.unlink(missing_ok=True)
        )


def test_an_engine_of_other_settings_is_refused(programme, engine):
    with pytest.raises(UsageError, match="The engine was loaded with other settings"):
        transcribe_file(programme, replace(engine.settings, beam_size=3), engine=engine)


class Deaf:
    """An engine that never understands a word."""

    settings = resolved(EngineSettings(Path(__file__), device="cpu"))

    def detect_language(self, samples):
        return "cy", 0.3

    def transcribe(self, pieces, language, again=False):
        return tuple(() for _ in pieces)


def test_a_voice_without_words_is_told(programme):
    result = transcribe_file(programme, Deaf.settings, engine=Deaf())
    assert result.transcript.segments == ()
    assert sum(end - start for start, end in result.unheard) > 40
    guess, unheard = result.notes
    assert guess == "The language is only guessed ('cy'); name it if it is another."
    assert re.fullmatch(
        r"A voice is heard at (0:\d\d-0:\d\d, ){4}0:\d\d-0:\d\d and \d+ more places, but no words .*\.", unheard
    )


def test_progress_never_goes_back_and_ends_at_the_end(programme, engine, store):
    events: list[TranscriptionProgress] = []
    transcribe_file(programme, engine.settings, store, engine=engine, progress=events.append)
    assert events[0].done == 0
    assert events[-1].done == events[-1].total == pytest.approx(62, abs=0.1)
    assert all(a.done <= b.done for a, b in itertools.pairwise(events))
    assert all(event.done <= event.total for event in events)
    assert all(event.speed > 0 and event.left >= 0 for event in events[1:-1])
    events.clear()
    transcribe_file(programme, engine.settings, store, engine=engine, progress=events.append)
    assert {event.speed for event in events} == {None}  # skipping what is finished says nothing about the speed


def test_one_side_of_an_interview(engine, tmp_path):
    sides = np.stack([np.concatenate([speech(0, 15), silence(15)]), np.concatenate([silence(15), speech(24, 39)])])
    path = write(tmp_path / "interview.flac", sides, "flac", RATE, "stereo")
    left, right = (transcribe_file(path, engine.settings, engine=engine, channel=side) for side in (0, 1))
    assert max(segment.end for segment in left.transcript.segments) < 15.5
    assert min(segment.start for segment in right.transcript.segments) > 14.5


# Memory

MEASURED = """
import re, sys
from pathlib import Path
from ingest.transcribing.transcription import transcribe_file
from ingest.transcribing.loading import EngineSettings

settings = EngineSettings(Path(sys.argv[2]), device="cpu", threads=1, beam_size=1)
result = transcribe_file(Path(sys.argv[1]), settings)
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]  # getrusage counts the parent too
print(int(peak) // 1024, round(result.audio.decoded), result.blocks)
print(" ".join(segment.text for segment in result.transcript.segments if segment.start > 7_000))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from Linux's /proc")
def test_two_hours_take_less_than_700_mb(tmp_path):
    """Mostly silence, so that it is soon decoded, with the reading in the first minutes and in the last."""
    parts = [speech(0, 120), *([silence(600)] * 11), silence(360), speech(0, 120)]
    path = write(tmp_path / "long.flac", np.concatenate(parts), "flac", bit_rate=16_000)
    command = [sys.executable, "-c", MEASURED, str(path), str(ct2_folder())]
    output = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=240).stdout
    numbers, text = output.split("\n", 1)
    megabytes, seconds, blocks = map(int, numbers.split())
    assert seconds == 7_200
    assert blocks >= 8
    assert megabytes < 700
    assert "Now we are going to look more broadly" in text
