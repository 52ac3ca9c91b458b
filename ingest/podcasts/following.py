"""Following feeds: finding them, their options, and the reports about them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Self

from kb.catalogue import Followed
from kb.errors import FeedError
from kb.translatable import phrase
from kb.types import ImportResult

from ..feeds import LARGEST_FEED, LARGEST_OPML, FeedLink, FeedList, feed_address, looks_like_opml
from ..fetching import Fetcher
from ..files.strangers import parse_feed, parse_opml
from ..queue.batch import Listeners
from ..transcribing.recordings import Request

__all__ = ["FeedOptions", "FeedReport", "FoundFeed", "ItemReport", "ItemStatus", "SyncListeners", "find_feeds"]


@dataclass(frozen=True, slots=True)
class FeedOptions:
    """The options of a feed; stored with it as JSON."""

    #: The show's name, instead of the feed's title.
    show: str | None = None
    #: An ISO date: no episodes before it.
    since: str | None = None
    #: Only this many of the newest items.
    limit: int | None = None
    #: Whether recordings of episodes that have a transcript are fetched.
    audio: bool = True
    #: Hosts that may have an address in a private network.
    private: tuple[str, ...] = ()
    #: The recogniser and its model for recordings; ``None``: the best that is installed then.
    engine: str | None = None
    model: str | None = None
    #: The language of the recordings as a code; ``None``: detected in each.
    language: str | None = None
    #: Whether a publisher's times are checked against the recording.
    check_times: bool = True

    def hearing(self, request: Request) -> Request:
        """Return ``request`` with this feed's model and language where it names none.

        Times are checked if both want it.
        """
        if request.engine is None and request.model is None:
            request = replace(request, engine=self.engine, model=self.model)
        check_times = request.check_times and self.check_times
        return replace(request, language=request.language or self.language, check_times=check_times)

    def to_json(self) -> str:
        """Return the options as they are stored."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, feed: Followed) -> FeedOptions:
        """Return a feed's options."""
        kept = json.loads(feed.options)
        return cls(**{**kept, "private": tuple(kept.get("private", ()))})


class ItemStatus(StrEnum):
    """The result for a feed's item, in the order of the report; ``words`` is its text.

    Every status has its text here, so that no interface lacks one.
    """

    words: str

    def __new__(cls, name: str, words: str) -> Self:
        """Make a status from its name and its text."""
        status = str.__new__(cls, name)
        status._value_ = name
        status.words = words
        return status

    FETCHED = "fetched", "new"
    #: The publisher changed the metadata, transcript or recording of an episode in the library.
    CORRECTED = "corrected", "corrected by the publisher"
    #: The recording is in the library already, as another item or from a file.
    SAME_RECORDING = "same recording", "in your library already"
    #: It is in the library, or was dropped.
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
    """The result for a feed's item before it is ingested; ``reason`` is a sentence."""

    title: str
    published: str | None
    status: ItemStatus
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class FeedReport:
    """The result for a feed: ``problem`` if it could not be read, else its items and what was ingested."""

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
    """Callbacks: for an item's download in bytes, its result, and the batch."""

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
    remedy = phrase("Give the address of a feed (https://...), or a list of feeds (an OPML file).")
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_OPML + 1)
    except OSError as error:
        raise FeedError(path, phrase("cannot be read (%(reason)s).", reason=str(error.strerror)), remedy) from error
