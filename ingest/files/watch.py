"""Watches a folder for new and changed files, once they have stopped growing."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from .sources import find_sources

__all__ = ["watch"]

#: Size and time of change, of the file and of the files beside it.
_State = tuple[tuple[str, int, int], ...]


def watch(
    folder: Path,
    settle: float = 10.0,
    every: float = 2.0,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[tuple[Path, ...]]:
    """Yield for ever, at each check, the sources that are new or changed, and unchanged for ``settle`` seconds.

    A source that was yielded comes again only when it, its recording or its sidecar changes. Looking rather than
    being notified works on network drives too. ``every`` is the pause between looks, in seconds.
    """
    since: dict[Path, tuple[_State, float]] = {}
    given: dict[Path, _State] = {}
    while True:
        states = dict(_states(folder))
        now = clock()
        since = {path: _unchanged(since.get(path), state) or (state, now) for path, state in states.items()}
        given = {path: state for path, state in given.items() if path in states}
        ready = tuple(
            path for path, (state, begun) in since.items() if now - begun >= settle and given.get(path) != state
        )
        given.update({path: states[path] for path in ready})
        yield ready
        sleep(every)


def _unchanged(known: tuple[_State, float] | None, state: _State) -> tuple[_State, float] | None:
    return known if known is not None and known[0] == state else None


def _states(folder: Path) -> Iterator[tuple[Path, _State]]:
    """Yield each source with its own state and that of the files beside it with the same stem."""
    listings: dict[Path, dict[str, list[tuple[str, int, int]]]] = {}
    for path in find_sources([folder]):
        if path.parent not in listings and not path.is_dir():  # an empty folder yields itself
            listings[path.parent] = _listing(path.parent)
        if beside := listings.get(path.parent, {}).get(path.stem):
            yield path, tuple(sorted(beside))


def _listing(folder: Path) -> dict[str, list[tuple[str, int, int]]]:
    """Return name, size and time of change of a folder's files by their stems."""
    found: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):  # it went away while we looked
                if entry.is_file():
                    status = entry.stat()
                    found[Path(entry.name).stem].append((entry.name, status.st_size, status.st_mtime_ns))
    return found
