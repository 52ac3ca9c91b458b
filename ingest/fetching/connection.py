"""HTTP connections that go only to the address that was checked, and always end at a deadline.

Only this module and its neighbours import ``httpx`` and ``httpcore``.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import httpcore
import httpx

from ingest.fetching.guard import is_public, resolve
from kb.translatable import phrase

__all__ = ["PrivateAddress", "Refused", "open_response", "user_agent"]

#: As many as browsers allow would be 20; podcasts behind three trackers need four.
MOST_REDIRECTS = 5
_CONNECT_SECONDS = 15.0
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class Refused(Exception):
    """An address that is not contacted; the text says why, in a few words."""


class PrivateAddress(Refused):
    """An address within a private network."""


@contextmanager
def open_response(
    url: str, headers: dict[str, str], *, private: frozenset[str] | None, deadline: float, idle: float
) -> Iterator[httpx.Response]:
    """Ask for ``url``, follow redirects, and yield the response with its body not yet read.

    Every hop's host is resolved once, checked, and connected to at that very address; only the hosts named in
    ``private`` may have a private one. ``deadline`` is of ``time.monotonic``, ``idle`` the seconds to wait for the next
    byte. Proxies in the environment are not used: they would connect to addresses that nobody checked. A password in
    the address is sent to its own host only.

    ``private`` is ``None`` for a trusted server. Then addresses are not checked and no deadline is kept,
    proxies are used, and a redirect from https to http is refused. Raises ``Refused`` and ``httpx``'s errors.
    """
    with _client(private, deadline, httpx.Timeout(idle, connect=min(idle, _CONNECT_SECONDS))) as client:
        client.headers = httpx.Headers({"User-Agent": user_agent(), "Accept": "*/*", "Accept-Encoding": "gzip"})
        where = _checked(httpx.URL(url))
        for _ in range(MOST_REDIRECTS + 1):
            response = client.send(client.build_request("GET", where, headers=headers), stream=True)
            try:
                if response.status_code not in _REDIRECTS or not response.headers.get("Location"):
                    yield response
                    return
                before, where = where, _checked(where.join(response.headers["Location"]))
                if private is None and before.scheme == "https" != where.scheme:
                    raise Refused(phrase("it redirects to an address without encryption"))
            finally:
                response.close()
        raise Refused(phrase("it redirects more than %(count)s times", count=MOST_REDIRECTS))


@cache
def user_agent() -> str:
    """Return the User-Agent header."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"Verbatim/{version('verbatim-kb')}"
    except PackageNotFoundError:
        return "Verbatim"


def _client(private: frozenset[str] | None, deadline: float, timeout: httpx.Timeout) -> httpx.Client:
    if private is None:
        return httpx.Client(verify=_certificates(), timeout=timeout)
    return httpx.Client(transport=_transport(private, deadline), trust_env=False, timeout=timeout)


def _checked(url: httpx.URL) -> httpx.URL:
    if url.scheme not in ("http", "https") or not url.host:
        told = phrase(
            "%(address)s is not an address that begins with https:// or http://", address=repr(str(url)[:200])
        )
        raise Refused(told)
    return url


def _transport(private: frozenset[str], deadline: float) -> httpx.HTTPTransport:
    transport = httpx.HTTPTransport(verify=_certificates())
    # httpx has no option for a network backend; httpcore, below it, does. Where httpx keeps its pool
    # under another name, nothing is fetched: the guard would be bypassed.
    if not isinstance(getattr(transport, "_pool", None), httpcore.ConnectionPool):
        raise Refused(phrase("this version of httpx cannot be kept out of private networks"))
    transport._pool = httpcore.ConnectionPool(
        ssl_context=_certificates(), network_backend=_GuardedBackend(private, deadline)
    )
    return transport


@cache
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()  # respects SSL_CERT_FILE, which newsrooms behind an inspecting firewall need


class _GuardedBackend(httpcore.NetworkBackend):
    """Connects to public addresses, and to the hosts that may have a private one."""

    def __init__(self, private: frozenset[str], deadline: float) -> None:
        self._private = private
        self._deadline = deadline
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Resolve, check, and connect to the first address that answers."""
        try:
            addresses = resolve(host, port, _left(self._deadline, timeout))
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        allowed = [address for address in addresses if is_public(address) or host in self._private]
        if not allowed:
            where = host if host == addresses[0] else f"{host} ({addresses[0]})"
            raise PrivateAddress(phrase("%(host)s is an address within a private network", host=where))
        failure: Exception | None = None
        for address in allowed:
            try:
                stream = self._backend.connect_tcp(
                    address, port, _left(self._deadline, timeout), local_address, socket_options
                )
                return _LimitedStream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        assert failure is not None
        raise failure


class _LimitedStream(httpcore.NetworkStream):
    """A connection that times out at a deadline even if a byte a second arrives."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(self._deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(self._deadline, timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, _left(self._deadline, timeout))
        return _LimitedStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _left(deadline: float, timeout: float | None) -> float:
    """Return how many seconds may be waited; raises ``httpcore.ReadTimeout`` when there are none left."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the time is up")
    return left if timeout is None else min(left, timeout)
