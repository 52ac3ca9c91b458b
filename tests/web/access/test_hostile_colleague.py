"""What a colleague with a reader's login may try, and what comes of it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from kb.knowledge_base import KnowledgeBase
from kb.web.access.accounts import Accounts
from kb.web.access.setup import access_from

from ...conftest import SEGMENT
from ..asgi import send, sent
from ..conftest import run_async
from .conftest import DRAGNET, PASSWORD, Server, built

pytestmark = pytest.mark.slow  # gradio's import

OTHER = f"{SEGMENT}@1:3357-3404"


@pytest.mark.parametrize(
    "name", ["everybody%20", "%20everybody", "everybody%E2%80%A8", "%C2%A0EVERYBODY", "Ed%20%20Own"]
)
def test_no_spelling_of_a_name_saves_in_somebody_elses_collection(server: Server, name: str) -> None:
    server.kb.collections.save("everybody", DRAGNET)
    server.kb.collections.save("Ed Own", DRAGNET)
    body = json.dumps({"id": OTHER})
    answer = server.send("POST", f"/api/collections/{name}/quotes", "Rita", content_type="application/json", body=body)
    assert answer.status == 403
    assert [each.quotes for each in server.kb.collections.all()] == [1, 1]


def test_many_who_sign_in_at_once_stop_nobody_else(server: Server) -> None:
    """More of them than a server has threads, each waiting for its password to be compared."""
    body = urlencode({"name": "Rita", "password": PASSWORD})
    kind = {"content_type": "application/x-www-form-urlencoded"}
    cookie = server.cookie("Ada")

    async def all_at_once() -> tuple[int, list[int]]:
        room = server.access.accounts._room
        held = [room.acquire(blocking=False) for _ in range(2)]
        entering = [
            asyncio.ensure_future(sent(server.app, "POST", "/sign-in", "192.0.2.7", body, **kind)) for _ in range(42)
        ]
        for _ in range(10):
            await asyncio.sleep(0)  # lets each of them begin
        try:
            meanwhile = await asyncio.wait_for(sent(server.app, "GET", "/library", "192.0.2.8", cookie=cookie), 60)
        finally:
            for _ in held:
                room.release()
        return meanwhile.status, [answer.status for answer in await asyncio.gather(*entering)]

    assert run_async(all_at_once()) == (200, [303] * 42)


def test_an_export_is_logged_in_the_format_that_was_sent_and_with_no_other_text(server: Server) -> None:
    server.kb.collections.save("all", DRAGNET)
    answer = server.send("GET", "/collections/all/export?format=md+and+Ada+removed+everything&format=csv", "Rita")
    assert (answer.status, answer.headers["content-type"].split(";")[0]) == (200, "text/csv")
    assert server.kb.activity.last(1)[0].subject == "all as csv"


def test_a_name_that_only_looks_alike_in_capitals_is_somebody_else(corpus_kb: KnowledgeBase, tmp_path: Path) -> None:
    """A login in front may let people choose their name."""
    accounts = Accounts(tmp_path / "users.json")
    for name in ("Sam", "Strasse"):
        accounts.add(name, "admin", PASSWORD)
    access = access_from("0.0.0.0", tmp_path / "users.json", "X-Remote-User", ["10.0.0.5"])
    assert access is not None
    app = built(corpus_kb, access)

    def account(name: str) -> dict[str, Any]:
        return json.loads(send(app, "GET", "/account", client="10.0.0.5", x_remote_user=name).text)  # type: ignore[no-any-return]

    assert account("SAM")["role"] == "admin"
    for name in ("\u017fam", "Straße"):  # a long s
        assert account(name)["role"] == "reader"
