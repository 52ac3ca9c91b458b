"""Which transcript is the best one, what a file of chapters tells, and lists of feeds."""

from __future__ import annotations

import json
import time

import pytest

from ingest.feeds import FeedLink, FeedList, TranscriptLink, parse_chapters, parse_opml
from ingest.feeds.transcript_links import best_first, suffix_of
from kb.errors import FeedError
from kb.types import Chapter

from .samples import BOMB, OPML

URL = "https://example.com/show/feed.xml"


def test_the_best_transcript_comes_first() -> None:
    links = [
        TranscriptLink("https://a/1", "text/plain"),
        TranscriptLink("https://a/2.srt", "text/plain"),
        TranscriptLink("https://a/3", "application/json", "de"),
        TranscriptLink("https://a/4", "text/vtt; charset=utf-8", "en-GB"),
        TranscriptLink("https://a/5.pdf", "application/pdf"),
        TranscriptLink("https://a/6", "application/x-subrip", "en"),
        TranscriptLink("https://a/7", "application/json"),
        TranscriptLink("https://a/8.vtt", None, "de"),
    ]
    assert [link.url[-1] if link.url[-2] == "/" else link.url[10] for link in best_first(links, "en-us")] == list(
        "7426138"
    )
    assert [link.url for link in best_first(links[:1] + links[2:4])] == ["https://a/3", "https://a/4", "https://a/1"]


def test_a_transcript_is_kept_under_its_formats_suffix() -> None:
    assert suffix_of("https://a/b", "application/srt") == ".srt"
    assert suffix_of("https://a/b.vtt?x=1", "application/octet-stream") == ".vtt"
    assert suffix_of("https://a/b.txt", "text/html") == ".html"
    assert suffix_of("https://a/b.pdf", "application/pdf") is None


# Chapters


def test_chapters() -> None:
    listed = [
        {"startTime": 90.5, "title": "Two"}, {"startTime": 0, "title": " One\n"}, {"startTime": 95, "title": "ad", "toc": False},
        {"startTime": -1, "title": "no"}, {"startTime": 1e300, "title": "no"}, {"title": "no"}, {"startTime": 5}, "no", {"startTime": True, "title": "no"},
    ]  # fmt: skip
    data = json.dumps({"version": "1.2.0", "chapters": listed}).encode()
    assert parse_chapters(data, URL) == (Chapter(0.0, "One"), Chapter(90.5, "Two"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"chapters": {}}',
        b"\xff",
        b"[" * 100_000,
        b'{"chapters": ' + b"9" * 5000 + b"}",
        b" " * 3_000_000,
    ],
)
def test_what_holds_no_chapters_is_told(data: bytes) -> None:
    with pytest.raises(FeedError, match="chapters"):
        parse_chapters(data, URL)


# Lists of feeds


def test_a_list_of_feeds() -> None:
    assert parse_opml(OPML, "list.opml") == FeedList(TWO)


TWO = (FeedLink("The One", "https://example.com/1"), FeedLink("Two", "https://example.com/2"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b">Mine<", b">R&D<"),  # a bare & beside the feeds
        (b'text="Two"', b'text="Two" description="R&D < B"'),
        (b"</body></opml>", b""),  # broken off
        (b'text="News"', b"text=News"),
        (b'text="News"', b'text="News" text="News"'),
        (b'text="News"', b'text="&nbsp;News"'),
        (b"<body>", b"<body>\x00\x01"),
    ],
)
def test_a_list_that_is_not_well_formed_is_read_with_patience(old: bytes, new: bytes) -> None:
    found = parse_opml(OPML.replace(old, new), "list.opml")
    assert found.links == TWO
    assert "not well-formed" in found.notes[0]


def test_a_bare_ampersand_in_an_address_and_a_title() -> None:
    data = (
        b"<opml><body><outline text='Q&A &amp; more' xmlUrl='https://example.com/f?a=1&b=2&amp;copy=3'/></body></opml>"
    )
    [link] = parse_opml(data, "list.opml").links
    assert link == FeedLink("Q&A & more", "https://example.com/f?a=1&b=2&copy=3")


@pytest.mark.parametrize(
    "piece", ["<outline a='", "<outline a=b ", "<outline ", "a=' ", '<outline xmlUrl="x', "<outline a='b'"]
)
def test_a_hostile_list_is_read_in_no_time(piece: str) -> None:
    data = b"<opml>&" + piece.encode() * (4_000_000 // len(piece))
    started = time.process_time()
    with pytest.raises(FeedError):
        parse_opml(data, "list.opml")
    assert time.process_time() - started < 10


@pytest.mark.parametrize(("charset", "declared"), [("koi8-r", ""), (None, '<?xml version="1.0" encoding="koi8-r"?>')])
def test_a_list_in_another_encoding(charset: str | None, declared: str) -> None:
    data = f'{declared}<opml><body><outline text="Радио" xmlUrl="https://example.com/1"/></body></opml>'
    assert parse_opml(data.encode("koi8-r"), "list.opml", charset).links[0].title == "Радио"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not well-formed"),
        (b"<opml><body>", "not well-formed"),
        (b"<opml><body/></opml>", "lists no feeds"),
        (b"<rss/>", "is not OPML"),
        (BOMB.replace(b"rss", b"opml"), "declares entities"),
        (b'<?xml version="1.0" encoding="odd"?><opml/>', "no feeds"),
        (b" " * 9_000_000, "too large"),
        (b"<opml>" + b"".join(b'<outline xmlUrl="http://a/%d"/>' % n for n in range(5001)) + b"</opml>", "Split it"),
    ],
)  # fmt: skip
def test_what_is_no_list_of_feeds_is_told(data: bytes, words: str) -> None:
    with pytest.raises(FeedError, match=words):
        parse_opml(data, "list.opml")
