"""Progress of long work as bars on a terminal; silent where there is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

__all__ = ["Bars", "shown"]


class Bars:
    """One bar for each kind of work, made when that work first reports its progress."""

    def __init__(self) -> None:
        self.live: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def step(self, what: str, done: float, total: float | None, detail: str = "") -> None:
        """Show ``what`` at ``done`` of ``total`` (``None``: unknown) with a short text beside it."""
        if self.live is None:
            return
        if what not in self._tasks:
            self._tasks[what] = self.live.add_task(what, total=total, detail=detail)
        self.live.update(self._tasks[what], completed=done, total=total, detail=detail)

    def end(self, what: str) -> None:
        """Remove a bar."""
        if self.live is not None and what in self._tasks:
            self.live.remove_task(self._tasks.pop(what))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Hide the bars while the user is asked something."""
        if self.live is not None:
            self.live.stop()
        try:
            yield
        finally:
            if self.live is not None:
                self.live.start()


@contextmanager
def shown(bars: Bars) -> Iterator[Bars]:
    """Draw the bars while the block runs, if standard error is a terminal."""
    if not sys.stderr.isatty():
        yield bars
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
    console = Console(stderr=True)
    with Progress(
        *columns,
        TextColumn("{task.fields[detail]}", markup=False),
        console=console,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ) as bars.live:
        try:
            yield bars
        finally:
            bars.live = None
