"""What the tests let a child do: it answers, refuses, stumbles, grows, spins and crashes."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

from ingest.isolation.isolated import MEMORY
from kb.errors import FormatError
from kb.translatable import phrase, plain_text
from kb.types import Remark


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


def remark() -> Remark:
    return Remark("note", None, None, "", phrase("%(count)s parts are damaged.", count=3))


class Disguised:
    """What a hijacked child might answer: no text, where a text is expected."""

    def __reduce__(self) -> tuple[object, tuple[list[str]]]:
        return plain_text, (["a"],)


def disguised() -> object:
    return Disguised()


def count(most: int) -> Iterator[int]:
    yield from range(most)
