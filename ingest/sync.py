"""Feeds -> the queue -> episodes: what is new in a feed is fetched and taken in, each episode once.

An item is written down before its files are fetched and again, together with its job, when they are there. So a kill at
any moment loses nothing: the next sync goes on with the same files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from kb.catalogue import Followed, Item, Job, Source
from kb.errors import FetchError, FormatError, VerbatimError
from kb.knowledge_base import KnowledgeBase
from kb.types import ImportResult

from .acquiring import Acquired, acquire, fetch_transcript
from .batch import Asked, work
from .feeds import LARGEST_FEED, Feed, FeedItem, Identity, bare_address, identify, is_foreign, is_same, parse_feed
from .fetching import Fetcher, Validators
from .following import FeedOptions, FeedReport, ItemReport, SyncListeners
from .media import free_stem, media_folder
from .metadata import Metadata
from .recordings import Request

__all__ = ["sync"]

#: So many episodes are fetched before they are taken in, so that a long feed's first ones can soon be asked about.
_TAKE_EVERY = 10
#: A clear no (404, too large) is asked again after a week, or when the item has another address.
_AGAIN_AFTER = timedelta(days=7)


def sync(
    kb: KnowledgeBase,
    feeds: Iterable[Followed],
    override: FeedOptions | None = None,
    request: Request | None = None,
    listeners: SyncListeners | None = None,
    retry: bool = False,
    fetcher: Callable[[FeedOptions], Fetcher] = lambda options: Fetcher(options.private),
) -> Iterator[FeedReport]:
    """Look at each feed, fetch what is new, take it in, and yield what became of it.

    ``override`` replaces the feeds' own ``since`` and ``limit`` for this once; ``retry`` also tries again what was
    put off. Raises ``VerbatimError`` if another process is syncing.
    """
    with _alone(kb.home):
        for feed in feeds:
            options = FeedOptions.of(feed)
            if override is not None:
                since, limit = override.since or options.since, override.limit or options.limit
                options = replace(options, since=since, limit=limit)
            looked = _Look(
                kb, feed, options, fetcher(options), request or Request(), listeners or SyncListeners(), retry
            )
            yield looked.run(anew=override is not None)


class _Look:
    """One look at one feed."""

    def __init__(
        self,
        kb: KnowledgeBase,
        feed: Followed,
        options: FeedOptions,
        fetcher: Fetcher,
        request: Request,
        listeners: SyncListeners,
        retry: bool,
    ) -> None:
        self._kb = kb
        self._feeds = kb.catalogue.feeds
        self._feed = feed
        self._options = options
        self._fetcher = fetcher
        self._request = request
        self._listeners = listeners
        self._retry = retry
        self._show = options.show or feed.title
        self._jobs: list[Job] = []
        self._results: list[ImportResult] = []

    def run(self, anew: bool) -> FeedReport:
        """Read the feed, fetch and take in what is new."""
        if not self._retry and (self._feed.again_at or "") > _now():
            problem = f"{self._feed.url}: its server asked to be left alone until {self._feed.again_at} (UTC)."
            return FeedReport(self._feed, problem)
        items = self._feeds.items(self._feed.id)
        waiting = any(self._is_due(item) for item in items)
        # What a run before this one had fetched when it was ended.
        queued = {item.source for item in items if item.state == "queued"}
        self._jobs = [job for job in self._kb.catalogue.jobs.all() if job.uri in queued] if queued else []
        version = Validators(self._feed.etag, self._feed.last_modified)
        try:
            page = self._fetcher.page(self._feed.url, LARGEST_FEED, None if anew or waiting else version)
            if page is None:
                self._feeds.checked(self._feed.id, None, version.etag, version.last_modified)
                self._take_in()
                return FeedReport(self._feed, unchanged=True, results=tuple(self._results))
            document = parse_feed(page.data, page.url)
        except VerbatimError as error:
            self._feeds.failed(self._feed.id, str(error), _again_at(error, timedelta(0)))
            return FeedReport(self._feed, str(error))
        self._show = self._options.show or document.title
        identities, notes = identify(document, self._show)
        reports = tuple(self._items(document, identities))
        self._take_in()
        # Last: a look that was killed on the way is done again.
        self._feeds.checked(self._feed.id, document.title, page.version.etag, page.version.last_modified)
        return FeedReport(self._feed, None, False, (*document.notes, *notes), reports, tuple(self._results))

    def _items(self, document: Feed, identities: tuple[Identity, ...]) -> Iterator[ItemReport]:
        pairs = sorted(
            zip(document.items, identities, strict=True), key=lambda pair: pair[0].published or "", reverse=True
        )
        for item, identity in pairs[: self._options.limit]:
            if self._options.since and (item.published or "9999") < self._options.since:
                continue
            try:
                report = self._item(item, identity, document)
            except VerbatimError as error:
                report = ItemReport(item.title, item.published, "failed", str(error))
            self._listeners.item(self._feed, report)
            yield report
            if len(self._jobs) >= _TAKE_EVERY:
                self._take_in()

    def _item(self, item: FeedItem, identity: Identity, document: Feed) -> ItemReport:
        known = self._known(identity)
        if known is not None and known.state != "unfetched":
            known = self._recognised(known, item, identity)
            self._late_transcript(known, item, document)
            begun = known.source in {job.uri for job in self._jobs}
            unfinished = known.state in ("queued", "failed") and not begun
            return ItemReport(item.title, item.published, "unfinished" if unfinished else "known", known.problem)
        if item.enclosure is None and not item.transcripts:
            return ItemReport(item.title, item.published, "empty")
        mine = known if known is not None and known.feed_id == self._feed.id else self._new(item, identity)
        moved = (mine.address, mine.guid) != (identity.address, identity.guid)
        if mine.problem and not moved and not self._is_due(mine):
            return ItemReport(item.title, item.published, "put off", mine.problem)
        return self._fetch(item, replace(mine, address=identity.address, guid=identity.guid), document)

    def _known(self, identity: Identity) -> Item | None:
        """Return the item that is this episode, of this feed if there is one, else of another that has it."""
        same = [
            item
            for item in self._feeds.resembling(_row(self._feed.id, identity, ""))
            if is_same(identity, _identity(item), item.feed_id == self._feed.id)
        ]
        same.sort(key=lambda item: (item.feed_id != self._feed.id, item.state == "unfetched"))
        return next((item for item in same if item.feed_id == self._feed.id or item.state != "unfetched"), None)

    def _recognised(self, known: Item, item: FeedItem, identity: Identity) -> Item:
        """Write down under which guid and address an episode is found now, in this feed."""
        if known.feed_id != self._feed.id:
            return self._feeds.keep(replace(self._new(item, identity), source=known.source))
        guid, address = identity.guid or known.guid, identity.address or known.address
        if (guid, address, identity.title) == (known.guid, known.address, known.title_key):
            return known
        return self._feeds.keep(replace(known, guid=guid, address=address, title=item.title, title_key=identity.title))

    def _new(self, item: FeedItem, identity: Identity) -> Item:
        return _row(self._feed.id, identity, item.title)

    def _fetch(self, item: FeedItem, mine: Item, document: Feed) -> ItemReport:
        folder = media_folder(self._kb.home)
        stem = mine.stem or free_stem(folder, self._show, item.published, item.title, self._feeds.has_stem)
        mine = self._feeds.keep(replace(mine, stem=stem))
        try:
            got = acquire(
                item,
                document.language,
                folder / stem,
                self._fetcher,
                self._options.audio,
                lambda done, total: self._listeners.fetching(item.title, done, total),
            )
        except VerbatimError as error:
            self._feeds.keep(replace(mine, problem=str(error), again_at=_again_at(error, _AGAIN_AFTER)))
            return ItemReport(item.title, item.published, "failed", str(error))
        if got.sha256 is not None and self._is_known_recording(mine, item, got):
            return ItemReport(item.title, item.published, "same recording")
        self._queue(mine, got.source, got.sha256, self._said(item, document), got.notes)
        return ItemReport(item.title, item.published, "fetched")

    def _is_known_recording(self, mine: Item, item: FeedItem, got: Acquired) -> bool:
        """Add a source to the episode that has this very recording, if there is one, and drop the second copy."""
        assert got.sha256 is not None
        twins = [twin for twin in self._feeds.with_recording(got.sha256) if twin.source and twin.id != mine.id]
        twin = next((twin for twin in twins if twin.state != "dropped"), None)
        held = self._kb.catalogue.episodes.find_content(got.sha256)
        episode_id = (twin and twin.episode_id) or (held[0] if held else None)
        if twin is None and episode_id is None:
            return False
        source = twin.source if twin is not None else None
        with self._kb.catalogue.transaction():
            if episode_id is not None and item.enclosure is not None:
                source = f"https://{bare_address(item.enclosure.url)}"
                self._kb.catalogue.episodes.add_source(episode_id, Source(source, got.sha256))
            self._feeds.keep(replace(mine, stem=None, source=source, sha256=got.sha256, problem=None, again_at=None))
        for path in filter(None, (got.source, got.recording)):
            path.unlink(missing_ok=True)
        return True

    def _late_transcript(self, known: Item, item: FeedItem, document: Feed) -> None:
        """Take up a publisher's transcript that came after its recording was transcribed; it becomes a new revision."""
        if known.episode_id is None or known.stem is None or known.problem is not None:
            return
        links = [link for link in item.transcripts if not is_foreign(link, document.language)]
        if not links or self._kb.current(known.episode_id).origin != "machine":
            return
        try:
            path = fetch_transcript(links[0], media_folder(self._kb.home) / known.stem, self._fetcher)
        except VerbatimError as error:
            self._feeds.keep(replace(known, problem=f"The publisher's transcript was not taken: {error}"))
            return
        self._enqueue(path, self._said(item, document), ())

    def _queue(self, mine: Item, path: Path, sha256: str | None, said: Metadata, notes: tuple[str, ...]) -> None:
        """Write the item and its job down, both or neither."""
        with self._kb.catalogue.transaction():
            uri = path.resolve().as_uri()
            self._feeds.keep(replace(mine, source=uri, sha256=sha256, problem=None, again_at=None))
            self._enqueue(path, said, notes)

    def _enqueue(self, path: Path, said: Metadata, notes: tuple[str, ...]) -> None:
        asked = Asked(str(path), said, {}, self._request, notes)
        self._jobs += self._kb.catalogue.jobs.enqueue([(path.resolve().as_uri(), asked.to_json())])

    def _take_in(self) -> None:
        if self._jobs:
            self._results += work(self._kb, self._jobs, self._listeners.batch)
            self._jobs.clear()

    def _said(self, item: FeedItem, document: Feed) -> Metadata:
        return Metadata(
            show=self._show,
            title=item.title,
            published=item.published,
            publisher=document.publisher,
            language=document.language,
            url=item.link,
            people=item.people or None,
        )

    def _is_due(self, item: Item) -> bool:
        """Return whether an item that could not be fetched is to be tried again."""
        return item.state == "unfetched" and (self._retry or (item.again_at or "") <= _now())


def _row(feed_id: int, identity: Identity, title: str) -> Item:
    return Item(
        id=0,
        feed_id=feed_id,
        title=title,
        published_at=identity.published_at,
        guid=identity.guid,
        address=identity.address,
        title_key=identity.title,
        show_key=identity.show,
    )


def _identity(item: Item) -> Identity:
    return Identity(item.title_key, item.guid, item.address, item.published_at, item.show_key)


def _again_at(error: VerbatimError, otherwise: timedelta) -> str:
    """Return when to try again: when the server says, at the next sync after a passing fault, else after a while."""
    if isinstance(error, FetchError):
        return _now(timedelta(seconds=error.again_in or 0) if error.temporary else otherwise)
    return _now(otherwise if isinstance(error, FormatError) else timedelta(0))


def _now(later: timedelta = timedelta(0)) -> str:
    return (datetime.now(UTC) + later).isoformat(timespec="seconds")


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    lock = FileLock(home / "feeds.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise VerbatimError(
            "Another 'kb feeds sync' is at work in this data folder; wait until it has ended."
        ) from None
    try:
        yield
    finally:
        lock.release()
