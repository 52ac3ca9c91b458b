"""Who is let in without a password: programs with tokens, whom a proxy names, and oneself alone."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from kb.errors import UsageError
from kb.knowledge_base import KnowledgeBase
from kb.web.access.setup import access_from

from ...conftest import SEGMENT
from ..asgi import Answer, send
from .conftest import PASSWORD, Server, built

pytestmark = pytest.mark.slow  # gradio's import


def test_tokens_let_programs_in_as_far_as_their_scope_goes(server: Server) -> None:
    secret = server.kb.catalogue.tokens.add("indexer", "reader", 1)
    bearer = {"authorization": f"Bearer {secret}"}
    assert send(server.app, "GET", "/api/ask?q=Who+called+it+a+dragnet", **bearer).status == 200
    assert send(server.app, "POST", "/api/jobs/retry", **bearer).status == 403
    assert send(server.app, "GET", f"/audio/{SEGMENT}", **bearer).status == 200
    hello = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}}  # fmt: skip
    mcp = {
        "content_type": "application/json",
        "accept": "application/json, text/event-stream",
        "body": json.dumps(hello),
    }
    assert send(server.app, "POST", "/mcp", **mcp, **bearer).status == 200
    assert send(server.app, "POST", "/mcp", **mcp).status == 401
    assert send(server.app, "GET", "/library", **bearer).status == 303  # pages are for people
    for wrong in (secret[:-1], secret + "x", "", "vb_"):
        answer = send(server.app, "GET", "/api/episodes", authorization=f"Bearer {wrong}")
        assert (answer.status, answer.headers["www-authenticate"]) == (401, "Bearer")
    with sqlite3.connect(server.kb.home / "catalogue.sqlite3") as sql:
        assert secret not in str(sql.execute("SELECT * FROM tokens").fetchall())
        sql.execute("UPDATE tokens SET expires_at = '2020-01-01T00:00:00+00:00'")
    sql.close()
    assert send(server.app, "GET", "/api/episodes", **bearer).status == 401
    again = server.kb.catalogue.tokens.add("writer", "admin", 1)
    assert send(server.app, "POST", "/api/jobs/retry", authorization=f"bearer {again}").status == 200
    server.kb.catalogue.tokens.revoke("Writer")
    assert send(server.app, "POST", "/api/jobs/retry", authorization=f"bearer {again}").status == 401


def test_a_header_is_believed_from_the_proxy_alone(corpus_kb: KnowledgeBase, users: Path) -> None:
    access = access_from("0.0.0.0", users, "X-Remote-User", ["10.0.0.5"])
    assert access is not None
    app = built(corpus_kb, access)

    def account(client: str, **headers: str) -> dict[str, Any] | int:
        answer = send(app, "GET", "/account", client=client, **headers)
        return json.loads(answer.text) if answer.status == 200 else answer.status

    assert account("10.0.0.5", x_remote_user="ada") == {"name": "Ada", "role": "admin", "signs_out": False}
    assert account("10.0.0.5", x_remote_user="Zoë") == {"name": "Zoë", "role": "reader", "signs_out": False}
    assert account("::ffff:10.0.0.5", x_remote_user="rita") == {"name": "Rita", "role": "reader", "signs_out": False}
    for client in ("10.0.0.6", "127.0.0.1", "192.0.2.7", "::ffff:10.0.0.5x"):
        assert account(client, x_remote_user="ada") == 401
        assert account(client, x_remote_user="ada", x_forwarded_for="10.0.0.5") == 401
    assert account("10.0.0.5") == 401
    assert account("10.0.0.5", x_remote_user="eve\nada") == 401  # sent twice
    assert account("10.0.0.5", x_remote_user="a,b") == 401
    assert send(app, "GET", "/sign-in", client="10.0.0.5").status != 200


def test_a_proxy_that_encrypts_is_believed_and_tries_are_counted_behind_it(
    corpus_kb: KnowledgeBase, users: Path
) -> None:
    access = access_from("0.0.0.0", users, proxies=["10.0.0.0/24"])
    assert access is not None
    app = built(corpus_kb, access)

    def enter(client: str, password: str, **headers: str) -> Answer:
        kind = "application/x-www-form-urlencoded"
        body = f"name=Ada&password={password}"
        return send(app, "POST", "/sign-in", client=client, body=body, content_type=kind, **headers)

    assert "Secure" in enter("10.0.0.9", PASSWORD, x_forwarded_proto="https").headers["set-cookie"]
    assert "Secure" not in enter("192.0.2.7", PASSWORD, x_forwarded_proto="https").headers["set-cookie"]
    for _ in range(5):
        enter("10.0.0.9", "wrong", x_forwarded_for="203.0.113.1, 198.51.100.1")
    assert enter("10.0.0.9", PASSWORD, x_forwarded_for="198.51.100.1").status == 429
    assert enter("10.0.0.9", PASSWORD, x_forwarded_for="203.0.113.1").status == 303  # the browser wrote that one
    for n in range(5):
        enter("192.0.2.8", "wrong", x_forwarded_for=f"203.0.113.{n}")
    assert enter("192.0.2.8", PASSWORD, x_forwarded_for="203.0.113.99").status == 429  # nobody's proxy


def test_a_server_for_others_says_who_may_come_in(users: Path, tmp_path: Path) -> None:
    for host in ("127.0.0.1", "::1", "localhost", "127.9.9.9"):
        assert access_from(host) is None
    for host in ("0.0.0.0", "::", "192.168.0.7", "newsroom.local", ""):
        with pytest.raises(UsageError, match="say who may: --users FILE"):
            access_from(host)
    for wrong, told in (
        ({"header": "X-User"}, "needs --trusted-proxy"),
        ({"header": "X-User", "proxies": ["here"]}, "is not an address"),
        ({"header": "X User", "proxies": ["10.0.0.5"]}, "is not a header's name"),
        ({"users": tmp_path / "none.json"}, "There are no users"),
    ):
        with pytest.raises(UsageError, match=told):
            access_from("0.0.0.0", **wrong)  # type: ignore[arg-type]
    (tmp_path / "bad.json").write_text('{"users": [{"name": "x", "role": "king", "hash": null}]}')
    with pytest.raises(UsageError, match="is not a file of users"):
        access_from("0.0.0.0", tmp_path / "bad.json")


def test_alone_on_ones_machine_nothing_changes(corpus_kb: KnowledgeBase) -> None:
    app = built(corpus_kb, None)
    page = send(app, "GET", "/library", client="127.0.0.1")
    assert page.status == 200
    assert "account.js" not in page.text
    assert send(app, "GET", "/sign-in", client="127.0.0.1").status == 404
