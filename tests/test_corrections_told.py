"""Nothing that a person corrected goes without a word, and a slip of the person's is taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.queue.batch import ingest
from kb.cli import main
from kb.knowledge_base import KnowledgeBase

from .conftest import SEGMENT


def test_a_changed_file_without_a_persons_correction_says_so(kb: KnowledgeBase, tmp_path: Path) -> None:
    talk = tmp_path / "talk.vtt"
    talk.write_text("WEBVTT\n\n00:01.000 --> 00:04.000\n<v Speaker 1>Cabbages are cheaper than kings.\n")
    ingest(kb, [talk])
    assert kb.corrections.correct("talk", 1, 0, "Cabbages are dearer than kings.", "Nina") == 2
    (result,) = ingest(kb, [talk])
    assert (result.status, result.notes) == ("unchanged", ())
    talk.write_text(talk.read_text() + "\n00:05.000 --> 00:06.000\n<v Speaker 1>Sealing wax is not.\n")
    (result,) = ingest(kb, [talk])
    told = "What Nina had corrected is in revision 2 and not in this new transcript."
    assert (result.status, result.notes) == ("revised", (told,))
    assert [remark.note for remark in kb.revisions.remarks("talk", 3)] == [told]
    talk.write_text(talk.read_text().replace("wax is", "wax was"))
    (result,) = ingest(kb, [talk])
    assert (result.status, result.notes) == ("revised", ())


def test_two_who_become_one_are_told_and_parted_again(
    corpus_kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KB_HOME", str(corpus_kb.home))

    def speakers() -> list[str | None]:
        return [turn.speaker for turn in corpus_kb.canonical(SEGMENT).turns]

    def command(*arguments: str) -> None:
        with pytest.raises(SystemExit, match="0"):
            main(arguments)

    before = speakers()
    command("episodes", "edit", SEGMENT, "--rename-speaker", "Alvaro Bedoya=Aarti Shahani")
    told = capsys.readouterr()
    assert told.out == f"revised    {SEGMENT}\n"
    assert "Aarti Shahani spoke here before, too; the words of both are Aarti Shahani's now." in told.err
    assert f"'kb names undo {SEGMENT}'" in told.err
    assert "Alvaro Bedoya" not in speakers()
    command("names", "undo", SEGMENT)
    assert speakers() == before
    command("episodes", "edit", SEGMENT, "--rename-speaker", "Alvaro Bedoya=Al Bedoya")
    assert "before, too" not in capsys.readouterr().err
