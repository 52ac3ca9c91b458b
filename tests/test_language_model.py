"""The language model's endpoint: a real server that is well, slow, broken or hostile."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest

from kb.errors import LanguageModelError, UsageError
from kb.summary.language_model import LanguageModel, Message
from tests.chat_server import chat_server, completion, send, send_json

ASKED = (Message("system", "Be brief."), Message("user", "What was said?"))


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v1/", "/v1/chat/completions"])
def test_an_address_is_understood_however_it_is_given(path: str) -> None:
    with chat_server("Hello.") as server:
        model = LanguageModel(server.url + path)
        assert model(ASKED) == "Hello."
        assert model.name == "tiny"  # asked for, since it was not named
        assert model.endpoint == f"{server.url}/v1"
    assert [(method, path) for method, path, _, _ in server.asked] == [
        ("GET", "/v1/models"),
        ("POST", "/v1/chat/completions"),
    ]
    body = server.asked[1][3]
    assert body["stream"] is False
    assert body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What was said?"},
    ]


def test_a_key_is_sent_and_never_shown() -> None:
    def refuse(handler: BaseHTTPRequestHandler) -> None:
        send_json(handler, {"error": {"message": "Incorrect key"}}, 401)

    with chat_server("Hello.") as server:
        LanguageModel(server.url, "m", "s3cret")(ASKED)
    assert server.asked[0][2]["Authorization"] == "Bearer s3cret"
    with (
        chat_server(refuse) as server,
        pytest.raises(LanguageModelError, match=r"401.*Incorrect key.*KB_LLM_KEY") as told,
    ):
        LanguageModel(server.url.replace("//", "//ann:passw0rd@"), "m", "s3cret")(ASKED)
    assert "s3cret" not in str(told.value)
    assert "passw0rd" not in str(told.value)


def test_several_models_are_a_choice_that_nobody_makes_for_you() -> None:
    with chat_server("Hello.", ("llama", "qwen\x1b[31m")) as server:
        with pytest.raises(LanguageModelError, match=r"offers llama, qwen \[31m\. Name one with --llm-model"):
            LanguageModel(server.url)(ASKED)
        assert LanguageModel(server.url, "qwen")(ASKED) == "Hello."
    with chat_server("Hello.", ()) as server, pytest.raises(LanguageModelError, match="does not say which"):
        LanguageModel(server.url)(ASKED)


def test_a_model_that_takes_no_temperature_is_asked_without() -> None:
    def fussy(handler: BaseHTTPRequestHandler) -> None:
        if "temperature" in server.asked[-1][3]:
            send_json(handler, {"error": {"message": "Unsupported value: temperature"}}, 400)
        else:
            send_json(handler, completion("Hello."))

    with chat_server(fussy) as server:
        assert LanguageModel(server.url, "m")(ASKED) == "Hello."
    assert len(server.asked) == 2


def body(value: bytes, status: int = 200, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    return lambda handler: send(handler, value, status, **headers)


def cut_off(handler: BaseHTTPRequestHandler) -> None:
    send(handler, b'{"choices": [', Content_Length="5000")


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"{" * 65_536)


@pytest.mark.parametrize(
    ("behaviour", "told"),
    [
        (body(b"<html>Welcome</html>"), "not with JSON"),
        (body(b""), "not with JSON"),
        (body(b"[" * 200_000), "not with JSON"),
        (body(b"\xff\xfe\x00"), "not with JSON"),
        (body(b'data: {"choices": []}\n\n' * 5, Content_Type="text/event-stream"), "not with JSON"),
        (body(b"[]"), "not OpenAI's"),
        (body(b"7"), "not OpenAI's"),
        (body(b'{"choices": []}'), "not OpenAI's"),
        (body(b'{"choices": [{"message": {"content": null}}]}'), "not OpenAI's"),
        (body(b'{"choices": [{"message": {"content": ["a"]}}]}'), "not OpenAI's"),
        (
            body(b'{"error": "model \\u001b]8;;http://x\\u0007 not found"}', 404),
            "status 404 (“model ]8;;http://x not found”)",
        ),
        (body(b"oh no", 500), "status 500"),
        (body(b'{"error": {"message": "busy"}}', 503), "status 503 (“busy”)"),
        (body(b"{}", 302, Location="http://127.0.0.1:9/elsewhere"), "redirects to another address"),
        (body(b"\x1f\x8b" + b"\x00" * 50, Content_Encoding="gzip"), "compressed its answer"),
        (body(b" " * 1_000_001), "more than 1 MB"),
        (endless, "more than 1 MB"),
        (cut_off, "broke off its answer"),
        (lambda handler: handler.connection.close(), "broke off its answer"),
        (lambda handler: handler.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n"), "broke off its answer"),
    ],
)
def test_a_bad_answer_is_told_in_a_sentence(behaviour: Callable[[BaseHTTPRequestHandler], None], told: str) -> None:
    with chat_server(behaviour) as server, pytest.raises(LanguageModelError) as caught:
        LanguageModel(server.url, "m", seconds=20)(ASKED)
    message = str(caught.value)
    assert told in message
    assert message.startswith(f"The language model at {server.url}/v1 ")
    assert message.isprintable()
    assert len(message) < 500


def silent(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(30)


def trickling_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for _ in range(300):
        handler.wfile.write(b"X")
        time.sleep(0.1)


def trickling_body(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(300):
        handler.wfile.write(b" ")
        time.sleep(0.1)


@pytest.mark.parametrize("behaviour", [silent, trickling_headers, trickling_body])
def test_a_slow_answer_is_not_waited_for(behaviour: Callable[[BaseHTTPRequestHandler], None]) -> None:
    """Each of these would take thirty seconds; a byte now and then buys no more time."""
    with chat_server(behaviour) as server, pytest.raises(LanguageModelError, match="has not answered within 1 s"):
        LanguageModel(server.url, "m", seconds=1)(ASKED)


def test_nobody_there_is_told_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(LanguageModelError, match=r"cannot be reached.*Is it running"):
        LanguageModel(f"http://127.0.0.1:{port}", "m")(ASKED)


def test_this_machine_is_asked_without_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with chat_server("Hello.") as server:
        assert LanguageModel(server.url, "m")(ASKED) == "Hello."
        assert LanguageModel(server.url.replace("127.0.0.1", "localhost"), "m")(ASKED) == "Hello."
    with pytest.raises(LanguageModelError, match="cannot be reached"):
        LanguageModel("http://model.example", "m")(ASKED)


@pytest.mark.parametrize(
    "url",
    ["", "localhost:11434", "ftp://x", "http://", "http://x:99999", "http://[::1", "file:///etc/passwd", "http://a b",
     "http://x/v1?key=1", "http://x/#y", "http://x\x1b[2J", "http://x\ny"],
)  # fmt: skip
def test_an_address_that_is_none_is_wrong_usage(url: str) -> None:
    with pytest.raises(UsageError, match="--llm"):
        LanguageModel(url)


@pytest.mark.parametrize("key", ["a\nb", "schlüssel", "\x00"])
def test_a_key_that_cannot_be_sent_is_wrong_usage(key: str) -> None:
    with pytest.raises(UsageError, match="KB_LLM_KEY"):
        LanguageModel("http://localhost", "m", key)
