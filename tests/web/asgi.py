"""Requests handed to the real application without a server between, from whatever address one likes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message

from .conftest import run_async

__all__ = ["Answer", "send", "send_all", "sent"]


@dataclass(frozen=True)
class Answer:
    """The status and headers, and the first part of the body."""

    status: int
    headers: Headers
    text: str


def send(app: ASGIApp, method: str, path: str, client: str = "192.0.2.7", body: str = "", **headers: str) -> Answer:
    """Send one request."""
    return send_all(app, [(method, path, {"client": client, "body": body, **headers})])[0]


def send_all(app: ASGIApp, requests: list[tuple[str, str, dict[str, str]]]) -> list[Answer]:
    """Send requests one after another in one loop; a stream that has no end is left after its first part."""

    async def each() -> list[Answer]:
        return [await sent(app, method, path, **more) for method, path, more in requests]

    return run_async(each())


async def sent(app: ASGIApp, method: str, path: str, client: str, body: str = "", **headers: str) -> Answer:
    """Send one request in the running loop."""
    parts = urlsplit(path)
    told = {"host": "localhost", **{name.replace("_", "-"): value for name, value in headers.items()}}
    messages: list[Message] = []
    enough = asyncio.Event()
    scope: dict[str, Any] = {
        "type": "http", "http_version": "1.1", "method": method, "scheme": "http", "server": ("localhost", 80),
        "path": unquote(parts.path), "raw_path": quote(unquote(parts.path)).encode(), "root_path": "", "client": (client, 1),
        "query_string": parts.query.encode(),
        "headers": [
            (name.lower().encode(), one.encode()) for name, value in told.items() for one in value.split("\n")
        ],
    }  # fmt: skip
    asked = [{"type": "http.request", "body": body.encode(), "more_body": False}]

    async def receive() -> Message:
        if asked:
            return asked.pop()
        await enough.wait()
        return {"type": "http.disconnect"}

    async def keep(message: Message) -> None:
        messages.append(message)
        if message["type"] == "http.response.body" and (message.get("body") or not message.get("more_body")):
            enough.set()

    task = asyncio.ensure_future(app(scope, receive, keep))
    waiting = asyncio.ensure_future(enough.wait())
    await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
    for each in (task, waiting):
        each.cancel()
    results = await asyncio.gather(task, waiting, return_exceptions=True)
    start = next((message for message in messages if message["type"] == "http.response.start"), None)
    assert start is not None, results
    text = b"".join(message.get("body", b"") for message in messages if message["type"] == "http.response.body")
    return Answer(start["status"], Headers(raw=start["headers"]), text.decode("utf-8", "replace"))
