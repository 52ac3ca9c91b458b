"""Episodes whose publisher's times are checked: their chapters, their advertisements, and what a person changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ingest.files.sources import find_sources
from ingest.models.finding import ModelFile
from ingest.podcasts.following import FeedOptions
from ingest.queue.batch import ingest, work
from ingest.queue.options import IngestOptions
from ingest.transcribing.outlook import smallest_installed
from ingest.transcribing.recordings import Listening, Recognised, Recogniser, Request
from kb.catalogue import Followed
from kb.knowledge_base import KnowledgeBase
from kb.types import Chapter, Segment, Transcript

from . import sounds
from .perfect_hearing import Clock, Recording, captions, inserted

LENGTH = 240.0
ALONE = Listening()
SIDECAR = 'origin = "publisher"\naudio = "talk.m4a"\n'
CHAPTERS = """
[[chapters]]
start = 0
title = "Rivers"
[[chapters]]
start = 160
title = "Sponsor: Acme"
[[chapters]]
start = 200
title = "Salt"
"""


def stamp(seconds: float) -> str:
    return f"{int(seconds // 60):02}:{seconds % 60:06.3f}"


def vtt(segments: list[Segment]) -> str:
    cues = [f"{stamp(s.start or 0)} --> {stamp(s.end or 0)}\n<v {s.speaker}>{s.text}\n" for s in segments]
    return "WEBVTT\n\n" + "\n".join(cues)


class Perfect(Recogniser):
    """Hears a recording's words without an error; everything else is as it is."""

    clock: Clock = staticmethod(inserted(120, 60))

    def available(self) -> bool:
        return True

    def check(self, path: Path, published: Transcript, listening: Listening = ALONE) -> Recognised:
        said = captions(LENGTH)
        found = Recording(said, LENGTH + 60, type(self).clock).check(published.segments)
        told = replace(published, segments=found.segments, remarks=(*published.remarks, *found.remarks))
        return Recognised(told, fits=found.sure, checked=True)


def added(folder: Path, kb: KnowledgeBase, request: Request | None = None) -> str:
    (result,) = ingest(kb, find_sources([folder / "talk.vtt"]), request=request, transcribers=Perfect)
    assert result.error is None
    return result.status


def talk(folder: Path, sidecar: str, tags: list[tuple[float, str]] | None = None) -> None:
    (folder / "talk.vtt").write_text(vtt(captions(LENGTH)), "utf-8")
    (folder / "talk.toml").write_text(sidecar, "utf-8")
    sounds.write(folder / "talk.m4a", sounds.silence(LENGTH + 60), "aac", chapters=tags)


def test_chapters_of_a_sidecar_move_with_the_words_and_stay_there(tmp_path: Path) -> None:
    talk(tmp_path, SIDECAR + CHAPTERS)
    with KnowledgeBase(tmp_path / "home") as kb:
        assert added(tmp_path, kb) == "added"
        moved = pytest.approx([0.0, 220.0, 260.0], abs=0.1)
        assert [chapter.start for chapter in kb.chapters.of("talk")] == moved
        marked = [(s.start, s.end) for s in kb.transcript("talk").segments if s.advert]
        assert (marked[0][0], marked[-1][1]) == (pytest.approx(220.0, abs=0.1), pytest.approx(260.0, abs=0.1))
        assert added(tmp_path, kb) == "unchanged"
        assert [chapter.start for chapter in kb.chapters.of("talk")] == moved


def test_chapters_of_the_recording_are_on_its_clock(tmp_path: Path) -> None:
    """Before the check, "Sponsor" would have marked two minutes of the talk itself."""
    talk(tmp_path, SIDECAR, [(0.0, "Rivers"), (120.0, "Sponsor: Acme"), (180.0, "Salt")])
    with KnowledgeBase(tmp_path / "home") as kb:
        added(tmp_path, kb)
        assert [chapter.start for chapter in kb.chapters.of("talk")] == [0.0, 120.0, 180.0]
        assert not any(segment.advert for segment in kb.transcript("talk").segments)


def test_a_check_can_be_left_out(tmp_path: Path) -> None:
    talk(tmp_path, SIDECAR, [(0.0, "Rivers"), (120.0, "Sponsor: Acme"), (180.0, "Salt")])
    with KnowledgeBase(tmp_path / "home") as kb:
        added(tmp_path, kb, Request(check_times=False))
        assert max(s.end or 0 for s in kb.transcript("talk").segments) == LENGTH
        # Nobody knows whether the chapters fit these times.
        assert not any(segment.advert for segment in kb.transcript("talk").segments)


def test_another_recording_is_checked_from_the_publishers_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk(tmp_path, SIDECAR)
    with KnowledgeBase(tmp_path / "home") as kb:
        added(tmp_path, kb)
        kb.corrections.edit(kb.episode("talk"), {"Ann": "Ann Lee"}, "Eve")
        monkeypatch.setattr(Perfect, "clock", staticmethod(inserted(60, 30)))
        again(tmp_path, kb)
        found = kb.transcript("talk").segments
        assert {segment.speaker for segment in found} == {"Ann Lee"}
        begins = {caption.text.split()[0]: caption.start or 0.0 for caption in captions(LENGTH)}
        starts = [begins[segment.text.split()[0]] for segment in found]
        assert [segment.start for segment in found] == pytest.approx([s if s < 60 else s + 30 for s in starts], abs=0.1)
        told = [r.note for r in kb.revisions.remarks("talk", kb.current("talk").number) if r.kind == "note"]
        assert told == ["Times are 30 s later from 0:59 on: something was inserted there."]


def test_corrected_words_stay_with_another_recording_and_this_is_said(tmp_path: Path) -> None:
    talk(tmp_path, SIDECAR)
    with KnowledgeBase(tmp_path / "home") as kb:
        added(tmp_path, kb)
        words = kb.text("talk")
        kb.corrections.correct("talk", 1, 0, f"{words} Indeed.", "Eve")
        again(tmp_path, kb)
        assert kb.text("talk") == f"{words} Indeed."
        told = [remark.note for remark in kb.revisions.remarks("talk", kb.current("talk").number)]
        assert any("checked from those of the earlier recording" in note for note in told)


def test_advertisements_are_marked_by_chapters_that_moved_to_another_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stood at the chapter's old time was marked, half a minute later than the advertisement."""
    talk(tmp_path, SIDECAR)
    with KnowledgeBase(tmp_path / "home") as kb:
        added(tmp_path, kb)
        kb.chapters.write("talk", [Chapter(0.0, "Rivers"), Chapter(220.0, "Sponsor: Acme"), Chapter(260.0, "Salt")])
        monkeypatch.setattr(Perfect, "clock", staticmethod(inserted(60, 30)))
        again(tmp_path, kb)
        assert [chapter.start for chapter in kb.chapters.of("talk")] == pytest.approx([0.0, 190.0, 230.0], abs=0.1)
        marked = [(s.start, s.end) for s in kb.transcript("talk").segments if s.advert]
        assert (marked[0][0], marked[-1][1]) == (pytest.approx(190.0, abs=0.1), pytest.approx(230.0, abs=0.1))


def again(folder: Path, kb: KnowledgeBase) -> None:
    """Take the transcript in again as a feed does whose recording was replaced."""
    options = IngestOptions(str(folder / "talk.vtt"), request=Request(), new_sound=True)
    jobs = kb.jobs.enqueue([((folder / "talk.vtt").resolve().as_uri(), options.to_json())])
    (result,) = work(kb, jobs, transcribers=Perfect)
    assert result.error is None


def test_times_are_checked_if_the_feed_and_the_command_want_it() -> None:
    kept = Followed(1, "", "", '{"show": null, "private": []}', None, None, None, None, None, "")
    assert FeedOptions.of(kept).hearing(Request()).check_times
    assert not FeedOptions(check_times=False).hearing(Request()).check_times
    assert not FeedOptions().hearing(Request(check_times=False)).check_times
    # A transcript that is there is not made anew for it.
    assert not Request(check_times=False).wants_other_than("{}")
    assert not Request().wants_other_than("{}")


def test_the_smallest_model_for_every_language_hears_the_places() -> None:
    here = [
        ModelFile(name, "faster-whisper", Path(name), 1, "MIT", "")
        for name in ("large-v3-turbo", "distil-large-v3", "small")
    ]
    assert smallest_installed(None, here) == here[2]
    assert smallest_installed(None, here[1:2]) == here[1]
    assert smallest_installed(None, []) is None
