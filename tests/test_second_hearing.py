"""``kb hear``: a quote or a stretch heard again, and what is heard otherwise stands beside the words."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from ingest.files.sources import find_sources
from ingest.queue.batch import ingest
from ingest.transcribing.recordings import Recogniser, Request
from ingest.transcribing.second_hearing import SecondHearing, excerpt_at, hear_excerpts
from kb.cli.main import main
from kb.errors import UsageError
from kb.knowledge_base import KnowledgeBase
from kb.types import Segment

from .conftest import CORPUS, SEGMENT, Run
from .models.tiny import ct2_folder

pytestmark = pytest.mark.slow

ASKED = "Which city banned the use of facial recognition?"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the corpus, in whose transcript one word is another than what is said."""
    folder = tmp_path_factory.mktemp("second")
    shutil.copytree(CORPUS, folder / "corpus")
    transcript = folder / "corpus" / f"{SEGMENT}.vtt"
    text = transcript.read_text("utf-8")
    assert "Francisco" in text
    transcript.write_text(text.replace("Francisco", "Jose"), "utf-8")
    with KnowledgeBase(folder / "home") as kb:
        assert [result.status for result in ingest(kb, find_sources([folder / "corpus"]))] == ["added"]
    return folder / "home"


@pytest.fixture(scope="module")
def quote(home: Path) -> str:
    with KnowledgeBase(home) as kb:
        found = kb.ask(ASKED).quotes[0]
        assert found.text.startswith("San Jose recently banned")
        return found.id


def test_a_quote_is_heard_again_and_the_difference_stands_beside_it(run: Run, home: Path, quote: str) -> None:
    model = ct2_folder()
    done = run("hear", quote, "--model", model, "--beam-size", "1", "--json", home=home)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    (difference,) = found["differences"]
    assert (difference["first"], difference["second"], difference["kind"]) == ("Jose", "Francisco", "changed")
    assert found["start"] <= difference["start"] < difference["end"] <= found["end"]
    assert found["agreed"] == found["words"] - 1
    assert found["second"]["text"] == found["first"]["text"].replace("San Jose", "San Francisco")
    assert (found["first"]["label"], found["second"]["label"]) == ("the transcript", model.name)
    assert (found["episode"], found["revision"], found["place"]) == (SEGMENT, 1, quote)


def test_a_stretch_is_heard_again_and_told_in_words(home: Path, quote: str, capsys: pytest.CaptureFixture[str]) -> None:
    with KnowledgeBase(home) as kb:
        found = kb.quote(quote)
        before = kb.text(SEGMENT)
    assert found.start is not None
    minutes, seconds = divmod(found.start + 1, 60)
    place = f"{SEGMENT}@{minutes:.0f}:{seconds:05.2f}-{minutes:.0f}:{seconds + 0.5:05.2f}"
    with pytest.raises(SystemExit) as end:
        main(["--home", str(home), "hear", place, "--model", str(ct2_folder()), "--beam-size", "1"])
    assert end.value.code in (0, None)
    title, difference, agreed, *_ = capsys.readouterr().out.splitlines()
    name = ct2_folder().name
    assert title.endswith(f"heard again by {name} (faster-whisper, en)")
    assert difference.endswith(f"  the transcript says “Jose”, {name} hears “Francisco”")
    assert agreed.endswith("words as the transcript says them.")
    with KnowledgeBase(home) as kb:
        assert kb.text(SEGMENT) == before
        assert kb.current(SEGMENT).number == 1


@pytest.mark.parametrize(
    ("arguments", "told", "code"),
    [
        ([f"{SEGMENT}@0:01-0:09"], "Say how to hear it again, such as --model small", 2),
        ([f"{SEGMENT}@0:09-0:01", "--engine", "whisper"], "0:09 is not before 0:01", 2),
        ([f"{SEGMENT}@0:01-0:99", "--engine", "whisper"], "expected EPISODE@M:SS-M:SS", 2),
        ([SEGMENT, "--engine", "whisper"], f"Name a stretch by its times, such as {SEGMENT}@12:05-12:40", 2),
        (["what is this", "--engine", "whisper"], "or a collection with --collection NAME.", 2),
        (["--engine", "whisper"], "or a collection with --collection NAME.", 2),
        ([f"{SEGMENT}@0:01-0:09", "--collection", "x", "--engine", "whisper"], "a place or a collection, not both", 2),
        (["--collection", "nowhere", "--engine", "whisper"], "There is no collection 'nowhere'", 1),
        (["nothing@0:01-0:09", "--engine", "whisper"], "There is no episode 'nothing'", 1),
        ([f"{SEGMENT}@59:01-59:09", "--engine", "whisper"], "no words with times between 59:01 and 59:09", 2),
        ([f"{SEGMENT}@0:01-0:09", "--model", "nowhere/base"], "nowhere/base", 1),
    ],
)
def test_what_cannot_be_heard_again_is_told_in_a_sentence(
    home: Path, arguments: list[str], told: str, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--home", str(home), "hear", *arguments])
    printed = capsys.readouterr()
    assert told in printed.err
    assert (end.value.code, printed.out) == (code, "")


def test_a_recording_that_is_gone_is_told_with_its_place(
    home: Path, quote: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with KnowledgeBase(home) as kb:
        audio = Path(kb.catalogue.episodes.get(SEGMENT).audio or "")
    audio.rename(audio.with_suffix(".away"))
    try:
        with pytest.raises(SystemExit) as end:
            main(["--home", str(home), "hear", quote, "--engine", "whisper"])
    finally:
        audio.with_suffix(".away").rename(audio)
    assert f"The recording of {SEGMENT} is no longer at {audio}; put it back there." in capsys.readouterr().err
    assert end.value.code == 1


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser(Request(model=str(ct2_folder()), beam_size=1, language="en"))


def heard(
    sound: Path, transcript: Sequence[Segment], start: float, end: float, recogniser: Recogniser
) -> SecondHearing:
    ((_, found),) = hear_excerpts(sound, [excerpt_at(transcript, start, end)], recogniser)
    return found


def test_only_the_sentences_asked_for_are_compared(recogniser: Recogniser, home: Path) -> None:
    """Neighbours are heard too, and what is wrong in them is no difference here; times are the recording's."""
    with KnowledgeBase(home) as kb:
        segments = list(kb.segments(SEGMENT))
    place = next(n for n, segment in enumerate(segments) if segment.text.startswith("San Jose"))
    after = segments[place + 1]
    assert after.start is not None
    assert after.end is not None
    sound = CORPUS / f"{SEGMENT}.opus"
    found = heard(sound, segments, after.start + 0.2, after.end - 0.2, recogniser)
    assert (found.written, found.differences) == (after.text, ())
    assert (found.start, found.end) == (after.start, after.end)
    assert found.heard == after.text
    assert found.agreed == found.words == len(after.text.split())


def test_what_is_not_heard_at_all_is_one_difference(recogniser: Recogniser, tmp_path: Path) -> None:
    from .sounds import silence, write

    sound = write(tmp_path / "hush.flac", silence(10), "flac")
    found = heard(sound, [Segment(2.0, 4.0, "Nobody said this.")], 2.0, 4.0, recogniser)
    assert [(each.publisher, each.heard, each.kind) for each in found.differences] == [
        ("Nobody said this.", "", "unheard")
    ]
    assert (found.words, found.agreed, found.heard) == (3, 0, "")
    assert found.remarks == ("No voice was heard in 0:07 of sound, so the transcript is empty.",)


def test_a_sentence_of_an_hour_is_not_heard_again() -> None:
    with pytest.raises(UsageError, match="last from 0:00 to 1:00:00; name a stretch of less than 15 minutes"):
        excerpt_at([Segment(0.0, 3600.0, "So it went on.")], 5.0, 9.0)
