"""The reader's button that checks times, what its page tells of it, and the library's list of jobs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ingest.queue.batch import work
from ingest.queue.checking import queue_checks
from ingest.transcribing.recordings import Recogniser, Request
from kb.catalogue import CheckedRecording
from kb.knowledge_base import KnowledgeBase
from kb.timing import FoundTimes
from kb.types import ImportResult
from kb.web.api.jobs import queue
from kb.web.api.naming import plainly_of
from kb.web.background.worker import Worker
from kb.web.library.adding import _done, queue_html
from kb.web.reader.checking_times import add_checking_times
from kb.web.reader.correcting import add_correcting
from kb.web.reader.page import reader_html
from kb.web.server.languages import language
from kb.web.server.languages import translate as in_present_language
from kb.web.server.stored import as_stored

from ..perfect_hearing import inserted
from ..test_checked_episodes import CHAPTERS, SIDECAR, Perfect, added, talk
from ..test_checking_times import MOVED, UNCHECKED

BUTTON = "Check times against the recording</button>"


@pytest.fixture
def unchecked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[KnowledgeBase]:
    """A talk whose times were not checked, on a machine with a model."""
    monkeypatch.setattr(Recogniser, "available", lambda self: True)
    talk(tmp_path, SIDECAR + CHAPTERS)
    with KnowledgeBase(tmp_path / "home", "static", reader=False) as kb:
        added(tmp_path, kb, UNCHECKED)
        yield kb


@pytest.fixture
def client(unchecked: KnowledgeBase) -> Iterator[TestClient]:
    app = FastAPI()
    add_checking_times(app, unchecked, Worker(unchecked))  # which was not started, so the job waits
    add_correcting(app, unchecked)
    with TestClient(app) as opened:
        yield opened


def page(kb: KnowledgeBase) -> str:
    return str(reader_html(kb, "talk"))


def test_the_button_queues_a_job_whose_result_the_page_tells(unchecked: KnowledgeBase, client: TestClient) -> None:
    assert BUTTON in page(unchecked)
    answer = client.post("/episode/talk/check-times", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/episode/talk")
    (job,) = unchecked.jobs.all()
    assert job.uri == "check-times:talk"
    waiting = page(unchecked)
    assert "A check of times waits in the queue." in waiting
    assert BUTTON not in waiting
    unchecked.jobs.fail(job, "No model <is> there.")
    failed = page(unchecked)
    assert "The check of times failed: No model &lt;is&gt; there." in failed
    assert BUTTON in failed
    (result,) = work(unchecked, unchecked.jobs.all(), transcribers=Perfect)
    told = page(unchecked)
    assert f": {MOVED}" in told
    assert "<bdi>times changed</bdi>" in told
    assert BUTTON not in told
    done = _done(result, unchecked)
    assert (done.name, done.episode_id, done.became, done.why) == ("talk", "talk", "has other times now", (MOVED,))


def test_the_earlier_times_are_put_back_from_the_page(unchecked: KnowledgeBase, client: TestClient) -> None:
    client.post("/episode/talk/check-times")
    work(unchecked, unchecked.jobs.all(), transcribers=Perfect)
    assert "Put the earlier times back</button>" in page(unchecked)
    assert '<input type="hidden" name="revision" value="2">' in page(unchecked)
    answer = client.post("/episode/talk/undo", data={"revision": "2", "by": "Eve"}, follow_redirects=False)
    assert answer.status_code == 303
    assert unchecked.canonical("talk").turns == unchecked.canonical("talk", 1).turns
    told = page(unchecked)
    assert "A person put the earlier times back." in told
    assert "revision 1 restored by Eve" in told
    assert "Put the earlier times back" not in told


def test_a_move_that_was_checked_again_can_still_be_put_back(unchecked: KnowledgeBase) -> None:
    for _ in range(2):
        (result,) = work(unchecked, queue_checks(unchecked, ["talk"], Request()), transcribers=Perfect)
    assert (result.status, unchecked.current("talk").number) == ("unchanged", 2)
    assert "Put the earlier times back</button>" in page(unchecked)
    unchecked.corrections.undo("talk", 2, "Eve")
    unchecked.timing.note("talk", FoundTimes(CheckedRecording("", 1, 1), "unchanged", "The times fit the recording."))
    assert unchecked.timing.undoable("talk") is None


def test_pages_and_the_interface_name_no_folder_of_the_server(
    unchecked: KnowledgeBase, client: TestClient, tmp_path: Path
) -> None:
    reason = f"{tmp_path / 'talk.m4a'}: cannot be decoded."
    unchecked.jobs.enqueue([("check-times:talk", "{}"), ("translate:talk", "{}")])
    for job in unchecked.jobs.all():
        unchecked.jobs.fail(job, reason)
    assert [job.reason for job in queue(unchecked).jobs] == ["talk.m4a: cannot be decoded."] * 2
    told = page(unchecked)
    assert "The check of times failed: talk.m4a: cannot be decoded." in told
    assert str(tmp_path) not in told
    result = ImportResult("times of talk", "talk", "failed", reason)
    assert plainly_of(result, unchecked) == "talk.m4a: cannot be decoded."
    assert plainly_of(replace(result, episode_id="gone", source="times of gone"), unchecked) == reason


def test_the_button_is_there_only_where_it_can_be_done(
    unchecked: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Recogniser, "available", lambda self: False)
    assert BUTTON not in page(unchecked)
    monkeypatch.setattr(Recogniser, "available", lambda self: True)
    (tmp_path / "talk.m4a").rename(tmp_path / "away.m4a")
    assert BUTTON not in page(unchecked)
    (tmp_path / "away.m4a").rename(tmp_path / "talk.m4a")
    unchecked.corrections.correct("talk", 1, 0, "Other words.", "Eve")
    assert BUTTON in page(unchecked)
    assert BUTTON not in str(reader_html(unchecked, "talk", revision=1))
    unchecked.intake.credit("talk", "unknown")
    assert BUTTON not in page(unchecked)


def test_a_recording_that_was_replaced_can_be_checked_again(
    unchecked: KnowledgeBase, client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Perfect, "clock", staticmethod(inserted(0, 0)))
    client.post("/episode/talk/check-times")
    work(unchecked, unchecked.jobs.all(), transcribers=Perfect)
    assert "The times fit the recording." in page(unchecked)
    assert BUTTON not in page(unchecked)
    recording = tmp_path / "talk.m4a"
    recording.write_bytes(recording.read_bytes() + b"\0")
    assert BUTTON in page(unchecked)
    assert "The times fit the recording." not in page(unchecked)


def test_the_library_lists_it_as_what_it_is(unchecked: KnowledgeBase, client: TestClient) -> None:
    worker = Worker(unchecked)
    client.post("/episode/talk/check-times")
    (job,) = queue(unchecked).jobs
    assert (job.name, job.times, job.translation) == ("talk", True, False)
    assert "Check of times waits" in str(queue_html(unchecked, worker))
    worker.want([job.id])
    assert [each.uri for each in worker._next()] == ["check-times:talk"]
    gone = _done(ImportResult("times of nobody", "nobody", "unchanged", notes=("nobody was removed.",)), unchecked)
    assert (gone.name, gone.episode_id, gone.became) == ("nobody", None, "was cancelled")


def test_a_server_goes_on_with_a_check_that_an_earlier_one_left(
    unchecked: KnowledgeBase, client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post("/episode/talk/check-times")
    monkeypatch.setattr("ingest.transcribing.recordings.Recogniser", Perfect)
    worker = Worker(unchecked)
    worker.start()
    deadline = time.monotonic() + 120
    while not worker.finished() and time.monotonic() < deadline:
        time.sleep(0.1)
    worker.stop()
    assert [(each.episode_id, each.notes) for each in worker.finished()] == [("talk", (MOVED,))]


@pytest.mark.parametrize(
    "stored",
    [
        MOVED,
        "The times fit the recording.",
        "Times are 30 s later from 0:59 on and 30 s earlier from 2:29 on: the recording differs there.",
        "Times are 9 s later from 0:01 on, in place again from 1:00 on and other in 3 more places: "
        "something was left out there.",
        "The publisher's times are uncertain from 1:00 on: somewhere between 1:00 and 2:00 and between 4:00 and 5:00 "
        "the recording differs, and too little that is heard there is in the transcript. They are kept, so listen for "
        "the right place.",
        "The recording ends at 4:00; the transcript goes on to 5:00.",
        "The publisher's times are unchecked: the model tiny hears only English, and the transcript is in another "
        "language.",
    ],
)
def test_what_was_stored_is_said_in_the_readers_language(stored: str) -> None:
    found = as_stored(stored)
    assert found == stored
    before = language.set("de")
    try:
        german = in_present_language(found)
    finally:
        language.reset(before)
    assert not any(f" {word} " in german for word in ("the", "from", "later", "earlier", "between", "and", "other"))


def test_an_unknown_sentence_is_left_alone() -> None:
    assert as_stored("Something else.") == "Something else."
