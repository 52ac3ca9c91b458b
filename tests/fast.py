"""The tests that ``make test-fast`` runs: those that start no program and hear nothing.

A test is slow if it is marked so, or if it uses a fixture that starts a program. One that was forgotten does not slow
the others down unseen: with ``--fast``, starting a program or expanding the tests' Whisper fails with a sentence.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from hypothesis import settings

__all__ = ["is_slow", "is_slow_file", "only_fast", "refuse", "try_fewer_examples"]

#: Fixtures that start a program, and the one whose feeds' recordings are heard.
_STARTING = {"run", "serving", "browser", "cluster", "show"}
_MARKERS = {"slow", "browser", "network"}
#: What Python tells when a program is about to be started.
_EVENTS = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.exec", "os.system"}

_SLOW_FILE = re.compile(rf"^pytestmark = (?:\[\s*)?pytest\.mark\.(?:{'|'.join(sorted(_MARKERS))})\b", re.MULTILINE)

_only_fast = False


def is_slow(item: pytest.Item) -> bool:
    """Return whether ``make test-fast`` leaves the test out."""
    return bool(_MARKERS & {mark.name for mark in item.iter_markers()} or _STARTING & set(item.fixturenames))  # type: ignore[attr-defined]


def is_slow_file(path: Path) -> bool:
    """Return whether a file says at its head that all of its tests are slow."""
    return _SLOW_FILE.search(path.read_text("utf-8")) is not None


def only_fast() -> None:
    """Refuse from now on what a fast test may not do."""
    global _only_fast
    _only_fast = True

    def heed(event: str, what: tuple[object, ...]) -> None:
        # But for the child that reads what comes from outside: it starts once, for all tests of a process.
        if event in _EVENTS and "ingest.isolation.child" not in str(what):
            refuse("starts a program")

    sys.addaudithook(heed)


def try_fewer_examples() -> None:
    """Have Hypothesis try a quarter of its examples where a test names no number."""
    settings.register_profile("fast", max_examples=25)
    settings.load_profile("fast")


def refuse(what: str) -> None:
    """Fail a test of ``make test-fast`` that does what only a slow one may."""
    if _only_fast:
        raise AssertionError(f"A test that is not marked slow {what}. Mark it: @pytest.mark.slow")
