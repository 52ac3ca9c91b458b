"""Calls in a child process: what a hostile file can make of its reader costs that call, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingest.isolation import isolated
from ingest.isolation.isolated import call, stream
from kb.errors import FormatError, TooCostly

from .conftest import ROOT, environment
from .isolated_calls import (
    count,
    crash,
    disguised,
    double,
    grow,
    here,
    opener,
    process,
    refuse,
    remark,
    spin,
    stumble,
)


def test_a_value_and_an_error_come_back_as_they_are() -> None:
    assert call("n", double, 21) == 42
    with pytest.raises(FormatError) as caught:
        call("n", refuse, Path("a.txt"))
    assert (caught.value.line, caught.value.problem, str(caught.value)) == (
        7,
        "is wrong.",
        "a.txt, line 7: is wrong. Mend it.",
    )
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        call("n", stumble)


def test_a_phrase_comes_back_as_its_english_text() -> None:
    note = call("n", remark).note
    assert (type(note), note) == (str, "3 parts are damaged.")


def test_a_child_of_a_large_process_is_not_taken_for_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system calls the most memory of a process is its parent's at first; such a child ended at each call."""
    monkeypatch.setattr(isolated, "_idle", [])  # a child that is begun now
    held = bytearray(os.urandom(1) * 300_000_000)
    assert call("n", process) == call("n", process)
    assert len(held) == 300_000_000
    for child in isolated._idle:
        child.end()


def test_one_child_answers_call_after_call() -> None:
    assert call("n", process) == call("n", process) != os.getpid()


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (grow, "made its reader take more than 1,024 MB of memory"),
        (spin, "made its reader take more than 1 s"),
        (crash, f"made its reader crash (code -{int(signal.SIGSEGV)})"),
        (opener, "made its reader give an invalid answer"),
        (disguised, "made its reader give an invalid answer"),
    ],
)
def test_what_kills_its_child_is_told_and_costs_no_other_call(function: object, told: str) -> None:
    begun = time.monotonic()
    with pytest.raises(TooCostly) as caught:
        call("talk.txt", function, seconds=1)  # type: ignore[arg-type]
    assert str(caught.value) == f"talk.txt: {told}, so it was stopped. Check that it is the right file."
    assert call("n", double, 4) == 8
    assert time.monotonic() - begun < 30


def test_a_stream_comes_piece_by_piece_and_may_be_left() -> None:
    assert list(stream("n", count, 4)) == [0, 1, 2, 3]
    pieces = stream("n", count, 10_000_000)
    assert [next(pieces), next(pieces)] == [0, 1]
    pieces.close()  # type: ignore[attr-defined]
    assert call("n", double, 4) == 8


def test_two_streams_run_at_once() -> None:
    assert list(zip(stream("n", count, 3), stream("n", count, 3), strict=True)) == [(0, 0), (1, 1), (2, 2)]


def test_paths_mean_what_they_mean_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call("n", double, 1)
    monkeypatch.chdir(tmp_path)
    assert call("n", here) == str(tmp_path)


def test_a_child_that_ended_while_it_waited_is_replaced() -> None:
    os.kill(call("n", process), signal.SIGKILL)
    time.sleep(0.2)
    assert call("n", double, 4) == 8


@pytest.mark.slow
def test_nothing_is_imported_from_the_folder_one_stands_in(tmp_path: Path) -> None:
    (tmp_path / "struct.py").write_text("raise SystemExit('hijacked')")
    code = "from ingest.isolation.isolated import call; from pathlib import Path; print(call('n', Path.exists, Path('struct.py')))"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True
    )
    assert done.stdout == "True\n", done.stderr


@pytest.mark.slow
def test_a_child_does_not_outlive_its_parent(tmp_path: Path) -> None:
    code = "from ingest.isolation.isolated import call; from tests.isolated_calls import process; print(call('n', process), flush=True); input()"
    parent = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env=environment(tmp_path), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert parent.stdout is not None
    assert parent.stdin is not None
    child = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdin.close()
    parent.stdout.close()
    for _ in range(100):
        if not Path(f"/proc/{child}").exists() or "Z" in Path(f"/proc/{child}/stat").read_text():
            return
        time.sleep(0.1)
    raise AssertionError("the child is still there")


def test_it_goes_first_when_memory_is_short() -> None:
    score = call("n", Path.read_text, Path("/proc/self/oom_score_adj"))
    assert score.strip() == "1000"


def test_idle_children_are_few() -> None:
    streams = [stream("n", count, 1) for _ in range(8)]
    assert [next(one) for one in streams] == [0] * 8
    for one in streams:
        assert list(one) == []
    assert len(isolated._idle) <= 4
