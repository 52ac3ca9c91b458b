"""What a feed says, in every dialect and every encoding."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.feeds import Enclosure, FeedItem, TranscriptLink, parse_feed
from ingest.feeds.days import own_day
from kb.errors import FeedError
from kb.types import Chapter, Person

from ..conftest import MATERIAL
from .samples import URL, rss


def item(inside: str) -> FeedItem:
    [found] = parse_feed(rss(inside), URL).items
    return found


@pytest.fixture(scope="session")
def example() -> bytes:
    """The example feed of the Podcasting 2.0 project."""
    return (MATERIAL / "podcasting20" / "feed.xml").read_bytes()


def test_the_example_of_podcasting_20(example: bytes) -> None:
    feed = parse_feed(example, URL)
    assert (feed.title, feed.publisher, feed.language) == ("Podcasting 2.0 Namespace Example", "John Doe", "en-us")
    assert (feed.link, feed.notes) == ("https://example.com/podcast", ())  # and not the live stream's
    first = feed.items[0]
    assert [found.title for found in feed.items] == [
        "Episode 3 - The Future",
        "Episode 2 - The Present",
        "Episode 1 - The Past",
    ]
    assert (first.guid, first.published_at, first.published) == (
        "https://example.com/ep0003",
        "2020-10-09T04:30:38Z",
        "2020-10-09",
    )
    assert (first.season, first.number, first.link) == ("1", "3", "https://example.com/podcast/ep0003")
    assert first.enclosure == Enclosure("https://example.com/file-03.mp3", "audio/mpeg", 43_200_000)
    assert first.transcripts == (
        TranscriptLink("https://example.com/ep3/transcript.txt", "text/plain"),
        TranscriptLink("https://example.com/episode1/transcript.vtt", "text/vtt", "es", "captions"),
    )
    assert first.people == (
        Person("Adam Curry", "host"), Person("Dave Jones", "guest"), Person("Becky Smith", "cover art designer"),
    )  # fmt: skip
    assert first.chapters_url == "https://example.com/ep3_chapters.json"


def test_a_feed_that_is_not_well_formed_tells_as_much(example: bytes) -> None:
    whole = parse_feed(example, URL)
    broken = parse_feed(example.replace(b"Episode 1 - The Past", b"R & D <b> Past"), URL)
    assert broken.notes == ("The feed is not well-formed XML; it was read as well as that allows.",)
    assert broken.items[:2] == whole.items[:2]
    assert broken.items[2].people == whole.items[2].people
    assert (broken.title, broken.items[2].title) == (whole.title, "R & D Past")


@pytest.mark.parametrize("prefix", ["podcast", "p", "pc20"])
@pytest.mark.parametrize(
    "space",
    [
        "https://podcastindex.org/namespace/1.0",
        "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
    ],
)
@pytest.mark.parametrize("sound", [True, False], ids=["sound", "broken"])
def test_podcasting_20_is_known_by_its_name_not_its_prefix(prefix: str, space: str, sound: bool) -> None:
    data = f"""<rss version="2.0" xmlns:{prefix}="{space}"><channel><title>x</title>{"" if sound else "<a>&nbsp;"}<item>
        <{prefix}:transcript url="a.vtt" type="text/vtt"/><{prefix}:transcript url="b.json" type="application/json"/>
        <{prefix}:person>Ann</{prefix}:person></item></channel></rss>""".encode()
    feed = parse_feed(data, URL)
    assert bool(feed.notes) is not sound
    [found] = feed.items
    assert [link.url for link in found.transcripts] == [
        "https://example.com/show/b.json",
        "https://example.com/show/a.vtt",
    ]
    assert found.people == (Person("Ann", "host"),)


def test_people_of_the_show_are_in_the_episodes_that_name_none() -> None:
    channel = '<podcast:person role="Host">Ann</podcast:person><itunes:author>Radio Inc.</itunes:author>'
    first, second = parse_feed(
        rss("<title>1</title>", '<podcast:person role="guest">Bob</podcast:person>', channel=channel), URL
    ).items
    assert first.people == (Person("Ann", "host"),)
    assert second.people == (Person("Bob", "guest"),)


def test_authors_are_no_people() -> None:
    assert (
        item("<title>1</title><itunes:author>Radio Inc.</itunes:author><author>ann@example.com</author>").people == ()
    )


def test_a_live_item_is_no_part_of_the_show() -> None:
    live = """<podcast:liveItem status="live"><title>Live</title><guid>live</guid><link>https://example.com/live</link>
        <podcast:person>Zoe</podcast:person><enclosure url="https://example.com/live.mp3" type="audio/mpeg"/>
        </podcast:liveItem>"""
    feed = parse_feed(rss("<title>1</title>", channel=live), URL)
    assert (feed.title, feed.link, [found.title for found in feed.items]) == ("All Things", None, ["1"])
    assert feed.items[0].people == ()


def test_atom() -> None:
    data = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title type="html">Der &lt;b&gt;Tag&lt;/b&gt;</title>
        <author><name>Funk</name></author><link href="/"/><entry><id>urn:1</id><title>Eins</title>
        <link rel="enclosure" href="eins.mp3" type="audio/mpeg" length="7"/><link href="https://example.com/eins"/>
        <published>2019-07-08T23:07:00+02:00</published><summary>Was war.</summary></entry></feed>"""
    feed = parse_feed(data, URL)
    assert (feed.title, feed.publisher, feed.language, feed.link) == ("Der Tag", "Funk", "de", "https://example.com/")
    [found] = feed.items
    assert (found.guid, found.title, found.published_at) == ("urn:1", "Eins", "2019-07-08T21:07:00Z")
    assert found.enclosure == Enclosure("https://example.com/show/eins.mp3", "audio/mpeg", 7)


def test_a_password_is_for_fetching_and_not_for_showing() -> None:
    private = "https://ann:secret@example.com/feed.xml"
    inside = '<link>/1</link><enclosure url="1.mp3" type="audio/mpeg"/>'
    [found] = parse_feed(rss(inside), private).items
    assert found.link == "https://example.com/1"
    assert found.enclosure == Enclosure("https://ann:secret@example.com/1.mp3", "audio/mpeg")
    with pytest.raises(FeedError) as caught:
        parse_feed(b"", private)
    assert "secret" not in str(caught.value)


def test_texts_are_plain() -> None:
    assert item("<title>AT&amp;amp;T &lt;i&gt;and&lt;/i&gt; the “law”</title>").title == "AT&T and the “law”"
    assert item("<title>3 &lt; 4 and x &gt; y</title>").title == "3 < 4 and x > y"
    assert item("<title>a\n\t b\u202e\u0007c</title>").title in ("a bc", "a b c")
    assert item("<guid>1</guid>").title == "Untitled"


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ('<enclosure url="/play/7" type="application/octet-stream" length="9"/>', "/play/7"),
        ('<enclosure url="/play/7"/>', "/play/7"),
        ('<enclosure url="/get.php?file=7" type="binary/octet-stream"/>', "/get.php?file=7"),
        ('<enclosure url="/7" type="mp3"/>', "/7"),
        ('<enclosure url="/a.bin"/><enclosure url="/a" type="audio/mpeg"/>', "/a"),  # what says that it is one first
        ('<media:content url="/7.mp3" fileSize="9"/>', "/7.mp3"),
        ('<media:content url="/7" type="audio/mpeg"/>', "/7"),
        ('<media:group><media:content url="/7" medium="audio"/></media:group>', "/7"),
        ('<media:content url="/7.mp3"/><enclosure url="/8.mp3" type="audio/mpeg"/>', "/8.mp3"),
        ('<enclosure url="/a.jpg" type="image/jpeg"/><media:content url="/7.mp4" type="video/mp4"/>', "/7.mp4"),
        ('<enclosure url="/a.pdf"/>', None),
        ('<enclosure url="/a" type="application/pdf"/>', None),
        ('<enclosure url="/a.jpg" type="application/octet-stream"/>', None),
        ('<enclosure url="/a" type="text/html; charset=utf-8"/>', None),
        ('<enclosure url="/a.torrent" type="application/x-bittorrent"/>', None),
        ('<media:content url="/a.jpg" medium="image"/><media:content url="/b"/>', None),
        ('<media:content url="/v" medium="video" type="application/x-shockwave-flash"/>', None),
        ('<media:thumbnail url="/a.jpg"/>', None),
    ],
)
@pytest.mark.parametrize("end", ["", "<b>"])  # by both of feedparser's parsers
def test_what_counts_as_a_recording(link: str, found: str | None, end: str) -> None:
    enclosure = item(link + end).enclosure
    assert (enclosure and enclosure.url) == (found and f"https://example.com{found}")


def test_the_recording_is_the_enclosure_that_is_one() -> None:
    picture = '<enclosure url="https://example.com/a.jpg" type="image/jpeg" length="1"/>'
    sound = '<enclosure url="https://example.com/a.mp3?x=1" type="" length="none"/>'
    assert item(picture).enclosure is None
    assert item(picture + sound).enclosure == Enclosure("https://example.com/a.mp3?x=1")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:audio/mpeg;base64,aaaa",
        "http://",
        "http://[",
        "https://a/" + "a" * 5000,
        "ftp://example.com/a.mp3",
    ],
)
def test_addresses_that_cannot_be_fetched_are_none(url: str) -> None:
    found = item(
        f'<link>{url}</link><enclosure url="{url}" type="audio/mpeg"/><podcast:transcript url="{url}" type="text/vtt"/><podcast:chapters url="{url}"/>'
    )
    assert (found.enclosure, found.transcripts, found.chapters_url) == (None, (), None)
    assert found.link is None or found.link.startswith("https://example.com/")


def test_dates_of_many_kinds() -> None:
    for text in ("Mon, 08 Jul 2019 23:07:00 +0200", "Mon, 8 Jul 2019 21:07:00 GMT", "2019-07-08T21:07:00Z"):
        assert item(f"<pubDate>{text}</pubDate>").published_at == "2019-07-08T21:07:00Z"
    for text in ("", "yesterday", "Mon, 99 Jul 2019", "99999-01-01", "0000-00-00T00:00:00Z"):
        assert item(f"<title>x</title><pubDate>{text}</pubDate>").published_at is None


def test_chapters_of_podlove() -> None:
    inside = '<psc:chapters><psc:chapter start="00:01:02.500" title="Two"/><psc:chapter start="0" title=" One "/><psc:chapter start="x" title="No"/><psc:chapter start="5"/></psc:chapters>'
    assert item(inside).chapters == (Chapter(0.0, "One"), Chapter(62.5, "Two"))


@pytest.mark.parametrize(
    ("written", "day", "instant"),
    [
        ("Tue, 09 Jul 2019 06:30:00 +1200", "2019-07-09", "2019-07-08T18:30:00Z"),
        ("Mon, 08 Jul 2019 21:07:00 -0400", "2019-07-08", "2019-07-09T01:07:00Z"),
        ("Mon, 08 Jul 2019 21:07:00 EDT", "2019-07-08", "2019-07-09T01:07:00Z"),
        ("08 Jul 2019 21:07 -0400", "2019-07-08", "2019-07-09T01:07:00Z"),
        ("2019-07-09T06:30:00+12:00", "2019-07-09", "2019-07-08T18:30:00Z"),
        ("2019-07-09T06:30:00.5+12:00", "2019-07-09", "2019-07-08T18:30:00Z"),
        ("Mon, 08 Jul 2019 21:07:00 GMT", "2019-07-08", "2019-07-08T21:07:00Z"),
        ("Tue, 09 Jul 2019 00:00:00 +1400", "2019-07-09", "2019-07-08T10:00:00Z"),
        ("2019-07-08", "2019-07-08", "2019-07-08T00:00:00Z"),
        ("Mon, 08 Jul 2019 21:07:00 Foo/Bar", "2019-07-08", "2019-07-08T21:07:00Z"),
        ("8 juillet 2019", None, None),
    ],
)
def test_the_publishers_own_day_counts(written: str, day: str | None, instant: str | None) -> None:
    found = item(f"<pubDate>{written}</pubDate>")
    assert (found.published, found.published_at) == (day, instant)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)), st.integers(-12 * 4, 14 * 4))
def test_the_day_is_the_one_that_is_written(local: datetime, quarters: int) -> None:
    zone = timezone(timedelta(minutes=15 * quarters))
    moment = local.replace(microsecond=0, tzinfo=zone)
    instant = f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"
    for written in (moment.isoformat(), format_datetime(moment)):
        assert own_day(written, instant) == local.date().isoformat()


@given(st.text(max_size=40), st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)))
def test_any_text_for_a_date(written: str, moment: datetime) -> None:
    day = own_day(written, f"{moment.replace(microsecond=0).isoformat()}Z")
    assert day is None or abs(datetime.fromisoformat(day) - moment) < timedelta(days=2)


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", "utf-8"),
        ("utf-8", "iso-8859-15x"),
        ("utf-8", "punycode"),
        ("utf-8", "unicode_escape"),
        ("iso-8859-1", "ISO-8859-1"),
        ("cp1252", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16"),
        ("utf-8-sig", "utf-8"),
        ("koi8-r", "koi8-r"),
        ("shift_jis", "shift_jis"),
    ],
)
def test_encodings(encoding: str, declared: str) -> None:
    title = {"koi8-r": "Радио", "shift_jis": "ラジオ"}.get(encoding, "Café")
    data = (
        f'<?xml version="1.0" encoding="{declared}"?><rss version="2.0"><channel><title>{title}</title></channel></rss>'
    )
    assert parse_feed(data.encode(encoding), URL).title == title


@pytest.mark.parametrize(
    ("encoding", "declared", "charset", "title"),
    [
        ("koi8-r", None, "koi8-r", "Радио"),
        ("koi8-r", "windows-1251", "KOI8-R", "Радио"),  # the server's word counts before the document's
        ("shift_jis", None, "Shift_JIS", "ラジオ"),
        ("iso-8859-1", None, "iso-8859-1", "Café"),
        ("cp1252", "windows-1252", "iso-8859-1", "“Café”"),
        ("utf-8", "utf-8", "iso-8859-1", "Café"),  # a server that says the same of every file
        ("utf-8", None, "windows-1252", "Café"),
        ("utf-8-sig", None, "koi8-r", "Café"),
        ("utf-16", None, "utf-8", "Café"),
        ("iso-8859-1", "iso-8859-1", "utf-8", "Café"),
        ("koi8-r", "koi8-r", "unicode_escape", "Радио"),
        ("koi8-r", "koi8-r", "odd", "Радио"),
    ],
)
def test_the_servers_charset_is_honoured(encoding: str, declared: str | None, charset: str, title: str) -> None:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    data = f'{declaration}<rss version="2.0"><channel><title>{title}</title></channel></rss>'
    assert parse_feed(data.encode(encoding), URL, charset).title == title
