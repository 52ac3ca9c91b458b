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
from urllib.parse import unquote, urlsplit

from filelock import FileLock, Timeout

from kb.catalogue import Followed, Item, Job, Source
from kb.errors import FetchError, FormatError, VerbatimError
from kb.knowledge_base import KnowledgeBase
from kb.types import ImportResult

from .acquiring import Acquired, acquire, fetch_chapters, fetch_recording, fetch_transcript
from .batch import Asked, work
from .feeds import LARGEST_FEED, Feed, FeedItem, Identity, bare_address, identify, is_foreign, parse_feed
from .fetching import Fetcher, Validators
from .following import FeedOptions, FeedReport, ItemReport, SyncListeners
from .known_items import find_known, new_item, recognised
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
            look = _Look(kb, feed, options, fetcher(options), request or Request(), listeners or SyncListeners(), retry)
            yield look.run(anew=override is not None)


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
        self._media = media_folder(kb.home)
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
        pairs = zip(document.items, identities, strict=True)
        newest = sorted(pairs, key=lambda pair: pair[0].published_at or "", reverse=True)
        for item, identity in newest[: self._options.limit]:
            if self._options.since and (item.published or "9999") < self._options.since:
                continue
            try:
                report = self._item(item, identity, document)
            except VerbatimError as error:
                report = ItemReport(item.title, item.published, "failed", str(error))
            except Exception as error:  # a bug of ours or of a library's, which must not cost the other episodes
                problem = f"an unexpected error ({error!r}), which is a bug in Verbatim; the others go on."
                report = ItemReport(item.title, item.published, "failed", problem)
            self._listeners.item(self._feed, report)
            yield report
            if len(self._jobs) >= _TAKE_EVERY:
                self._take_in()

    def _item(self, item: FeedItem, identity: Identity, document: Feed) -> ItemReport:
        known = find_known(self._feeds, self._feed.id, identity)
        if known is not None and known.state != "unfetched":
            known = recognised(self._feeds, known, self._feed.id, identity, item.title)
            self._complete(known, item, document)
            begun = known.source in {job.uri for job in self._jobs}
            if known.state in ("queued", "failed") and not begun:
                return ItemReport(item.title, item.published, "unfinished", known.problem)
            return ItemReport(item.title, item.published, "known")
        if item.enclosure is None and not item.transcripts:
            return ItemReport(item.title, item.published, "empty")
        mine = known or new_item(self._feed.id, identity, item.title)
        moved = (mine.address, mine.guid) != (identity.address, identity.guid)
        if mine.problem and not moved and not self._is_due(mine):
            return ItemReport(item.title, item.published, "put off", mine.problem)
        return self._fetch(item, replace(mine, address=identity.address, guid=identity.guid), document)

    def _fetch(self, item: FeedItem, mine: Item, document: Feed) -> ItemReport:
        stem = mine.stem or free_stem(self._media, self._show, item.published, item.title, self._feeds.has_stem)
        mine = self._feeds.keep(replace(mine, stem=stem))
        try:
            got = acquire(
                item, document.language, self._media / stem, self._fetcher, self._options.audio, self._tell(item)
            )
        except VerbatimError as error:
            self._feeds.keep(replace(mine, problem=str(error), again_at=_again_at(error)))
            return ItemReport(item.title, item.published, "failed", str(error))
        if got.sha256 is not None and self._is_known_recording(mine, item, got):
            return ItemReport(item.title, item.published, "same recording")
        said = self._said(item, document)
        with self._kb.catalogue.transaction():  # the item and its job, both or neither
            again_at = _again_at(got.missing) if got.missing else None
            uri = got.source.resolve().as_uri()
            self._feeds.keep(replace(mine, source=uri, sha256=got.sha256, problem=None, again_at=again_at))
            self._enqueue(got.source, said, got.notes)
        return ItemReport(item.title, item.published, "fetched")

    def _complete(self, known: Item, item: FeedItem, document: Feed) -> None:
        """Fetch what an episode lacks: a transcript that its publisher added later, or the recording that failed."""
        if known.episode_id is None or known.stem is None or (known.again_at and not self._is_due(known)):
            return
        stem = self._media / known.stem
        links = [link for link in item.transcripts if not is_foreign(link, document.language)]
        try:
            if links and self._kb.current(known.episode_id).origin == "machine":
                source = fetch_transcript(links[0], stem, self._fetcher)  # becomes the next revision
            elif known.again_at and item.enclosure and not known.sha256:
                _, sha256 = fetch_recording(item.enclosure, stem, self._fetcher, self._tell(item))
                known = replace(known, sha256=sha256)
                source = Path(unquote(urlsplit(known.source or "").path))
            else:
                return
            self._feeds.keep(replace(known, again_at=None))
        except VerbatimError as error:
            self._feeds.keep(replace(known, again_at=_again_at(error)))
            return
        self._enqueue(source, self._said(item, document), ())

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
            season=item.season,
            number=item.number,
            origin="publisher",  # of a transcript; a recording's is a machine's
            people=item.people or None,
            chapters=fetch_chapters(item, self._fetcher),
        )

    def _tell(self, item: FeedItem) -> Callable[[int, int | None], None]:
        return lambda done, total: self._listeners.fetching(item.title, done, total)

    def _is_due(self, item: Item) -> bool:
        """Return whether something that could not be fetched is to be tried again."""
        open_ = item.state == "unfetched" or item.again_at is not None
        return open_ and (self._retry or (item.again_at or "") <= _now())


def _again_at(error: VerbatimError, otherwise: timedelta = _AGAIN_AFTER) -> str:
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
        raise VerbatimError("Another 'kb feeds sync' is at work; wait until it has ended.") from None
    try:
        yield
    finally:
        lock.release()
