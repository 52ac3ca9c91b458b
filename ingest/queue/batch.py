"""Batch ingestion: sources in, one result each; a source that fails never stops the others.

Every source becomes a job in the catalogue's queue before any work begins, and leaves it in the transaction that adds
its episode (``taking``). So a kill at any moment loses nothing and repeats only unfinished work.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from kb.catalogue import Job
from kb.errors import SourceError, TooCostly, VerbatimError
from kb.knowledge_base import KnowledgeBase
from kb.translatable import phrase
from kb.types import ImportResult, Transcript

from ..files.sources import check_source
from ..metadata import Metadata
from ..models.estimating import Speeds
from ..transcribing.outlook import this_machine
from ..transcribing.recordings import Listening, Recogniser, Request, Transcriber
from ..transcribing.transcription import Cancelled, TranscriptionProgress
from .lock import LockOwner, working
from .options import IngestOptions
from .taking import Taken, Taker

__all__ = ["IngestOptions", "Listeners", "enqueue", "ingest", "work"]

#: Passages are embedded and indexed after this many episodes, so that a killed batch is searchable up to there.
_SYNC_EVERY = 100


@dataclass(frozen=True, slots=True)
class Listeners:
    """Callbacks: for each result, for a recording's progress, and for another process to wait for."""

    result: Callable[[ImportResult], None] = lambda _: None
    progress: Callable[[str, TranscriptionProgress], None] = lambda source, progress: None
    waiting: Callable[[LockOwner | None], None] = lambda _: None


def ingest(
    kb: KnowledgeBase,
    sources: Iterable[Path],
    said: Metadata | None = None,
    renames: Mapping[str, str] | None = None,
    request: Request | None = None,
    listeners: Listeners | None = None,
    transcribers: Callable[[Request], Transcriber] = Recogniser,
    workers: int = 1,
) -> tuple[ImportResult, ...]:
    """Queue every source, ingest them and return the results in order.

    Afterwards everything is embedded and indexed. ``transcribers`` makes them, for instance on other machines
    than this one; ``workers`` sources are worked on at once. What cannot be a source is reported and not queued.
    """
    listeners = listeners or Listeners()
    results: dict[str, ImportResult | None] = {}

    def refuse(path: Path, why: str) -> None:
        failed = results[str(path)] = ImportResult(str(path), None, "failed", why)
        listeners.result(failed)

    asked = IngestOptions("", said or Metadata(), dict(renames or {}), request or Request())
    jobs = enqueue(kb, sources, asked, refuse, lambda uri: results.setdefault(uri))
    results |= zip((job.uri for job in jobs), work(kb, jobs, listeners, transcribers, workers), strict=True)
    return tuple(result for result in results.values() if result is not None)


def enqueue(
    kb: KnowledgeBase,
    sources: Iterable[Path],
    asked: IngestOptions,
    refuse: Callable[[Path, str], None],
    accept: Callable[[str], object] = lambda uri: None,
) -> tuple[Job, ...]:
    """Queue every source, to be done as ``asked`` says, and return the jobs in order.

    ``refuse`` is called with a sentence for what cannot be a source, ``accept`` with the others' addresses.
    """
    wanted: dict[str, str] = {}
    for path in sources:
        try:
            check_source(path)
            uri = path.resolve().as_uri()
        except VerbatimError as error:
            refuse(path, str(error))
            continue
        wanted[uri] = replace(asked, source=str(path)).to_json()
        accept(uri)
    return kb.jobs.enqueue(wanted.items())


def work(
    kb: KnowledgeBase,
    jobs: Sequence[Job],
    listeners: Listeners | None = None,
    transcribers: Callable[[Request], Transcriber] = Recogniser,
    workers: int = 1,
) -> tuple[ImportResult, ...]:
    """Do jobs of the queue and return the results in order; waits while another process works."""
    listeners = listeners or Listeners()
    with working(kb.home, listeners.waiting):
        kb.jobs.release()
        batch = _Batch(kb, listeners, transcribers)
        try:
            if workers == 1:
                return tuple(batch.take(job) for job in jobs)
            with ThreadPoolExecutor(workers, "ingest") as pool, batch.stopping():
                return tuple(pool.map(batch.take, jobs))
        finally:
            batch.tidy()
            kb.sync()


class _Batch:
    """The shared state of one run; ``take`` may be called from several threads, which write one at a time."""

    def __init__(self, kb: KnowledgeBase, listeners: Listeners, transcribers: Callable[[Request], Transcriber]) -> None:
        self._kb = kb
        self._listeners = listeners
        self._new_transcriber = transcribers
        self._transcribers: dict[Request, Transcriber] = {}
        self._writing = threading.RLock()
        self._stopped = threading.Event()
        self._taker = Taker(kb, self._writing, self._transcriber, self._listening, self._note_speed)
        self._unchanged: list[str] = []
        #: By a job's address: seconds of its recording transcribed, and how many times as fast as they are spoken.
        self._heard: dict[str, tuple[float, float]] = {}
        self._taken = 0

    def take(self, job: Job) -> ImportResult:
        """Ingest one source; an error in the source is a result and stops nothing."""
        result, taken = self._result(job)
        if taken is not None and taken.then is not None:
            result = self._with_translation(result, taken.then)
        with self._writing:
            if taken is not None and taken.queued:
                self._unchanged.append(job.uri)
            if result.status == "failed":
                self._kb.jobs.fail(job, result.error or "")
            self._listeners.result(result)
            self._taken += 1
            if self._taken % _SYNC_EVERY == 0:
                self.tidy()
                self._kb.sync()
        return result

    def _result(self, job: Job) -> tuple[ImportResult, Taken | None]:
        asked = IngestOptions.of(job)
        about = asked.translate or asked.check or None
        try:
            taken = self._take_twice(job, asked)
            return ImportResult(asked.source, taken.episode_id, taken.status, notes=taken.notes), taken
        except Cancelled:
            return ImportResult(asked.source, about, "cancelled"), None
        except VerbatimError as error:
            return ImportResult(asked.source, about, "failed", str(error)), None
        except Exception as error:  # a bug, ours or a library's, must not stop the rest of the batch
            bug = phrase("met an unexpected error (%(reason)s),", reason=repr(error))
            problem = SourceError(asked.source, bug, phrase("which is a bug in Verbatim; the others continue."))
            return ImportResult(asked.source, about, "failed", str(problem)), None

    def _with_translation(self, first: ImportResult, job: Job) -> ImportResult:
        """Do the translation that was asked for with a source, and return the result of both."""
        second, _ = self._result(job)
        if second.status == "failed":
            with self._writing:
                self._kb.jobs.fail(job, second.error or "")
            why = phrase(
                "%(file)s: it is in the library, but could not be translated: %(problem)s",
                file=first.source,
                problem=str(second.error),
            )
            return replace(first, status="failed", error=why)
        status = second.status if (first.status, second.status) == ("unchanged", "updated") else first.status
        return replace(first, status=status, notes=(*first.notes, *second.notes))

    @contextmanager
    def stopping(self) -> Iterator[None]:
        """If the ``with`` block raises, stop the other threads' transcriptions at their next block."""
        try:
            yield
        except BaseException:
            self._stopped.set()
            raise

    def tidy(self) -> None:
        """Remove the jobs that needed no work from the queue, in one transaction."""
        self._kb.jobs.finish(self._unchanged)
        self._unchanged.clear()

    def _take_twice(self, job: Job, asked: IngestOptions) -> Taken:
        """Ingest a source; if its reader had to be stopped twice, it counts as failed."""
        with suppress(TooCostly):  # other processes may have left it too little memory or time
            return self._taker.take(job, asked)
        try:
            return self._taker.take(job, asked)
        except TooCostly as error:
            set_aside = phrase(
                "%(remedy)s It was tried twice and is set aside until you retry it.", remedy=error.remedy
            )
            raise TooCostly(error.path, error.problem, set_aside) from error

    def _listening(self, job: Job) -> Listening:
        source = IngestOptions.of(job).source

        def tell(progress: TranscriptionProgress) -> None:
            with self._writing:
                self._kb.jobs.progress(job, progress.done, progress.total)
                if progress.speed is not None:
                    self._heard[job.uri] = (progress.heard, progress.speed)
                self._listeners.progress(source, progress)

        def cancelled() -> bool:
            return self._stopped.is_set() or not self._kb.jobs.is_wanted(job)

        return Listening(self._kb.intake.heard_blocks, tell, cancelled)

    def _note_speed(self, job: Job, transcriber: Transcriber, made: Transcript) -> None:
        """Store how fast this machine was, for the next estimate; a cluster's speed is not stored."""
        heard, speed = self._heard.pop(job.uri, (0.0, 0.0))
        if speed and isinstance(transcriber, Recogniser) and made.model and made.engine == "faster-whisper":
            Speeds(self._kb.home).note(this_machine(), made.model, heard, speed)

    def _transcriber(self, request: Request) -> Transcriber:
        """Return the transcriber for a request, with the library's names; the same for all recordings."""
        request = replace(request, known=", ".join(self._kb.names.all()) or None)
        with self._writing:
            if request not in self._transcribers:
                self._transcribers[request] = self._new_transcriber(request)
            return self._transcribers[request]
