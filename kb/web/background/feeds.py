"""Check feeds in the background, one after the other; each check can be stopped."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Literal

from ...catalogue import Followed
from ...errors import VerbatimError
from ...knowledge_base import KnowledgeBase
from ...translatable import phrase
from ...types import ImportResult

__all__ = ["FeedState", "FeedWork", "Stopped"]

FeedState = Literal["idle", "waiting", "syncing"]


class Stopped(BaseException):
    """Work was cancelled; like Ctrl+C it is no ``Exception``, so that handlers of errors do not catch it."""


class FeedWork:
    """Checks feeds on request; ``remember`` is called with the results for their episodes."""

    def __init__(self, kb: KnowledgeBase, remember: Callable[[ImportResult], None]) -> None:
        self._kb = kb
        self._remember = remember
        self._waiting: dict[int, None] = {}
        self._now: int | None = None
        self._doing: str = ""
        self._broken_off = False
        self._ended = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="feeds", daemon=True)

    def start(self) -> None:
        """Begin to wait for feeds to check, first those that an earlier server did not finish."""
        self._waiting.update(dict.fromkeys(self._kb.feeds.wanted()))
        self._thread.start()

    def end(self, seconds: float) -> None:
        """Stop as soon as possible, waiting at most so many seconds, and check no further feeds."""
        with self._changed:
            self._ended = self._broken_off = True
            self._changed.notify_all()
        self._thread.join(seconds)

    def want(self, feed_id: int) -> None:
        """Check a feed after those requested before, or after the next start of a server."""
        self._kb.feeds.want(feed_id)
        with self._changed:
            self._waiting[feed_id] = None
            self._changed.notify_all()

    def break_off(self, feed_id: int) -> None:
        """Stop checking a feed; what was fetched is kept, and the next check continues from there."""
        self._kb.feeds.looked_at(feed_id)
        with self._changed:
            self._waiting.pop(feed_id, None)
            if self._now == feed_id:
                self._broken_off = True

    def state(self, feed_id: int) -> tuple[FeedState, str]:
        """Return the present state of a feed, and its progress in words."""
        with self._changed:
            if self._now == feed_id:
                return "syncing", phrase("stopping") if self._broken_off else self._doing
            return ("waiting", "") if feed_id in self._waiting else ("idle", "")

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._ended or self._waiting)
                if self._ended:
                    return
                self._now = next(iter(self._waiting))
                del self._waiting[self._now]
                self._doing, self._broken_off = phrase("reading the feed"), False
            try:
                self._look_at(self._now)
                if self._now not in self._waiting:  # no further check was requested meanwhile
                    self._kb.feeds.looked_at(self._now)
            except Stopped:
                pass
            except Exception:
                if not self._ended:
                    logging.getLogger(__name__).exception("a feed was not checked")
            finally:
                with self._changed:
                    self._now = None

    def _look_at(self, feed_id: int) -> None:
        try:
            self._look(self._kb.feeds.get(str(feed_id)))
        except VerbatimError as error:  # it was removed meanwhile, or 'kb feeds sync' is at work
            self._kb.feeds.failed(feed_id, str(error), None)

    def _look(self, feed: Followed) -> None:
        from ingest.podcasts.following import ItemReport, SyncListeners
        from ingest.podcasts.sync import sync
        from ingest.queue.batch import Listeners
        from ingest.transcribing.transcription import TranscriptionProgress

        def fetching(title: str, done: int, total: int | None) -> None:
            share = f" {100 * done / total:.0f} %" if total else f" {done / 1024**2:.0f} MB"
            self._tell(phrase("fetching “%(title)s”%(share)s", title=title[:80], share=share))

        def item(_: Followed, report: ItemReport) -> None:
            self._tell(phrase("“%(words)s”", words=report.title[:80]))

        def progress(_: str, heard: TranscriptionProgress) -> None:
            self._tell(phrase("transcribing"))

        def result(done: ImportResult) -> None:
            self._remember(done)
            self._tell(phrase("taking episodes in"))

        listeners = SyncListeners(fetching, item, Listeners(result, progress))
        for _ in sync(self._kb, [feed], listeners=listeners, retry=True):
            pass

    def _tell(self, doing: str) -> None:
        """Record progress; called where a check may be stopped."""
        if self._broken_off:
            raise Stopped
        self._doing = doing
