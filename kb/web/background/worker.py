"""The server's own hands: threads that take sources in, look at feeds, and embed; the queue's lock says who may work.

The first two use the ordinary queue, so the command line may work meanwhile, and what a stopped server leaves undone
is there when it starts again.
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
from ...types import ImportResult
from .embedding import EmbeddingWork
from .feeds import FeedWork, Stopped
from .models import ModelWork
from .uploads import remove_partial, upload_folder

if TYPE_CHECKING:
    from ingest.transcribing.transcription import TranscriptionProgress

__all__ = ["Worker"]

#: So many transcripts are taken in before they are made searchable by sense; a recording takes long and goes alone.
_TOGETHER = 50
_MOST_REMEMBERED = 100
#: For how long the end waits for each thread to come to a moment at which it can stop.
_SECONDS_TO_END = 3.0


class Worker:
    """Takes sources in behind the page; its methods may be called from any thread."""

    def __init__(self, kb: KnowledgeBase) -> None:
        self._kb = kb
        self._wanted: dict[int, None] = {}  # ids of jobs, in order
        self._changed = threading.Condition()
        self._ended = False
        self._finished: deque[ImportResult] = deque(maxlen=_MOST_REMEMBERED)
        # A daemon: a job that the server's end breaks off is still in the queue.
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)
        self.feeds = FeedWork(kb, self._remember)
        self.embedding = EmbeddingWork(kb)
        self.models = ModelWork()

    def start(self) -> None:
        """Begin, with what an earlier server was given and did not finish; what it was still being sent is no use."""
        remove_partial(self._kb.home)
        uploads = upload_folder(self._kb.home).as_uri()
        self.want(job.id for job in self._kb.jobs.all() if job.uri.startswith(uploads) and not job.reason)
        self._thread.start()
        self.feeds.start()
        self.embedding.start()

    def stop(self) -> None:
        """Take nothing further up, and break off what is going on."""
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
        """Return what this server has taken in or failed to, the newest first."""
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
                    logging.getLogger(__name__).exception("the queue was not worked off; its jobs are kept")
                    time.sleep(_SECONDS_TO_END)  # what is wrong may pass

    def _work_off(self) -> None:
        from ingest.queue.batch import Listeners, work
        from ingest.transcribing.recordings import Recogniser

        transcribers = functools.cache(Recogniser)  # its model is loaded once, and given up when all is done
        while jobs := self._next():
            work(self._kb, jobs, Listeners(self._remember, self._heed), transcribers)

    def _next(self) -> tuple[Job, ...]:
        """Return the next jobs to do: transcripts, which take a moment, before recordings."""
        from ingest.files.sources import is_recording
        from ingest.queue.batch import IngestOptions

        with self._changed:
            wanted = self._kb.jobs.get_many(self._wanted)
            quick = [job for job in wanted if not is_recording(Path(IngestOptions.of(job).source))][:_TOGETHER]
            chosen = tuple(quick or wanted[:1])
            there = {job.id for job in wanted} - {job.id for job in chosen}
            self._wanted = {number: None for number in self._wanted if number in there}
        return chosen

    def _remember(self, result: ImportResult) -> None:
        self._finished.append(result)

    def _heed(self, source: str, progress: TranscriptionProgress) -> None:
        if self._ended:
            raise Stopped
