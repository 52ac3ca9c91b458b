"""Checks of times that cannot be made, or meet something else meanwhile, and transcripts that have starts alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.queue.batch import Listeners, work
from ingest.queue.checking import checked_before, queue_checks, why_not
from ingest.transcribing.recordings import Listening, Recognised, Request
from kb.catalogue import Job, Source
from kb.cli.checking_times import _check, _Told
from kb.cli.reporting import Reporter
from kb.errors import AudioError, UsageError
from kb.knowledge_base import KnowledgeBase
from kb.transcripts.retiming import timed_segments
from kb.types import Remark, Transcript

from .perfect_hearing import captions
from .test_checked_episodes import ALONE, LENGTH, SIDECAR, Perfect, added, talk
from .test_checking_times import MOVED, UNCHECKED, check, command, opened, starts, twin


def segment_starts(kb: KnowledgeBase) -> list[float]:
    """Return the starts of the segments, sentence by sentence, that have one of their own."""
    return [each.start for each in timed_segments(kb.canonical("talk")) if each.start is not None]


def test_starts_without_ends_are_checked_and_the_recording_is_never_heard_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def whole(*_: object) -> Recognised:
        raise AssertionError("heard whole")

    monkeypatch.setattr(Perfect, "time", whole)
    talk(tmp_path, SIDECAR)
    with opened(tmp_path) as kb:
        added(tmp_path, kb, UNCHECKED)
        given = Transcript(tuple(replace(each, end=None) for each in captions(LENGTH)), source="publisher")
        kb.add(kb.episode("talk"), given, Source((tmp_path / "talk.vtt").as_uri(), "2"))
        result = check(kb)
        told = "The transcript has too few times to check them against the recording."
        assert (result.status, result.error, result.notes) == ("unchanged", None, (told,))
        found = kb.timing.checked("talk")  # although nothing was heard, so that the page tells it
        assert found is not None
        assert (found.result, found.told) == ("unknown", told)


def test_marks_move_with_a_check_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of the words have a start, as in short answers; a correction of after the move stays."""
    talk(tmp_path, SIDECAR)
    said = [replace(s, end=None, text=" ".join(s.text.split()[:2]) + ".") for s in captions(LENGTH)]

    def heard(self: Perfect, path: Path, published: Transcript, listening: Listening = ALONE) -> Recognised:
        segments = tuple(replace(s, start=None if s.start is None else s.start + 60) for s in published.segments)
        return Recognised(replace(published, segments=segments), checked=True)

    monkeypatch.setattr(Perfect, "check", heard)
    with opened(tmp_path) as kb:
        added(tmp_path, kb, UNCHECKED)
        kb.add(kb.episode("talk"), Transcript(tuple(said), source="publisher"), Source("file:///x.vtt", "2"))
        (result,) = work(kb, queue_checks(kb, ["talk"], Request()), transcribers=Perfect)
        assert (result.status, result.error) == ("revised", None)
        moved, before = segment_starts(kb), [s.start for s in said if s.start is not None]
        assert moved == [start + 60 for start in before]
        number = kb.current("talk").number
        kb.corrections.correct("talk", number, 0, f"{kb.text('talk')} Indeed.", "Eve")
        kb.corrections.undo("talk", number, "Bo")
        assert segment_starts(kb) == before


def test_what_cannot_be_heard_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the recording has chapters of its own, and a speaker is named like an advertisement."""

    def deaf(self: Perfect, path: Path, *_: object) -> Recognised:
        raise AudioError(path, "cannot be decoded.", "Fetch it again.")

    talk(tmp_path, SIDECAR, [(0.0, "Rivers"), (180.0, "Talk"), (200.0, "Salt")])
    monkeypatch.setattr(Perfect, "check", deaf)
    with opened(tmp_path) as kb:
        added(tmp_path, kb, UNCHECKED)
        kb.corrections.edit(kb.episode("talk"), {"Ann": "Sponsor"}, "Eve")
        (result,) = work(kb, queue_checks(kb, ["talk"], Request()), transcribers=Perfect)
        assert (result.status, result.error) == (
            "failed",
            f"{tmp_path / 'talk.m4a'}: cannot be decoded. Fetch it again.",
        )
        assert ([job.state for job in kb.jobs.all()], kb.timing.checked("talk")) == (["failed"], None)


def test_where_nobody_can_tell_nothing_is_marked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unheard(self: Perfect, path: Path, published: Transcript, *_: object) -> Recognised:
        told = Remark("note", None, None, "", "The model hears only English.")
        return Recognised(replace(published, remarks=(told,)), fits=False)

    talk(tmp_path, SIDECAR, [(0.0, "Rivers"), (180.0, "Talk"), (200.0, "Salt")])
    monkeypatch.setattr(Perfect, "check", unheard)
    with opened(tmp_path) as kb:
        added(tmp_path, kb, UNCHECKED)
        kb.corrections.edit(kb.episode("talk"), {"Ann": "Sponsor"}, "Eve")
        number = kb.current("talk").number
        (result,) = work(kb, queue_checks(kb, ["talk"], Request()), transcribers=Perfect)
        assert (result.status, result.notes) == ("unchanged", ("The model hears only English.",))
        found = kb.timing.checked("talk")
        assert found is not None
        assert (found.result, found.revision, kb.current("talk").number) == ("unknown", number, number)


def test_a_recording_that_is_replaced_while_it_is_heard_is_a_failure_to_try_again(tmp_path: Path) -> None:
    talk(tmp_path, SIDECAR)
    recording = tmp_path / "talk.m4a"

    def replaced() -> None:
        recording.write_bytes(recording.read_bytes() + b"another recording")

    with opened(tmp_path) as kb:
        added(tmp_path, kb, UNCHECKED)
        result = check(kb, replaced)
        told = f"{recording} was replaced while it was heard; check the times again."
        assert (result.status, result.error) == ("failed", told)
        assert (kb.current("talk").number, kb.timing.checked("talk")) == (1, None)
        assert check(kb).status == "revised"


def test_a_recording_that_is_replaced_while_a_file_is_taken_in_is_not_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk(tmp_path, SIDECAR)
    recording, hear = tmp_path / "talk.m4a", Perfect.check

    def replaced(self: Perfect, path: Path, published: Transcript, listening: Listening = ALONE) -> Recognised:
        recording.write_bytes(recording.read_bytes() + b"another recording")
        return hear(self, path, published, listening)

    monkeypatch.setattr(Perfect, "check", replaced)
    with opened(tmp_path) as kb:
        added(tmp_path, kb)
        assert kb.timing.checked("talk") is None


def test_another_name_of_a_speaker_gives_no_other_times(tmp_path: Path) -> None:
    """As programs give it, without saying who corrects; 'kb episodes edit' says so."""
    talk(tmp_path, SIDECAR)
    with opened(tmp_path) as kb:
        added(tmp_path, kb, UNCHECKED)
        assert check(kb, lambda: kb.corrections.edit(kb.episode("talk"), {"Ann": "Ann Lee"})).error is None
        number = kb.current("talk").number
        kb.corrections.edit(kb.episode("talk"), {"Ann Lee": "Ann L."})
        assert kb.timing.checked("talk") is not None
        kb.corrections.undo("talk", number, "Bo")
        kb.corrections.edit(kb.episode("talk"), {"Ann L.": "Ann"})
        found = checked_before(kb, kb.episode("talk"))
        assert found is not None
        assert found.result == "undone"
        assert {turn.speaker for turn in kb.canonical("talk").turns} == {"Ann"}
        assert starts(kb)[-1] == pytest.approx(LENGTH - 4)
        with pytest.raises(UsageError, match="nothing to undo"):
            kb.timing.newest_move("talk")


def test_all_moves_are_undone_or_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    talk(tmp_path, SIDECAR)
    with opened(tmp_path) as kb:
        added(tmp_path, kb, UNCHECKED)
        twin(kb)
        check(kb)
        assert command(kb, capsys, "talk", "twin", "--undo", "--json")[::2] == (
            2,
            "kb: No check moved the times of twin, so there is nothing to undo.\n",
        )
        assert kb.current("talk").number == 2


def test_a_recording_that_cannot_be_read_stops_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    talk(tmp_path, SIDECAR)
    recording = tmp_path / "talk.m4a"

    def unreadable(path: Path) -> str:
        raise AudioError(path, "cannot be read.", "Make it readable.")

    with opened(tmp_path) as kb:
        added(tmp_path, kb)
        twin(kb)
        kb.sync()
        monkeypatch.setattr("ingest.queue.checking.sha256_of", unreadable)
        monkeypatch.setattr("ingest.transcribing.recordings.Recogniser.available", lambda self: False)
        recording.touch()
        code, out, err = command(kb, capsys, "--all")
        assert (code, err) == (1, f"failed      talk: {recording}: cannot be read. Make it readable.\n")
        assert out.startswith("cannot tell twin: ")
        lost = str(tmp_path / ("x" * 300))  # the disk refuses to look, as in a folder that may not be entered
        kb.corrections.edit(replace(kb.episode("talk"), audio=lost))
        gone = f"Its recording is no longer at {lost}; put it back there."
        assert why_not(kb, kb.episode("talk"), can_hear=True) == gone
        assert checked_before(kb, kb.episode("talk")) is None


def test_a_check_that_a_server_did_meanwhile_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    talk(tmp_path, SIDECAR)

    def late(kb: KnowledgeBase, jobs: Sequence[Job], listeners: Listeners) -> object:
        work(kb, jobs, transcribers=Perfect)  # as a server that was at it already
        return work(kb, jobs, listeners, transcribers=Perfect)

    with opened(tmp_path) as kb:
        added(tmp_path, kb, UNCHECKED)
        monkeypatch.setattr("ingest.queue.batch.work", late)
        told = _Told(as_json=True)
        _check(kb, ["talk"], Request(), Reporter(False), told)
        assert [(each.result, each.told) for each in told.found] == [("moved", MOVED)]
