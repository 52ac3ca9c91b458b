"""Voices of what is already in: told apart, merged, remembered, suggested to be listened to, and forgotten."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ingest.diarization import SpeakerSpan, assign_speakers
from ingest.diarization.prints import alike, voice_prints
from kb.backups.manifest import CATALOGUE
from kb.backups.salvaging import salvage_folder
from kb.catalogue import Source, VoicePrint
from kb.cli.main import main
from kb.errors import Conflict, UsageError
from kb.knowledge_base import KnowledgeBase
from kb.transcripts.voices import recut, turns_as_segments
from kb.types import Episode, Person, Segment, Transcript, Word

from .. import sounds
from .onnx_files import write_voice_model

SAID = "Good morning. Good morning to you. How are you? I am well."


def voice(pitch: float, seconds: float) -> np.ndarray:
    """A hum with overtones, which is as far from another pitch's as two people are."""
    times = np.arange(int(seconds * sounds.RATE)) / sounds.RATE
    hum = sum(np.sin(2 * np.pi * pitch * k * times) / k**2 for k in range(1, 5))
    return np.asarray(0.2 * hum, np.float32)


def talk(first: float, second: float) -> np.ndarray:
    """Two voices in turn, five seconds each."""
    return np.concatenate([voice(first, 5), voice(second, 5)])


def put(kb: KnowledgeBase, name: str, audio: Path | None, speakers: tuple[str | None, str | None]) -> None:
    """Take an episode in with a word a second: five of the first voice, five of the second."""
    halves = ("Good morning to you all.", "I am glad to come.")
    segments = []
    for n, (text, speaker) in enumerate(zip(halves, speakers, strict=True)):
        words = tuple(Word(word, 5.0 * n + k, 5.0 * n + k + 0.9, 0.9) for k, word in enumerate(text.split()))
        segments.append(Segment(5.0 * n, 5.0 * n + 4.9, text, speaker, words))
    episode = Episode(name, "The Show", name, audio=str(audio) if audio else None)
    kb.add(
        episode, Transcript(tuple(segments), "en", "machine", "faster-whisper", "base"), Source(f"file:///{name}", name)
    )
    kb.sync()


def said(home: Path, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[str, str]:
    with pytest.raises(SystemExit) as end:
        main(["--home", str(home), *arguments])
    printed = capsys.readouterr()
    return printed.out, printed.err if end.value.code else ""


def test_turns_are_cut_where_another_voice_speaks_and_no_letter_or_time_changes(kb: KnowledgeBase) -> None:
    words = tuple(Word(word, n + 0.0, n + 0.8, 0.9) for n, word in enumerate(SAID.split()))
    named = Segment(20.0, 21.0, "This is the news.", "Ann Lee")
    kb.add(Episode("e", "S", "T"), Transcript((Segment(0.0, 12.8, SAID, None, words), named)), Source("file:///e", "e"))
    before = kb.canonical("e")
    spans = [SpeakerSpan(0, 2, "a"), SpeakerSpan(2, 6, "b"), SpeakerSpan(6, 9, "a"), SpeakerSpan(9, 30, "b")]
    after = recut(before, assign_speakers(turns_as_segments(before), spans))
    assert (after.text, after.timings.to_bytes()) == (before.text, before.timings.to_bytes())
    found = [(turn.speaker, after.text[turn.char_start : turn.char_end]) for turn in after.turns]
    assert found == [
        ("Speaker 1", "Good morning."),
        ("Speaker 2", "Good morning to you."),
        ("Speaker 1", "How are you?"),
        ("Speaker 2", "I am well."),
        ("Ann Lee", "This is the news."),
    ]
    assert [(turn.start, turn.end) for turn in after.turns[:2]] == [(0.0, 1.8), (2.0, 5.8)]
    assert recut(after, turns_as_segments(after)) == after
    one = assign_speakers(turns_as_segments(after, again=True), [SpeakerSpan(0, 30, "x")])
    assert [turn.speaker for turn in recut(after, one).turns] == ["Speaker 1", "Ann Lee"]


@pytest.mark.slow
def test_voices_of_an_episode_are_told_apart_and_what_has_a_name_keeps_it(
    tmp_path: Path,
    pretended: Callable[[str], Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    models = pretended(
        "self.found = [Anything(start=0.0, end=5.0, speaker='x'), Anything(start=5.0, end=10.0, speaker='y')]\n"
        "return self"
    )
    home, audio = tmp_path / "home", sounds.write(tmp_path / "talk.flac", talk(110, 230), "flac")
    with KnowledgeBase(home) as kb:
        put(kb, "talk", audio, (None, None))
        text = kb.text("talk")
    told, _ = said(home, capsys, "episodes", "voices", "talk", "--diarizer-models", str(models))
    assert told.splitlines() == ["revised    talk", "speaker    Speaker 1: 1 turn", "speaker    Speaker 2: 1 turn"]
    told, _ = said(home, capsys, "episodes", "voices", "talk", "--diarizer-models", str(models))
    assert told.splitlines()[0] == "unchanged  talk"
    with KnowledgeBase(home) as kb:
        assert kb.text("talk") == text
        assert [turn.attribution for turn in kb.canonical("talk").turns] == ["diarization", "diarization"]
    people = ("--person", "Speaker 1=guest", "--person", "Speaker 2=guest")
    said(home, capsys, "episodes", "edit", "talk", *people)
    said(home, capsys, "episodes", "edit", "talk", "--rename-speaker", "Speaker 2=Speaker 1")
    with KnowledgeBase(home) as kb:  # two voices that are one person's
        assert {turn.speaker for turn in kb.canonical("talk").turns} == {"Speaker 1"}
        assert kb.episode("talk").people == (Person("Speaker 1", "guest"),)


def test_what_is_missing_is_told_with_the_command_that_fetches_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KB_MODELS", str(tmp_path / "models"))
    audio = sounds.write(tmp_path / "talk.flac", talk(110, 230), "flac")
    with KnowledgeBase(tmp_path / "home") as kb:
        put(kb, "talk", audio, (None, None))
        put(kb, "silent", None, (None, None))
    for arguments, problem in (
        (("episodes", "voices", "talk"), "Run `kb models fetch voices` once."),
        (("episodes", "voices", "silent"), "silent has no recording"),
        (("episodes", "voices", "talk", "--diarizer", "none"), "choose sherpa or pyannote"),
        (("voices", "remember", "talk"), "Run `kb models fetch voices` once."),
        (("voices", "forget"), "or --all"),
        (("voices", "forget", "Ann Le"), "No voice of 'Ann Le' is remembered; 'kb voices list' shows whose are."),
    ):
        assert problem in said(tmp_path / "home", capsys, *arguments)[1]


def test_a_transcript_that_was_corrected_meanwhile_is_not_written_over(kb: KnowledgeBase) -> None:
    put(kb, "talk", None, (None, None))
    parts = turns_as_segments(kb.canonical("talk"))
    kb.corrections.correct("talk", 1, 0, "Good evening to you all. I am glad to come.", "Eve")
    with pytest.raises(Conflict, match="was corrected while its voices were told apart"):
        kb.corrections.tell_apart("talk", 1, parts, "Eve")


def test_a_print_that_was_damaged_suggests_nobody_and_is_named_as_lost(tmp_path: Path) -> None:
    whole = np.array([0.6, 0.8], np.float32)
    with KnowledgeBase(tmp_path / "home") as kb:
        put(kb, "talk", None, ("Ann Lee", "Bob Roe"))
        kb.voice_prints.keep("m", [VoicePrint("talk", name, 0.0, 4.0, whole) for name in ("Ann Lee", "Bob Roe")])
        with sqlite3.connect(tmp_path / "home" / CATALOGUE) as sql:
            sql.execute("UPDATE voice_prints SET print = x'ffff00' WHERE speaker = 'Bob Roe'")
        sql.close()
        assert [each.speaker for each in kb.voice_prints.of_show("The Show", "m")] == ["Ann Lee"]
    _, lost = salvage_folder(tmp_path / "home", tmp_path / "saved")
    assert lost == ("talk: what the voice of Bob Roe sounds like is lost.",)
    with KnowledgeBase(tmp_path / "saved") as kb:
        assert kb.voice_prints.known() == (("The Show", "Ann Lee", 1),)


def test_a_name_that_was_put_right_is_suggested_no_more_and_can_still_be_forgotten(kb: KnowledgeBase) -> None:
    put(kb, "talk", None, ("Ann Lee", "Bob Roe"))
    whole = np.array([0.6, 0.8], np.float32)
    kb.voice_prints.keep("m", [VoicePrint("talk", name, 0.0, 4.0, whole) for name in ("Ann Lee", "Bob Roe")])
    kb.corrections.edit(kb.episode("talk"), {"Bob Roe": "Rob Roe"}, "Eve")
    assert [each.speaker for each in kb.voice_prints.of_show("The Show", "m")] == ["Ann Lee"]
    assert kb.voice_prints.forget("Bob Roe") == 1


@pytest.mark.slow
def test_a_print_is_the_voices_own(tmp_path: Path) -> None:
    """Through the real sherpa-onnx, with a model that the test writes."""
    write_voice_model(tmp_path / "embedding.onnx")
    low, high, again = voice_prints(tmp_path, [[voice(110, 3), voice(112, 2)], [voice(230, 3)], [voice(111, 3)]])
    assert np.linalg.norm(low) == pytest.approx(1)
    assert alike(low, again) > 0.99 > alike(low, high)
    (tmp_path / "embedding.onnx").write_bytes(b"no model")
    with pytest.raises(UsageError, match="check that the model files in"):
        voice_prints(tmp_path, [[voice(110, 3)]])


@pytest.mark.slow
def test_a_voice_is_suggested_with_where_to_listen_and_forgotten_for_good(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models, home = tmp_path / "models", tmp_path / "home"
    models.mkdir()
    write_voice_model(models / "embedding.onnx")
    known = sounds.write(tmp_path / "known.flac", talk(110, 230), "flac")
    fresh = sounds.write(tmp_path / "fresh.flac", talk(231, 111), "flac")
    with KnowledgeBase(home) as kb:
        put(kb, "known", known, ("Ann Lee", "Bob $(rm -r x)"))
        put(kb, "fresh", fresh, ("Speaker 1", "Speaker 2"))
    where = ("--diarizer-models", str(models))
    assert "begin with 'kb voices remember ID'" in said(home, capsys, "voices", "suggest", "fresh", *where)[1]
    told, _ = said(home, capsys, "voices", "remember", "known", *where)
    assert told.splitlines()[0] == "kept       Ann Lee: from known@0:00-0:04"
    rows = json.loads(said(home, capsys, "voices", "suggest", "fresh", *where, "--json")[0])
    assert [(row["speaker"], row["suggested"]) for row in rows] == [
        ("Speaker 1", "Bob $(rm -r x)"),
        ("Speaker 2", "Ann Lee"),
    ]
    assert rows[1]["listen"] == ["fresh@0:05-0:09", "known@0:00-0:04"]
    told, _ = said(home, capsys, "voices", "suggest", "fresh", *where)
    assert "--rename-speaker 'Speaker 1=Bob $(rm -r x)'" in told
    with KnowledgeBase(home) as kb:  # only suggested
        assert {turn.speaker for turn in kb.canonical("fresh").turns} == {"Speaker 1", "Speaker 2"}
        (print_, *_) = kb.catalogue.voice_prints.of_show("The Show", _model(models))
    assert said(home, capsys, "voices", "forget", "Ann Lee")[0] == "forgotten  1 print of Ann Lee\n"
    assert said(home, capsys, "voices", "forget", "--all")[0] == "forgotten  1 print of all voices\n"
    assert said(home, capsys, "voices", "list")[0] == "No voice is remembered; begin with 'kb voices remember ID'.\n"
    trace = print_.print.tobytes()[:64]
    assert not [path for path in home.rglob("catalogue*") if trace in path.read_bytes()]


def _model(folder: Path) -> str:
    from ingest.diarization.prints import prints_model

    return prints_model(folder)


def test_without_a_command_it_lists_or_says_how_to_begin(kb: KnowledgeBase, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(kb.home, capsys, "voices") == ("No voice is remembered; begin with 'kb voices remember ID'.\n", "")
    put(kb, "known", None, ("Ann Lee", None))
    kb.voice_prints.keep("model", [VoicePrint("known", "Ann Lee", 0.0, 5.0, np.array([1.0, 0.0], np.float32))])
    listed = said(kb.home, capsys, "voices")
    assert listed == ("Ann Lee\tThe Show\t1 episode\n", "") == said(kb.home, capsys, "voices", "list")
    assert json.loads(said(kb.home, capsys, "voices", "--json")[0])[0]["speaker"] == "Ann Lee"
