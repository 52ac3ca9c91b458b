"""A folder beside what is to be written, gone afterwards; what a killed process left of one is removed by the next."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

__all__ = ["workplace"]

_LOCK = "lock"


@contextmanager
def workplace(beside: Path, purpose: str) -> Iterator[Path]:
    """Yield a new folder on the same disk as ``beside``, so that what is made in it can be renamed to that.

    It is locked while it is used, and so a lock that is free tells that its process was killed.
    """
    parent = beside.parent.resolve()
    prefix = f".{beside.name}-{purpose}-"
    for left in parent.iterdir():
        if left.name.startswith(prefix) and left.is_dir() and not left.is_symlink() and not _in_use(left):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=parent) as work, FileLock(Path(work) / _LOCK):
        yield Path(work)


def _in_use(folder: Path) -> bool:
    try:
        with FileLock(folder / _LOCK).acquire(timeout=0):
            return False
    except Timeout:
        return True
