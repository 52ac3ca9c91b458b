"""What the tests let a child do: it answers, refuses, stumbles, grows, spins and crashes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

from ingest.isolation.isolated import MEMORY
from kb.errors import FormatError


def double(number: int) -> int:
    return 2 * number


def refuse(path: Path) -> None:
    raise FormatError(path, "is wrong.", "Mend it.", 7)


def stumble() -> None:
    raise ZeroDivisionError("a bug")


def grow() -> int:
    return len(bytearray(2 * MEMORY))


def spin() -> None:
    while True:
        pass


def crash() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def process() -> int:
    return os.getpid()


def here() -> str:
    return os.getcwd()


def opener() -> object:
    return os.system  # what a hijacked child might answer: something to be called


def count(most: int) -> Iterator[int]:
    yield from range(most)
