"""The application with users, and how each of them asks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from kb.knowledge_base import KnowledgeBase
from kb.web.access.accounts import Accounts
from kb.web.access.sessions import COOKIE
from kb.web.access.setup import Access, access_from
from kb.web.server.application import build_app

from ...conftest import SEGMENT
from ..asgi import Answer, send
from ..conftest import run_async

PASSWORD = "correct horse battery"
DRAGNET = f"{SEGMENT}@1:3188-3278"
NAMES = {"Rita": "reader", "Edgar": "editor", "Ada": "admin"}


@dataclass
class Server:
    """The application over the corpus, and how to come in."""

    app: ASGIApp
    access: Access
    kb: KnowledgeBase

    def cookie(self, name: str) -> str:
        account = self.access.accounts.find(name)
        assert account is not None
        return f"{COOKIE}={self.access.sessions.begin(account)}"

    def send(self, method: str, path: str, name: str | None = None, **more: str) -> Answer:
        signed = {"cookie": self.cookie(name)} if name else {}
        return send(self.app, method, path, **signed, **more)


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("users") / "users.json"
    accounts = Accounts(path)
    for name, role in NAMES.items():
        accounts.add(name, role, PASSWORD)  # type: ignore[arg-type]
    return path


@pytest.fixture
def server(corpus_kb: KnowledgeBase, users: Path) -> Server:
    access = access_from("0.0.0.0", users)
    assert access is not None
    return Server(built(corpus_kb, access), access, corpus_kb)


def built(kb: KnowledgeBase, access: Access | None) -> ASGIApp:
    """Return the application, built where a loop runs, for which Gradio would make one else and leave it open."""

    async def build() -> ASGIApp:
        return build_app(kb, "http://x/", access=access)

    return run_async(build())
