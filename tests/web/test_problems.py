"""What is not there, or cannot be answered, is told in a sentence: on a page of ours, or as JSON to a program."""

from __future__ import annotations

import html
import json

import lxml.html
import pytest
from fastapi import FastAPI

from kb.knowledge_base import KnowledgeBase
from kb.web.server.application import build_app

from .asgi import send_all
from .conftest import run_async

pytestmark = pytest.mark.slow  # gradio's import

NOTHING = "There is no page or file at this address; begin at the first page, /."
TOLD = {
    "/nothing": (404, NOTHING),
    "/nothing/here.php?x=<b>": (404, NOTHING),
    "/library/": (404, NOTHING),
    "/vb/nothing.css": (404, NOTHING),
    "/assets/nothing.js": (404, NOTHING),
    "/sign-in": (404, NOTHING),
    "/speaker/a%0Ab": (404, NOTHING),
    "/collections/a%0Ab": (404, NOTHING),
    "/library%0A": (404, NOTHING),
    "/collections%0A": (404, NOTHING),
    "/library%7F": (404, NOTHING),
    "/library%C2%85": (404, NOTHING),
    "/collections/nobody": (404, "There is no collection"),
    "/speaker/Ann%20%26%20Lee": (404, "Nobody in your library is called &#x27;Ann &amp; Lee&#x27;"),
    "/saved": (400, "This address or form cannot be answered (id: field required)."),
}
#: Of somebody who is not there the library is searched.
WAYS = {"/speaker/Ann%20%26%20Lee": "/library?q=Ann+%26+Lee"}


@pytest.fixture
def app(corpus_kb: KnowledgeBase) -> FastAPI:
    """The application of one's own machine, where nobody signs in."""

    async def build() -> FastAPI:
        return build_app(corpus_kb, "http://x/")

    return run_async(build())


def test_a_browser_is_shown_a_page(app: FastAPI) -> None:
    asked = {"client": "127.0.0.1", "accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    answers = send_all(app, [("GET", path, asked) for path in TOLD])
    for (path, (status, sentence)), answer in zip(TOLD.items(), answers, strict=True):
        assert answer.status == status, path
        assert answer.headers["content-type"].startswith("text/html"), path
        assert answer.text.count('role="alert"') == 1, path
        assert f'role="alert" dir="auto">{sentence}' in answer.text, path
        page = lxml.html.fromstring(answer.text)
        assert len(page.xpath("//main//h1")) == 1, path
        assert page.xpath("//main//a/@href") == ["/", WAYS.get(path, "/library"), "/collections"], path
        assert "detail" not in answer.text, path


def test_a_program_is_told_in_json(app: FastAPI) -> None:
    asked = {"client": "127.0.0.1", "accept": "application/json"}
    answers = send_all(app, [("GET", path, asked) for path in TOLD])
    for (path, (status, sentence)), answer in zip(TOLD.items(), answers, strict=True):
        told = json.loads(answer.text)
        assert (answer.status, list(told)) == (status, ["error"]), path
        assert told["error"].startswith(html.unescape(sentence)), path


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_programs_address_with_a_line_break_is_not_found(app: FastAPI, method: str) -> None:
    for path in ("/api/collections%0A", "/api/jobs/failed%0A", "/mcp%0A"):
        answer = send_all(app, [(method, path, {"client": "127.0.0.1"})])[0]
        assert (answer.status, json.loads(answer.text)) == (404, {"error": NOTHING}), path


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("{", "What was sent is not valid JSON (see character 2)"),
        ('{"name" "a"}', "What was sent is not valid JSON (see character 9)"),
        ("honey", "What was sent is not valid JSON (see character 1)"),
        ("", "Nothing was sent"),
    ],
)
def test_a_body_that_is_no_json_is_told_in_a_plain_sentence(app: FastAPI, body: str, sentence: str) -> None:
    sent = {"client": "127.0.0.1", "content_type": "application/json", "body": body}
    answer = send_all(app, [("POST", "/api/collections", sent)])[0]
    assert (answer.status, json.loads(answer.text)) == (400, {"error": f"{sentence}; /api describes what is expected."})


def test_a_mistake_of_ours_and_what_the_guard_refuses_are_pages_too(app: FastAPI) -> None:
    @app.get("/broken")
    def broken() -> None:
        raise RuntimeError("a secret")

    app.router.routes.insert(0, app.router.routes.pop())  # Gradio's, which comes last, takes what is left
    asked = {"client": "127.0.0.1", "accept": "text/html"}
    sent = [
        ("GET", "/broken", asked),
        ("POST", "/library", asked),
        ("GET", "/library", {**asked, "host": "evil.example"}),
        ("POST", "/library", {**asked, "origin": "http://evil.example"}),
    ]
    answers = send_all(app, sent)
    assert [answer.status for answer in answers] == [500, 404, 421, 403]
    for answer in answers:
        page = lxml.html.fromstring(answer.text)
        assert len(page.xpath("//main//h1")) == 1
        assert "secret" not in answer.text
