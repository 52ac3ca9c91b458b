"""Calls in a child process with limits of memory and time, for reading untrusted files.

A file that makes its reader grow, hang or crash fails only its own job. A child waits for the next call,
because starting one takes longer than reading most files; a child that was killed is replaced.
"""

from __future__ import annotations

import atexit
import io
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, is_dataclass
from pathlib import Path
from typing import IO, Any, TypeVar, cast

from kb.errors import TooCostly, VerbatimError
from kb.translatable import phrase, plain_text

__all__ = ["MEMORY", "SECONDS", "Call", "call", "stream"]

#: Processor seconds of one call, or until the next item of a stream. The largest allowed transcripts need a
#: third of it.
SECONDS = 60.0
#: The wall-clock limit, as a multiple: the machine may be busy, or the disk remote.
WAITING = 10
ENDED_BY_CLOCK = ("SIGPROF", "SIGALRM")
#: The most memory of a child, in bytes.
MEMORY = 1024**3
#: The exit code of a child that got no more memory.
OUT_OF_MEMORY = 71
#: Bytes of one answer: the words and times of the longest transcript take a fifth of it.
_LARGEST_ANSWER = 256 * 1024**2
_MOST_IDLE = 4  # children that wait for the next call, of about 50 MB each
_LENGTH = struct.Struct("<Q")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """A call for a child: a function of a module, in a working folder, with ``seconds`` per answer."""

    function: Callable[..., Any]
    arguments: tuple[object, ...]
    streams: bool
    seconds: float
    folder: str


def call(name: Path | str, function: Callable[..., T], *arguments: object, seconds: float = SECONDS) -> T:
    """Return what ``function(*arguments)`` returns in a child; ``name`` is what it reads, for messages.

    The function is a module's own, its result is of plain values and our dataclasses. Raises the function's own
    ``VerbatimError``, and ``TooCostly`` if it took more than ``seconds`` or ``MEMORY``, or ended its process.
    """
    (result,) = _answers(name, function, arguments, False, seconds)
    return cast(T, result)


def stream(name: Path | str, function: Callable[..., Iterator[T]], *arguments: object) -> Iterator[T]:
    """Yield what the generator ``function(*arguments)`` yields in a child; the rest is as for ``call``."""
    return cast(Iterator[T], _answers(name, function, arguments, True, SECONDS))


def _answers(
    name: Path | str, function: Callable[..., Any], arguments: tuple[object, ...], streams: bool, seconds: float
) -> Iterator[Any]:
    child = _take()
    is_free = False
    try:
        child.send(Call(function, arguments, streams, seconds, str(Path.cwd())))
        while True:
            kind, value, spent = child.receive()
            is_free = kind != "item" and not spent
            if kind == "item" or (kind == "result" and not streams):
                yield value
            if kind == "error":
                raise value
            if kind == "bug":
                raise RuntimeError(value)
            if kind == "result":
                return
    except (EOFError, BrokenPipeError, pickle.UnpicklingError) as error:
        ended = _INVALID_ANSWER if isinstance(error, pickle.UnpicklingError) else child.end_of_it(seconds)
        problem = phrase("made its reader %(why)s, so it was stopped.", why=ended)
        raise TooCostly(name, problem, phrase("Check that it is the right file.")) from None
    finally:
        _give_back(child, is_free)


_INVALID_ANSWER = phrase("give an invalid answer")


class _Child:
    """A process that answers one call after the other."""

    def __init__(self) -> None:
        root = str(Path(__file__).parents[2])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        # Each thread would take memory in advance.
        one = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"), "1")
        self._process = subprocess.Popen(
            # -P: no module is imported from the working folder, which may be untrusted.
            [sys.executable, "-P", "-m", "ingest.isolation.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **one, "PYTHONPATH": path},
        )
        self._calls = cast(IO[bytes], self._process.stdin)
        self._answers = cast(IO[bytes], self._process.stdout)

    @property
    def lives(self) -> bool:
        return self._process.poll() is None

    def send(self, what: Call) -> None:
        data = pickle.dumps(what, protocol=5)
        self._calls.write(_LENGTH.pack(len(data)))
        self._calls.write(data)
        self._calls.flush()

    def receive(self) -> tuple[str, Any, bool]:
        """Return the next answer; raises ``EOFError`` if none comes, or one that is too long."""
        head = self._answers.read(_LENGTH.size)
        length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else 0
        if not 0 < length <= _LARGEST_ANSWER:
            raise EOFError
        return cast(tuple[str, Any, bool], _Unpickler(io.BytesIO(self._answers.read(length))).load())

    def end_of_it(self, seconds: float) -> str:
        """Return how a process without an answer ended, as the rest of a sentence."""
        try:
            self._process.wait(1)
        except subprocess.TimeoutExpired:
            return _INVALID_ANSWER
        match self._process.returncode:
            case code if code in [-getattr(signal, name, 0) for name in ENDED_BY_CLOCK]:
                return phrase("take more than %(seconds)s s", seconds=format(seconds, ".0f"))
            case code if code in (OUT_OF_MEMORY, -getattr(signal, "SIGKILL", 0)):
                return phrase("take more than %(size)s MB of memory", size=MEMORY // 1024**2)
            case code:
                return phrase("crash (code %(code)s)", code=str(code))

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._calls, self._answers):
            with suppress(BrokenPipeError):  # the child has closed its input
                pipe.close()


class _Unpickler(pickle.Unpickler):
    """Unpickles only plain values, phrases as their English text, our own dataclasses and our errors."""

    def find_class(self, module: str, name: str) -> Any:
        """Return a class that may be in an answer."""
        if module.startswith(("kb.", "ingest.")):
            found = super().find_class(module, name)
            is_error = isinstance(found, type) and issubclass(found, VerbatimError)
            if is_error or is_dataclass(found) or found in (_RESTORED, plain_text):
                return found
        raise pickle.UnpicklingError(f"{module}.{name} is not allowed")


_RESTORED = VerbatimError("").__reduce__()[0]  # the function that rebuilds an error
_idle: list[_Child] = []
_taking = threading.Lock()


def _take() -> _Child:
    with _taking:
        while _idle:
            child = _idle.pop()
            if child.lives:
                return child
            child.end()
    return _Child()


def _give_back(child: _Child, is_free: bool) -> None:
    with _taking:
        if is_free and len(_idle) < _MOST_IDLE:
            _idle.append(child)
            return
    child.end()


def _end_all() -> None:
    while _idle:
        _idle.pop().end()


atexit.register(_end_all)
if hasattr(os, "register_at_fork"):  # a forked process must not use its parent's children
    os.register_at_fork(after_in_child=_idle.clear)
