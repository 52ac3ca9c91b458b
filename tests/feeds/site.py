"""A web server on this machine with every fault that a feed's server can have."""

from __future__ import annotations

import re
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: Writes an answer.
Answer = Callable[["Visit"], None]


@dataclass
class Visit:
    """One request."""

    handler: BaseHTTPRequestHandler
    path: str
    headers: Message
    #: How often the path was asked for before.
    earlier: int

    def head(self, status: int, **headers: object) -> None:
        self.handler.send_response_only(status)
        for name, value in headers.items():
            if value is not None:
                self.handler.send_header(name.replace("_", "-"), str(value))
        self.handler.send_header("Connection", "close")
        self.handler.end_headers()

    def answer(self, status: int, body: bytes = b"", **headers: object) -> None:
        self.head(status, **{"Content_Length": len(body), **headers})
        self.write(body)

    def write(self, body: bytes) -> None:
        self.handler.wfile.write(body)
        self.handler.wfile.flush()


@dataclass
class Site:
    """Paths and what they answer; remembers who asked for what."""

    pages: dict[str, Answer] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    address: str = ""

    def asked(self, path: str) -> list[Visit]:
        return [visit for visit in self.visits if visit.path == path]

    def url(self, path: str) -> str:
        return self.address + path


def plain(body: bytes, content_type: str = "text/plain", etag: str | None = None, ranges: bool = True) -> Answer:
    """Serve a document as a sound server does: conditional, and by ranges."""

    def answer(visit: Visit) -> None:
        if etag and visit.headers.get("If-None-Match") == etag:
            visit.head(304, ETag=etag)
            return
        asked = re.fullmatch(r"bytes=(\d+)-", visit.headers.get("Range", ""))
        unchanged = etag and visit.headers.get("If-Range") in (None, etag)
        if asked and ranges and unchanged:
            start = int(asked[1])
            if start >= len(body):
                visit.answer(416, Content_Range=f"bytes */{len(body)}")
            else:
                place = f"bytes {start}-{len(body) - 1}/{len(body)}"
                visit.answer(206, body[start:], Content_Type=content_type, Content_Range=place, ETag=etag)
            return
        visit.answer(200, body, Content_Type=content_type, ETag=etag)

    return answer


def redirect(to: str, status: int = 302) -> Answer:
    return lambda visit: visit.answer(status, Location=to)


def status(number: int, **headers: object) -> Answer:
    return lambda visit: visit.answer(number, b"no", **headers)


def breaking_off(body: bytes, after: int, times: int = 1, etag: str | None = '"1"') -> Answer:
    """Serve a document and close the connection too early, the first ``times`` times."""
    whole = plain(body, "audio/mpeg", etag)

    def answer(visit: Visit) -> None:
        if visit.earlier >= times:
            whole(visit)
            return
        start = int(visit.headers.get("Range", "bytes=0-")[6:-1])
        rest = body[start:]
        place = f"bytes {start}-{len(body) - 1}/{len(body)}" if start else None
        visit.head(
            206 if start else 200, Content_Length=len(rest), Content_Type="audio/mpeg", ETag=etag, Content_Range=place
        )
        visit.write(rest[:after])

    return answer


def claiming(size: int) -> Answer:
    """Say that a recording has ``size`` bytes, and send a few."""

    def answer(visit: Visit) -> None:
        visit.head(200, Content_Length=size, Content_Type="audio/mpeg")
        visit.write(b"\xff" * 1000)

    return answer


def dripping(stopped: threading.Event, body: bytes = b"x", every: float = 0.05) -> Answer:
    """Send a byte now and then for ever."""

    def answer(visit: Visit) -> None:
        visit.head(200, Content_Type="audio/mpeg")
        while not stopped.wait(every):
            visit.write(body)

    return answer


@contextmanager
def serving(site: Site, certificate: ssl.SSLContext | None = None) -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path
            visit = Visit(self, path, self.headers, len(site.asked(path)))
            site.visits.append(visit)
            with suppress(ConnectionError, TimeoutError):
                site.pages.get(path, status(404))(visit)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    if certificate is not None:
        server.socket = certificate.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    site.address = f"http{'s' if certificate else ''}://127.0.0.1:{server.server_port}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
