"""A feed that is being published on a site, and what a look at it takes and tells."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ingest.fetching import Fetcher, Limits
from ingest.podcasts.following import FeedOptions, FeedReport
from ingest.podcasts.sync import sync
from ingest.transcribing.recordings import Request
from kb.catalogue import Followed
from kb.knowledge_base import KnowledgeBase

from ..models.tiny import ct2_folder
from .site import Site, plain

VTT = "WEBVTT\n\n00:00.000 --> 00:04.000\n<v {0}>The {1} was passed on Monday by the city council.\n\n00:05.000 --> 00:09.000\n<v Bob>Nobody had expected the {1} at all.\n"


@dataclass
class Show:
    """A feed that is being published on a site."""

    site: Site
    path: str = "/feed.xml"
    title: str = "City Desk"
    items: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.site.url(self.path)

    def episode(
        self,
        name: str,
        *,
        sound: str | None = None,
        transcript: str | None = None,
        guid: str | None = None,
        title: str | None = None,
        day: int = 8,
        more: str = "",
        hour: int = 21,
        written: str | None = None,
    ) -> None:
        """Publish an item at the top, whose addresses are served by whatever the test put there."""
        enclosure = f'<enclosure url="{sound}" type="audio/mpeg" length="1"/>' if sound else ""
        text = f'<podcast:transcript url="{transcript}" type="text/vtt"/>' if transcript else ""
        date = written or f"Mon, {day:02} Jul 2019 {hour:02}:07:00 GMT"
        self.items.insert(
            0,
            f"<item><title>{title or name}</title><guid>{guid or name}</guid>{enclosure}{text}{more}"
            f"<pubDate>{date}</pubDate><link>https://example.com/{name}</link></item>",
        )
        self.publish()

    def body(self) -> bytes:
        return (
            '<rss version="2.0" xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel>'
            f"<title>{self.title}</title><author>City Media</author><language>en-us</language>{''.join(self.items)}</channel></rss>"
        ).encode()

    def publish(self) -> None:
        body = self.body()
        self.site.pages[self.path] = plain(body, "application/rss+xml", f'"{hash(body)}"')


def told(name: str = "Ann", word: str = "budget") -> bytes:
    return VTT.format(name, word).encode()


def follow(kb: KnowledgeBase, show: Show, options: FeedOptions | None = None) -> Followed:
    options = replace(options or FeedOptions(), private=("127.0.0.1",))
    return kb.catalogue.feeds.follow(show.url, show.title, options.to_json())[0]


def look(kb: KnowledgeBase, *feeds: Followed, limits: Limits | None = None, **more: object) -> list[FeedReport]:
    """Sync feeds, all by default, without waiting between attempts."""

    def fetcher(options: FeedOptions) -> Fetcher:
        return Fetcher(options.private, limits or Limits(idle=5, page_seconds=20, download_seconds=20), lambda _: None)

    found = [kb.catalogue.feeds.get(str(feed.id)) for feed in feeds] or kb.catalogue.feeds.all()
    request = Request(model=str(ct2_folder()), beam_size=1)
    return list(sync(kb, found, request=request, fetcher=fetcher, **more))  # type: ignore[arg-type]


def statuses(report: FeedReport) -> dict[str, str]:
    return {item.title: item.status for item in report.items}


def visits(site: Site) -> list[str]:
    """Return what was asked for since the last call."""
    paths = [visit.path for visit in site.visits]
    site.visits.clear()
    return paths
