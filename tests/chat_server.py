"""A real HTTP server that answers as a language model's endpoint does, well or badly."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: Answers a request by writing to it whatever it likes.
Behaviour = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class ChatServer:
    """Where it listens, and what it was asked: ``(method, path, headers, body)`` of each request."""

    url: str = ""
    asked: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)

    @property
    def prompts(self) -> list[str]:
        return ["\n".join(m["content"] for m in body["messages"]) for _, _, _, body in self.asked if body]


@contextmanager
def chat_server(reply: str | Behaviour, models: tuple[str, ...] = ("tiny",)) -> Iterator[ChatServer]:
    """Serve ``reply`` to every question as OpenAI's interface does, or let a behaviour do as it likes."""
    server = ChatServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.asked.append(("GET", self.path, dict(self.headers), None))
            send_json(self, {"object": "list", "data": [{"id": name} for name in models]})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.asked.append(("POST", self.path, dict(self.headers), body))
            if callable(reply):
                reply(self)
            else:
                send_json(self, completion(reply))

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_: object) -> None:  # the client has hung up, as it should
            pass

    with Quiet(("127.0.0.1", 0), Handler) as http:
        server.url = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()


def completion(content: Any) -> dict[str, Any]:
    """Return a reply in OpenAI's form."""
    return {"choices": [{"index": 0, "message": {"role": "assistant", "content": content}}], "model": "tiny"}


def send_json(handler: BaseHTTPRequestHandler, value: Any, status: int = 200) -> None:
    """Send one JSON document."""
    send(handler, json.dumps(value).encode(), status)


def send(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    """Send a body with headers whose names are written with underscores."""
    handler.send_response(status)
    for name, value in {"Content_Type": "application/json", "Content_Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)
