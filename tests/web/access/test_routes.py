"""Every route for every role, and paths that are written so that another rule might fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.routing import Mount

from kb.catalogue import ROLES, Role
from kb.web.access.rules import RULES

from ..asgi import send_all
from .conftest import NAMES, Server

pytestmark = pytest.mark.slow  # gradio's import


#: Gradio's routes that nobody may use: uploads, files, proxies, its own login, an editor of its code, other calls.
CLOSED = re.compile(
    r"/(login|logout|openapi\.json|monitoring|gradio_api/(deep_link|user|login_check|token|dev|runs|openapi\.json"
    r"|custom_component|proxy|file|stream|api|run|call|component_server|upload|upload_progress|process_recording|(undo-)?vibe-[a-z-]+))([/={].*)?"
)
REFUSED = re.compile(
    r"Sign in first|You are no longer signed in|You are signed in as|There is nothing at this address\.|is everybody&#x27;s|is everybody's"
)


def routes(app: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the method and path of every route of an application, mounted and included ones too."""
    for route in app.routes:
        inner = getattr(route, "original_router", None) or (route.app if isinstance(route, Mount) else None)
        path = prefix + getattr(route, "path", "")
        if inner is not None and hasattr(inner, "routes"):
            yield from routes(inner, path)
        elif inner is not None:
            yield "GET", f"{path}/style.css"  # a folder of files
        else:
            methods = getattr(route, "methods", None) or {"GET", "POST", "DELETE"}
            yield from ((method, path) for method in methods)


def expected(method: str, path: str) -> Role | None:
    """Return the least role that a route should take; written apart from the rules that are tested."""
    if path == "/api/names/places":
        return "editor"
    if method in ("GET", "HEAD"):
        return "admin" if path == "/log" else "reader"
    if re.match(r"/api/(jobs|uploads|feeds|example|models)", path):
        return "admin"
    return "editor" if path.startswith(("/episode/", "/api/ledger", "/api/names")) else "reader"


def test_every_route_of_the_application_for_each_role(server: Server) -> None:
    found = sorted(set(routes(server.app)))
    assert len(found) > 90
    assert {("POST", "/episode/{episode_id}/words"), ("PUT", "/api/uploads/{group}/{name}"), ("POST", "/mcp"),
            ("POST", "/gradio_api/queue/join"), ("GET", "/collections/{name}/export")} <= set(found)  # fmt: skip
    requests, told = [], []
    for method, path in found:
        for name, role in ((None, None), *NAMES.items()):
            filled = re.sub(r"\{[^}]*\}", "7", path)
            cookie = server.cookie(name) if name else ""  # one of its own, since signing out is a route, too
            requests.append((method, filled, {"client": "192.0.2.7", "cookie": cookie}))
            told.append((method, path, role))
    public = {
        ("GET", "/sign-in"),
        ("POST", "/sign-in"),
        ("POST", "/sign-out"),
        ("GET", "/vb/style.css"),
        ("GET", "/robots.txt"),
    }
    closed = set()
    for (method, path, role), answer in zip(told, send_all(server.app, requests), strict=True):
        refused = bool(REFUSED.search(answer.text)) or answer.headers.get("location", "").startswith("/sign-in?")
        if CLOSED.fullmatch(path):
            assert refused, (method, path, role, answer)
            closed.add(path)
        elif (method, path) in public:
            assert not refused or path == "/sign-out", (method, path, role, answer)
        else:
            need = expected(method, path)
            lets_in = role is not None and need is not None and ROLES.index(role) >= ROLES.index(need)
            assert refused is not lets_in, (method, path, role, answer)
            assert answer.status in (303, 401) or role is not None
    assert {"/gradio_api/upload", "/gradio_api/file={path_or_url:path}", "/login"} <= closed
    # Each rule is of a route that there is: one that was renamed would be closed to everybody.
    there = {(method, re.sub(r"\{[^}]*\}|style\.css", "7", path)) for method, path in found}
    for rule in RULES:
        assert (rule.method, re.sub(r"\{[^}]*\}", "7", rule.path)) in there, rule


def test_a_path_that_is_written_oddly_comes_no_further(server: Server) -> None:
    for path in (
        "//api/jobs/retry", "/api//jobs/retry", "/api/jobs/retry/", "/API/jobs/retry", "/api/jobs/../jobs/retry",
        "/library/../api/jobs/retry", "/quote/../api/jobs/retry", "/vb/../api/jobs/retry", "/api/jobs/retry%0A",
    ):  # fmt: skip
        for name in (None, "Rita"):
            answer = server.send("POST", path, name)
            assert answer.status in (401, 403, 404), (path, name, answer)
    assert server.send("GET", "/vb/../../../server/guard.py").status in (303, 404)
