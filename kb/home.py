"""Where a user's data lies, closed to other users, and files that are written completely or not at all."""

from __future__ import annotations

import getpass
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

__all__ = ["as_usual", "default_home", "machine_user", "make_private", "privately", "replacing"]

_FOLDER = 0o700
_FILE = 0o600
_OTHERS = 0o077
#: What Verbatim itself keeps in a data folder; other files there keep their permissions.
_OURS = (
    "catalogue.sqlite3", "catalogue.sqlite3-wal", "catalogue.sqlite3-shm", "index", "uploads", "media", "archives",
    "recordings", "witness.json", "error.log", "speeds.json", "ingest.json", "ingest.queue.lock", "feeds.lock",
)  # fmt: skip

#: The permissions of the user's shell for new files, stored while ours are private.
_usual: int | None = None


def default_home() -> Path:
    """Return the platform's folder for this user's data."""
    import platformdirs

    return platformdirs.user_data_path("verbatim-kb", appauthor=False)


def machine_user() -> str:
    """Return the name of the machine's user, under which what is done without a login is logged."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in some containers
        return "unknown"


def make_private(catalogue: Path) -> None:
    """Close a catalogue's data folder, and what we keep in it, to everybody but its owner.

    What cannot be closed, such as another user's folder, stays as it is.
    """
    home = catalogue.parent
    with suppress(OSError):
        # Created first, because SQLite gives its log the same mode.
        os.close(os.open(catalogue, os.O_CREAT | os.O_RDWR, _FILE))
        if _is_open(home):  # only once: inside a closed folder, nobody can reach an open file
            for name in _OURS:
                for path in (home / name, *(home / name).rglob("*")):
                    _close(path)
        _close(home)
        _close(catalogue)


@contextmanager
def privately() -> Iterator[None]:
    """Make every new file of this process, temporary ones too, the user's own while the block runs."""
    global _usual
    before = os.umask(_OTHERS)
    outermost, _usual = _usual is None, before if _usual is None else _usual
    try:
        yield
    finally:
        os.umask(before)
        if outermost:
            _usual = None


@contextmanager
def replacing(target: Path, *, private: bool = True) -> Iterator[BinaryIO]:
    """Write a file that takes the place of ``target`` when it is whole; after an error, the old one stays.

    It is readable for its owner alone, or as the user's shell says if it is not ``private``.
    """
    part = target.with_name(f".{target.name}.part")
    mode = _FILE if private else 0o666
    part.unlink(missing_ok=True)  # a file that a killed process left, or a link that somebody put there
    try:
        with open(part, "xb", opener=lambda path, flags: os.open(path, flags, mode)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if not private:
            as_usual(part)
        os.replace(part, target)
    finally:
        part.unlink(missing_ok=True)


def as_usual(path: Path) -> None:
    """Give a file the permissions of the user's shell: it was written for the user, outside the data folder."""
    if _usual is not None:
        with suppress(OSError):
            path.chmod(0o666 & ~_usual)


def _is_open(path: Path) -> bool:
    return bool(path.stat().st_mode & _OTHERS)


def _close(path: Path) -> None:
    with suppress(OSError):
        found = path.lstat()
        if stat.S_ISLNK(found.st_mode) or not found.st_mode & _OTHERS:
            return
        path.chmod(_FOLDER if stat.S_ISDIR(found.st_mode) else _FILE)
