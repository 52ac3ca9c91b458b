"""Feeds looked at behind the page, one after the other, each of which can be broken off."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Literal

from ...catalogue import Followed
from ...errors import VerbatimError
from ...knowledge_base import KnowledgeBase
from ...types import ImportResult

__all__ = ["FeedState", "FeedWork", "Stopped"]

FeedState = Literal["idle", "waiting", "syncing"]


class Stopped(BaseException):
    """Work is wanted no more; no error, so that it passes through what goes on after errors, as Ctrl+C does."""


class FeedWork:
    """Looks at feeds when it is asked to; ``remember`` is told what became of their episodes."""

    def __init__(self, kb: KnowledgeBase, remember: Callable[[ImportResult], None]) -> None:
        self._kb = kb
        self._remember = remember
        self._waiting: dict[int, None] = {}
        self._now: int | None = None
        self._doing = ""
        self._broken_off = False
        self._ended = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="feeds", daemon=True)

    def start(self) -> None:
        """Begin to wait for feeds to look at, with those that an earlier server did not finish."""
        self._waiting.update(dict.fromkeys(self._kb.feeds.wanted()))
        self._thread.start()

    def end(self, seconds: float) -> None:
        """Stop at the next moment, for which so many seconds are waited, and look at none again."""
        with self._changed:
            self._ended = self._broken_off = True
            self._changed.notify_all()
        self._thread.join(seconds)

    def want(self, feed_id: int) -> None:
        """Look at a feed after those that were wanted before, or when a server is started again after this one."""
        self._kb.feeds.want(feed_id)
        with self._changed:
            self._waiting[feed_id] = None
            self._changed.notify_all()

    def break_off(self, feed_id: int) -> None:
        """Stop looking at a feed; what was fetched is kept, and the next look goes on from there."""
        self._kb.feeds.looked_at(feed_id)
        with self._changed:
            self._waiting.pop(feed_id, None)
            if self._now == feed_id:
                self._broken_off = True

    def state(self, feed_id: int) -> tuple[FeedState, str]:
        """Return what is done with a feed just now, and in words how far it is."""
        with self._changed:
            if self._now == feed_id:
                return "syncing", "stopping" if self._broken_off else self._doing
            return ("waiting", "") if feed_id in self._waiting else ("idle", "")

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._ended or self._waiting)
                if self._ended:
                    return
                self._now = next(iter(self._waiting))
                del self._waiting[self._now]
                self._doing, self._broken_off = "reading the feed", False
            try:
                self._look_at(self._now)
                if self._now not in self._waiting:  # nobody has asked for another look meanwhile
                    self._kb.feeds.looked_at(self._now)
            except Stopped:
                pass
            except Exception:
                if not self._ended:
                    logging.getLogger(__name__).exception("a feed was not looked at")
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
            self._tell(f"fetching “{title[:80]}”{share}")

        def item(_: Followed, report: ItemReport) -> None:
            self._tell(f"“{report.title[:80]}”")

        def progress(_: str, heard: TranscriptionProgress) -> None:
            self._tell("transcribing")

        def result(done: ImportResult) -> None:
            self._remember(done)
            self._tell("taking episodes in")

        listeners = SyncListeners(fetching, item, Listeners(result, progress))
        for _ in sync(self._kb, [feed], listeners=listeners, retry=True):
            pass

    def _tell(self, doing: str) -> None:
        """Take note of what is done; called where a look may be broken off."""
        if self._broken_off:
            raise Stopped
        self._doing = doing
