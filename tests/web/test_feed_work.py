"""Feeds that the server was asked to look at: what a stopped one leaves undone, the next one does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from ingest.podcasts.following import FeedOptions
from kb.knowledge_base import KnowledgeBase
from kb.web.background.worker import Worker

from ..feeds.conftest import site
from ..feeds.site import Site, dripping, plain

__all__ = ["site"]  # a fixture

VOTE = b"WEBVTT\n\n00:01.000 --> 00:05.000\n<v Ann Lee>The aardvark was elected mayor of Harlow.\n"


@pytest.fixture
def feed(kb: KnowledgeBase, site: Site) -> int:
    """A feed of one episode, whose transcript is there and whose recording never comes to an end."""
    ended = threading.Event()
    site.pages["/long.mp3"] = dripping(ended)
    site.pages["/vote.vtt"] = plain(VOTE, "text/vtt")
    item = f'<item><title>Endless</title><enclosure url="{site.url("/long.mp3")}" type="audio/mpeg" length="1"/></item>'
    _publish(site, item)
    options = FeedOptions(private=("127.0.0.1",)).to_json()
    return kb.catalogue.feeds.follow(site.url("/feed.xml"), "Long Hour", options)[0].id


def _publish(site: Site, item: str) -> None:
    head = '<rss version="2.0" xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel><title>Long Hour</title>'
    site.pages["/feed.xml"] = plain(f"{head}{item}</channel></rss>".encode(), "application/rss+xml")


def _until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_feed_that_was_being_looked_at_is_taken_up_by_the_next_server(
    kb: KnowledgeBase, site: Site, feed: int
) -> None:
    first = Worker(kb)
    first.start()
    first.feeds.want(feed)
    _until(lambda: "fetching" in first.feeds.state(feed)[1])
    first.stop()
    assert kb.catalogue.feeds.wanted() == (feed,)
    vote = site.url("/vote.vtt")
    _publish(site, f'<item><title>The vote</title><podcast:transcript url="{vote}" type="text/vtt"/></item>')
    second = Worker(kb)
    second.start()
    try:
        _until(lambda: kb.catalogue.feeds.wanted() == () and second.feeds.state(feed) == ("idle", ""))
        assert [episode.title for episode in kb.catalogue.episodes.all()] == ["The vote"]
    finally:
        second.stop()


@pytest.mark.parametrize("leave", ["break_off", "unfollow"])
def test_what_a_person_stopped_is_not_taken_up(kb: KnowledgeBase, feed: int, leave: str) -> None:
    first = Worker(kb)  # never started, as if the server had been killed
    first.feeds.want(feed)
    if leave == "break_off":
        first.feeds.break_off(feed)
    else:
        kb.catalogue.feeds.unfollow(feed)
    assert kb.catalogue.feeds.wanted() == ()
    second = Worker(kb)
    second.start()
    second.stop()
    assert second.feeds.state(feed) == ("idle", "")
