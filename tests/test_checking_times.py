"""The times of an episode that is in are checked: what moves with the words, what is told, and that it can be undone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ingest.queue.batch import Listeners, work
from ingest.queue.checking import checked_before, queue_checks, why_not
from ingest.sound.decoding import Decoder
from ingest.transcribing.recordings import Listening, Recognised, Request
from kb.catalogue import Source
from kb.cli.main import main
from kb.errors import Conflict
from kb.knowledge_base import KnowledgeBase
from kb.transcripts.timings import Timings
from kb.types import Chapter, Episode, ImportResult, Remark, Segment, Transcript

from . import sounds
from .conftest import CORPUS, MATERIAL, SEGMENT
from .models.tiny import ct2_folder
from .perfect_hearing import captions, inserted
from .test_checked_episodes import ALONE, CHAPTERS, LENGTH, SIDECAR, Perfect, added, talk
from .test_inserted_ads import BANNED, original, published

UNCHECKED = Request(check_times=False)
MOVED = "Times are 60 s later from 1:59 on: something was inserted there."


def opened(folder: Path, name: str = "home") -> KnowledgeBase:
    """Open a library that embeds by a table; no question is asked of it."""
    return KnowledgeBase(folder / name, "static", reader=False)


def check(kb: KnowledgeBase, meanwhile: Callable[[], object] | None = None, by: str = "Eve") -> ImportResult:
    """Check the times of the talk, and do something while its recording is heard."""

    class Hearing(Perfect):
        def check(self, path: Path, published: Transcript, listening: Listening = ALONE) -> Recognised:
            if meanwhile is not None:
                meanwhile()
            return super().check(path, published, listening)

    (result,) = work(kb, queue_checks(kb, ["talk"], Request(), by), transcribers=Hearing)
    return result


def starts(kb: KnowledgeBase, revision: int | None = None) -> list[float]:
    return [span.start for span in kb.canonical("talk", revision).timings.spans()]


def later(at: float, by: float) -> list[float]:
    """Return when the captions begin that have ``by`` seconds inserted at a time."""
    return [s.start + (by if s.start >= at else 0.0) for s in captions(LENGTH) if s.start is not None]


def test_words_chapters_and_advertisements_move(tmp_path: Path) -> None:
    talk(tmp_path, SIDECAR + CHAPTERS)
    with opened(tmp_path) as kb:
        added(tmp_path, kb, UNCHECKED)
        text, quote = kb.text("talk"), kb.citable("talk@1:0-20")
        kb.collections.save("All", quote.id)
        result = check(kb)
        assert (result.status, result.episode_id, result.error) == ("revised", "talk", None)
        assert result.notes == (MOVED,)
        assert starts(kb) == pytest.approx(later(120, 60), abs=0.1)
        assert kb.text("talk") == text
        assert [chapter.start for chapter in kb.chapters.of("talk")] == pytest.approx([0.0, 220.0, 260.0], abs=0.1)
        marked = [(s.start, s.end) for s in kb.segments("talk") if s.advert]
        assert (marked[0][0], marked[-1][1]) == (pytest.approx(220.0, abs=0.1), pytest.approx(260.0, abs=0.1))
        assert replace(kb.quote(quote.id), episode=quote.episode) == quote  # of its own revision
        (saved,) = kb.collections.quotes("All")
        assert saved.quote.text == quote.text
        assert kb.episode("talk").duration == LENGTH + 60
        assert (kb.jobs.all(), kb.current("talk").number) == ((), 2)
        kinds = [(remark.kind, remark.note) for remark in kb.revisions.remarks("talk", 2)]
        assert kinds[0] == ("note", MOVED)
        assert kinds[1][0] == "inserted"
        note = kb.revisions.notes("talk")[-1].correction
        assert note is not None
        assert (note.what, note.by, note.made_from) == ("times", "Eve", 1)


def test_an_episode_that_was_checked_after_it_was_taken_in_is_as_one_checked_then(tmp_path: Path) -> None:
    talk(tmp_path, SIDECAR + CHAPTERS)
    with opened(tmp_path) as kb, opened(tmp_path, "other") as other:
        added(tmp_path, kb, UNCHECKED)
        check(kb)
        added(tmp_path, other)
        mine, theirs = kb.canonical("talk"), other.canonical("talk")
        assert (mine.text, mine.turns) == (theirs.text, theirs.turns)
        assert mine.timings.spans() == theirs.timings.spans()
        assert kb.chapters.of("talk") == other.chapters.of("talk")
        assert kb.revisions.remarks("talk", 2) == other.revisions.remarks("talk", 1)


def test_the_recordings_own_chapters_mark_advertisements_and_stay(tmp_path: Path) -> None:
    talk(tmp_path, SIDECAR, [(0.0, "Rivers"), (180.0, "Sponsor: Acme"), (200.0, "Salt")])
    with opened(tmp_path) as kb:
        added(tmp_path, kb, UNCHECKED)
        words = kb.text("talk").split()
        assert not any(segment.advert for segment in kb.segments("talk"))
        check(kb)
        assert [chapter.start for chapter in kb.chapters.of("talk")] == [0.0, 180.0, 200.0]
        marked = [(s.start, s.end) for s in kb.segments("talk") if s.advert]
        assert (marked[0][0], marked[-1][1]) == (pytest.approx(180.0, abs=0.1), pytest.approx(200.0, abs=0.1))
        assert kb.text("talk").split() == words
        assert [turn.speaker for turn in kb.canonical("talk").turns] == ["Ann"] * 3
        kb.corrections.undo("talk", 2, "Eve")
        assert kb.canonical("talk").turns == kb.canonical("talk", 1).turns


def test_times_that_fit_stay_and_are_not_checked_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    talk(tmp_path, SIDECAR + CHAPTERS)
    monkeypatch.setattr(Perfect, "clock", staticmethod(inserted(0, 0)))
    with opened(tmp_path) as kb:
        added(tmp_path, kb, UNCHECKED)
        doubt = Remark("note", None, None, "", "The publisher's times are unchecked, because it could not be heard.")
        other = Remark("note", None, None, "", "Cue 3 has no readable time.")
        kb.revisions.write(kb.episode("talk"), kb.canonical("talk"), Source("file:///x.vtt", "2"), [doubt, other])
        assert checked_before(kb, kb.episode("talk")) is None
        result = check(kb)
        assert (result.status, result.notes) == ("unchanged", ("The times fit the recording.",))
        assert (kb.current("talk").number, kb.revisions.remarks("talk", 2)) == (2, (other,))
        found = checked_before(kb, kb.episode("talk"))
        assert found is not None
        assert (found.result, found.told, found.revision) == ("unchanged", "The times fit the recording.", 2)
        kb.corrections.correct("talk", 2, 0, f"{kb.text('talk')} Indeed.", "Eve")
        assert checked_before(kb, kb.episode("talk")) == found  # a correction moves nothing
        recording = tmp_path / "talk.m4a"
        recording.touch()
        assert checked_before(kb, kb.episode("talk")) == found  # the same bytes
        recording.write_bytes(recording.read_bytes() + b"\0")
        assert checked_before(kb, kb.episode("talk")) is None


def test_what_is_checked_when_it_is_taken_in_is_checked(tmp_path: Path) -> None:
    talk(tmp_path, SIDECAR)
    with opened(tmp_path) as kb:
        added(tmp_path, kb)
        found = checked_before(kb, kb.episode("talk"))
        assert found is not None
        assert (found.result, found.told) == ("moved", MOVED)
        # Other times from the source have not been checked.
        changed = replace(captions(LENGTH)[0], text="Other words.")
        kb.add(kb.episode("talk"), Transcript((changed,), source="publisher"), Source("file:///x.vtt", "2"))
        kb.revisions.write(kb.episode("talk"), kb.canonical("talk"), Source("file:///x.vtt", "2"))
        assert checked_before(kb, kb.episode("talk")) is None


def test_a_recording_that_was_replaced_takes_the_earlier_insertion_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk(tmp_path, SIDECAR)
    with opened(tmp_path) as kb:
        added(tmp_path, kb)
        monkeypatch.setattr(Perfect, "clock", staticmethod(inserted(60, 30)))
        check(kb)
        assert starts(kb) == pytest.approx(later(60, 30), abs=0.1)
        remarks = kb.revisions.remarks("talk", 2)
        notes = [remark.note for remark in remarks if remark.kind == "note"]
        assert notes == [
            "Times are 30 s later from 0:59 on and 30 s earlier from 2:29 on: the recording differs there."
        ]
        (stretch,) = [remark for remark in remarks if remark.kind == "inserted"]
        assert (stretch.start, stretch.end) == (pytest.approx(60, abs=1), pytest.approx(90, abs=1))


def test_what_is_corrected_meanwhile_moves_alike(tmp_path: Path) -> None:
    talk(tmp_path, SIDECAR)
    with opened(tmp_path) as kb:
        added(tmp_path, kb, UNCHECKED)
        words = kb.text("talk").replace(captions(LENGTH)[40].text, "Nobody knows when the water rose here.")
        result = check(kb, lambda: kb.corrections.correct("talk", 1, 0, words, "Bo"))
        assert (result.status, result.error, kb.text("talk")) == ("revised", None, words)
        place = words.index("Nobody knows")
        assert kb.canonical("talk").timings.start_at(place) == pytest.approx(220, abs=0.1)
        assert kb.canonical("talk", 2).timings.start_at(place) == pytest.approx(160, abs=0.1)


def test_times_from_a_source_meanwhile_are_a_failure_to_try_again(tmp_path: Path) -> None:
    talk(tmp_path, SIDECAR)
    with opened(tmp_path) as kb:
        added(tmp_path, kb, UNCHECKED)
        other = replace(kb.canonical("talk"), timings=Timings.from_spans([]))
        result = check(kb, lambda: kb.revisions.write(kb.episode("talk"), other, Source("file:///x.vtt", "2")))
        assert (result.status, result.error) == (
            "failed",
            "talk got other times while they were checked; check them again.",
        )
        assert [job.state for job in kb.jobs.all()] == ["failed"]


def test_an_episode_that_is_removed_or_a_job_that_is_dropped_meanwhile_changes_nothing(tmp_path: Path) -> None:
    talk(tmp_path, SIDECAR)
    with opened(tmp_path) as kb:
        added(tmp_path, kb, UNCHECKED)
        assert check(kb, lambda: kb.jobs.finish(["check-times:talk"])).status == "cancelled"
        assert kb.current("talk").number == 1
        result = check(kb, lambda: kb.remove("talk"))
        assert result.notes == ("talk was removed from the library, so the check of its times ended.",)
        assert (kb.jobs.all(), kb.episodes()) == ((), ())


def test_a_move_is_undone_with_its_chapters_and_remarks(tmp_path: Path) -> None:
    talk(tmp_path, SIDECAR + CHAPTERS)
    with opened(tmp_path) as kb:
        added(tmp_path, kb, UNCHECKED)
        before = kb.canonical("talk"), kb.chapters.of("talk")
        check(kb)
        after = kb.canonical("talk"), kb.chapters.of("talk")
        assert kb.corrections.undo("talk", 2, "Bo") == 3
        assert (kb.canonical("talk").turns, kb.chapters.of("talk")) == (before[0].turns, before[1])
        assert kb.canonical("talk").timings.to_bytes() == before[0].timings.to_bytes()
        assert kb.revisions.remarks("talk", 3) == ()
        assert kb.episode("talk").duration == LENGTH
        with pytest.raises(Conflict, match="changed again since revision 2"):
            kb.corrections.undo("talk", 2, "Bo")
        found = checked_before(kb, kb.episode("talk"))
        assert found is not None
        assert found.result == "undone"  # so that the next check of all does not move them again
        assert kb.corrections.undo("talk", 3, "Bo") == 4
        assert (kb.canonical("talk").turns, kb.chapters.of("talk")) == (after[0].turns, after[1])
        assert kb.canonical("talk").timings.to_bytes() == after[0].timings.to_bytes()
        assert kb.revisions.remarks("talk", 4) == kb.revisions.remarks("talk", 2)


def test_corrections_and_chapters_of_after_a_move_stay_when_it_is_undone(tmp_path: Path) -> None:
    talk(tmp_path, SIDECAR + CHAPTERS)
    with opened(tmp_path) as kb:
        added(tmp_path, kb, UNCHECKED)
        check(kb)
        first = kb.segments("talk").__next__().text
        turn = kb.canonical("talk").turns[0]
        words = kb.text("talk")[turn.char_start : turn.char_end].replace(first, "The river rose.")
        kb.corrections.correct("talk", 2, 0, words, "Bo")
        kb.chapters.write("talk", [Chapter(10.0, "Mine")])
        kb.corrections.undo("talk", 2, "Bo")
        assert kb.text("talk").startswith("The river rose.")
        assert starts(kb)[-1] == pytest.approx(LENGTH - 4)
        assert kb.chapters.of("talk") == (Chapter(10.0, "Mine"),)


def test_a_correction_of_before_a_move_is_undone_where_its_words_are_heard(tmp_path: Path) -> None:
    talk(tmp_path, SIDECAR)
    with opened(tmp_path) as kb:
        added(tmp_path, kb, UNCHECKED)
        words = kb.text("talk")
        kb.corrections.correct("talk", 1, 0, words.replace(captions(LENGTH)[40].text, "Nobody knows."), "Bo")
        check(kb)
        kb.corrections.undo("talk", 2, "Bo")
        assert kb.text("talk") == words
        assert starts(kb) == pytest.approx(later(120, 60), abs=0.1)


def test_a_move_is_no_correction_of_words(tmp_path: Path) -> None:
    """Another file of the same words that has more in it still counts, and a feed names nobody who moved times."""
    talk(tmp_path, SIDECAR)
    with opened(tmp_path) as kb:
        added(tmp_path, kb, UNCHECKED)
        check(kb)
        assert kb.revisions.corrected_by("talk") is None
        kb.corrections.edit(kb.episode("talk"), {"Ann": "Ann Lee"}, "Bo")
        kb.corrections.undo("talk", 2, "Eve")
        assert kb.revisions.corrected_by("talk") == "Bo"


def test_translations_move_with_their_words(tmp_path: Path) -> None:
    talk(tmp_path, SIDECAR)
    with opened(tmp_path) as kb:
        added(tmp_path, kb, UNCHECKED)
        for paragraph in kb.translations.timed("talk"):
            kb.translations.keep("talk", paragraph, "In English.", "de", engine="whisper", model="small")
        count = len(kb.translations.of("talk"))
        check(kb)
        assert [each.is_current for each in kb.translations.of("talk")] == [True] * count
        assert kb.translations.missing("talk") == ()


def test_it_is_said_why_times_cannot_be_checked(kb: KnowledgeBase, tmp_path: Path) -> None:
    sound = tmp_path / "talk.m4a"
    sound.write_bytes(b"sound")
    timed, untimed = (Segment(start, end, "Yes.", "Ann") for start, end in ((0.0, 1.0), (None, None)))

    def told(origin: str, segment: Segment = timed, audio: str | None = str(sound), can_hear: bool = True) -> str:
        number = len(kb.episodes())
        episode = Episode(f"e{number}", "Show", f"Talk {number}", audio=audio)
        transcript = Transcript((segment,), source=origin)  # type: ignore[arg-type]
        kb.add(episode, transcript, Source(f"file:///{number}", str(number)))
        return why_not(kb, kb.episode(f"e{number}"), can_hear)

    assert told("publisher") == ""
    assert told("publisher", audio=None) == "It has no recording to check its times against."
    gone = str(tmp_path / "gone.m4a")
    assert told("publisher", audio=gone) == f"Its recording is no longer at {gone}; put it back there."
    assert told("publisher", untimed) == "Its transcript has no times to check."
    assert told("machine").startswith("Its words and times were recognised in a recording")
    assert told("unknown").startswith("It is not known to be a publisher's transcript")
    assert told("publisher", can_hear=False).startswith("No speech model is installed")


def command(kb: KnowledgeBase, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main(["--home", str(kb.home), "episodes", "check-times", *arguments])
    return int(end.value.code or 0), *capsys.readouterr()


def test_the_command_says_one_sentence_an_episode(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.transcribing.recordings.Recogniser.available", lambda self: False)
    talk(tmp_path, SIDECAR)
    with opened(tmp_path) as kb:
        added(tmp_path, kb)
        kb.add(Episode("bare", "Show", "Bare"), Transcript((Segment(0, 1, "Yes."),)), Source("file:///bare", "1"))
        kb.sync()
        when = kb.timing.checked("talk").checked_at[:10]  # type: ignore[union-attr]
        assert command(kb, capsys, "--all") == (
            0,
            f"cannot tell bare: It has no recording to check its times against.\n"
            f"skipped     talk: It was checked on {when}: {MOVED} --again checks it again.\n",
            "",
        )
        code, out, _ = command(kb, capsys, "talk", "--again", "--json")
        assert (code, json.loads(out)) == (
            0,
            [
                {
                    "episode": "talk",
                    "result": "unknown",
                    "told": "No speech model is installed to hear its recording; 'kb models' lists those to fetch.",
                    "revision": 1,
                }
            ],
        )
        assert command(kb, capsys, "talk", "--undo")[::2] == (
            2,
            "kb: No check moved the times of talk, so there is nothing to undo.\n",
        )
        assert command(kb, capsys, "nobody")[0] == 1
        assert command(kb, capsys)[::2] == (
            2,
            "kb: Name the episodes to check ('kb episodes' lists them), or --all.\n",
        )


def twin(kb: KnowledgeBase) -> None:
    """Add an episode of the same words and the same recording."""
    second = replace(kb.episode("talk"), id="twin", title="Twin")
    kb.add(second, replace(kb.transcript("talk"), source="publisher"), Source("file:///twin", "1"))


def test_a_check_that_was_stopped_goes_on_with_what_is_left(tmp_path: Path) -> None:
    talk(tmp_path, SIDECAR)
    with opened(tmp_path) as kb:
        added(tmp_path, kb, UNCHECKED)
        twin(kb)

        def stop(result: ImportResult) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            work(kb, queue_checks(kb, ["talk", "twin"], Request()), Listeners(stop), transcribers=Perfect)
        assert [job.uri for job in kb.jobs.all()] == ["check-times:twin"]
        assert checked_before(kb, kb.episode("talk")) is not None
        (result,) = work(kb, kb.jobs.all(), transcribers=Perfect)
        assert (result.episode_id, result.notes) == ("twin", (MOVED,))


@pytest.mark.slow
def test_a_real_recording_with_half_a_minute_inserted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Through the command line, with a real engine; a quote is at its second afterwards, and so is a chapter."""
    at = next(s.start for s in published().segments if s.start is not None and s.start > 120) - 0.1
    advert = np.concatenate(list(Decoder(MATERIAL / "speech" / "multilingual.mp3")))[: 30 * sounds.RATE]
    place = int(at * sounds.RATE)
    sounds.write(tmp_path / "talk.flac", np.concatenate([original()[:place], advert, original()[place:]]), "flac")
    (tmp_path / "talk.vtt").write_bytes((CORPUS / f"{SEGMENT}.vtt").read_bytes())
    chapter = '[[chapters]]\nstart = 200\ntitle = "Bans"\n'
    (tmp_path / "talk.toml").write_text(f'origin = "publisher"\naudio = "talk.flac"\nlanguage = "en"\n{chapter}')
    more = ["--model", str(ct2_folder()), "--engine", "faster-whisper", "--beam-size", "1"]
    with KnowledgeBase(tmp_path / "home") as kb:
        added(tmp_path, kb, UNCHECKED)
        kb.sync()
        before = kb.ask(BANNED).quotes[0]
        said = "moved       talk: Times are 30 s later from 2:03 on: something was inserted there.\n"
        assert command(kb, capsys, "talk", *more)[:2] == (0, said)
        quote = kb.ask(BANNED).quotes[0]
        assert (quote.text, quote.revision) == (before.text, 2)
        assert quote.start == pytest.approx((before.start or 0) + 30, abs=0.5)
        assert [chapter.start for chapter in kb.chapters.of("talk")] == pytest.approx([230], abs=0.5)
        assert command(kb, capsys, "talk", *more)[1].startswith("skipped     talk: It was checked on ")
        assert command(kb, capsys, "talk", "--undo")[1] == (
            "undone      talk: The earlier times are back, as revision 3.\n"
        )
        assert kb.ask(BANNED).quotes[0].start == before.start
