"""From feeds to episodes: what is good is in, what is bad is told, and nothing is in twice or fetched twice."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from ingest.fetching import Fetcher, Limits
from ingest.following import FeedOptions, FeedReport, ItemReport, SyncListeners
from ingest.recordings import Request
from ingest.sync import sync
from kb.catalogue import Followed
from kb.cli.main import main
from kb.errors import FetchError, VerbatimError
from kb.knowledge_base import KnowledgeBase
from kb.types import Chapter, Person

from .. import sounds
from ..conftest import Run
from ..models.tiny import ct2_folder
from .site import Site, breaking_off, claiming, dripping, plain, redirect, serving, status

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
    ) -> None:
        """Publish an item at the top, whose addresses are served by whatever the test put there."""
        enclosure = f'<enclosure url="{sound}" type="audio/mpeg" length="1"/>' if sound else ""
        text = f'<podcast:transcript url="{transcript}" type="text/vtt"/>' if transcript else ""
        self.items.insert(
            0,
            f"<item><title>{title or name}</title><guid>{guid or name}</guid>{enclosure}{text}{more}"
            f"<pubDate>Mon, {day:02} Jul 2019 {hour:02}:07:00 GMT</pubDate><link>https://example.com/{name}</link></item>",
        )
        self.publish()

    def publish(self) -> None:
        body = (
            '<rss version="2.0" xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel>'
            f"<title>{self.title}</title><author>City Media</author><language>en-us</language>{''.join(self.items)}</channel></rss>"
        ).encode()
        self.site.pages[self.path] = plain(body, "application/rss+xml", f'"{hash(body)}"')


@pytest.fixture
def show(site: Site) -> Show:
    return Show(site)


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


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> bytes:
    """Fifteen seconds that the tiny model understands, as a file."""
    path = tmp_path_factory.mktemp("speech") / "speech.wav"
    sounds.write(path, sounds.speech(0, 15), "pcm_s16le")
    return path.read_bytes()


@pytest.mark.timeout(120)
def test_a_feed_with_every_fault(kb: KnowledgeBase, show: Show, speech: bytes) -> None:
    site = show.site
    stopped = threading.Event()
    site.pages |= {
        "/budget.vtt": plain(told()),
        "/bridge.vtt": plain(told("Eve", "bridge")),
        "/school.vtt": plain(told("Kim", "school")),
        "/page.vtt": plain(b"<html><body><p>Log in to read on</p></body></html>", "text/html"),
        "/budget.mp3": plain(speech, "audio/mpeg"),
        "/moved.wav": redirect("/speech.wav"),
        "/speech.wav": plain(speech[:-2], "audio/wav"),
        "/cut.mp3": breaking_off(speech[:-4], after=50_000),
        "/slow.mp3": dripping(stopped),
        "/huge.mp3": claiming(5_000_000_000),
        "/private.mp3": redirect("http://169.254.169.254/latest/meta-data/"),
    }
    person = (
        '<podcast:person role="guest">Eve</podcast:person><podcast:season>2</podcast:season>'
        '<podcast:episode>7</podcast:episode><podcast:chapters url="/cut.json" type="application/json"/>'
    )
    site.pages["/cut.json"] = plain(
        b'{"chapters": [{"startTime": 0, "title": "The bridge"}, {"startTime": 5, "title": "Bob"}]}'
    )
    show.episode("slow", sound="/slow.mp3", day=1)
    show.episode("huge", sound="/huge.mp3", day=2)
    show.episode("private", sound="/private.mp3", day=3)
    show.episode("gone", sound="/gone.mp3", day=4)
    show.episode("silent", sound="/no.mp3", transcript="/school.vtt", day=5)
    show.episode("heard", sound="/moved.wav", transcript="/page.vtt", day=6)
    show.episode("cut", sound="/cut.mp3", transcript="/bridge.vtt", more=person, day=7)
    show.episode("budget", sound="/budget.mp3", transcript="/budget.vtt", day=8)
    show.episode("again", title="budget", guid="budget", sound="/budget.mp3", transcript="/budget.vtt", day=8)
    follow(kb, show)

    reports: list[ItemReport] = []
    limits = Limits(idle=2, page_seconds=20, download_seconds=2)
    try:
        [report] = look(kb, limits=limits, listeners=SyncListeners(item=lambda _, item: reports.append(item)))
    finally:
        stopped.set()
    assert [(item.title, item.status) for item in report.items] == [
        ("budget", "fetched"), ("budget", "known"), ("cut", "fetched"), ("heard", "fetched"), ("silent", "fetched"),
        ("gone", "failed"), ("private", "failed"), ("huge", "failed"), ("slow", "failed"),
    ]  # fmt: skip
    assert list(report.items) == reports
    reasons = {item.title: item.reason or "" for item in report.items}
    assert "is not there (404)" in reasons["gone"]
    assert "169.254.169.254 is an address within a private network" in reasons["private"]
    assert "has 5 GB, more than the 2 GB allowed" in reasons["huge"]
    assert "takes longer than allowed" in reasons["slow"]
    assert report.failed
    assert [result.status for result in report.results] == ["added"] * 4

    episodes = {episode.title: episode for episode in kb.catalogue.episodes.all()}
    assert sorted(episodes) == ["budget", "cut", "heard", "silent"]
    cut = episodes["cut"]
    assert cut.publisher == "City Media"
    assert (cut.show, cut.published, cut.language, cut.url) == (
        "City Desk",
        "2019-07-07",
        "en-us",
        "https://example.com/cut",
    )
    assert (cut.people, cut.season, cut.number) == ((Person("Eve", "guest"),), "2", "7")
    assert kb.catalogue.episodes.chapters(cut.id) == (Chapter(0.0, "The bridge"), Chapter(5.0, "Bob"))
    assert Path(cut.audio or "").read_bytes() == speech[:-4]
    assert Path(cut.audio or "").relative_to(kb.home) == Path("media/city-desk/2019-07-07-cut.mp3")
    assert kb.current(cut.id).origin == "publisher"
    assert kb.current(episodes["heard"].id).origin == "machine"
    remarks = {title: [r.note for r in kb.catalogue.episodes.remarks(e.id, 1)] for title, e in episodes.items()}
    assert any("The publisher's transcript was not taken" in note and "page.vtt" in note for note in remarks["heard"])
    assert any("The recording could not be fetched" in note and "(404)" in note for note in remarks["silent"])
    assert episodes["silent"].audio is None
    assert remarks["budget"] == []
    quote = kb.ask("Who expected the bridge?").quotes[0]
    assert (quote.episode.id, quote.speaker, quote.start) == (cut.id, "Bob", 5.0)
    assert kb.catalogue.jobs.all() == ()


def test_a_second_sync_fetches_only_what_is_new(kb: KnowledgeBase, show: Show) -> None:
    show.site.pages |= {"/a.vtt": plain(told()), "/b.vtt": plain(told("Eve", "bridge"))}
    show.episode("a", transcript="/a.vtt", day=1)
    show.episode("gone", sound="/gone.mp3", day=2)
    follow(kb, show)
    look(kb)
    assert visits(show.site) == ["/feed.xml", "/gone.mp3", "/a.vtt"]

    [report] = look(kb)
    assert (report.unchanged, report.failed, report.items) == (True, False, ())
    assert visits(show.site) == ["/feed.xml"]

    show.episode("b", transcript="/b.vtt", day=3)
    [report] = look(kb)
    assert statuses(report) == {"a": "known", "gone": "put off", "b": "fetched"}
    assert not report.failed
    assert visits(show.site) == ["/feed.xml", "/b.vtt"]

    [report] = look(kb, retry=True)  # by hand, what was put off is tried again
    assert statuses(report)["gone"] == "failed"
    assert visits(show.site) == ["/feed.xml", "/gone.mp3"]


def test_a_passing_fault_is_tried_again_at_the_next_sync(kb: KnowledgeBase, show: Show) -> None:
    show.site.pages["/a.vtt"] = plain(told())
    show.site.pages["/a.mp3"] = status(503)
    show.episode("a", sound="/a.mp3")
    follow(kb, show)
    [report] = look(kb)
    assert statuses(report) == {"a": "failed"}
    show.episode("b", transcript="/a.vtt")
    show.site.pages["/a.mp3"] = status(404)
    [report] = look(kb)
    assert statuses(report) == {"b": "fetched", "a": "failed"}
    assert "(404)" in str([item.reason for item in report.items])


def test_a_busy_server_is_left_alone(kb: KnowledgeBase, show: Show) -> None:
    show.site.pages["/feed.xml"] = status(429, Retry_After="3600")
    feed = follow(kb, show)
    [report] = look(kb)
    assert "is asked for too often (429)" in (report.problem or "")
    assert visits(show.site) == ["/feed.xml"]
    [report] = look(kb)
    assert "asked to be left alone until" in (report.problem or "")
    assert visits(show.site) == []
    assert "too often" in (kb.catalogue.feeds.get(str(feed.id)).problem or "")


def test_one_broken_feed_stops_no_other(kb: KnowledgeBase, show: Show) -> None:
    other = Show(show.site, "/other.xml", "Broken")
    show.site.pages |= {"/other.xml": plain(b"<html>Not here</html>"), "/a.vtt": plain(told())}
    follow(kb, other)
    show.episode("a", transcript="/a.vtt")
    follow(kb, show)
    broken, good = look(kb)
    assert "is a web page, not a feed" in (broken.problem or "")
    assert statuses(good) == {"a": "fetched"}


def test_an_item_without_anything_is_no_failure(kb: KnowledgeBase, show: Show) -> None:
    show.episode("a note", more='<enclosure url="/a.pdf" type="application/pdf"/>')
    follow(kb, show)
    [report] = look(kb)
    assert (statuses(report), report.failed) == ({"a note": "empty"}, False)


def test_a_transcript_that_is_none_is_told_once(kb: KnowledgeBase, show: Show) -> None:
    show.site.pages["/a.vtt"] = plain(b"<html>Log in</html>", "text/html")
    show.episode("a", transcript="/a.vtt")
    follow(kb, show)
    [report] = look(kb)
    assert statuses(report) == {"a": "failed"}
    assert "/a.vtt" in str(report.items[0].reason)
    [report] = look(kb, override=FeedOptions(limit=9))
    assert (statuses(report), report.failed) == ({"a": "put off"}, False)


def test_what_waits_in_the_queue_is_told(kb: KnowledgeBase, show: Show) -> None:
    show.site.pages["/a.mp3"] = plain(b"no sound at all" * 100, "audio/mpeg")
    show.episode("a", sound="/a.mp3")
    follow(kb, show)
    [report] = look(kb)
    assert (statuses(report), report.failed) == ({"a": "fetched"}, True)
    [report] = look(kb, override=FeedOptions(limit=9))
    assert (statuses(report), report.failed) == ({"a": "unfinished"}, False)
    assert report.items[0].reason
    assert visits(show.site).count("/a.mp3") == 1


# One episode, whatever becomes of it


def test_an_episode_that_moves_is_not_taken_in_twice(kb: KnowledgeBase, show: Show) -> None:
    show.site.pages |= {"/1.vtt": plain(told()), "/1.mp3": plain(b"\xff" * 1000, "audio/mpeg")}
    show.episode("one", sound="/1.mp3?token=1", transcript="/1.vtt")
    follow(kb, show)
    look(kb)
    visits(show.site)
    for change in (
        {"sound": "/1.mp3?token=2"},  # another token
        {"sound": "/1.mp3?token=3", "guid": "urn:new"},  # a host with guids of its own
        {
            "sound": "https://cdn.example.com/9.mp3",
            "guid": "urn:newer",
            "transcript": "/2.vtt",
        },  # republished elsewhere
        {"sound": "https://op3.dev/e/cdn.example.com/9.mp3", "title": "One (corrected)", "guid": "urn:newer"},
    ):
        show.items.clear()
        show.episode("one", **change)  # type: ignore[arg-type]
        [report] = look(kb)
        assert set(statuses(report).values()) == {"known"}, change
        assert visits(show.site) == ["/feed.xml"]
    assert kb.catalogue.episodes.count() == 1


def test_a_feed_that_moves_brings_its_episodes_along(kb: KnowledgeBase, show: Show) -> None:
    show.site.pages["/1.vtt"] = plain(told())
    show.episode("one", transcript="/1.vtt")
    old = follow(kb, show)
    look(kb)
    kb.catalogue.feeds.unfollow(old.id)
    moved = Show(show.site, "/moved.xml", items=list(show.items))
    moved.publish()
    follow(kb, moved)
    visits(show.site)
    [report] = look(kb)
    assert statuses(report) == {"one": "known"}
    assert visits(show.site) == ["/moved.xml"]
    assert [item.state for item in kb.catalogue.feeds.items(report.feed.id)] == ["in"]


def test_two_feeds_that_count_1_2_3_are_two(kb: KnowledgeBase, show: Show) -> None:
    other = Show(show.site, "/other.xml", "Other Desk")
    show.site.pages |= {"/1.vtt": plain(told()), "/2.vtt": plain(told("Eve", "bridge"))}
    show.episode("the budget", guid="1", transcript="/1.vtt")
    other.episode("the bridge", guid="1", transcript="/2.vtt")
    follow(kb, show)
    follow(kb, other)
    look(kb)
    assert sorted(episode.title for episode in kb.catalogue.episodes.all()) == ["the bridge", "the budget"]


def test_the_same_recording_under_two_feeds_is_one_episode_with_two_sources(
    kb: KnowledgeBase, show: Show, speech: bytes
) -> None:
    other = Show(show.site, "/other.xml", "Best of Town")
    show.site.pages |= {"/a.wav": plain(speech), "/copy.wav": plain(speech), "/a.vtt": plain(told())}
    show.episode("The budget", sound="/a.wav", transcript="/a.vtt")
    other.episode("Rerun: a budget", sound="/copy.wav", day=20)
    follow(kb, show)
    follow(kb, other)
    _, report = look(kb)
    assert statuses(report) == {"Rerun: a budget": "same recording"}
    [episode] = kb.catalogue.episodes.all()
    [item] = kb.catalogue.feeds.items(report.feed.id)
    assert (item.state, item.episode_id, item.source) == (
        "in",
        episode.id,
        show.site.url("/copy.wav").replace("http:", "https:"),
    )
    assert not list((kb.home / "media" / "best-of-town").iterdir())
    visits(show.site)
    other.episode("new", transcript="/a.vtt", day=21)
    look(kb)
    assert visits(show.site) == ["/feed.xml", "/other.xml", "/a.vtt"]


def test_a_guid_that_every_item_has_is_told_and_not_believed(kb: KnowledgeBase, show: Show) -> None:
    for name in ("one", "two", "three"):
        show.site.pages |= {f"/{name}.vtt": plain(told(name)), f"/{name}.mp3": plain(name.encode() * 400, "audio/mpeg")}
        show.episode(name, guid="0", sound=f"/{name}.mp3", transcript=f"/{name}.vtt")
    follow(kb, show)
    [report] = look(kb)
    assert set(statuses(report).values()) == {"fetched"}
    assert "the same guid ('0')" in report.notes[0]
    assert kb.catalogue.episodes.count() == 3
    show.publish()
    [report] = look(kb, override=FeedOptions(limit=3))
    assert set(statuses(report).values()) == {"known"}


def test_bulletins_of_one_title_and_day_are_all_taken(kb: KnowledgeBase, show: Show) -> None:
    for hour in (6, 12, 18):
        show.site.pages[f"/{hour}.vtt"] = plain(told(f"Ann {hour}", f"vote of {hour}"))
        show.episode(f"n{hour}", title="The News", transcript=f"/{hour}.vtt", hour=hour)
    follow(kb, show)
    look(kb)
    assert kb.catalogue.episodes.count() == 3


def test_a_transcript_that_comes_later_replaces_the_machines(kb: KnowledgeBase, show: Show, speech: bytes) -> None:
    show.site.pages |= {"/a.wav": plain(speech), "/a.vtt": plain(told())}
    show.episode("a", sound="/a.wav")
    follow(kb, show)
    look(kb)
    [episode] = kb.catalogue.episodes.all()
    assert kb.current(episode.id).origin == "machine"
    show.items.clear()
    show.episode("a", sound="/a.wav", transcript="/a.vtt")
    visits(show.site)
    [report] = look(kb)
    assert [result.status for result in report.results] == ["revised"]
    assert kb.current(episode.id).origin == "publisher"
    assert visits(show.site) == ["/feed.xml", "/a.vtt"]
    look(kb, override=FeedOptions(limit=9))
    assert visits(show.site) == ["/feed.xml"]


def test_a_recording_that_comes_later_is_added(kb: KnowledgeBase, show: Show) -> None:
    show.site.pages |= {"/a.vtt": plain(told()), "/a.mp3": status(503)}
    show.episode("a", sound="/a.mp3", transcript="/a.vtt")
    follow(kb, show)
    look(kb)
    [episode] = kb.catalogue.episodes.all()
    assert episode.audio is None
    show.site.pages["/a.mp3"] = plain(b"\xff" * 400, "audio/mpeg")
    visits(show.site)
    [report] = look(kb)
    assert visits(show.site) == ["/feed.xml", "/a.mp3"]
    assert [result.status for result in report.results] == ["updated"]
    [episode] = kb.catalogue.episodes.all()
    assert Path(episode.audio or "").read_bytes() == b"\xff" * 400
    assert look(kb)[0].unchanged


def test_a_translation_is_nobodys_own_words(kb: KnowledgeBase, show: Show, speech: bytes) -> None:
    show.site.pages |= {"/a.wav": plain(speech), "/a.es.vtt": plain(told())}
    show.episode("a", sound="/a.wav", more='<podcast:transcript url="/a.es.vtt" type="text/vtt" language="es"/>')
    follow(kb, show)
    look(kb)
    [episode] = kb.catalogue.episodes.all()
    assert kb.current(episode.id).origin == "machine"
    assert "/a.es.vtt" not in visits(show.site)


# What is wanted


def test_since_and_limit(kb: KnowledgeBase, show: Show) -> None:
    for day in range(1, 8):
        show.site.pages[f"/{day}.vtt"] = plain(told(f"Ann {day}", f"item {day}"))
        show.episode(f"day {day}", transcript=f"/{day}.vtt", day=day)
    feed = follow(kb, show, FeedOptions(since="2019-07-03", limit=2, show="Town"))
    [report] = look(kb)
    assert statuses(report) == {"day 7": "fetched", "day 6": "fetched"}
    assert {episode.show for episode in kb.catalogue.episodes.all()} == {"Town"}
    [report] = look(kb, override=FeedOptions(limit=9))
    assert statuses(report) == {
        "day 7": "known",
        "day 6": "known",
        "day 5": "fetched",
        "day 4": "fetched",
        "day 3": "fetched",
    }
    [report] = look(kb, override=FeedOptions(since="2019-07-01", limit=9))
    assert sum(status == "fetched" for status in statuses(report).values()) == 2
    assert FeedOptions.of(feed) == FeedOptions("Town", "2019-07-03", 2, True, ("127.0.0.1",))


def test_without_audio_a_transcript_comes_alone(kb: KnowledgeBase, show: Show) -> None:
    show.site.pages["/a.vtt"] = plain(told())
    show.episode("a", sound="/a.mp3", transcript="/a.vtt")
    follow(kb, show, FeedOptions(audio=False))
    look(kb)
    assert visits(show.site) == ["/feed.xml", "/a.vtt"]
    [episode] = kb.catalogue.episodes.all()
    assert (episode.audio, kb.catalogue.episodes.remarks(episode.id, 1)) == (None, ())


def test_nobodys_file_is_written_over(kb: KnowledgeBase, show: Show) -> None:
    mine = kb.home / "media" / "city-desk" / "2019-07-08-the-news.vtt"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    for name in ("a", "b"):
        show.site.pages |= {f"/{name}.vtt": plain(told(name)), f"/{name}.mp3": plain(name.encode() * 400, "audio/mpeg")}
        show.episode(
            name, title="The News!" if name == "a" else "The news", sound=f"/{name}.mp3", transcript=f"/{name}.vtt"
        )
    follow(kb, show)
    look(kb)
    assert mine.read_text() == "mine"
    assert sorted(path.name for path in mine.parent.iterdir()) == [
        "2019-07-08-the-news-2.mp3", "2019-07-08-the-news-2.vtt", "2019-07-08-the-news-3.mp3",
        "2019-07-08-the-news-3.vtt", "2019-07-08-the-news.vtt",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "title", ["../../../etc/passwd", "/etc/passwd", "CON", "a\x00b", "日本語のニュース" * 30, "....", "🎙", "%2e%2e/x"]
)
def test_no_title_leads_out_of_the_media_folder(kb: KnowledgeBase, show: Show, title: str) -> None:
    show.title = title.replace("\x00", "")
    show.site.pages["/a.vtt"] = plain(told())
    show.site.pages["/a.mp3"] = plain(b"\xff" * 400, "audio/mpeg")
    show.episode("a", title=title.replace("\x00", ""), sound="/a.mp3", transcript="/a.vtt")
    follow(kb, show)
    [report] = look(kb)
    assert [result.status for result in report.results] == ["added"]
    files = [path for path in (kb.home / "media").rglob("*") if path.is_file()]
    assert len(files) == 2
    assert all(len(path.relative_to(kb.home / "media").parts) == 2 for path in files)


# Kills and quarrels


def test_what_was_removed_by_hand_does_not_come_back(kb: KnowledgeBase, show: Show) -> None:
    show.site.pages["/a.vtt"] = plain(told())
    show.episode("a", transcript="/a.vtt")
    feed = follow(kb, show)
    look(kb)
    [episode] = kb.catalogue.episodes.all()
    kb.remove(episode.id)
    [report] = look(kb, override=FeedOptions(limit=9))
    assert statuses(report) == {"a": "known"}
    assert kb.catalogue.episodes.count() == 0
    assert [item.state for item in kb.catalogue.feeds.items(feed.id)] == ["dropped"]


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("moment", range(1, 26, 2))
def test_a_sync_that_is_killed_goes_on_where_it_was(
    kb: KnowledgeBase, show: Show, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    """Ends at the n-th write to the catalogue; the next sync brings everything in, and asks for no recording twice."""
    for name in ("a", "b"):
        show.site.pages |= {f"/{name}.vtt": plain(told(name)), f"/{name}.mp3": plain(name.encode() * 400, "audio/mpeg")}
        show.episode(name, sound=f"/{name}.mp3", transcript=f"/{name}.vtt")
    follow(kb, show)
    database = kb.catalogue._database
    transaction, left = type(database).transaction, [moment]

    def counted(self: object) -> object:
        left[0] -= 1
        if left[0] == 0:
            raise Killed
        return transaction(self)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(type(database), "transaction", counted)
        with suppress(Killed):
            look(kb)
    look(kb)
    assert sorted(episode.title for episode in kb.catalogue.episodes.all()) == ["a", "b"]
    assert all(episode.audio for episode in kb.catalogue.episodes.all())
    assert [item.state for item in kb.catalogue.feeds.items(1)] == ["in", "in"]
    assert kb.catalogue.jobs.all() == ()
    asked = visits(show.site)
    assert (asked.count("/a.mp3"), asked.count("/b.mp3")) == (1, 1)


def test_two_syncs_at_once_are_one_too_many(kb: KnowledgeBase, show: Show) -> None:
    follow(kb, show)
    show.publish()
    first = sync(kb, kb.catalogue.feeds.all())
    next(first)
    with pytest.raises(VerbatimError, match="Another 'kb feeds sync' is at work"):
        next(sync(kb, kb.catalogue.feeds.all()))
    first.close()
    assert len(look(kb)) == 1


# The command line


@pytest.fixture
def elsewhere() -> Iterator[Site]:
    with serving(Site()) as served:
        yield served


@dataclass
class Done:
    code: object
    out: str
    err: str


@pytest.fixture
def command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run ``kb feeds`` in this process, which spares the imports."""

    def call(*arguments: str | Path) -> Done:
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(tmp_path / "home"), "feeds", *map(str, arguments)])
        return Done(ended.value.code, *capsys.readouterr())

    return call


def test_the_commands(command: Callable[..., Done], show: Show) -> None:
    show.site.pages |= {"/a.vtt": plain(told()), "/a.mp3": plain(b"\xff" * 400, "audio/mpeg")}
    show.episode("The budget", sound="/a.mp3", transcript="/a.vtt")
    show.episode("Gone", sound="/gone.mp3")

    refused = command("add", show.url)
    assert refused.code == 1
    assert "is an address within a private network" in refused.err
    assert "--allow-private" in refused.err

    added = command("add", "--allow-private", show.url)
    assert (added.out, added.code) == ("added      1  City Desk, 2 episodes, 1 with a transcript\n", 0)
    assert "City Desk  (nothing fetched yet)" in command("list").out

    synced = command("sync")
    assert synced.code == 1
    assert "failed     Gone (2019-07-08)" in synced.err
    assert "is not there (404)" in synced.err
    assert "added      2019-07-08-the-budget\n" in synced.out
    assert "synced     City Desk: 1 new, 1 failed\n" in synced.out

    again = command("sync", "1", "--json")
    assert again.code == 0
    events = [json.loads(line) for line in again.out.splitlines()]
    assert [(event["event"], event.get("unchanged")) for event in events] == [("feed", True)]

    [listed] = json.loads(command("list", "--json").out)
    assert listed["episodes"] == {"in": 1, "queued": 0, "failed": 0, "unfetched": 1, "dropped": 0}
    assert listed["options"]["private"] == ["127.0.0.1"]
    shown = command("show", show.url).out
    assert "in         2019-07-08 The budget" in shown
    assert "unfetched  2019-07-08 Gone: http" in shown
    assert {item["state"] for item in json.loads(command("show", "1", "--json").out)["items"]} == {"in", "unfetched"}

    assert command("remove", "1").out == "removed    1  City Desk\n"
    assert command().out.startswith("No feeds are followed")
    assert command("remove", "1").code == 1


def test_a_list_of_feeds_is_added(command: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "list.opml").write_text(
        '<opml><body><outline text="One" xmlUrl="https://example.com/1"/><outline xmlUrl="https://example.com/2"/></body></opml>'
    )
    done = command("add", tmp_path / "list.opml", "--limit", "3", "--since", "2019-01-01", "--no-audio")
    assert done.out == "added      1  One\nadded      2  https://example.com/2\n"
    one, _ = json.loads(command("list", "--json").out)
    assert (one["options"]["limit"], one["options"]["since"], one["options"]["audio"]) == (3, "2019-01-01", False)
    missing = command("add", tmp_path / "no.opml")
    assert missing.code == 1
    assert "Give the address of a feed" in missing.err
    assert command("add", "https://example.com/1", "--since", "soon").code == 2


def test_events_are_lines_of_json(run: Run, show: Show) -> None:
    show.site.pages |= {"/a.vtt": plain(told()), "/a.mp3": plain(b"\xff" * 400, "audio/mpeg")}
    show.episode("The budget", sound="/a.mp3", transcript="/a.vtt")
    assert run("feeds", "add", show.url, "--allow-private").returncode == 0
    done = run("feeds", "sync", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [event["event"] for event in events] == ["fetching", "item", "result", "feed"]
    assert events[1] == {
        "event": "item",
        "feed": 1,
        "title": "The budget",
        "published": "2019-07-08",
        "status": "fetched",
        "reason": None,
    }
    assert events[2]["status"] == "added"
    assert (events[3]["fetched"], events[3]["failed"], events[3]["problem"]) == (1, 0, None)


def test_a_private_host_of_media_can_be_named(kb: KnowledgeBase, show: Show, elsewhere: Site) -> None:
    """A feed within a private network whose recordings lie on another host of it."""
    other = elsewhere.address.replace("127.0.0.1", "localhost")
    elsewhere.pages["/a.vtt"] = plain(told())
    show.episode("a", transcript=f"{other}/a.vtt")
    follow(kb, show)
    [report] = look(kb)
    assert "localhost (127.0.0.1) is an address within a private network" in (report.items[0].reason or "")
    options = FeedOptions(private=("127.0.0.1", "localhost"))
    kb.catalogue.feeds.follow(show.url, "", options.to_json())
    assert statuses(look(kb, retry=True)[0]) == {"a": "fetched"}


def test_errors_are_sentences() -> None:
    error = FetchError("https://ann:secret@example.com/feed?x=1", "is not there.", "Check.")
    assert str(error) == "https://example.com/feed?x=1: is not there. Check."
