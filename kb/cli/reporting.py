"""Progress and results while sources are ingested: bars and lines for people, one JSON event per line for scripts."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from ..timecode import clock
from ..wire import result_json
from .bars import Bars
from .printing import print_result

if TYPE_CHECKING:
    from ingest.queue.batch import Listeners
    from ingest.queue.lock import LockOwner
    from ingest.transcribing.transcription import TranscriptionProgress

    from ..types import ImportResult

__all__ = ["Reporter", "emit", "exit_with", "said_of"]


class Reporter:
    """Receives a batch's results and progress, and prints them."""

    def __init__(self, as_json: bool, total: int = 0) -> None:
        self.bars = Bars()
        self._as_json = as_json
        self._total = total
        self._finished = 0
        self._told = 0.0

    def expect(self, total: int) -> None:
        """Set how many results will come."""
        self._total = total

    def expect_more(self, results: int) -> None:
        """Add to the number of results to come."""
        self._total += results

    def refuse(self, results: list[ImportResult]) -> Callable[[Path | str, str], None]:
        """Return the callback for a source that is refused before the batch starts; it adds to ``results``."""

        def tell(path: Path | str, why: str) -> None:
            from ..types import ImportResult

            results.append(ImportResult(str(path), None, "failed", why))
            self._result(results[-1])

        return tell

    @property
    def listeners(self) -> Listeners:
        """Return the callbacks for a batch."""
        from ingest.queue.batch import Listeners

        return Listeners(self._result, self._progress, self._waiting)

    def fetching(self, what: str, done: int, total: int | None) -> None:
        """Show how many bytes of something have been fetched."""
        if self._as_json:
            if time.monotonic() - self._told >= 1:
                self._told = time.monotonic()
                emit("fetching", source=what, done=done, total=total)
        else:
            of = f" of {total / 1e6:.1f}" if total else ""
            self.bars.step(_name(what), done, total, f"{done / 1e6:.1f}{of} MB")

    def fetched(self, what: str) -> None:
        """Remove the bar of something that is fetched, or will not be."""
        self.bars.end(_name(what))

    def _result(self, result: ImportResult) -> None:
        self._finished += 1
        self.bars.end(_name(result.source))
        self.bars.step("All sources", self._finished, self._total, f"{self._finished} of {self._total}")
        if self._as_json:
            emit("result", **result_json(result))
        else:
            print_result(result)

    def _progress(self, source: str, now: TranscriptionProgress) -> None:
        if self._as_json:
            emit("progress", source=source, done=now.done, total=now.total, speed=now.speed, left=now.left)
            return
        of = f" of {clock(now.total)}" if now.total else ""
        speed = f", {now.speed:.1f} times as fast as it is spoken" if now.speed else ""
        left = f", {clock(now.left)} left" if now.left else ""
        self.bars.step(_name(source), now.done, now.total, f"{clock(now.done)}{of}{speed}{left}")

    def _waiting(self, worker: LockOwner | None) -> None:
        if self._as_json:
            emit("waiting", **({"pid": worker.pid, "host": worker.host, "since": worker.since} if worker else {}))
        else:
            typer.echo(f"Queued. {said_of(worker)} is at work; waiting for it to finish ...", err=True)


def said_of(worker: LockOwner | None) -> str:
    """Return a description of the process that works, for a person."""
    if worker is None or not worker.pid:
        return "Another ingestion"
    return f"Another ingestion (process {worker.pid} on {worker.host}, since {worker.since})"


def exit_with(results: Iterable[ImportResult]) -> None:
    """End with code 1 if something failed."""
    if any(result.status == "failed" for result in results):
        raise typer.Exit(1)


def emit(event: str, **values: Any) -> None:
    """Print an event as one line of JSON."""
    typer.echo(json.dumps({"event": event, **values}, ensure_ascii=False))


def _name(source: str) -> str:
    return Path(source).name
