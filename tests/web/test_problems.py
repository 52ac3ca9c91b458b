"""What is not there, or cannot be answered, is told in a sentence: on a page of ours, or as JSON to a program."""

from __future__ import annotations

import json

import pytest
from starlette.types import ASGIApp

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
    "/saved": (400, "This address or form cannot be answered (id: field required)."),
}


@pytest.fixture
def app(corpus_kb: KnowledgeBase) -> ASGIApp:
    """The application of one's own machine, where nobody signs in."""

    async def build() -> ASGIApp:
        return build_app(corpus_kb, "http://x/")

    return run_async(build())


def test_a_browser_is_shown_a_page(app: ASGIApp) -> None:
    asked = {"client": "127.0.0.1", "accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    answers = send_all(app, [("GET", path, asked) for path in TOLD])
    for (path, (status, sentence)), answer in zip(TOLD.items(), answers, strict=True):
        assert answer.status == status, path
        assert answer.headers["content-type"].startswith("text/html"), path
        assert answer.text.count('role="alert"') == 1, path
        assert f'role="alert">{sentence}' in answer.text, path
        assert 'href="/library"' in answer.text, path
        assert "detail" not in answer.text, path


def test_a_program_is_told_in_json(app: ASGIApp) -> None:
    asked = {"client": "127.0.0.1", "accept": "application/json"}
    answers = send_all(app, [("GET", path, asked) for path in TOLD])
    for (path, (status, sentence)), answer in zip(TOLD.items(), answers, strict=True):
        told = json.loads(answer.text)
        assert (answer.status, list(told)) == (status, ["error"]), path
        assert told["error"].startswith(sentence), path


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_programs_address_with_a_line_break_is_not_found(app: ASGIApp, method: str) -> None:
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
def test_a_body_that_is_no_json_is_told_in_a_plain_sentence(app: ASGIApp, body: str, sentence: str) -> None:
    sent = {"client": "127.0.0.1", "content_type": "application/json", "body": body}
    answer = send_all(app, [("POST", "/api/collections", sent)])[0]
    assert (answer.status, json.loads(answer.text)) == (400, {"error": f"{sentence}; /api tells what is expected."})
