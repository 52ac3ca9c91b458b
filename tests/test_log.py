"""What is done on the command line is in the log, under the name of the machine's user; what changes nothing is not."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from pathlib import Path

import pytest

from kb.cli import main
from kb.knowledge_base import KnowledgeBase

from .conftest import CORPUS, SEGMENT


@pytest.fixture
def kb(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a command in this process and return what it printed; ``code`` is how it ends."""

    def call(*arguments: str | Path, code: int = 0) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(tmp_path / "home"), *map(str, arguments)])
        told, wrong = capsys.readouterr()
        assert (ended.value.code or 0) == code, wrong
        return told

    return call


def logged(kb: Callable[..., str]) -> list[tuple[str, str]]:
    """Return what was done and to what, which this machine's user did."""
    lines = [line.split("  ") for line in kb("log").splitlines()]
    assert {line[1] for line in lines} == {getpass.getuser()}
    return [(line[2], line[3]) for line in lines]


def test_commands_are_in_the_log(kb: Callable[..., str], tmp_path: Path) -> None:
    kb("ingest", CORPUS)
    kb("ingest", CORPUS)
    kb("episodes", "edit", SEGMENT, "--number", "7")
    kb("episodes", "edit", SEGMENT, "--number", "7")
    kb("ask", "Who called it a dragnet?")
    kb("export", f"{SEGMENT}@1:3188-3278", "--out", tmp_path / "q.csv")
    kb("backup", tmp_path / "library.backup")
    kb("episodes", "remove", SEGMENT, "--yes")
    assert logged(kb) == [
        ("took in", SEGMENT),
        ("edited an episode", SEGMENT),
        ("exported as csv", f"{SEGMENT}@1:3188-3278"),
        ("made a backup", "library.backup"),
        ("removed an episode", SEGMENT),
    ]
    assert kb("log", "--last", "1", "--by", getpass.getuser()).count("removed") == 1
    assert kb("log", "--by", "nobody") == ""


def test_what_changes_a_collection_is_in_the_log(kb: Callable[..., str]) -> None:
    first, second = f"{SEGMENT}@1:3188-3278", f"{SEGMENT}@1:3357-3404"
    kb("ingest", CORPUS)
    for _ in range(2):  # whatever is done twice changes something once
        kb("saved", "add", "Nets", first, second)
        kb("saved", "note", "Nets", first, "Ask him why.")
        kb("saved", "tag", "Nets", first, "police")
        kb("saved", "move", "Nets", first, "2")
    kb("saved", "rename", "Nets", "Nets")
    kb("saved", "rename", "Nets", "Dragnets")
    kb("saved", "status", first, "heard", "--by", "Eva")
    kb("saved", "status", first)
    kb("saved", "remove", "Dragnets", second)
    kb("saved", "remove", "Dragnets", second, code=1)
    kb("saved", "delete", "Dragnets", "--yes")
    assert logged(kb)[1:] == [
        ("saved a quote", f"Nets {first}"),
        ("saved a quote", f"Nets {second}"),
        ("changed a saved quote", f"Nets {first}"),
        ("changed a saved quote", f"Nets {first}"),
        ("changed a saved quote", f"Nets {first}"),
        ("renamed a collection", "Nets to Dragnets"),
        ("judged a quote", first),
        ("took a quote out", f"Dragnets {second}"),
        ("deleted a collection", "Dragnets"),
    ]


def test_what_becomes_of_jobs_is_in_the_log(kb: Callable[..., str], tmp_path: Path) -> None:
    talk = tmp_path / "talk.vtt"
    talk.write_text("no transcript")
    kb("ingest", talk, code=1)
    kb("jobs", "retry", code=1)
    talk.write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nCabbages are cheaper than kings.\n")
    kb("jobs", "retry", "1")
    kb("jobs", "retry")  # there is none
    talk.write_text("no transcript")
    kb("ingest", talk, code=1)
    kb("jobs", "cancel", "--all")
    assert logged(kb) == [
        ("tried a job again", "talk.vtt"),
        ("tried a job again", "talk.vtt"),
        ("took in", "talk"),
        ("dropped a job", "talk.vtt"),
    ]


def test_names_are_logged_in_a_line_each_where_they_changed_the_list(kb: Callable[..., str]) -> None:
    kb("names", "add", "Ann Lee")
    kb("names", "add", "Ann Lee", "Bob\n2026-01-01T00:00:00+00:00  Eve  removed an episode  x")
    kb("names", "remove", "Ann Lee", "Nobody")
    kb("names", "remove", "Nobody")
    (first, second, third) = kb("log").splitlines()
    assert first.endswith("added names  Ann Lee")
    assert second.endswith("added names  Bob 2026-01-01T00:00:00+00:00 Eve removed an episode x")
    assert third.endswith("removed names  Ann Lee")


def test_an_entry_of_somebody_elses_catalogue_cannot_look_like_two(kb: Callable[..., str], tmp_path: Path) -> None:
    with KnowledgeBase(tmp_path / "home") as home, home.transaction():
        home.activity.note("Eve", "took in", "one\n2026-01-01T00:00:00+00:00  Ann  took in  two")
    assert len(kb("log").splitlines()) == 1


def test_what_came_in_before_a_kill_is_in_the_log(
    kb: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Embedding comes after the transcripts and takes longest, so that is when most batches are killed."""
    with monkeypatch.context() as killed:
        killed.setattr(KnowledgeBase, "sync", _die)
        kb("ingest", CORPUS, code=130)
    assert logged(kb) == [("took in", SEGMENT)]


def _die(_: KnowledgeBase) -> None:
    raise KeyboardInterrupt
