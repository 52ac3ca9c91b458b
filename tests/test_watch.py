"""A watched folder: what has stopped growing is taken up, once, and again when it changes."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.files.watch import watch
from kb.knowledge_base import KnowledgeBase

from .conftest import ROOT, environment, heed_interrupts


class Looks:
    """Looks at a folder on a clock of its own, a second a look."""

    def __init__(self, folder: Path) -> None:
        self.now = 0.0
        self._looks: Iterator[tuple[Path, ...]] = watch(
            folder, settle=3, every=1, sleep=self._sleep, clock=lambda: self.now
        )

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    def names(self, looks: int) -> list[list[str]]:
        return [[path.name for path in next(self._looks)] for _ in range(looks)]


def test_a_file_is_taken_once_it_has_been_still(tmp_path: Path) -> None:
    looks = Looks(tmp_path)
    assert looks.names(2) == [[], []]
    (tmp_path / "a.txt").write_text("one")
    assert looks.names(4) == [[], [], [], ["a.txt"]]
    assert looks.names(5) == [[]] * 5


def test_a_growing_file_is_left_alone(tmp_path: Path) -> None:
    looks = Looks(tmp_path)
    for size in range(8):
        (tmp_path / "a.mp3").write_bytes(b"x" * size)
        assert looks.names(1) == [[]]
    assert looks.names(3) == [[], [], ["a.mp3"]]


@pytest.mark.parametrize("beside", ["a.txt", "a.toml", "a.opus"])
def test_a_change_of_the_file_or_what_lies_beside_it_is_taken_up(tmp_path: Path, beside: str) -> None:
    (tmp_path / "a.txt").write_text("one")
    looks = Looks(tmp_path)
    assert looks.names(4)[-1] == ["a.txt"]
    (tmp_path / beside).write_text("another")
    assert looks.names(5) == [[], [], [], ["a.txt"], []]


def test_a_file_that_went_and_came_back_is_taken_again(tmp_path: Path) -> None:
    (tmp_path / "a[1]*.txt").write_text("one")
    looks = Looks(tmp_path)
    assert looks.names(4)[-1] == ["a[1]*.txt"]
    (tmp_path / "a[1]*.txt").rename(tmp_path / "away")
    assert looks.names(1) == [[]]
    (tmp_path / "away").rename(tmp_path / "a[1]*.txt")
    assert looks.names(4)[-1] == ["a[1]*.txt"]


@pytest.mark.slow
def test_the_command_takes_up_what_arrives(tmp_path: Path) -> None:
    folder, home = tmp_path / "incoming", tmp_path / "home"
    folder.mkdir()
    command = [sys.executable, "-m", "kb", "watch", str(folder), "--settle", "0.3"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stderr.readline().startswith("Watching ")
    for name in ("first", "second"):
        (folder / f"{name}.txt").write_text(f"A sentence about the {name} parsnip.")
        assert process.stdout.readline() == f"added      {name}\n"
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Traceback" not in told
    with KnowledgeBase(home) as kb:
        assert kb.catalogue.episodes.count() == 2
