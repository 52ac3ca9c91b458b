"""A lock, so that one process at a time ingests; its file says which."""

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
_ABOUT = "ingest.json"  # beside the lock: Windows does not let others read a locked file
_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class LockOwner:
    """The process that ingests; ``since`` is an ISO time in UTC."""

    pid: int
    host: str
    since: str


@contextmanager
def working(home: Path, waiting: Callable[[LockOwner | None], None] | None = None) -> Iterator[None]:
    """Hold the lock while the ``with`` block runs; ``waiting`` is called once with the process to wait for."""
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
    """Return the process that ingests now, ``None`` if there is none."""
    try:
        with FileLock(home / _LOCK).acquire(timeout=0):
            return None
    except Timeout:
        return _about(home)
    except OSError:
        return None  # a read-only folder: nothing is ingested there


def _about(home: Path) -> LockOwner | None:
    try:
        return LockOwner(**json.loads((home / _ABOUT).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return LockOwner(0, "", "")  # it has only just begun
