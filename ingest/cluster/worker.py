"""What runs on the machines of a cluster: a recogniser that reports all progress to the driver.

A worker stores nothing. It asks the driver once for the blocks that were finished before, and hands over each new one.
The driver polls for events, so that workers need not connect to it.
"""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Literal

from kb.errors import SourceError, VerbatimError
from kb.translatable import phrase
from kb.types import Transcript

from ..sound.decoding import sha256_of
from ..transcribing.recordings import Listening, Recognised, Recogniser, Request
from ..transcribing.transcription import TranscriptionProgress

__all__ = [
    "About",
    "ClusterWorker",
    "Event",
    "Failed",
    "Finished",
    "Purpose",
    "Sound",
    "Task",
    "Wanted",
    "about_this_machine",
]

_PREFIX = "verbatim-sound-"
#: Seconds after which the folder of a killed worker is removed; no transcription takes that long.
_STALE = 3 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class About:
    """Which process this is, and of which Verbatim."""

    version: str
    host: str
    pid: int


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording on the driver's machine, and how to tell whether a worker has the same file."""

    path: Path
    size: int
    sha256: str


Purpose = Literal["words", "times", "check"]


@dataclass(frozen=True, slots=True)
class Task:
    """One recording to transcribe, or to give the published transcript its times, or to check those that it has."""

    sound: Sound
    request: Request
    published: Transcript | None
    purpose: Purpose = "words"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The worker waits for the blocks that were stored before under a key."""

    key: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A block that was just finished, as ``BlockStore.put`` takes it."""

    key: str
    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Failed:
    """Why there is no transcript, and on which machine."""

    error: Exception
    host: str


#: ``Recognised`` or ``Failed`` is the last event of a task.
Event = Wanted | Finished | TranscriptionProgress | Recognised | Failed


def about_this_machine() -> About:
    """Return this process and its version."""
    try:
        installed = version("verbatim-kb")
    except PackageNotFoundError:  # run from a checkout
        installed = "of no known version"
    return About(installed, platform.node(), os.getpid())


class ClusterWorker:
    """Transcribes one recording at a time; its model stays loaded for the next one. All methods return quickly."""

    def __init__(self) -> None:
        _sweep()
        self._recogniser: Recogniser | None = None
        self._received: Path | None = None
        self._hearing: _TaskThread | None = None

    def about(self) -> About:
        """Return this worker and its version."""
        return about_this_machine()

    def available(self, request: Request) -> bool:
        """Return whether there is a model for the request on this machine."""
        return self._recogniser_for(request).available()

    def has(self, sound: Sound) -> bool:
        """Return whether the recording lies under the same path here, byte for byte."""
        try:
            return sound.path.stat().st_size == sound.size and sha256_of(sound.path) == sound.sha256
        except (OSError, VerbatimError):
            return False

    def receive(self, sound: Sound, piece: bytes, first: bool) -> None:
        """Take the next piece of a recording that is not on this machine."""
        try:
            if first:
                self._forget_sound()
                # With the driver's file name: messages show it, and its ending matters.
                self._received = Path(tempfile.mkdtemp(prefix=_PREFIX)) / sound.path.name
            assert self._received is not None
            with self._received.open("ab") as file:
                file.write(piece)
        except OSError as error:
            self._forget_sound()
            problem = phrase(
                "cannot be stored on the worker %(worker)s (%(reason)s).",
                worker=platform.node(),
                reason=str(error.strerror),
            )
            raise SourceError(sound.path, problem, phrase("Make room in its folder for temporary files.")) from error

    def hear(self, task: Task) -> None:
        """Begin a task; ``events`` reports its progress. A cancelled task is waited for first."""
        if self._hearing is not None:
            self._hearing.join()
        received, self._received = self._received, None
        self._hearing = _TaskThread(self._recogniser_for(task.request), task, received)

    def events(self, wait: float) -> list[Event]:
        """Return what happened since the last call; waits for something to happen for up to ``wait`` seconds."""
        assert self._hearing is not None
        return self._hearing.events(wait)

    def answer(self, known: Mapping[int, str]) -> None:
        """Give the blocks that were ``Wanted``, by number."""
        assert self._hearing is not None
        self._hearing.answer(known)

    def cancel(self) -> None:
        """Stop at the next block."""
        if self._hearing is not None:
            self._hearing.cancel()

    def _recogniser_for(self, request: Request) -> Recogniser:
        if self._recogniser is None or self._recogniser.request != request:
            self._recogniser = None  # frees its model before the next one is loaded
            self._recogniser = Recogniser(request)
        return self._recogniser

    def _forget_sound(self) -> None:
        if self._received is not None:
            shutil.rmtree(self._received.parent, ignore_errors=True)
            self._received = None


class _TaskThread:
    """A task that runs in its own thread, and a block store that passes its calls on to the driver."""

    def __init__(self, recogniser: Recogniser, task: Task, received: Path | None) -> None:
        self._recogniser = recogniser
        self._task = task
        self._path = received or task.sound.path
        self._received = received
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._answers: SimpleQueue[Mapping[int, str]] = SimpleQueue()
        self._known: dict[str, Mapping[int, str]] = {}
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hearing", daemon=True)
        self._thread.start()

    def events(self, wait: float) -> list[Event]:
        found: list[Event] = []
        with suppress(Empty):
            found.append(self._events.get(timeout=wait))
            while True:
                found.append(self._events.get_nowait())
        return found

    def answer(self, known: Mapping[int, str]) -> None:
        self._answers.put(known)

    def cancel(self) -> None:
        self._cancelled.set()
        self._answers.put({})  # nobody will answer any more

    def join(self) -> None:
        self._thread.join()

    # -- the store

    def get(self, key: str, number: int) -> str | None:
        """Return a block that was finished before this task began."""
        if key not in self._known:
            self._events.put(Wanted(key))
            self._known[key] = self._answers.get()
        return self._known[key].get(number)

    def put(self, key: str, number: int, text: str) -> None:
        """Hand a block over; it is kept when the driver has fetched it."""
        self._events.put(Finished(key, number, text))

    # -- the thread

    def _run(self) -> None:
        end = self._end()
        if self._received is not None:
            shutil.rmtree(self._received.parent, ignore_errors=True)
        self._events.put(end)

    def _end(self) -> Recognised | Failed:
        try:
            return self._recognised()
        except VerbatimError as error:
            return Failed(self._as_at_home(error), platform.node())
        except Exception as error:  # a bug of ours or of a library's, or a lack of memory
            return Failed(RuntimeError(repr(error)), platform.node())

    def _recognised(self) -> Recognised:
        task = self._task
        if self._received is not None and sha256_of(self._path) != task.sound.sha256:
            raise SourceError(
                task.sound.path, phrase("changed while it was sent."), phrase("Ingest it again once it is complete.")
            )
        listening = Listening(self, self._events.put, self._cancelled.is_set)
        if task.purpose != "words":
            assert task.published is not None
            work = self._recogniser.time if task.purpose == "times" else self._recogniser.check
            return work(self._path, task.published, listening)
        return self._recogniser.transcribe(self._path, task.published, listening)

    def _as_at_home(self, error: VerbatimError) -> VerbatimError:
        """Use the driver's path of the recording in the message."""
        here, home = str(self._path), str(self._task.sound.path)
        error.args = tuple(str(part).replace(here, home) for part in error.args)
        if isinstance(error, SourceError):
            error.path = error.path.replace(here, home)
        return error


def _sweep() -> None:
    """Remove the recordings of workers that were killed long ago."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if time.time() - folder.lstat().st_mtime > _STALE:
                shutil.rmtree(folder)
