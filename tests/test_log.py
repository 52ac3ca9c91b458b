"""What is done on the command line is in the log, under the name of the machine's user; what changes nothing is not."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest

from kb.cli import main

from .conftest import CORPUS, SEGMENT


def test_commands_are_in_the_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def kb(*arguments: str | Path) -> str:
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(tmp_path / "home"), *map(str, arguments)])
        told, wrong = capsys.readouterr()
        assert (ended.value.code or 0) == 0, wrong
        return told

    kb("ingest", CORPUS)
    kb("ingest", CORPUS)
    kb("episodes", "edit", SEGMENT, "--number", "7")
    kb("episodes", "edit", SEGMENT, "--number", "7")
    kb("ask", "Who called it a dragnet?")
    kb("export", f"{SEGMENT}@1:3188-3278", "--out", tmp_path / "q.csv")
    kb("backup", tmp_path / "library.backup")
    kb("episodes", "remove", SEGMENT, "--yes")
    lines = [line.split("  ") for line in kb("log").splitlines()]
    assert {line[1] for line in lines} == {getpass.getuser()}
    assert [(line[2], line[3]) for line in lines] == [
        ("took in", SEGMENT),
        ("edited an episode", SEGMENT),
        ("exported as csv", f"{SEGMENT}@1:3188-3278"),
        ("made a backup", "library.backup"),
        ("removed an episode", SEGMENT),
    ]
    assert kb("log", "--last", "1", "--by", getpass.getuser()).count("removed") == 1
    assert kb("log", "--by", "nobody") == ""
