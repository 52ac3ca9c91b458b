"""Following feeds: which ones, what is wanted of them, and what is told of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Self

from kb.catalogue import Followed
from kb.errors import FeedError
from kb.types import ImportResult

from ..feeds import LARGEST_FEED, LARGEST_OPML, FeedLink, FeedList, feed_address, looks_like_opml
from ..fetching import Fetcher
from ..files.strangers import parse_feed, parse_opml
from ..queue.batch import Listeners

__all__ = ["FeedOptions", "FeedReport", "FoundFeed", "ItemReport", "ItemStatus", "SyncListeners", "find_feeds"]


@dataclass(frozen=True, slots=True)
class FeedOptions:
    """What is wanted of a feed; kept with it as JSON."""

    #: The show's name, instead of the feed's title.
    show: str | None = None
    #: An ISO date: no episodes before it.
    since: str | None = None
    #: Only so many of the newest items.
    limit: int | None = None
    #: Whether recordings of episodes that have a transcript are fetched.
    audio: bool = True
    #: Hosts that may have an address in a private network.
    private: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return the options as they are kept."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, feed: Followed) -> FeedOptions:
        """Return a feed's options."""
        kept = json.loads(feed.options)
        return cls(**{**kept, "private": tuple(kept.get("private", ()))})


class ItemStatus(StrEnum):
    """What became of a feed's item, in the order in which it is told; ``words`` is how it is told.

    Every status brings its words along, so that no door can meet one that it has no words for.
    """

    words: str

    def __new__(cls, name: str, words: str) -> Self:
        """Make a status out of its name and its words."""
        status = str.__new__(cls, name)
        status._value_ = name
        status.words = words
        return status

    FETCHED = "fetched", "new"
    #: The publisher changed what is in already: what is told of it, its transcript or its recording.
    CORRECTED = "corrected", "corrected by the publisher"
    #: The recording is in already, as another item or from a file.
    SAME_RECORDING = "same recording", "in already from elsewhere"
    #: It is in, or was dropped.
    KNOWN = "known", "known"
    #: It is in the queue.
    UNFINISHED = "unfinished", "unfinished ('kb jobs' lists them)"
    #: It failed before, and is not tried again yet.
    PUT_OFF = "put off", "put off ('--retry' tries them again)"
    #: There is neither a recording nor a transcript.
    EMPTY = "empty", "without recording or transcript"
    FAILED = "failed", "failed"


@dataclass(frozen=True, slots=True)
class ItemReport:
    """What became of a feed's item before it was taken in; ``reason`` is a sentence."""

    title: str
    published: str | None
    status: ItemStatus
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class FeedReport:
    """What became of a feed: ``problem`` if it could not be read, else its items and what was taken in."""

    feed: Followed
    problem: str | None = None
    unchanged: bool = False
    notes: tuple[str, ...] = ()
    items: tuple[ItemReport, ...] = ()
    results: tuple[ImportResult, ...] = ()

    @property
    def failed(self) -> bool:
        """Return whether anything went wrong."""
        bad = [item.status for item in self.items] + [result.status for result in self.results]
        return self.problem is not None or "failed" in bad


@dataclass(frozen=True, slots=True)
class SyncListeners:
    """Who is told what: of an item's fetching in bytes, of what became of it, and of the batch."""

    fetching: Callable[[str, int, int | None], None] = lambda title, done, total: None
    item: Callable[[Followed, ItemReport], None] = lambda feed, report: None
    batch: Listeners = field(default_factory=Listeners)


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed that can be followed; ``episodes`` and those with a ``transcript`` are counted if it was read.

    ``notes`` say what was odd about its document, or about the list that names it.
    """

    link: FeedLink
    episodes: int | None = None
    transcripts: int | None = None
    notes: tuple[str, ...] = ()


def find_feeds(named: str, fetcher: Fetcher) -> tuple[FoundFeed, ...]:
    """Return the feed at an address, which is read to see that it is one, or the feeds that an OPML file lists.

    Raises ``FeedError`` and ``FetchError``.
    """
    url = feed_address(named)
    if url is None:
        return _listed(parse_opml(_read(Path(named)), named))
    page = fetcher.page(url, LARGEST_FEED)
    assert page is not None, "it was asked for unconditionally"
    if looks_like_opml(page.data):
        return _listed(parse_opml(page.data, url, page.charset))
    feed = parse_feed(page.data, page.url, page.charset)
    transcripts = sum(bool(item.transcripts) for item in feed.items)
    return (FoundFeed(FeedLink(feed.title, url), len(feed.items), transcripts, feed.notes),)


def _listed(opml: FeedList) -> tuple[FoundFeed, ...]:
    return tuple(FoundFeed(link, notes=opml.notes) for link in opml.links)


def _read(path: Path) -> bytes:
    remedy = "Give the address of a feed (https://...), or a list of feeds (an OPML file)."
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_OPML + 1)
    except OSError as error:
        raise FeedError(path, f"cannot be read ({error.strerror}).", remedy) from error
