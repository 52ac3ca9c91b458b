"""A publisher's transcript and a copy of its recording with an advertisement: times are put right, and it is told."""

from __future__ import annotations

import functools
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ingest.files.sources import find_sources
from ingest.formats import parse
from ingest.queue.batch import ingest
from ingest.sound.decoding import Decoder
from ingest.transcribing.recordings import Listening, Recognised, Recogniser, Request
from ingest.transcribing.transcription import TranscriptionProgress
from kb.knowledge_base import KnowledgeBase
from kb.types import ImportResult, Transcript

from .conftest import CORPUS, MATERIAL, SEGMENT
from .models.tiny import ct2_folder
from .sounds import RATE, silence, write

pytestmark = pytest.mark.slow

BANNED = "Which city banned the use of facial recognition?"


@functools.cache
def original() -> np.ndarray:
    return np.concatenate(list(Decoder(CORPUS / f"{SEGMENT}.opus")))


@functools.cache
def advertisement() -> np.ndarray:
    """A minute of somebody else's words in another voice, as a host inserts it."""
    return np.concatenate(list(Decoder(MATERIAL / "speech" / "multilingual.mp3")))


def published() -> Transcript:
    path = CORPUS / f"{SEGMENT}.vtt"
    return parse(path, path.read_bytes())


def with_advertisement(path: Path, second: float) -> float:
    """Write the recording with the advertisement at ``second``; return how long that is."""
    place = int(second * RATE)
    write(path, np.concatenate([original()[:place], advertisement(), original()[place:]]), "flac")
    return len(advertisement()) / RATE


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    return Recogniser(request())


def request() -> Request:
    return Request(engine="faster-whisper", model=str(ct2_folder()), beam_size=1)


def farthest(found: Recognised, second: float, length: float) -> float:
    """Return by how many seconds the word is off that is off most."""
    return max(
        abs(now.start - was.start - (length if was.start >= second else 0.0))
        for before, after in zip(published().segments, found.transcript.segments, strict=True)
        for was, now in zip(before.words, after.words, strict=True)
        if was.start is not None and now.start is not None
    )


@pytest.fixture(scope="module")
def break_at() -> float:
    """Where a sentence of the transcript begins, after two minutes."""
    return next(s.start for s in published().segments if s.start is not None and s.start > 120) - 0.1


def test_words_around_an_inserted_stretch_are_where_they_are_heard(
    recogniser: Recogniser, tmp_path: Path, break_at: float
) -> None:
    length = with_advertisement(tmp_path / "talk.flac", break_at)
    found = recogniser.check(tmp_path / "talk.flac", published())
    assert farthest(found, break_at, length) <= 0.5
    told, inserted = found.transcript.remarks
    assert told.note == "Times are 60 s later from 2:03 on: something was inserted there."
    assert inserted.kind == "inserted"
    assert inserted.start == pytest.approx(break_at, abs=3)
    assert inserted.end == pytest.approx(break_at + length, abs=3)
    assert inserted.note == "60 s of this recording are not in its transcript; probably an advertisement."
    assert inserted.text


def test_a_stretch_before_the_first_word_moves_all(recogniser: Recogniser, tmp_path: Path) -> None:
    length = with_advertisement(tmp_path / "talk.flac", 0.0)
    found = recogniser.check(tmp_path / "talk.flac", published())
    assert farthest(found, 0.0, length) <= 0.5
    assert found.transcript.notes == ("Times are 60 s later from 0:00 on: something was inserted there.",)


def test_times_that_are_right_are_kept_and_little_is_heard(
    recogniser: Recogniser, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[float] = []
    whole = Recogniser.hear_piece

    def counted(self: Recogniser, samples: np.ndarray, *rest: object) -> object:
        heard.append(len(samples) / RATE)
        return whole(self, samples, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Recogniser, "hear_piece", counted)
    told: list[TranscriptionProgress] = []
    found = recogniser.check(CORPUS / f"{SEGMENT}.opus", published(), Listening(progress=told.append))
    assert found.transcript == published()
    assert [progress.done for progress in told] == pytest.approx([sum(heard[: n + 1]) for n in range(len(heard))])
    assert sum(heard) < len(original()) / RATE / 3


def test_a_model_that_hears_only_english_is_not_asked_about_another_language(recogniser: Recogniser) -> None:
    german = replace(published(), language="de")
    found = recogniser.check(CORPUS / f"{SEGMENT}.opus", german, Listening(progress=lambda _: pytest.fail("heard")))
    assert found.transcript.segments == german.segments
    assert "hears only English" in found.transcript.notes[0]


def test_another_recording_leaves_the_times_and_says_so(recogniser: Recogniser, tmp_path: Path) -> None:
    write(tmp_path / "talk.flac", silence(300), "flac")
    found = recogniser.check(tmp_path / "talk.flac", published())
    assert found.transcript.segments == published().segments
    (note,) = found.transcript.notes
    assert note == "The publisher's times are unchecked: no words were heard at some places of the recording."


@pytest.fixture(scope="module")
def added(tmp_path_factory: pytest.TempPathFactory, break_at: float) -> tuple[Path, ImportResult, float]:
    """A data folder with the publisher's transcript and a recording with an advertisement; and how long that is."""
    folder = tmp_path_factory.mktemp("inserted")
    shutil.copy(CORPUS / f"{SEGMENT}.vtt", folder)
    sidecar = (CORPUS / f"{SEGMENT}.toml").read_text("utf-8").replace(f"{SEGMENT}.opus", f"{SEGMENT}.flac")
    (folder / f"{SEGMENT}.toml").write_text(sidecar, "utf-8")
    length = with_advertisement(folder / f"{SEGMENT}.flac", break_at)
    with KnowledgeBase(folder / "home") as kb:
        (result,) = ingest(kb, find_sources([folder / f"{SEGMENT}.vtt"]), request=request())
    return folder / "home", result, length


def test_what_was_moved_is_told_once_and_a_quote_plays_its_words(
    added: tuple[Path, ImportResult, float], break_at: float
) -> None:
    home, result, length = added
    assert (result.status, result.error) == ("added", None)
    assert result.notes == ("Times are 60 s later from 2:03 on: something was inserted there.",)
    with KnowledgeBase(home) as kb:
        quote = kb.ask(BANNED).quotes[0]
        said = next(s for s in published().segments if s.text.startswith("San Francisco"))
        assert said.start is not None
        assert quote.origin == "publisher"
        assert quote.start == pytest.approx(said.start + (length if said.start > break_at else 0), abs=0.5)
        notes = [remark for remark in kb.revisions.remarks(SEGMENT, 1) if remark.kind == "inserted"]
        (stretch,) = notes
        assert stretch.end == pytest.approx(break_at + length, abs=3)
        assert stretch.text  # what is heard there


def test_the_page_shows_the_inserted_stretch_between_the_words(added: tuple[Path, ImportResult, float]) -> None:
    from kb.web.reader.page import reader_html

    home, *_ = added
    with KnowledgeBase(home) as kb:
        page = str(reader_html(kb, SEGMENT))
        (stretch,) = [remark for remark in kb.revisions.remarks(SEGMENT, 1) if remark.kind == "inserted"]
        before = max(s.text for s in kb.segments(SEGMENT) if s.end is not None and s.end <= (stretch.start or 0) + 0.3)
        after = next(
            s.text for s in kb.segments(SEGMENT) if s.start is not None and s.start >= (stretch.end or 0) - 0.3
        )
    assert page.count("Advertisement, probably") == 1
    place = page.index("Advertisement, probably")
    assert page.index(before[:20].split("'")[0]) < place < page.index(after[:20].split("'")[0])
