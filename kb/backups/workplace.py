"""A temporary folder beside the target, removed afterwards; one left by a killed process is removed the next time."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ..errors import UsageError

__all__ = ["data_folder", "workplace"]

_LOCK = "lock"


@contextmanager
def workplace(beside: Path, purpose: str) -> Iterator[Path]:
    """Yield a new folder on the same disk as ``beside``, so that what is made in it can be renamed to that.

    It is locked while it is used, so a free lock means that its process was killed.
    """
    parent = beside.parent.resolve()
    prefix = f".{beside.name}-{purpose}-"
    for left in parent.iterdir():
        if left.name.startswith(prefix) and left.is_dir() and not left.is_symlink() and not _in_use(left):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=parent) as work, FileLock(Path(work) / _LOCK):
        yield Path(work)


@contextmanager
def data_folder(target: Path, purpose: str, remedy: str) -> Iterator[tuple[Path, Path]]:
    """Yield a workplace and, in it, a folder that becomes the data folder ``target`` if the block succeeds.

    ``UsageError``, with ``remedy``, for a target that is there already and is not an empty folder.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{target} is not empty; {remedy}")
    target.parent.mkdir(parents=True, exist_ok=True)
    with workplace(target, purpose) as work:
        folder = work / "home"
        folder.mkdir(0o700)
        yield work, folder
        if target.exists():
            target.rmdir()  # empty, or this fails
        os.replace(folder, target)


def _in_use(folder: Path) -> bool:
    try:
        with FileLock(folder / _LOCK).acquire(timeout=0):
            return False
    except Timeout:
        return True
