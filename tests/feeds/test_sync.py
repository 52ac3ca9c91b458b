"""From feeds to episodes: what is good is in, what is bad is told, and nothing is fetched twice."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

import pytest

from ingest.fetching import Fetcher, Limits
from ingest.podcasts.following import FeedOptions, ItemReport, SyncListeners, find_feeds
from ingest.podcasts.sync import sync
from kb.citations import cite_today, find_style, print_references
from kb.errors import VerbatimError
from kb.knowledge_base import KnowledgeBase
from kb.types import Chapter, Filters, Person

from .show import Show, follow, look, statuses, told, visits
from .site import breaking_off, claiming, dripping, plain, redirect, status


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
    assert kb.catalogue.chapters.of(cut.id) == (Chapter(0.0, "The bridge"), Chapter(5.0, "Bob"))
    assert Path(cut.audio or "").read_bytes() == speech[:-4]
    assert Path(cut.audio or "").relative_to(kb.home) == Path("media/city-desk/2019-07-07-cut.mp3")
    assert kb.current(cut.id).origin == "publisher"
    assert kb.current(episodes["heard"].id).origin == "machine"
    remarks = {title: [r.note for r in kb.catalogue.episodes.remarks(e.id, 1)] for title, e in episodes.items()}
    assert any("The publisher's transcript was not taken" in note and "page.vtt" in note for note in remarks["heard"])
    assert any("The recording could not be fetched" in note and "(404)" in note for note in remarks["silent"])
    assert episodes["silent"].audio is None
    # The tests' model hears nothing of what is said.
    assert [note.split(":")[0] for note in remarks["budget"]] == ["The publisher's times are unchecked"]
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
    assert "asks not to be contacted until" in (report.problem or "")
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


def test_a_recording_of_which_the_feed_does_not_tell_the_type_is_fetched(
    kb: KnowledgeBase, show: Show, speech: bytes
) -> None:
    show.site.pages |= {
        "/play/1": plain(speech, "audio/x-wav"),
        "/play/2": plain(speech[:-2], "application/octet-stream"),
        "/play/3": plain(b"<html>", "text/html"),
    }
    for number, type_ in ((1, ' type="application/octet-stream"'), (2, ""), (3, "")):
        show.episode(f"e{number}", more=f'<enclosure url="/play/{number}"{type_}/>', day=number)
    follow(kb, show)
    [report] = look(kb)
    assert statuses(report) == {"e3": "failed", "e2": "fetched", "e1": "fetched"}
    assert "is not a recording (text/html)" in str(report.items[0].reason)
    assert {Path(episode.audio or "").name for episode in kb.catalogue.episodes.all()} == {
        "2019-07-01-e1.wav",
        "2019-07-02-e2.mp3",
    }


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


def test_the_publishers_own_day_is_cited_named_and_filtered_by(kb: KnowledgeBase, show: Show) -> None:
    """In Wellington it was the 9th already."""
    show.site.pages["/a.vtt"] = plain(told())
    show.episode("vote", transcript="/a.vtt", written="Tue, 09 Jul 2019 06:30:00 +1200")
    follow(kb, show, FeedOptions(since="2019-07-09"))
    [report] = look(kb)
    assert [(item.status, item.published) for item in report.items] == [("fetched", "2019-07-09")]
    [episode] = kb.catalogue.episodes.all()
    assert (episode.id, episode.published) == ("2019-07-09-vote", "2019-07-09")
    quote = kb.ask("What was passed by the council?", filters=Filters(since="2019-07-09")).quotes[0]
    cited = print_references(cite_today([quote], find_style("apa")), "text")
    assert "(2019, July 9)" in cited
    assert not kb.ask("What was passed by the council?", filters=Filters(until="2019-07-08")).quotes
    [item] = kb.catalogue.feeds.items(1)
    assert item.published_at == "2019-07-08T18:30:00Z"  # by which it is recognised and ordered


def test_the_charset_that_only_the_server_tells_is_honoured(kb: KnowledgeBase, show: Show) -> None:
    show.title = "Городское радио"
    show.site.pages["/a.vtt"] = plain(told())
    show.episode("Бюджет", transcript="/a.vtt")
    body = show.body().decode().encode("koi8-r")
    show.site.pages[show.path] = plain(body, 'application/rss+xml; charset="KOI8-R"')
    assert find_feeds(show.url, Fetcher(["127.0.0.1"]))[0].link.title == "Городское радио"
    follow(kb, show)
    look(kb)
    [episode] = kb.catalogue.episodes.all()
    assert (episode.show, episode.title) == ("Городское радио", "Бюджет")


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
    with pytest.raises(VerbatimError, match="Another 'kb feeds sync' is running"):
        next(sync(kb, kb.catalogue.feeds.all()))
    first.close()
    assert len(look(kb)) == 1
