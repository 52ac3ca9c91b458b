"""Fetching within limits: every fault of a server ends in one sentence, and what arrived is not fetched twice."""

from __future__ import annotations

import gzip
import hashlib
import json
import resource
import shutil
import socket
import ssl
import struct
import subprocess
import threading
import time
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from ingest.fetching import Fetcher, Limits, Validators, connection
from ingest.fetching.guard import is_public, resolve
from ingest.fetching.retrying import again_in
from kb.errors import FetchError, SourceError

from .site import Site, Visit, breaking_off, claiming, dripping, plain, redirect, serving, status

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
    with pytest.raises(FetchError, match="packed in a way that nobody asked for"):
        fetcher.page(site.url("/odd"), 1_000_000)


def test_damaged_packing_is_told(site: Site, fetcher: Fetcher) -> None:
    site.pages["/cut"] = lambda visit: visit.answer(200, gzip.compress(BODY)[:-10], Content_Encoding="gzip")
    site.pages["/bad"] = lambda visit: visit.answer(200, b"not gzip at all", Content_Encoding="gzip")
    with pytest.raises(FetchError, match="breaks off in the middle"):
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
    with pytest.raises(FetchError, match=r"cannot be had at the moment \(500\)") as caught:
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


# Private addresses


PRIVATE = """127.0.0.1 127.8.8.8 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 0.0.0.0 100.64.0.1
100.100.100.200 192.0.0.1 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1
255.255.255.255 ::1 :: fe80::1 fe80::1%eth0 fc00::1 fd12:3456::1 fec0::1 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1
::ffff:7f00:1 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b::10.0.0.1 64:ff9b:1::1 2002:7f00:1:: 2002:a00:1:: 2001:db8::1 100::1
2001:0:4136:e378:8000:63bf:80ff:fffe""".split()


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "1.1.1.1", "8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_public_addresses_are_known(address: str) -> None:
    assert is_public(address)


NOT_ASKED = r"private network|host that nobody knows|is no address|Invalid URL in location"
HOSTS = """127.0.0.1 localhost 2130706433 0x7f000001 0x7f.1 0177.0.0.1 127.1 0 0.0.0.0 [::1] [::] [::ffff:127.0.0.1]
[::ffff:7f00:1] 127.0.0.1.""".split()


@pytest.mark.parametrize("host", HOSTS)
def test_this_machine_is_not_asked_under_any_name(site: Site, host: str) -> None:
    port = site.address.rpartition(":")[2]
    site.pages["/"] = plain(b"secret")
    site.pages["/away"] = redirect(f"http://{host}:{port}/")
    with pytest.raises(FetchError, match=NOT_ASKED):
        Fetcher(sleep=lambda _: None).page(f"http://{host}:{port}/", 1000)
    assert not site.visits
    if host != "127.0.0.1":  # which this feed may use
        with pytest.raises(FetchError, match=NOT_ASKED):
            Fetcher(["127.0.0.1"], sleep=lambda _: None).page(site.url("/away"), 1000)
        assert {visit.path for visit in site.visits} == {"/away"}


@pytest.mark.parametrize(
    "url",
    ["http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://192.168.0.1/admin", "http://[fe80::1]/"],
)
def test_a_feed_in_a_private_network_opens_no_other_address_in_it(
    site: Site, fetcher: Fetcher, tmp_path: Path, url: str
) -> None:
    site.pages["/away"] = redirect(url)
    with pytest.raises(FetchError, match=r"private network\. If that is right, add the feed with --allow-private"):
        fetcher.page(site.url("/away"), 1000)
    with pytest.raises(FetchError, match="private network"):
        fetcher.download(site.url("/away"), tmp_path / "a.mp3")


def test_a_name_is_resolved_once_and_that_very_address_is_asked(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is public when checked and private when connected to (DNS rebinding) gains nothing."""
    answers = [["93.184.216.34"], ["127.0.0.1"]]
    asked: list[str] = []

    def look_up(host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        asked.append(host)
        addresses = answers.pop(0)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    connected: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket, "create_connection", connect)
    fetcher = Fetcher(sleep=lambda _: None)
    with pytest.raises(FetchError, match="private network"):  # the second attempt, after the name has changed
        fetcher.page("http://rebind.example/", 1000)
    assert connected == [("93.184.216.34", 80)]
    assert asked == ["rebind.example", "rebind.example"]


def test_of_a_name_with_both_kinds_of_address_the_public_one_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80)) for address in ("10.0.0.1", "93.184.216.34")]
    connected: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: entries)
    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(FetchError, match="cannot be reached"):
        Fetcher(sleep=lambda _: None).page("http://two.example/", 1000)
    assert set(connected) == {("93.184.216.34", 80)}


def test_a_resolver_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    stopped = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: stopped.wait(20) and [])
    with pytest.raises(TimeoutError, match="was not resolved"):
        resolve("slow.example", 80, 0.2)
    stopped.set()


def test_an_unknown_host_and_a_closed_port_are_told(fetcher: Fetcher) -> None:
    with pytest.raises(FetchError, match="host that nobody knows"):
        fetcher.page("http://no-such-host.invalid/", 1000)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(FetchError, match="cannot be reached"):
            fetcher.page(f"http://127.0.0.1:{taken.getsockname()[1]}/", 1000)


def test_no_encryption_where_it_was_asked_for_is_told(site: Site, fetcher: Fetcher) -> None:
    with pytest.raises(FetchError, match="cannot prove who it is"):
        fetcher.page(site.url("/").replace("http:", "https:"), 1000)


@pytest.fixture
def encrypted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A server with a certificate for 127.0.0.1, which this machine trusts."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=test",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    connection._certificates.cache_clear()
    with serving(Site(), context) as served:
        yield served
    connection._certificates.cache_clear()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes its certificate with the openssl command")
def test_encrypted_servers_have_to_prove_their_name(encrypted: Site, fetcher: Fetcher) -> None:
    encrypted.pages["/feed"] = plain(b"one")
    page = fetcher.page(encrypted.url("/feed"), 1000)
    assert page is not None
    assert page.data == b"one"
    named = Fetcher(["localhost"], sleep=lambda _: None)
    with pytest.raises(FetchError, match="cannot prove who it is"):
        named.page(encrypted.url("/feed").replace("127.0.0.1", "localhost"), 1000)
    assert len(encrypted.visits) == 1


def test_proxies_of_the_environment_are_not_asked(
    site: Site, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    site.pages["/feed"] = plain(b"one")
    assert fetcher.page(site.url("/feed"), 1000) is not None


# Recordings


def test_a_recording_arrives_whole_with_its_hash(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages |= {"/a.mp3": redirect("/b.mp3"), "/b.mp3": plain(BODY, "audio/mpeg", '"1"')}
    steps: list[tuple[int, int | None]] = []
    got = fetcher.download(site.url("/a.mp3"), tmp_path / "media" / "a.mp3", lambda *step: steps.append(step))
    assert got.path.read_bytes() == BODY
    assert (got.url, got.size, got.content_type) == (site.url("/b.mp3"), len(BODY), "audio/mpeg")
    assert got.sha256 == hashlib.sha256(BODY).hexdigest()
    assert steps[0] == (0, len(BODY))
    assert steps[-1] == (len(BODY), len(BODY))
    assert [path.name for path in got.path.parent.iterdir()] == ["a.mp3"]


def test_a_broken_download_goes_on_where_it_stopped(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages["/a.mp3"] = breaking_off(BODY, after=100_000, times=2)
    got = fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3")
    assert got.path.read_bytes() == BODY
    assert [visit.headers["Range"] for visit in site.visits] == [None, "bytes=100000-", "bytes=200000-"]
    assert [visit.headers["If-Range"] for visit in site.visits] == [None, '"1"', '"1"']


def test_a_later_run_goes_on_where_the_last_one_stopped(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages["/a.mp3"] = breaking_off(BODY, after=50_000, times=4)
    with pytest.raises(FetchError, match="breaks off"):
        fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3")
    assert not (tmp_path / "a.mp3").exists()
    got = fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3")
    assert got.path.read_bytes() == BODY
    assert site.visits[4].headers["Range"] == "bytes=200000-"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp3"]


def test_what_has_changed_in_the_meantime_begins_anew(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages["/a.mp3"] = breaking_off(BODY, after=10_000, times=9)
    with pytest.raises(FetchError):
        fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3")
    site.pages["/a.mp3"] = plain(BODY[::-1], "audio/mpeg", '"2"')
    assert fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3").path.read_bytes() == BODY[::-1]


@pytest.mark.parametrize("etag", [None, 'W/"1"'])
def test_without_a_strong_validator_nothing_is_pieced_together(
    site: Site, fetcher: Fetcher, tmp_path: Path, etag: str | None
) -> None:
    site.pages["/a.mp3"] = breaking_off(BODY, after=100_000, etag=etag)
    assert fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3").path.read_bytes() == BODY
    assert [visit.headers["Range"] for visit in site.visits] == [None, None]


def test_a_part_of_another_address_is_not_gone_on_with(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages["/a.mp3"] = breaking_off(BODY, after=10_000, times=9)
    with pytest.raises(FetchError):
        fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3")
    site.pages["/b.mp3"] = plain(b"b" * 300_000, "audio/mpeg", '"1"')
    assert fetcher.download(site.url("/b.mp3"), tmp_path / "a.mp3").path.read_bytes() == b"b" * 300_000


@pytest.mark.parametrize("note", [b"", b"[]", b'{"url": 1}', b"{", b'{"url": "x", "version": {"odd": 1}}', b"\xff"])
def test_a_damaged_note_beside_a_part_means_beginning_anew(
    site: Site, fetcher: Fetcher, tmp_path: Path, note: bytes
) -> None:
    (tmp_path / "a.mp3.part").write_bytes(b"odd")
    (tmp_path / "a.mp3.part.json").write_bytes(note)
    site.pages["/a.mp3"] = plain(BODY, "audio/mpeg", '"1"')
    assert fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3").path.read_bytes() == BODY


def half(folder: Path, url: str, size: int) -> None:
    (folder / "a.mp3.part").write_bytes(BODY[:size])
    (folder / "a.mp3.part.json").write_text(json.dumps({"url": url, "version": {"etag": '"1"', "last_modified": None}}))


def test_a_part_that_is_whole_already_is_only_named(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    half(tmp_path, site.url("/a.mp3"), len(BODY))
    site.pages["/a.mp3"] = plain(BODY, "audio/mpeg", '"1"')
    assert fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3").path.read_bytes() == BODY
    assert len(site.visits) == 1


def test_a_part_longer_than_the_recording_begins_anew(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    half(tmp_path, site.url("/a.mp3"), 5000)
    site.pages["/a.mp3"] = plain(BODY[:1000], "audio/mpeg", '"1"')
    assert fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3").path.read_bytes() == BODY[:1000]


def test_a_server_that_answers_with_another_part_is_not_believed(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    half(tmp_path, site.url("/a.mp3"), 5000)
    good = plain(BODY, "audio/mpeg", '"1"')

    def answer(visit: Visit) -> None:
        if visit.earlier:
            good(visit)
        else:
            visit.answer(206, BODY[:100], Content_Range=f"bytes 0-99/{len(BODY)}")

    site.pages["/a.mp3"] = answer
    assert fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3").path.read_bytes() == BODY


def test_a_server_without_ranges_sends_all_again(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    half(tmp_path, site.url("/a.mp3"), 5000)
    site.pages["/a.mp3"] = plain(BODY, "audio/mpeg", '"1"', ranges=False)
    assert fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3").path.read_bytes() == BODY


def test_a_part_nobody_asked_for_is_refused(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages["/a.mp3"] = lambda visit: visit.answer(206, BODY[:100], Content_Range=f"bytes 0-99/{len(BODY)}")
    with pytest.raises(FetchError, match="refused"):
        fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3")
    with pytest.raises(FetchError, match="refused"):
        fetcher.page(site.url("/a.mp3"), 1_000_000)


def test_five_gigabytes_are_refused_at_once(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages["/a.mp3"] = claiming(5_000_000_000)
    with pytest.raises(FetchError, match="has 5 GB, more than the 2 GB allowed"):
        fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3")
    assert len(site.visits) == 1
    assert not (tmp_path / "a.mp3").exists()


def test_a_recording_without_end_is_stopped(site: Site, tmp_path: Path) -> None:
    stopped = threading.Event()
    site.pages["/a.mp3"] = dripping(stopped, bytes(100_000), 0.0)
    small = Fetcher(["127.0.0.1"], Limits(download_bytes=1_000_000), lambda _: None)
    try:
        with pytest.raises(FetchError, match="more than the 1 MB allowed"):
            small.download(site.url("/a.mp3"), tmp_path / "a.mp3")
    finally:
        stopped.set()


def test_a_web_page_is_no_recording(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages["/a.mp3"] = plain(b"<html>Log in first</html>", "text/html; charset=utf-8")
    with pytest.raises(FetchError, match="is a web page, not a recording"):
        fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_and_a_forbidden_folder_are_told(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    site.pages["/a.mp3"] = plain(BODY, "audio/mpeg")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SourceError, match="cannot be written"):
        fetcher.download(site.url("/a.mp3"), tmp_path / "file" / "a.mp3")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))  # the nearest thing to a full disk
    try:
        with pytest.raises(SourceError, match=r"cannot be written \(File too large\)"):
            fetcher.download(site.url("/a.mp3"), tmp_path / "full.mp3")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_nothing_is_written_over_a_file_that_is_there(site: Site, fetcher: Fetcher, tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_bytes(b"mine")
    site.pages["/a.mp3"] = plain(BODY, "audio/mpeg")
    with pytest.raises(SourceError, match="exists already"):
        fetcher.download(site.url("/a.mp3"), tmp_path / "a.mp3")
    assert (tmp_path / "a.mp3").read_bytes() == b"mine"


def test_a_connection_that_is_reset_is_told(site: Site, fetcher: Fetcher) -> None:
    def reset(visit: Visit) -> None:
        visit.handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        visit.handler.connection.close()

    site.pages["/odd"] = reset
    with pytest.raises(FetchError, match="breaks off") as caught:
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
    with pytest.raises(FetchError, match=r"is not HTTP|breaks off|is refused"):
        fetcher.page(site.url("/odd"), 1000)
