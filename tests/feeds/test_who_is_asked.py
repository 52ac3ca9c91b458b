"""Private networks are out of reach under every name, and an encrypted server has to prove its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ingest.fetching import Fetcher, connection
from ingest.fetching.guard import is_public, resolve
from kb.errors import FetchError

from ..certificates import needs_openssl, self_signed
from .site import Site, plain, redirect, serving

PRIVATE = """127.0.0.1 127.8.8.8 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 0.0.0.0 100.64.0.1
100.100.100.200 192.0.0.1 192.0.2.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1
255.255.255.255 ::1 :: fe80::1 fe80::1%eth0 fc00::1 fd12:3456::1 fec0::1 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1
::ffff:7f00:1 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b::10.0.0.1 64:ff9b:1::1 2002:7f00:1:: 2002:a00:1:: 2001:db8::1 100::1
2001:0:4136:e378:8000:63bf:80ff:fffe 192.0.0.9 192.0.0.192 192.0.0.255 ::ffff:192.0.0.192 64:ff9b::192.0.0.192
2002:c000:c0:: 192.88.99.1 2001:0:a00:1::f7f7:f7f7 2001:1::1 2001:20::1 3fff::1 5f00::1""".split()


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "1.1.1.1", "8.8.8.8", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_public_addresses_are_known(address: str) -> None:
    assert is_public(address)


NOT_ASKED = r"private network|server that cannot be found|is not an address|Invalid URL in location"
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


def test_an_httpx_that_the_guard_does_not_reach_fetches_nothing(
    site: Site, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard is put in by a private name; where another httpx has another one, it would not be asked."""
    site.pages["/feed"] = plain(b"<rss/>")
    moved = "httpx keeps its pool elsewhere now: find it for _transport in ingest/fetching/connection.py"
    assert hasattr(httpx.HTTPTransport(), "_pool"), moved

    class Renamed(httpx.HTTPTransport):
        def __init__(self, **options: object) -> None:
            super().__init__(**options)  # type: ignore[arg-type]
            self.connections = self.__dict__.pop("_pool")

    monkeypatch.setattr(httpx, "HTTPTransport", Renamed)
    with pytest.raises(FetchError, match=r"is not fetched: this version of httpx cannot be kept out of private"):
        fetcher.page(site.url("/feed"), 1000)
    assert site.visits == []


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
    with pytest.raises(FetchError, match="cannot be found"):
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
    context, certificate = self_signed(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    connection._certificates.cache_clear()
    with serving(Site(), context) as served:
        yield served
    connection._certificates.cache_clear()


@pytest.mark.slow
@needs_openssl
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
