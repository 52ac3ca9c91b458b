"""Feeds -> the queue -> episodes: feeds are synced one after the other, by one process at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from kb.catalogue import Followed
from kb.errors import ReadOnly, VerbatimError
from kb.knowledge_base import KnowledgeBase
from kb.translatable import phrase

from ..fetching import Fetcher
from ..transcribing.recordings import Request
from .following import FeedOptions, FeedReport, SyncListeners
from .looking import Look

__all__ = ["sync"]


def sync(
    kb: KnowledgeBase,
    feeds: Iterable[Followed],
    override: FeedOptions | None = None,
    request: Request | None = None,
    listeners: SyncListeners | None = None,
    retry: bool = False,
    recheck: bool = False,
    fetcher: Callable[[FeedOptions], Fetcher] = lambda options: Fetcher(options.private),
) -> Iterator[FeedReport]:
    """Read each feed, fetch and ingest new episodes, and yield a report.

    ``override`` replaces the feeds' own ``since`` and ``limit`` for this once; ``retry`` also retries what was
    put off; ``recheck`` asks for every file whether its publisher has replaced it.
    Raises ``VerbatimError`` if another process is syncing.
    """
    with _alone(kb.home):
        for feed in feeds:
            try:
                options = FeedOptions.of(feed)
                if override is not None:
                    since, limit = override.since or options.since, override.limit or options.limit
                    options = replace(options, since=since, limit=limit)
                hearing = (options.hearing(request or Request()), listeners or SyncListeners())
                report = Look(kb, feed, options, fetcher(options), *hearing, retry, recheck).run(
                    anew=recheck or override is not None
                )
            except VerbatimError as error:  # of the queue or the disk; the other feeds may still work
                report = _failed(kb, feed, str(error))
            except Exception as error:  # a bug, ours or a library's, must not stop the other feeds
                problem = phrase(
                    "an unexpected error (%(reason)s), which is a bug in Verbatim; the other feeds continue.",
                    reason=repr(error),
                )
                report = _failed(kb, feed, f"{feed.url}: {problem}")
            yield report


def _failed(kb: KnowledgeBase, feed: Followed, problem: str) -> FeedReport:
    """Report a feed that could not be synced, and store why for the list of feeds, if possible."""
    with suppress(VerbatimError):
        kb.feeds.failed(feed.id, problem, None)
    return FeedReport(feed, problem)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    lock = FileLock(home / "feeds.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise VerbatimError(phrase("Another 'kb feeds sync' is running; wait until it has ended.")) from None
    except OSError as error:
        raise ReadOnly(home) from error
    try:
        yield
    finally:
        lock.release()
