"""Feeds on the command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ingest.podcasts.following import FeedOptions, ItemStatus
from kb.cli.main import main
from kb.errors import FetchError
from kb.knowledge_base import KnowledgeBase

from ..conftest import Run
from .corrected import republish
from .show import Show, follow, look, statuses, told
from .site import Site, plain, serving


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
    (tmp_path / "odd.opml").write_text(
        '<opml><body><outline text="R&D" xmlUrl="https://example.com/3?a=1&b=2"/></body></opml>'
    )
    odd = command("add", tmp_path / "odd.opml")
    assert (odd.out, odd.code) == ("added      3  R&D\n", 0)
    assert "odd.opml: The list of feeds is not well-formed XML" in odd.err
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


def test_a_correction_is_told(command: Callable[..., Done], show: Show) -> None:
    show.site.pages |= {"/a.vtt": plain(told()), "/b.vtt": plain(told("Ann", "bridge"))}
    show.episode("The budget", transcript="/a.vtt")
    command("add", "--allow-private", show.url)
    command("sync")
    show.items.clear()
    show.episode("The bridge", guid="The budget", transcript="/b.vtt")
    done = command("sync")
    assert (done.code, done.err) == (0, "")
    told_of = "the publisher changed title, link, transcript; what was cited before still resolves"
    assert f"corrected  The bridge (2019-07-08): {told_of}\n" in done.out
    assert "revised    2019-07-08-the-budget\n" in done.out
    assert "synced     City Desk: 1 corrected by the publisher\n" in done.out
    assert "corrected by the publisher, noticed 2" in command("show", "1").out
    [item] = json.loads(command("show", "1", "--json").out)["items"]
    assert (item["corrected"], item["published"]) == ("title, link, transcript", "2019-07-08")
    show.site.pages["/b.vtt"] = plain(told("Ann", "school"))
    assert "corrected  The bridge (2019-07-08): the publisher changed transcript" in command("sync", "--recheck").out


def test_whatever_becomes_of_an_item_is_told_and_the_next_feed_is_reached(
    command: Callable[..., Done], show: Show
) -> None:
    other = Show(show.site, "/other.xml", "Town Hall")
    show.site.pages |= {"/a.vtt": plain(told()), "/bad.mp3": plain(b"no sound at all" * 100, "audio/mpeg")}
    show.episode("a note")  # neither a recording nor a transcript
    show.episode("gone", sound="/gone.mp3")
    show.episode("damaged", sound="/bad.mp3")
    other.episode("a", transcript="/a.vtt")
    command("add", "--allow-private", show.url, other.url)
    first = command("sync")
    assert "synced     City Desk: 1 new, 1 without recording or transcript, 1 failed\n" in first.out
    assert "synced     Town Hall: 1 new\n" in first.out
    show.episode("another note")
    second = command("sync")
    assert second.out == (
        "synced     City Desk: 1 unfinished ('kb jobs' lists them), 1 put off ('--retry' tries them again), "
        "2 without recording or transcript\n"
        "synced     Town Hall: nothing new\n"
    )
    assert (second.code, second.err) == (0, "")


def test_every_status_has_words_and_is_counted(command: Callable[..., Done], show: Show) -> None:
    show.publish()
    command("add", "--allow-private", show.url)
    [event] = [json.loads(line) for line in command("sync", "--json").out.splitlines()]
    for status in ItemStatus:
        assert status.words
        assert event[status.replace(" ", "_")] == 0


def test_a_feed_that_fails_unexpectedly_keeps_no_other_from_being_synced(
    command: Callable[..., Done], show: Show, tmp_path: Path
) -> None:
    other = Show(show.site, "/other.xml", "Town Hall")
    show.publish()
    show.site.pages["/a.vtt"] = plain(told())
    other.episode("a", transcript="/a.vtt")
    command("add", "--allow-private", show.url, other.url)
    with KnowledgeBase(tmp_path / "home") as opened:
        opened.catalogue.feeds.follow(show.url, "City Desk", '{"speed": 2}')  # as a later Verbatim may write them
    synced = command("sync")
    assert synced.code == 1
    assert "failed     City Desk: http" in synced.err
    assert "synced     Town Hall: 1 new\n" in synced.out
    assert "an unexpected error" in command("list").out


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


def test_what_changes_feeds_is_in_the_log_without_their_passwords(
    command: Callable[..., Done], show: Show, tmp_path: Path
) -> None:
    show.site.pages["/a.vtt"] = plain(told())
    show.episode("The budget", transcript="/a.vtt")
    private = show.url.replace("://", "://ann:secret@")
    assert command("add", "--allow-private", private).out.startswith("added      1  City Desk")
    assert command("add", "--allow-private", private).out.startswith("unchanged  1  City Desk")
    assert command("add", "--allow-private", "--limit", "3", private).out.startswith("updated    1  City Desk")
    for _ in range(2):
        assert command("sync").code == 0
    republish(show, "The budget", transcript="/a.vtt", title="The budget, put right")
    assert command("sync").code == 0
    assert command("remove", "1").code == 0
    with KnowledgeBase(tmp_path / "home") as kb:
        [episode] = kb.catalogue.episodes.all()
        assert [(deed.what, deed.subject) for deed in kb.catalogue.activity.last(10)] == [
            ("followed a feed", show.url),
            ("followed a feed", show.url),
            ("took in", episode.id),
            ("took up a publisher's corrections", show.url),
            ("unfollowed a feed", show.url),
        ]
