"""What is made of feeds that are broken, or meant to break the reader: a sentence, and never a traceback."""

from __future__ import annotations

import json
import random
import resource
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.feeds import parse_chapters, parse_feed, parse_opml, reader
from kb.errors import FeedError

from .samples import BOMB, HEAD, OPML, TAIL, URL, rss

T = TypeVar("T")
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><rss version="2.0"><channel><title>T&a;</title></channel></rss>'


def test_entities_neither_expand_nor_read_files() -> None:
    tracemalloc.start()
    assert len(parse_feed(BOMB, URL).title) < 100
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
    assert Path("/etc/hostname").read_text().strip() not in parse_feed(OUTSIDE, URL).title


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"  \n", "is empty"),
        (b"<!DOCTYPE html><html><title>x</title></html>", "is a web page"),
        (b"<HTML><body>", "is a web page"),
        (b"just words", "is not a feed"),
        (b'{"version": "https://jsonfeed.org/version/1"}', "is not a feed"),
        (b"<opml><body/></opml>", "is not a feed"),
        (b"\x00\x01\x02" * 100, "is not a feed"),
        (b"x" * (32 * 1024 * 1024 + 1), "is too large for a feed"),
    ],
)  # fmt: skip
def test_what_is_no_feed_is_told(data: bytes, words: str) -> None:
    with pytest.raises(FeedError, match=words):
        parse_feed(data, URL)


def test_more_elements_than_a_feed_has_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MOST_ELEMENTS", 1000)
    for data in (rss("<a>" * 1000), rss("<a/>" * 1000)):
        with pytest.raises(FeedError, match="more than 1,000 elements"):
            parse_feed(data, URL)
    assert len(parse_feed(rss("<a/>" * 900), URL).items) == 1


PIECES = """<item> </item> <title> </title> <guid> <guid isPermaLink="false"> </guid> <link> <link/> <enclosure url=" " type="audio/mpeg"/>
<podcast:transcript url="a.vtt" type="text/vtt"/> <podcast:transcript/> <podcast:person> </podcast:person> <podcast:liveItem>
</podcast:liveItem> <podcast:season> </podcast:season> <podcast:chapters url="c"/> <pubDate> </pubDate> <itunes:author> <psc:chapters>
<psc:chapter start="1"/> </psc:chapters> <![CDATA[ ]]> <!-- --> &amp; &lt; &nbsp; &#0; &#xFFFFFFFF; &#99999999999; &a; < > " ' &
<?xml encoding="idna"?> <!DOCTYPE x> <rss> </rss> <channel> </channel> <feed xmlns="http://www.w3.org/2005/Atom"> <entry> </entry>
<content type="xhtml"> <div> </div> <svg> </svg> <image> </image> <textInput> <source> <description> </description> <media:content>
<itunes:category/> <category> </category> http://[ //[:: 2019-07-08 xml:base="http://[" xml:lang="" \x00 \ufeff é""".split(
    " "
)


def read(parse: Callable[[bytes, str], T], data: bytes) -> T | None:
    """Return what is in ``data``, ``None`` if it is refused with a sentence."""
    refused: FeedError | None = None
    try:
        return parse(data, URL)
    except FeedError as error:
        refused = error
    assert refused.problem
    assert "\n" not in str(refused)
    return None


def check(data: bytes) -> None:
    feed = read(parse_feed, data)
    if feed is None:
        return
    for found in feed.items:
        assert found.title
        addresses = [link.url for link in found.transcripts] + [
            found.link,
            found.chapters_url,
            found.enclosure and found.enclosure.url,
        ]
        assert all(address is None or address.lower().startswith(("http://", "https://")) for address in addresses)
        json.dumps([found.title, found.guid, found.season], ensure_ascii=False).encode()  # no lone surrogates


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=30), st.booleans())
def test_anything_made_of_a_feeds_own_marks(pieces: list[str], framed: bool) -> None:
    inside = "".join(pieces)
    check(((HEAD + inside + TAIL) if framed else inside).encode("utf-8", "surrogatepass"))


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    check(data)


def mutated(chance: random.Random, data: bytes) -> bytes:
    """Return a document with up to eight places changed, cut, doubled or struck by something odd."""
    found = bytearray(data)
    for _ in range(chance.randrange(1, 9)):
        at = chance.randrange(len(found) + 1)
        to = min(len(found), at + chance.randrange(1, 200))
        match chance.randrange(5):
            case 0:
                found[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del found[at:to]
            case 2:
                found[at:at] = found[at:to]
            case 3:
                found[at:at] = chance.choice(PIECES).encode("utf-8", "surrogatepass") * chance.choice([1, 1, 1, 300])
            case 4:
                found = found[:at]
                found += b" "
    return bytes(found)


SMALL = rss(
    """<title>Episode &amp; one</title><description>&lt;p&gt;What it is about&lt;/p&gt;</description><link>/1</link>
    <guid isPermaLink="false">urn:1</guid><pubDate>Fri, 09 Oct 2020 04:30:38 GMT</pubDate><itunes:episode>1</itunes:episode>
    <podcast:season name="x">1</podcast:season><podcast:chapters url="c.json" type="application/json"/>
    <podcast:transcript url="t.vtt" type="text/vtt" language="es" rel="captions"/><podcast:person role="guest">Dave</podcast:person>
    <enclosure url="https://example.com/1.mp3" length="43200000" type="audio/mpeg"/>""",
    "<title>Two</title><guid>2</guid><psc:chapters><psc:chapter start='1' title='a'/></psc:chapters>",
    channel='<podcast:liveItem status="live"><title>Live</title></podcast:liveItem><podcast:person>Ann</podcast:person>',
)


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_five_thousand_mutated_documents() -> None:
    """No traceback, no hang (pytest's timeout is the only clock), bounded memory."""
    chance = random.Random(4)
    chapters = json.dumps({"chapters": [{"startTime": n, "title": f"c{n}"} for n in range(20)]}).encode()
    kinds = [(parse_feed, SMALL, 1500), (parse_opml, OPML, 2500), (parse_chapters, chapters, 1000)]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for parse, sample, count in kinds:
        for _ in range(count):
            data = mutated(chance, sample)
            if parse is parse_feed:
                check(data)
                continue
            read(parse, data)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes
