"""A server for many people: every route for every role, signing in, tokens, a proxy's word, and who is written down."""

from __future__ import annotations

import json
import re
import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from starlette.routing import Mount
from starlette.types import ASGIApp

from kb.catalogue import ROLES, Role
from kb.cli import main
from kb.errors import UsageError
from kb.knowledge_base import KnowledgeBase
from kb.web.access.accounts import Accounts
from kb.web.access.rules import RULES
from kb.web.access.sessions import COOKIE, Sessions
from kb.web.access.setup import Access, access_from
from kb.web.access.tries import Tries
from kb.web.server.application import build_app

from ..conftest import SEGMENT
from .asgi import Answer, send, send_all
from .conftest import run_async

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .conftest import Visit

pytestmark = pytest.mark.slow  # gradio's import

PASSWORD = "correct horse battery"
NAMES = {"Rita": "reader", "Edgar": "editor", "Ada": "admin"}
DRAGNET = f"{SEGMENT}@1:3188-3278"
#: Gradio's routes that nobody may use: uploads, files, proxies, its own login, an editor of its code, other calls.
CLOSED = re.compile(
    r"/(login|logout|openapi\.json|monitoring|gradio_api/(deep_link|user|login_check|token|dev|runs|openapi\.json"
    r"|custom_component|proxy|file|stream|api|run|call|component_server|upload|upload_progress|process_recording|(undo-)?vibe-[a-z-]+))([/={].*)?"
)
REFUSED = re.compile(
    r"Sign in first|You are no longer signed in|You are signed in as|There is nothing at this address\.|is everybody&#x27;s|is everybody's"
)


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
    if method in ("GET", "HEAD"):
        return "admin" if path == "/log" else "reader"
    if re.match(r"/api/(jobs|uploads|feeds|example)", path):
        return "admin"
    return "editor" if path.startswith(("/episode/", "/api/ledger")) else "reader"


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
        "/library/../api/jobs/retry", "/quote/../api/jobs/retry", "/vb/../api/jobs/retry", "/api/jobs/retry\n",
    ):  # fmt: skip
        for name in (None, "Rita"):
            answer = server.send("POST", path, name)
            assert answer.status in (401, 403, 404), (path, name, answer)
    assert server.send("GET", "/vb/../../../server/guard.py").status in (303, 404)


def test_signing_in_and_out(server: Server) -> None:
    first = server.send("GET", "/episode/x?q=a%26b")
    assert (first.status, first.headers["location"]) == (303, "/sign-in?then=%2Fepisode%2Fx%3Fq%3Da%2526b")
    form = server.send("GET", first.headers["location"])
    assert 'value="/episode/x?q=a%26b"' in form.text
    assert form.headers["cache-control"] == "no-store"
    kind = {"content_type": "application/x-www-form-urlencoded"}
    wrong = server.send("POST", "/sign-in", body="name=Ada&password=wrong", **kind)
    unknown = server.send("POST", "/sign-in", body="name=Nobody&password=wrong", **kind)
    assert (wrong.status, unknown.status) == (401, 401)
    assert wrong.text.replace("Ada", "Nobody") == unknown.text
    assert "set-cookie" not in wrong.headers
    right = server.send("POST", "/sign-in", body=f"name=ada&password={PASSWORD}&then=/library", **kind)
    assert (right.status, right.headers["location"]) == (303, "/library")
    cookie = right.headers["set-cookie"]
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "Secure" not in cookie  # without encryption, the browser would not send it back
    signed = cookie.partition(";")[0]
    assert json.loads(send(server.app, "GET", "/account", cookie=signed).text)["name"] == "Ada"
    page = send(server.app, "GET", "/library", cookie=signed)
    assert "account.js" in page.text
    assert page.headers["cache-control"] == "no-store"
    assert "no longer" not in send(server.app, "GET", "/sign-in", cookie=signed).text
    out = send(server.app, "POST", "/sign-out", cookie=signed)
    assert out.headers["location"] == "/sign-in"
    assert send(server.app, "GET", "/library", cookie=signed).status == 303
    assert "You are no longer signed in." in send(server.app, "GET", "/sign-in", cookie=signed).text
    # A page's script is told one sentence, wherever it asks; a program is told of tokens.
    asked = {"accept": "application/json", "origin": "http://localhost"}
    for path in (f"/episode/{SEGMENT}/words", "/api/collections/x/quotes", "/gradio_api/queue/join"):
        told = json.loads(send(server.app, "POST", path, **asked).text)["error"]
        assert told == "You are no longer signed in. Sign in in another tab and try again; what you typed is kept here."
    refused = server.send("POST", f"/episode/{SEGMENT}/words", "Rita", **asked)
    assert json.loads(refused.text)["error"] == "You are signed in as Rita, a reader; this takes an editor."
    assert "account.js" in server.send("GET", "/log", "Rita").text  # by which one signs out
    encrypted = server.send(
        "POST", "/sign-in", body=f"name=Ada&password={PASSWORD}", origin="https://localhost", **kind
    )
    assert "Secure" in encrypted.headers["set-cookie"].split("; ")


@pytest.mark.parametrize(
    "then",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\t//evil", "javascript:x", "/%0a", "/sign-out", ""],
)
def test_one_comes_back_to_this_server_alone(server: Server, then: str) -> None:
    from urllib.parse import urlencode

    body = urlencode({"name": "Ada", "password": PASSWORD, "then": then})
    answer = server.send("POST", "/sign-in", body=body, content_type="application/x-www-form-urlencoded")
    assert answer.headers["location"] in ("/", "/%0a")


def test_passwords_cannot_be_tried_for_long(server: Server) -> None:
    kind = {"content_type": "application/x-www-form-urlencoded"}
    answers = [server.send("POST", "/sign-in", body="name=Ada&password=wrong", **kind).status for _ in range(7)]
    assert answers == [401] * 5 + [429] * 2
    late = server.send("POST", "/sign-in", body=f"name=Ada&password={PASSWORD}", **kind)
    assert late.status == 429
    assert 800 < int(late.headers["retry-after"]) <= 901
    # From where Ada is, she still comes in.
    other = server.send("POST", "/sign-in", client="192.0.2.99", body=f"name=Ada&password={PASSWORD}", **kind)
    assert other.status == 303


def test_tries_are_counted_by_name_and_address_and_forgotten() -> None:
    now = [0.0]
    tries = Tries(lambda: now[0])
    assert [tries.begin("a", f"n{n}") for n in range(30)] == [0] * 30
    assert tries.begin("a", "another") > 0  # one address, many names
    assert tries.begin("b", "another") == 0
    for n in range(99):
        tries.begin(f"c{n}", "Ada")
    tries.begin("d", "ADA")
    assert tries.begin("e", "ada") > 0  # one name, many addresses
    now[0] = 901
    assert tries.begin("a", "another") == 0
    assert tries.begin("e", "ada") == 0
    for _ in range(20):
        assert tries.begin("f", "Eve") == 0
        tries.succeeded("f", "Eve")


def test_sessions_end(users: Path, tmp_path: Path) -> None:
    accounts = Accounts(tmp_path / "u.json")
    accounts.add("Ann", "reader", PASSWORD)
    now = [0.0]
    sessions = Sessions(accounts, lambda: now[0])

    def begun() -> str:
        account = accounts.verify("Ann", PASSWORD)
        assert account is not None
        return sessions.begin(account)

    secret = begun()
    for _ in range(15):
        now[0] += 11 * 3600
        found = sessions.find(secret)
    assert found is not None
    assert sessions.find(secret[:-1]) is None
    now[0] += 11 * 3600
    assert sessions.find(secret) is None  # a week has passed
    idle = begun()
    now[0] += 13 * 3600
    assert sessions.find(idle) is None
    secret = begun()
    accounts.add("Ann", "admin", PASSWORD + "!")  # another password ends what the old one began
    assert sessions.find(secret) is None
    removed = Accounts(tmp_path / "u.json")  # as another process does it
    fresh = accounts.verify("Ann", PASSWORD + "!")
    assert fresh is not None
    secret = sessions.begin(fresh)
    assert sessions.find(secret) is not None
    removed.remove("ann")
    assert sessions.find(secret) is None
    assert accounts.verify("Ann", PASSWORD) is None


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


def test_who_did_it_is_who_is_signed_in_and_stays_in_the_log(server: Server) -> None:
    kind = {"content_type": "application/x-www-form-urlencoded"}
    turn = server.kb.canonical(SEGMENT).turns[0]
    text = server.kb.text(SEGMENT)[turn.char_start : turn.char_end] + " Indeed."
    body = f"text={text}&revision=1&turn=0&by=Mallory"
    assert server.send("POST", f"/episode/{SEGMENT}/words", "Edgar", body=body, **kind).status == 303
    note = server.kb.catalogue.corrections.revisions(SEGMENT)[-1].correction
    assert note is not None
    assert note.by == "Edgar"
    judged = server.send(
        "POST",
        f"/api/ledger/{DRAGNET}",
        "Ada",
        content_type="application/json",
        body='{"status": "heard", "by": "Mallory"}',
    )
    assert judged.status == 201
    assert server.kb.catalogue.ledger.histories([DRAGNET])[DRAGNET][0].by == "Ada"
    server.kb.catalogue.collections.add(server.kb.catalogue.collections.ensure("all"), server.kb.quote(DRAGNET))
    assert server.send("GET", "/collections/all/export?format=csv", "Rita").status == 200
    assert server.send("DELETE", "/api/collections/none", "Ada").status == 404  # nothing was done
    server.send("GET", "/api/ask?q=secret", "Rita")
    deeds = server.kb.catalogue.activity.last(10)
    assert [(deed.by, deed.what, deed.subject) for deed in deeds] == [
        ("Edgar", "corrected words", SEGMENT),
        ("Ada", "judged a quote", DRAGNET),
        ("Rita", "exported a collection", "all as csv"),
    ]
    server.kb.catalogue.activity.note("<b>Eve", "took in", "${alert(1)}")
    page = server.send("GET", "/log", "Ada").text
    assert page.index("&lt;b&gt;Eve") < page.index("exported a collection") < page.index("corrected words")
    assert "${alert" not in page
    assert "judged" not in server.send("GET", "/log?by=Rita", "Ada").text
    with sqlite3.connect(server.kb.home / "catalogue.sqlite3") as sql:
        for statement in ("DELETE FROM activity", "UPDATE activity SET by = 'x'"):
            with pytest.raises(sqlite3.IntegrityError, match="only added to"):
                sql.execute(statement)
    sql.close()


def test_readers_save_in_collections_of_their_own(server: Server) -> None:
    quote = json.dumps({"id": DRAGNET})

    def save(name: str, collection: str) -> int:
        path = f"/api/collections/{collection}/quotes"
        return server.send("POST", path, name, content_type="application/json", body=quote).status

    assert save("Edgar", "everybody") == 201
    assert save("Rita", "everybody") == 403
    assert save("Rita", "EVERYBODY") == 403
    assert save("Rita", "Ritas") == 201
    assert save("Edgar", "ritas") == 403
    assert save("Ada", "ritas") == 201
    assert server.send("GET", "/api/collections/ritas", "Edgar").status == 200
    assert server.send("DELETE", f"/api/collections/everybody/quotes/{DRAGNET}", "Rita").status == 403
    assert server.send("DELETE", "/api/collections/everybody", "Rita").status == 403
    assert server.send("DELETE", "/api/collections/Ritas", "Rita").status == 204


def test_a_server_for_others_says_who_may_come_in(users: Path, tmp_path: Path) -> None:
    for host in ("127.0.0.1", "::1", "localhost", "127.9.9.9"):
        assert access_from(host) is None
    for host in ("0.0.0.0", "::", "192.168.0.7", "newsroom.local", ""):
        with pytest.raises(UsageError, match="say who may: --users FILE"):
            access_from(host)
    for wrong, told in (
        ({"header": "X-User"}, "needs --trusted-proxy"),
        ({"header": "X-User", "proxies": ["here"]}, "is no address"),
        ({"header": "X User", "proxies": ["10.0.0.5"]}, "is no header's name"),
        ({"users": tmp_path / "none.json"}, "There are no users"),
    ):
        with pytest.raises(UsageError, match=told):
            access_from("0.0.0.0", **wrong)  # type: ignore[arg-type]
    (tmp_path / "bad.json").write_text('{"users": [{"name": "x", "role": "king", "hash": null}]}')
    with pytest.raises(UsageError, match="is no file of users"):
        access_from("0.0.0.0", tmp_path / "bad.json")


def test_a_file_of_users_that_breaks_lets_nobody_in_and_is_not_shown(
    corpus_kb: KnowledgeBase, users: Path, tmp_path: Path
) -> None:
    import shutil

    access = access_from("0.0.0.0", Path(shutil.copy(users, tmp_path / "secret.json")))
    assert access is not None
    server = Server(built(corpus_kb, access), access, corpus_kb)
    cookie = server.cookie("Ada")
    (tmp_path / "secret.json").write_text("{")
    kind = "application/x-www-form-urlencoded"
    for answer in (
        send(server.app, "GET", "/library", cookie=cookie),
        send(server.app, "GET", "/sign-in", cookie=cookie),
        send(server.app, "POST", "/sign-in", body=f"name=Ada&password={PASSWORD}", content_type=kind),
    ):
        assert answer.status == 503
        assert "cannot be told just now" in answer.text
        assert "secret.json" not in answer.text


def test_alone_on_ones_machine_nothing_changes(corpus_kb: KnowledgeBase) -> None:
    app = built(corpus_kb, None)
    page = send(app, "GET", "/library", client="127.0.0.1")
    assert page.status == 200
    assert "account.js" not in page.text
    assert send(app, "GET", "/sign-in", client="127.0.0.1").status == 404


def test_users_and_tokens_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import io

    def kb(*arguments: str, told: str = "", code: int = 0) -> str:
        monkeypatch.setattr("sys.stdin", io.StringIO(told))
        with pytest.raises(SystemExit) as ended:
            main(["--home", str(tmp_path / "home"), *arguments])
        out, err = capsys.readouterr()
        assert (ended.value.code or 0) == code, err
        return out + err

    assert kb("users", "add", "Ann", "--role", "editor", told=f"{PASSWORD}\n") == "Ann may come in as editor.\n"
    assert "A password has 10 to 1,000 characters, and this one 5" in kb("users", "add", "Ben", told="short\n", code=2)
    kb("users", "add", "Cleo", "--no-password")
    file = tmp_path / "home" / "users.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert PASSWORD not in file.read_text()
    assert "$argon2id$" in file.read_text()
    assert kb("users", "list") == "editor  Ann\nreader  Cleo  (signs in elsewhere)\n"
    assert Accounts(file).verify("ann", PASSWORD)
    assert Accounts(file).verify("Cleo", "") is None
    kb("users", "remove", "ann")
    assert kb("users", "list") == "reader  Cleo  (signs in elsewhere)\n"
    secret = kb("tokens", "add", "robot", "--scope", "editor", "--days", "3").split()[0]
    assert secret.startswith("vb_")
    listed = kb("tokens", "list")
    assert listed.startswith("editor  20")
    assert secret not in listed
    kb("tokens", "revoke", "robot")
    assert kb("tokens", "list") == ""
    assert "There is no token 'robot'" in kb("tokens", "revoke", "robot", code=1)
    assert [line.split("  ")[2:] for line in kb("log").splitlines()] == [
        ["made a token that is editor", "robot"],
        ["revoked a token", "robot"],
    ]
    assert "say who may: --users FILE" in kb("serve", "--host", "0.0.0.0", code=2)


def sign_in(page: Page, name: str) -> None:
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.browser
def test_a_reader_signs_in_asks_and_signs_out(
    serving: Any, visit: Any, corpus_home: Path, tmp_path: Path, users: Path
) -> None:
    import shutil

    from playwright.sync_api import expect

    home = Path(shutil.copytree(corpus_home, tmp_path / "home"))
    with KnowledgeBase(home) as kb:
        kb.collections.save("everybody", DRAGNET)
    seen: Visit = visit(serving(home, "--users", str(users)), "library")
    page = seen.page
    sign_in(page, "Rita")
    expect(page.get_by_role("heading", name="Library")).to_be_visible()
    expect(page.get_by_role("searchbox", name="Search")).to_be_visible()
    expect(page.get_by_role("button", name="Add episodes")).to_be_hidden()
    page.get_by_role("link", name="Ask").click()
    seen.ask("Who called it a dragnet?")
    expect(page.locator("#answer")).to_contain_text("dragnet")
    expect(page.get_by_text("Rita")).to_be_visible()
    # Somebody else saved from this browser last: another collection is asked for, and that one is only read.
    page.evaluate("localStorage.setItem('vb-collection', 'everybody')")
    expect(page.get_by_role("button", name="Heard")).to_be_hidden()
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("save in one of your own")
    page.get_by_label("Save in").fill("Rita's own")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="✓ Saved in Rita's own")).to_be_visible()
    page.goto(f"{seen.address}collections/Rita's own")
    expect(page.get_by_role("button", name="Rename")).to_be_visible()
    page.goto(f"{seen.address}collections/everybody")
    expect(page.get_by_text("This collection is everybody's")).to_be_visible()
    expect(page.get_by_role("textbox", name="Note")).not_to_be_editable()
    expect(page.get_by_role("button", name=re.compile("Up|Remove|Rename|Delete"))).to_have_count(0)
    # A session that is over leads to signing in, and from there to what was asked.
    page.goto(seen.address)
    expect(page.get_by_text("1 episode, 7 passages")).to_be_visible()
    page.context.add_cookies([{"name": COOKIE, "value": "over", "url": seen.address}])
    seen.ask("Who called it a dragnet?")
    expect(page.get_by_role("alert")).to_contain_text("You are no longer signed in.")
    sign_in(page, "Edgar")
    expect(page.locator("#answer")).to_contain_text("dragnet")
    # Who has heard a quote is who is signed in, and a name that nobody typed is asked about by no page.
    page.get_by_role("button", name="Heard").first.click()
    expect(page.get_by_role("status").filter(has_text="Heard by Edgar.")).to_be_visible()
    page.goto(f"{seen.address}collections/everybody")
    expect(page.locator("[name=by]")).to_have_value("Edgar")
    page.get_by_role("link", name="Library").click()
    expect(page.get_by_role("heading", name="Library")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
