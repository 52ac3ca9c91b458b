"""One sync of one feed: new episodes are fetched and ingested, and corrections are applied.

An item is stored before its files are fetched and again, together with its job, when they are there. So a kill at
any moment loses nothing: the next sync continues with the same files. A publisher's correction of an episode in the
library goes the same way (``corrections``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from kb.catalogue import Followed, Item, Job, Source
from kb.errors import VerbatimError
from kb.knowledge_base import KnowledgeBase
from kb.timecode import now
from kb.translatable import phrase
from kb.types import ImportResult

from ..feeds import LARGEST_FEED, Feed, FeedItem, Identity, bare_address, identify
from ..fetching import Fetcher, Validators
from ..files.strangers import parse_feed
from ..metadata import Metadata
from ..queue.batch import IngestOptions, work
from ..transcribing.recordings import Request
from .acquiring import Acquired, acquire, fetch_chapters
from .corrections import CorrectionFinder, ItemCorrection, is_due
from .following import FeedOptions, FeedReport, ItemReport, ItemStatus, SyncListeners
from .known_items import find_known, new_item, recognised
from .media import free_stem, media_folder
from .postponing import again_at
from .replacing import path_of
from .told import Told, Versions, said_of

__all__ = ["Look"]

#: Episodes to fetch before they are ingested, so that a long feed's first ones can be searched soon.
_TAKE_EVERY = 10


class Look:
    """One sync of one feed; ``retry`` and ``recheck`` as in ``sync``."""

    def __init__(
        self,
        kb: KnowledgeBase,
        feed: Followed,
        options: FeedOptions,
        fetcher: Fetcher,
        request: Request,
        listeners: SyncListeners,
        retry: bool,
        recheck: bool,
    ) -> None:
        self._kb = kb
        self._feeds = kb.feeds
        self._media = media_folder(kb.home)
        self._feed = feed
        self._options = options
        self._fetcher = fetcher
        self._request = request
        self._listeners = listeners
        self._retry = retry
        self._show = options.show or feed.title
        self._corrections = CorrectionFinder(kb, self._media, fetcher, options.audio, recheck, self._tell)
        self._seen: set[int] = set()
        self._is_described_anew = False
        self._jobs: list[Job] = []
        self._results: list[ImportResult] = []

    def run(self, anew: bool) -> FeedReport:
        """Read the feed, fetch and ingest new episodes."""
        if not self._retry and (self._feed.again_at or "") > now():
            problem = phrase(
                "%(address)s: its server asks not to be contacted until %(time)s (UTC).",
                address=self._feed.url,
                time=str(self._feed.again_at),
            )
            return FeedReport(self._feed, problem)
        items = self._feeds.items(self._feed.id)
        waiting = any(self._is_due(item) for item in items)
        # Files that an earlier run had fetched when it was stopped.
        stems = {str(self._media / item.stem) for item in items if item.stem is not None}
        waiting_jobs = (job for job in self._kb.jobs.all() if job.state != "failed")
        self._jobs = [job for job in waiting_jobs if str(path_of(job.uri).with_suffix("")) in stems]
        version = Validators(self._feed.etag, self._feed.last_modified)
        try:
            page = self._fetcher.page(self._feed.url, LARGEST_FEED, None if anew or waiting else version)
            document = parse_feed(page.data, page.url, page.charset) if page is not None else None
        except VerbatimError as error:
            self._feeds.failed(self._feed.id, str(error), again_at(error, timedelta(0)))
            return FeedReport(self._feed, str(error))
        title: str | None = None
        notes: tuple[str, ...] = ()
        reports: list[ItemReport] = []
        if page is not None and document is not None:
            title, version = document.title, page.version
            self._show = self._options.show or title
            identities, odd = identify(document, self._show)
            notes = (*document.notes, *odd)
            reports += self._items(document, identities)
        reports += self._replaced()
        self._take_in()
        if self._corrections.put_off:  # there was no time for all changes in the feed: read it again next time
            version = Validators()
        # Last: a sync that was killed before this is done again.
        self._feeds.checked(self._feed.id, title, version.etag, version.last_modified)
        notes = (*notes, *self._corrections.notes)
        return FeedReport(self._feed, None, page is None, notes, tuple(reports), tuple(self._results))

    def _items(self, document: Feed, identities: tuple[Identity, ...]) -> Iterator[ItemReport]:
        pairs = zip(document.items, identities, strict=True)
        newest = sorted(pairs, key=lambda pair: pair[0].published_at or "", reverse=True)
        for number, (item, identity) in enumerate(newest):
            old = bool(self._options.since) and (item.published or "9999") < str(self._options.since)
            report = self._reported(item, identity, document, old or number >= (self._options.limit or len(newest)))
            if report is None:
                continue
            self._listeners.item(self._feed, report)
            yield report
            if len(self._jobs) >= _TAKE_EVERY:
                self._take_in()

    def _reported(self, item: FeedItem, identity: Identity, document: Feed, unwanted: bool) -> ItemReport | None:
        """Handle an item; an ``unwanted`` one only matters if it is in the library and was corrected."""
        try:
            report = self._item(item, identity, document, unwanted)
        except VerbatimError as error:
            report = ItemReport(item.title, item.published, ItemStatus.FAILED, str(error))
        except Exception as error:  # a bug, ours or a library's, must not stop the other episodes
            problem = phrase(
                "an unexpected error (%(reason)s), which is a bug in Verbatim; the others continue.", reason=repr(error)
            )
            report = ItemReport(item.title, item.published, ItemStatus.FAILED, problem)
        return report

    def _item(self, item: FeedItem, identity: Identity, document: Feed, unwanted: bool) -> ItemReport | None:
        known = find_known(self._feeds, self._feed.id, identity, item)
        if known is not None and known.state != "unfetched":
            if known.id in self._seen:  # the feed has it twice; the first entry, the newest, counts
                return None if unwanted else ItemReport(item.title, item.published, ItemStatus.KNOWN)
            known = recognised(self._feeds, known, self._feed.id, identity, item)
            self._seen.add(known.id)
            if known.state == "in":
                corrected = self._follow(known, Told.by(item, document))
                if corrected or unwanted:
                    return corrected
            begun = known.source in {job.uri for job in self._jobs}
            if known.state in ("queued", "failed") and not begun and not unwanted:
                return ItemReport(item.title, item.published, ItemStatus.UNFINISHED, known.problem)
            return None if unwanted else ItemReport(item.title, item.published, ItemStatus.KNOWN)
        if unwanted:
            return None
        if item.enclosure is None and not item.transcripts:
            return ItemReport(item.title, item.published, ItemStatus.EMPTY)
        mine = known or new_item(self._feed.id, identity, item)
        moved = (mine.address, mine.guid) != (identity.address, identity.guid)
        if mine.problem and not moved and not self._is_due(mine):
            return ItemReport(item.title, item.published, ItemStatus.PUT_OFF, mine.problem)
        return self._fetch(item, replace(mine, address=identity.address, guid=identity.guid), document)

    def _replaced(self) -> Iterator[ItemReport]:
        """Look for files that were replaced without a change in the feed; those checked longest ago come first."""
        items = [item for item in self._feeds.items(self._feed.id) if item.told and item.id not in self._seen]
        for item in sorted(filter(self._corrections.wanting, items), key=lambda item: item.asked_at or ""):
            try:
                report = self._follow(item, None)
            except VerbatimError as error:
                report = ItemReport(item.title, item.published, ItemStatus.FAILED, str(error))
            if report is not None:
                self._listeners.item(self._feed, report)
                yield report

    def _follow(self, known: Item, told: Told | None) -> ItemReport | None:
        """Apply the corrections of an episode in the library, and return a report if there were any."""
        found = self._corrections.find(known, told, self._retry)
        if found is None:
            return None
        with self._kb.transaction():  # the item, its episode's metadata, and its job: all or none
            item = self._feeds.keep(found.item)
            self._write(str(known.episode_id), str(known.source), found)
            if found.again is not None:
                self._again(str(known.episode_id), found.again, found)
        if not found.changed and not found.refused:
            return None
        return ItemReport(known.title, known.published, ItemStatus.CORRECTED, item.corrected)

    def _write(self, episode_id: str, source: str, found: ItemCorrection) -> None:
        intake = self._kb.intake
        if found.episode is not None:
            known = intake.sources.find(source)
            intake.describe(found.episode, Source(source, known[1] if known else ""))
            self._is_described_anew = True
        for path in found.set_aside:  # kept as known, but its bytes would be new if it came back
            intake.sources.add(episode_id, Source(path.resolve().as_uri(), ""))
        if found.chapters is not None:
            self._kb.chapters.write(episode_id, found.chapters)

    def _again(self, episode_id: str, path: Path, found: ItemCorrection) -> None:
        """Queue a file of an episode in the library, even under a new name."""
        uri = path.resolve().as_uri()
        if self._kb.intake.sources.find(uri) is None:
            self._kb.intake.sources.add(episode_id, Source(uri, ""))
        waiting = next((IngestOptions.of(job) for job in self._kb.jobs.all() if job.uri == uri), None)
        new_sound = found.new_sound or (waiting is not None and waiting.new_sound)
        feed = Metadata(origin="publisher")
        self._enqueue(
            IngestOptions(str(path), request=self._request, notes=found.notes, feed=feed, new_sound=new_sound)
        )

    def _fetch(self, item: FeedItem, mine: Item, document: Feed) -> ItemReport:
        stem = mine.stem or free_stem(self._media, self._show, item.published, item.title, self._feeds.has_stem)
        mine = self._feeds.keep(replace(mine, stem=stem))
        try:
            got = acquire(
                item, document.language, self._media / stem, self._fetcher, self._options.audio, self._tell(item.title)
            )
        except VerbatimError as error:
            self._feeds.keep(replace(mine, problem=str(error), again_at=again_at(error)))
            return ItemReport(item.title, item.published, ItemStatus.FAILED, str(error))
        if got.recording is not None and self._is_known_recording(mine, item, got, got.recording.sha256):
            return ItemReport(item.title, item.published, ItemStatus.SAME_RECORDING)
        versions = Versions(
            got.transcript.version if got.transcript else Validators(),
            got.recording.version if got.recording else Validators(),
        )
        if got.missing is not None and item.enclosure is not None:
            versions = versions.refusing(item.enclosure.url)
        mine = replace(mine, told=Told.by(item, document).to_json(), versions=versions.to_json(), asked_at=now())
        asked = IngestOptions(
            str(got.source),
            Metadata(show=self._options.show, language=self._options.language),
            request=self._request,
            notes=got.notes,
            feed=self._said(item, document),
        )
        with self._kb.transaction():  # the item and its job, both or neither
            uri, sha256 = got.source.resolve().as_uri(), got.recording.sha256 if got.recording else None
            due = again_at(got.missing) if got.missing else None
            self._feeds.keep(replace(mine, source=uri, sha256=sha256, problem=None, again_at=due))
            self._enqueue(asked)
        return ItemReport(item.title, item.published, ItemStatus.FETCHED)

    def _is_known_recording(self, mine: Item, item: FeedItem, got: Acquired, sha256: str) -> bool:
        """Add a source to the episode that has this very recording, if there is one, and drop the second copy."""
        twins = [twin for twin in self._feeds.with_recording(sha256) if twin.source and twin.id != mine.id]
        twin = next((twin for twin in twins if twin.state != "dropped"), None)
        held = self._kb.intake.sources.with_bytes(sha256)
        episode_id = (twin and twin.episode_id) or (held[0] if held else None)
        if twin is None and episode_id is None:
            return False
        source = twin.source if twin is not None else None
        with self._kb.transaction():
            if episode_id is not None and item.enclosure is not None:
                source = f"https://{bare_address(item.enclosure.url)}"
                self._kb.intake.sources.add(episode_id, Source(source, sha256))
            self._feeds.keep(replace(mine, stem=None, source=source, sha256=sha256, problem=None, again_at=None))
        for file in filter(None, (got.transcript, got.recording)):
            file.path.unlink(missing_ok=True)
        return True

    def _enqueue(self, asked: IngestOptions) -> None:
        self._jobs += self._kb.jobs.enqueue([(Path(asked.source).resolve().as_uri(), asked.to_json())])

    def _take_in(self) -> None:
        if self._jobs:
            self._results += work(self._kb, self._jobs, self._listeners.batch)
            self._jobs.clear()
        elif self._is_described_anew:
            self._kb.sync()  # titles are embedded with the words
        self._is_described_anew = False

    def _said(self, item: FeedItem, document: Feed) -> Metadata:
        return replace(
            said_of(item),
            show=self._show,
            publisher=document.publisher,
            language=document.language,
            origin="publisher",  # of a transcript; a recording's is a machine's
            people=item.people or None,
            chapters=item.chapters or fetch_chapters(item.chapters_url, self._fetcher),
        )

    def _tell(self, title: str) -> Callable[[int, int | None], None]:
        return lambda done, total: self._listeners.fetching(title, done, total)

    def _is_due(self, item: Item) -> bool:
        """Return whether to retry something that could not be fetched."""
        open_ = item.state == "unfetched" or item.again_at is not None
        return open_ and (self._retry or is_due(item))
