"""Documents within limits: every fault of a server ends in one sentence, and what arrived is not fetched twice."""

from __future__ import annotations

import gzip
import socket
import struct
import threading
import time
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from ingest.fetching import Fetcher, Limits, Validators
from ingest.fetching.retrying import again_in
from kb.errors import FetchError

from .site import Site, Visit, dripping, plain, redirect, serving, status

BODY = bytes(range(256)) * 1000


# Documents


def test_a_document_is_fetched_once_and_then_only_if_it_has_changed(site: Site, fetcher: Fetcher) -> None:
    site.pages["/feed"] = plain(b"one", "application/rss+xml", etag='"1"')
    first = fetcher.page(site.url("/feed"), 1000)
    assert first is not None
    assert (first.data, first.content_type, first.version) == (b"one", "application/rss+xml", Validators('"1"'))
    assert fetcher.page(site.url("/feed"), 1000, first.version) is None
    site.pages["/feed"] = plain(b"two", etag='"2"')
    again = fetcher.page(site.url("/feed"), 1000, first.version)
    assert again is not None
    assert again.data == b"two"
    assert [visit.headers.get("If-None-Match") for visit in site.visits] == [None, '"1"', '"1"']


def test_a_date_is_a_validator_too(site: Site, fetcher: Fetcher) -> None:
    when = "Mon, 08 Jul 2019 21:07:00 GMT"

    def answer(visit: Visit) -> None:
        if visit.headers.get("If-Modified-Since") == when:
            visit.head(304)
        else:
            visit.answer(200, b"one", Last_Modified=when)

    site.pages["/feed"] = answer
    first = fetcher.page(site.url("/feed"), 1000)
    assert first is not None
    assert fetcher.page(site.url("/feed"), 1000, first.version) is None


def test_we_say_who_asks(site: Site, fetcher: Fetcher) -> None:
    site.pages["/feed"] = plain(b"one")
    fetcher.page(site.url("/feed"), 1000)
    assert site.visits[0].headers["User-Agent"].startswith("Verbatim")


def test_packed_documents_are_unpacked(site: Site, fetcher: Fetcher) -> None:
    for name, packed in {"gzip": gzip.compress(BODY), "deflate": zlib.compress(BODY)}.items():
        site.pages[f"/{name}"] = lambda visit, packed=packed, name=name: visit.answer(
            200, packed, Content_Encoding=name
        )
        page = fetcher.page(site.url(f"/{name}"), len(BODY))
        assert page is not None
        assert page.data == BODY


def test_a_document_that_unpacks_to_too_much_is_refused_before_it_does(site: Site, fetcher: Fetcher) -> None:
    bomb = gzip.compress(bytes(50_000_000), 1)
    site.pages["/bomb"] = lambda visit: visit.answer(200, bomb, Content_Encoding="gzip")
    with pytest.raises(FetchError, match="more than the 1 MB allowed"):
        fetcher.page(site.url("/bomb"), 1_000_000)


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress"])
def test_other_packings_are_refused(site: Site, fetcher: Fetcher, encoding: str) -> None:
    site.pages["/odd"] = lambda visit: visit.answer(200, b"odd", Content_Encoding=encoding)
    with pytest.raises(FetchError, match="has a compression that was not asked for"):
        fetcher.page(site.url("/odd"), 1_000_000)


def test_damaged_packing_is_told(site: Site, fetcher: Fetcher) -> None:
    site.pages["/cut"] = lambda visit: visit.answer(200, gzip.compress(BODY)[:-10], Content_Encoding="gzip")
    site.pages["/bad"] = lambda visit: visit.answer(200, b"not gzip at all", Content_Encoding="gzip")
    with pytest.raises(FetchError, match="stops in the middle"):
        fetcher.page(site.url("/cut"), 1_000_000)
    with pytest.raises(FetchError, match="arrives damaged"):
        fetcher.page(site.url("/bad"), 1_000_000)


def test_too_large_a_document_is_refused_by_its_length_and_by_its_bytes(site: Site, fetcher: Fetcher) -> None:
    def endless(visit: Visit) -> None:
        visit.head(200)
        for _ in range(200):
            visit.write(bytes(10_000))

    site.pages["/long"] = plain(bytes(200_001))
    site.pages["/endless"] = endless
    for path in ("/long", "/endless"):
        with pytest.raises(FetchError, match=r"more than the 0\.2 MB allowed"):
            fetcher.page(site.url(path), 200_000)


@pytest.mark.parametrize(
    ("number", "words"), [(401, "password"), (403, "may not"), (404, "not there"), (410, "for good"), (418, "refused")]
)
def test_a_clear_no_is_not_asked_again(site: Site, fetcher: Fetcher, number: int, words: str) -> None:
    site.pages["/no"] = status(number)
    with pytest.raises(FetchError, match=words) as caught:
        fetcher.page(site.url("/no"), 1000)
    assert len(site.visits) == 1
    assert not caught.value.temporary


def test_a_passing_fault_is_asked_again_with_growing_patience(
    site: Site, fetcher: Fetcher, waited: list[float]
) -> None:
    good = plain(b"one")
    site.pages["/busy"] = lambda visit: good(visit) if visit.earlier == 3 else visit.answer(503)
    page = fetcher.page(site.url("/busy"), 1000)
    assert page is not None
    assert page.data == b"one"
    assert len(waited) == 3
    assert all(0 <= seconds <= 2**number for number, seconds in enumerate(waited))


def test_patience_ends(site: Site, fetcher: Fetcher, waited: list[float]) -> None:
    site.pages["/busy"] = status(500)
    with pytest.raises(FetchError, match=r"is not available now \(500\)") as caught:
        fetcher.page(site.url("/busy"), 1000)
    assert caught.value.temporary
    assert len(site.visits) == 4


def test_a_server_is_left_alone_for_as_long_as_it_asks(site: Site, fetcher: Fetcher, waited: list[float]) -> None:
    good = plain(b"one")
    site.pages["/busy"] = lambda visit: good(visit) if visit.earlier else visit.answer(429, Retry_After="7")
    assert fetcher.page(site.url("/busy"), 1000) is not None
    assert waited == [7.0]


def test_who_wants_an_hour_gets_it(site: Site, fetcher: Fetcher, waited: list[float]) -> None:
    site.pages["/busy"] = status(503, Retry_After="3600")
    with pytest.raises(FetchError) as caught:
        fetcher.page(site.url("/busy"), 1000)
    assert caught.value.again_in == 3600
    assert (len(site.visits), waited) == (1, [])


def test_retry_after_is_a_number_or_a_date() -> None:
    now = datetime(2019, 7, 8, 21, 7, tzinfo=UTC)
    assert again_in("120", now) == 120
    assert again_in(format_datetime(now + timedelta(minutes=2), usegmt=True), now) == 120
    assert again_in(format_datetime(now - timedelta(minutes=2), usegmt=True), now) == 0
    for odd in (None, "", "soon", "-5", "1.5", "٣", "9" * 400, "Mon, 99 Jul 2019 21:07:00 GMT"):
        assert again_in(odd, now) is None or again_in(odd, now) == 999_999_999


# Time


def test_a_silent_server_is_given_up(site: Site, waited: list[float]) -> None:
    stopped = threading.Event()
    site.pages["/silent"] = lambda visit: stopped.wait(20) and None
    impatient = Fetcher(["127.0.0.1"], Limits(idle=0.2, page_seconds=20), waited.append)
    try:
        with pytest.raises(FetchError, match="does not answer"):
            impatient.page(site.url("/silent"), 1000)
    finally:
        stopped.set()
    assert len(waited) == 3


@pytest.mark.parametrize("where", ["head", "body"])
def test_a_byte_now_and_then_does_not_hold_us(site: Site, where: str) -> None:
    stopped = threading.Event()

    def slow_head(visit: Visit) -> None:
        visit.write(b"HTTP/1.1 200 OK\r\nX-Odd: ")
        while not stopped.wait(0.05):
            visit.write(b"a")

    site.pages["/slow"] = slow_head if where == "head" else dripping(stopped)
    impatient = Fetcher(["127.0.0.1"], Limits(idle=10, page_seconds=0.7), lambda _: None)
    begun = time.monotonic()
    try:
        with pytest.raises(FetchError, match="takes longer than allowed"):
            impatient.page(site.url("/slow"), 1_000_000)
    finally:
        stopped.set()
    assert time.monotonic() - begun < 8  # the idle limit alone would never end it


# Redirects


def test_redirects_are_followed_and_told(site: Site, fetcher: Fetcher) -> None:
    site.pages |= {"/a": redirect("/b"), "/b": redirect(site.url("/c"), 301), "/c": plain(b"here")}
    page = fetcher.page(site.url("/a"), 1000)
    assert page is not None
    assert (page.url, page.data) == (site.url("/c"), b"here")


def test_redirects_in_a_circle_end(site: Site, fetcher: Fetcher) -> None:
    site.pages["/a"] = redirect("/a")
    with pytest.raises(FetchError, match="redirects more than 5 times"):
        fetcher.page(site.url("/a"), 1000)
    assert len(site.visits) == 6


@pytest.mark.parametrize(
    "to",
    [
        "file:///etc/passwd",
        "ftp://example.com/x",
        "gopher://x/",
        "data:text/plain,x",
        "javascript:1",
        "http://",
        "http:///x",
        "http://[",
        "//[::",
        "https://exa mple.com:port/",
    ],
)
def test_other_schemes_and_broken_addresses_are_refused(site: Site, fetcher: Fetcher, to: str) -> None:
    site.pages["/a"] = redirect(to)
    with pytest.raises(FetchError):
        fetcher.page(site.url("/a"), 1000)
    with pytest.raises(FetchError) as caught:
        fetcher.page(to, 1000)
    assert not caught.value.temporary


def test_a_password_is_for_its_own_host_and_shown_to_nobody(site: Site, fetcher: Fetcher) -> None:
    with serving(Site()) as there:
        other = there.address.replace("127.0.0.1", "localhost")
        there.pages["/b"] = status(404)
        site.pages["/a"] = redirect(f"{other}/b")
        both = Fetcher(["127.0.0.1", "localhost"], Limits(idle=5), lambda _: None)
        with pytest.raises(FetchError) as caught:
            both.page(site.url("/a").replace("://", "://ann:secret@"), 1000)
    assert "secret" not in str(caught.value)
    assert site.visits[0].headers["Authorization"].startswith("Basic ")
    assert there.visits[0].headers["Authorization"] is None


def test_a_connection_that_is_reset_is_told(site: Site, fetcher: Fetcher) -> None:
    def reset(visit: Visit) -> None:
        visit.handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        visit.handler.connection.close()

    site.pages["/odd"] = reset
    with pytest.raises(FetchError, match="stops in the middle") as caught:
        fetcher.page(site.url("/odd"), 1000)
    assert caught.value.temporary


@pytest.mark.parametrize(
    "line",
    [
        b"not http at all\r\n\r\n",
        b"HTTP/1.1 999 x\r\nA: b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 20_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"\x00" * 200_000,
    ],
)
def test_what_is_no_http_is_told(site: Site, fetcher: Fetcher, line: bytes) -> None:
    site.pages["/odd"] = lambda visit: visit.write(line)
    with pytest.raises(FetchError, match=r"does not answer in HTTP|stops in the middle|is refused"):
        fetcher.page(site.url("/odd"), 1000)
