"""The server's worker threads: they add sources, check feeds, and embed; the queue's lock decides which process works.

The first two use the ordinary queue, so the command line may work at the same time, and a stopped server continues at
its next start.
"""

from __future__ import annotations

import functools
import logging
import threading
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ...catalogue import Job
from ...knowledge_base import KnowledgeBase
from ...timing import CHECKING
from ...translations import TRANSLATION
from ...types import ImportResult
from .embedding import EmbeddingWork
from .feeds import FeedWork, Stopped
from .models import ModelWork
from .uploads import remove_partial, upload_folder

if TYPE_CHECKING:
    from ingest.transcribing.transcription import TranscriptionProgress

__all__ = ["Worker"]

#: Transcripts that are added before they are embedded together; a recording takes long and is added alone.
_TOGETHER = 50
_MOST_REMEMBERED = 100
#: Seconds to wait for each thread to reach a point where it can stop.
_SECONDS_TO_END = 3.0


class Worker:
    """Adds sources in the background; its methods may be called from any thread."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self._kb = kb
        self._wanted: dict[int, None] = {}  # ids of jobs, in order
        self._changed = threading.Condition()
        self._ended = False
        self._finished: deque[ImportResult] = deque(maxlen=_MOST_REMEMBERED)
        # A daemon: a job that is interrupted by the server's end is still in the queue.
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)
        self.feeds = FeedWork(kb, self._remember)
        self.embedding = EmbeddingWork(kb)
        self.models = ModelWork()

    def start(self) -> None:
        """Begin, with the unfinished jobs of an earlier server; its incomplete uploads are deleted."""
        remove_partial(self._kb.home)
        ours = (upload_folder(self._kb.home).as_uri(), TRANSLATION, CHECKING)
        self.want(job.id for job in self._kb.jobs.all() if job.uri.startswith(ours) and not job.reason)
        self._thread.start()
        self.feeds.start()
        self.embedding.start()

    def stop(self) -> None:
        """Start no further work, and stop what is running."""
        with self._changed:
            self._ended = True
            self._wanted.clear()
            self._changed.notify_all()
        self._thread.join(_SECONDS_TO_END)
        self.feeds.end(_SECONDS_TO_END)
        self.embedding.end(_SECONDS_TO_END)
        self.models.end(_SECONDS_TO_END)

    def want(self, ids: Iterable[int]) -> None:
        """Do these jobs of the queue as soon as nobody else works."""
        with self._changed:
            self._wanted.update(dict.fromkeys(ids))
            self._changed.notify_all()

    def finished(self) -> tuple[ImportResult, ...]:
        """Return the finished and failed jobs of this server, the newest first."""
        return tuple(reversed(self._finished))

    def _run(self) -> None:
        while not self._ended:
            with self._changed:
                self._changed.wait_for(lambda: self._ended or self._wanted)
            try:
                self._work_off()
            except Stopped:
                return
            except Exception:
                if not self._ended:
                    logging.getLogger(__name__).exception("the queue was not finished; its jobs are kept")
                    time.sleep(_SECONDS_TO_END)  # the error may be temporary

    def _work_off(self) -> None:
        from ingest.queue.batch import Listeners, work
        from ingest.transcribing.recordings import Recogniser

        transcribers = functools.cache(Recogniser)  # its model is loaded once, and released when all is done
        while jobs := self._next():
            work(self._kb, jobs, Listeners(self._remember, self._heed), transcribers)

    def _next(self) -> tuple[Job, ...]:
        """Return the next jobs to do: transcripts, which take a moment, before recordings and work on episodes."""
        from ingest.files.sources import is_recording
        from ingest.queue.batch import IngestOptions

        with self._changed:
            wanted = self._kb.jobs.get_many(self._wanted)
            asked = [(job, IngestOptions.of(job)) for job in wanted]
            taken = [(job, to) for job, to in asked if not (to.translate or to.check)]
            quick = [job for job, to in taken if not is_recording(Path(to.source))][:_TOGETHER]
            chosen = tuple(quick or wanted[:1])
            there = {job.id for job in wanted} - {job.id for job in chosen}
            self._wanted = {number: None for number in self._wanted if number in there}
        return chosen

    def _remember(self, result: ImportResult) -> None:
        self._finished.append(result)

    def _heed(self, source: str, progress: TranscriptionProgress) -> None:
        if self._ended:
            raise Stopped
