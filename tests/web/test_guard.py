"""The guard before the real server: who is let in, with what, and what the others are told."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Message

from kb.web.server.guard import LARGEST_BODY, Guard

from .conftest import run_async

GRADIO = "/gradio_api/queue/join"


def send(
    address: str, method: str, path: str, body: bytes | Iterator[bytes] | None = None, **headers: str
) -> tuple[int, str]:
    """Ask the server with exactly these headers."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        connection.request(method, path, body, told, encode_chunked=isinstance(body, Iterator))
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    finally:
        connection.close()


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "[::1]:7860", "verbatim.localhost", "192.168.0.7:80"])
def test_names_of_this_machine_are_let_in(corpus_address: str, host: str) -> None:
    assert send(corpus_address, "GET", "/vb/style.css", Host=host)[0] == 200


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "[", "a@b"])
@pytest.mark.parametrize("path", ["/", "/vb/style.css", "/gradio_api/info", "/audio/nobody"])
def test_a_strange_name_is_refused_everywhere(corpus_address: str, host: str, path: str) -> None:
    status, told = send(corpus_address, "GET", path, Host=host)
    assert status == 421
    assert "--allow-host" in told


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},  # another port of this machine
        {"Sec_Fetch_Site": "cross-site", "Origin": "http://localhost"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_what_another_page_sends_is_refused(corpus_address: str, headers: dict[str, str], method: str) -> None:
    status, told = send(corpus_address, method, GRADIO, b"{}", Host="localhost", **headers)
    sentence = "Another web page asked for this; open Verbatim itself and do it there."
    assert (status, json.loads(told)) == (403, {"error": sentence})


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "http://localhost:7"}, {"Sec_Fetch_Site": "same-origin"}, {"Sec_Fetch_Site": "none"}]
)
def test_our_page_and_plain_programs_are_let_in(corpus_address: str, headers: dict[str, str]) -> None:
    status, _ = send(
        corpus_address, "POST", GRADIO, b"{}", Host="localhost:7", Content_Type="application/json", **headers
    )
    assert status == 422  # Gradio itself misses what a call needs


@pytest.mark.parametrize("path", ["/config", "/gradio_api/info", "/api/ask?q=who", "/"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://localhost:3000"},  # which Gradio itself would let read
        {"Origin": "null"},
        {"Sec_Fetch_Site": "same-site", "Sec_Fetch_Mode": "cors"},
        {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "cors"},
    ],
)
def test_another_page_reads_nothing(corpus_address: str, path: str, headers: dict[str, str]) -> None:
    assert send(corpus_address, "GET", path, Host="localhost:7860", **headers)[0] == 403


def test_a_link_on_another_page_leads_here(corpus_address: str) -> None:
    """As in a report that cites a quote; and the page's own scripts read what they need."""
    link = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "navigate"}
    assert send(corpus_address, "GET", "/?q=who", **link)[0] == 200
    assert send(corpus_address, "GET", "/config", Sec_Fetch_Site="same-origin", Sec_Fetch_Mode="cors")[0] == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/gradio_api/upload"),
        ("POST", "/gradio_api/upload?upload_id=1"),
        ("GET", "/gradio_api/upload_progress?upload_id=1"),
        ("GET", "/gradio_api/file=kb/errors.py"),
        ("GET", "/gradio_api/proxy=http://127.0.0.1:1/"),
        ("POST", "/gradio_api/vibe-edit"),
        ("POST", "/gradio_api/process_recording"),
    ],
)
def test_what_of_gradio_nobody_needs_is_closed(corpus_address: str, method: str, path: str) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\nhello\r\n--x--\r\n'
    status, told = send(corpus_address, method, path, body, Content_Type="multipart/form-data; boundary=x")
    assert (status, json.loads(told)) == (404, {"error": "There is nothing at this address."})


def test_questions_and_answers_are_kept_by_no_cache(corpus_address: str) -> None:
    def cached(path: str) -> str | None:
        parts = urlsplit(corpus_address)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        connection.request("GET", path)
        told = connection.getresponse().headers["Cache-Control"]
        connection.close()
        return told

    paths = ["/?q=Which+city", "/config", "/library", "/collections", "/api/ask?q=Which+city", "/nothing/here"]
    assert {path: cached(path) for path in paths} == dict.fromkeys(paths, "no-store")
    assert cached("/vb/style.css") != "no-store"


def test_a_body_that_says_it_is_too_large_is_not_read(corpus_address: str) -> None:
    status, told = send(corpus_address, "POST", GRADIO, None, Host="localhost", Content_Length=str(LARGEST_BODY + 1))
    sentence = "This is larger than 1 MB, which is the most that is accepted; send less at once."
    assert (status, json.loads(told)) == (413, {"error": sentence})


def test_a_body_that_grows_too_large_is_broken_off() -> None:
    async def swallow(request: Request) -> PlainTextResponse:
        try:
            return PlainTextResponse(str(len(await request.body())))
        except RuntimeError:
            return PlainTextResponse("a framework's own idea of what was wrong", 400)

    guarded = Guard(Starlette(routes=[Route("/", swallow, methods=["POST"])]))

    def asked(blocks: int) -> Message:
        told: list[Message] = []
        waiting = [{"type": "http.request", "body": b"x" * 65_536, "more_body": n > 0} for n in reversed(range(blocks))]
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/",
            "headers": [(b"host", b"localhost")],
            "query_string": b"",
        }

        async def receive() -> Message:
            return waiting.pop(0)

        async def keep(message: Message) -> None:
            told.append(message)

        run_async(guarded(scope, receive, keep))
        return told[0]

    assert asked(LARGEST_BODY // 65_536)["status"] == 200
    assert asked(LARGEST_BODY // 65_536 + 1)["status"] == 413


def test_a_websocket_of_another_page_is_closed() -> None:
    told: list[Message] = []

    async def keep(message: Message) -> None:
        told.append(message)

    async def nothing() -> Message:
        raise AssertionError("nothing is read")

    headers = [(b"host", b"localhost"), (b"origin", b"https://evil.example")]
    scope = {"type": "websocket", "path": "/", "headers": headers}
    run_async(Guard(Starlette())(scope, nothing, keep))
    assert told == [{"type": "websocket.close", "code": 1008}]


def test_names_that_were_allowed_are_let_in() -> None:
    told: list[Message] = []

    async def keep(message: Message) -> None:
        told.append(message)

    async def nothing() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def page(request: Request) -> PlainTextResponse:
        return PlainTextResponse("in")

    guarded = Guard(Starlette(routes=[Route("/", page)]), ["Newsroom.local."])
    headers = [(b"host", b"newsroom.local:7860")]
    run_async(guarded({"type": "http", "method": "GET", "path": "/", "headers": headers}, nothing, keep))
    assert told[0]["status"] == 200
