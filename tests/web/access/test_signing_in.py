"""Signing in and out, how often one may try, how long it lasts, and in the browser."""

from __future__ import annotations

import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kb.knowledge_base import KnowledgeBase
from kb.web.access.accounts import Accounts
from kb.web.access.sessions import COOKIE, Sessions
from kb.web.access.setup import access_from
from kb.web.access.tries import Tries

from ...conftest import SEGMENT
from ..asgi import send
from .conftest import DRAGNET, PASSWORD, Server, built

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from ..conftest import Visit


pytestmark = pytest.mark.slow  # gradio's import


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


def test_how_long_to_wait_is_told_in_minutes(server: Server) -> None:
    now = [0.0]
    access = replace(server.access, tries=Tries(lambda: now[0]))
    app, kind = built(server.kb, access), {"content_type": "application/x-www-form-urlencoded"}
    for _ in range(5):
        send(app, "POST", "/sign-in", body="name=Ada&password=wrong", **kind)
    for now[0], told in ((1.0, "Wait 15 minutes and try again."), (850.0, "Wait 1 minute and try again.")):
        assert told in send(app, "POST", "/sign-in", body="name=Ada&password=wrong", **kind).text


def test_tries_are_counted_by_name_and_address_and_forgotten() -> None:
    now = [0.0]
    tries = Tries(lambda: now[0])

    def tried(address: str, name: str, right: bool = False) -> int:
        wait = tries.begin(address, name)
        if not wait:
            tries.end(address, name, right)
        return wait

    assert [tried("a", f"n{n}") for n in range(30)] == [0] * 30
    assert tried("a", "another") > 0  # one address, many names
    assert tried("b", "another") == 0
    assert tried("desk", "Ada", right=True) == 0
    for n in range(99):
        tried(f"c{n}", ("Ada", " ada", "ADA\u3000")[n % 3])  # all of them find the account of Ada
    tried("d", "ADA")
    assert tried("e", " ada ") > 0  # one name, many addresses
    assert tried("desk", "ada", right=True) == 0  # who locks Ada out does not do so where she works
    assert [tried("desk", "ada") for _ in range(5)] == [0] * 5
    assert tried("desk", "ada") > 0
    now[0] = 901
    assert tried("a", "another") == 0
    assert tried("e", "ada") == 0
    for _ in range(20):
        assert tried("f", "Eve", right=True) == 0


def test_people_who_sign_in_at_the_same_time_all_come_in_and_guesses_do_not() -> None:
    for right in (True, False):
        tries = Tries(lambda: 0.0)
        assert [tries.begin("nat", "Ada") for _ in range(5)] == [0] * 5
        with ThreadPoolExecutor(1) as other:
            sixth = other.submit(tries.begin, "nat", "Ada")  # waits, for five might be wrong
            for _ in range(5):
                tries.end("nat", "Ada", right)
            assert (sixth.result() == 0) is right


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


def test_a_file_of_users_that_breaks_lets_nobody_in_and_is_not_shown(
    corpus_kb: KnowledgeBase, users: Path, tmp_path: Path
) -> None:
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
        assert "Sign-in does not work just now" in answer.text
        assert "secret.json" not in answer.text


def sign_in(page: Page, name: str) -> None:
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.browser
def test_a_reader_signs_in_asks_and_signs_out(
    serving: Any, visit: Any, corpus_home: Path, tmp_path: Path, users: Path
) -> None:
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
    seen.ask("Who described the collaboration as a dragnet?")
    expect(page.locator("#answer")).to_contain_text("dragnet")
    expect(page.get_by_text("1 episode searched").first).to_be_attached()  # the answer is whole
    expect(page.get_by_text("Rita")).to_be_visible()
    # Somebody else saved from this browser last: another collection is asked for, and that one is only read.
    page.evaluate("localStorage.setItem('vb-collection', 'everybody')")
    expect(page.get_by_role("button", name="Heard")).to_be_hidden()
    # The saved quote is marked first: a press while it changes would be a press on the mark.
    expect(page.get_by_role("button", name="✓ Saved in everybody")).to_be_visible()
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
    expect(page.get_by_text("1 episode. Every quote")).to_be_visible()
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
    # What somebody hears goes on from page to page, and ends where another one signs in.
    page.get_by_role("button", name=re.compile("Play from")).click()
    page.get_by_role("link", name="Library").click()
    expect(page.get_by_role("heading", name="Library")).to_be_visible()
    expect(page.get_by_role("region", name="Audio player")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    sign_in(page, "Rita")
    expect(page.get_by_text("Rita")).to_be_visible()
    expect(page.get_by_role("region", name="Audio player")).to_be_hidden()
