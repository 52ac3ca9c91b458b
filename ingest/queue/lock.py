"""One process at a time takes sources in; the lock says who."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from kb.errors import ReadOnly
from kb.timecode import now

__all__ = ["LockOwner", "who_works", "working"]

_LOCK = "ingest.queue.lock"
_ABOUT = "ingest.json"  # beside the lock: Windows lets nobody read a locked file
_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class LockOwner:
    """The process that takes sources in; ``since`` is an ISO time in UTC."""

    pid: int
    host: str
    since: str


@contextmanager
def working(home: Path, waiting: Callable[[LockOwner | None], None] | None = None) -> Iterator[None]:
    """Be the one that works while the block runs; ``waiting`` is told, once, for whom this has to wait."""
    lock = FileLock(home / _LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if waiting is not None:
            waiting(_about(home))
        lock.acquire(poll_interval=_POLL_SECONDS)
    except OSError as error:
        raise ReadOnly(home) from error
    about = home / _ABOUT
    try:
        about.write_text(json.dumps(asdict(LockOwner(os.getpid(), platform.node(), now()))), "utf-8")
        yield
    finally:
        about.unlink(missing_ok=True)
        lock.release()


def who_works(home: Path) -> LockOwner | None:
    """Return who takes sources in just now, ``None`` if nobody does."""
    try:
        with FileLock(home / _LOCK).acquire(timeout=0):
            return None
    except Timeout:
        return _about(home)
    except OSError:
        return None  # a folder that can only be read: nothing is taken in there


def _about(home: Path) -> LockOwner | None:
    try:
        return LockOwner(**json.loads((home / _ABOUT).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return LockOwner(0, "", "")  # it has begun this very moment
