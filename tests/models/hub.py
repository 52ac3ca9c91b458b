"""A server on this machine that answers as the models' hub does, and misbehaves when told to."""

from __future__ import annotations

import hashlib
import json
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Hub(ThreadingHTTPServer):
    """Serves ``files`` with Range as the real servers do; the other fields make it misbehave."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.die_after: list[int] = []  # bytes after which a connection breaks, one for each request
        self.ranges = True
        self.trickle = False
        self.endless = False
        self.over = threading.Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Answer(BaseHTTPRequestHandler):
    server: Hub

    def do_GET(self) -> None:
        asked = self.headers["Range"]
        self.server.asked.append((self.path, asked))
        body = self.server.files.get(self.path)
        if body is None:
            self.send_error(404)
            return
        begin = int(asked.removeprefix("bytes=").split("-")[0]) if asked and self.server.ranges else 0
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(body) - 1}/{len(body)}")
        self.send_header("ETag", f'"{zlib.crc32(body):x}"')
        if not self.server.endless:
            self.send_header("Content-Length", str(len(body) - begin))
        self.end_headers()
        self._send(body[begin:])

    def _send(self, body: bytes) -> None:
        if self.server.die_after and not self.path.startswith("/api"):
            body = body[: self.server.die_after.pop(0)]
        if self.server.trickle:
            for byte in body:
                self.wfile.write(bytes([byte]))
                if self.server.over.wait(0.05):
                    return
        self.wfile.write(body)
        while self.server.endless and not self.server.over.is_set():
            self.wfile.write(bytes(65536))

    def log_message(self, format: str, *args: object) -> None:
        pass

    def handle(self) -> None:
        with suppress(OSError):  # the child was stopped, as the test wants
            super().handle()


def serve_repository(hub: Hub, repository: str, files: dict[str, bytes]) -> None:
    """Serve a repository as the hub does: small files with git's hash, the large one with its SHA-256."""
    entries: list[dict[str, object]] = [{"type": "directory", "oid": "1", "size": 0, "path": "docs"}]
    for path, body in files.items():
        blob = hashlib.sha1(b"blob %d\0" % len(body) + body).hexdigest()
        entry: dict[str, object] = {"type": "file", "oid": blob, "size": len(body), "path": path}
        if path == "model.bin":
            entry["lfs"] = {"oid": hashlib.sha256(body).hexdigest(), "size": len(body), "pointerSize": 130}
        entries.append(entry)
        hub.files[f"/{repository}/resolve/main/{path}"] = body
    hub.files[f"/api/models/{repository}/tree/main"] = json.dumps(entries).encode()


@contextmanager
def running() -> Iterator[Hub]:
    """Serve from a thread while the block runs."""
    with Hub() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()
