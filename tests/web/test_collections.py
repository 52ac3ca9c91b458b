"""Collections on the page and as JSON: saving, notes, order, status, downloads, and hostile words."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote as url_quote

import docx
import lxml.html
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from kb.catalogue import Source
from kb.exports.verifying import verify
from kb.knowledge_base import KnowledgeBase
from kb.phrasing import OLDER_SOUND
from kb.types import Episode, Segment, Transcript
from kb.web.access.people import asked_here
from kb.web.api import build_api
from kb.web.background.worker import Worker
from kb.web.collections.routes import add_collections
from kb.web.quotes.routes import add_routes
from kb.web.server.problems import add_problems

from ..conftest import SEGMENT
from ..test_collections import quote_of, take_in
from ..test_damage import harm
from .conftest import Visit

BEDOYA = f"{SEGMENT}@1:3357-3552"
DRAGNET = f"{SEGMENT}@1:3188-3278"
HOSTILE = '<script>alert(1)</script> "q" & {b} ${x} \\ =1+1 🎙️ مرحبا'


def app_of(kb: KnowledgeBase) -> FastAPI:
    """Return the plain pages and the interface, without Gradio's page."""
    app = FastAPI()
    add_problems(app)
    add_routes(app, kb, asked_here(kb, False))
    add_collections(app, kb)
    app.mount("/api", build_api(kb, Worker(kb)))
    return app


@pytest.fixture
def client(corpus_kb: KnowledgeBase) -> Iterator[TestClient]:
    with TestClient(app_of(corpus_kb)) as opened:
        yield opened


def test_the_endpoints_keep_a_collection(client: TestClient) -> None:
    assert client.get("/api/collections").json() == []
    assert client.post("/api/collections", json={"name": "  my  net "}).json()["name"] == "my net"
    for quote_id in (BEDOYA, DRAGNET):
        saved = client.post("/api/collections/my net/quotes", json={"id": quote_id, "note": "n", "tags": ["a"]})
        assert (saved.status_code, saved.json()) == (201, {"id": quote_id, "saved": True})
    assert not client.post("/api/collections/my net/quotes", json={"id": BEDOYA}).json()["saved"]
    path = f"/api/collections/my net/quotes/{url_quote(DRAGNET, safe='')}"
    assert client.put(path, json={"note": "line 1\r\nline 2", "place": 1}).json()["place"] == 1
    judged = client.post(f"/api/ledger/{DRAGNET}", json={"status": "heard", "by": "Eve", "remark": "right"})
    assert (judged.status_code, judged.json()["status"]) == (201, "heard")
    items = client.get("/api/collections/MY NET").json()["items"]
    assert [(i["quote"]["id"], i["note"], i["tags"], i["status"]) for i in items] == [
        (DRAGNET, "line 1\nline 2", ["a"], "heard"),
        (BEDOYA, "n", ["a"], "unheard"),
    ]
    for tag, seen, status in (
        ("b", {"note": "n"}, 409),
        ("b", {"note": " line 1\nline 2 "}, 200),
        ("c", {"tags": ["a"]}, 409),
    ):
        assert client.put(path, json={"note": "3", "tags": [tag], "replaces": seen}).status_code == status
    assert client.put(path, json={"note": "3", "replaces": {"note": "lost reply"}}).status_code == 200  # so it is
    assert client.post(f"{path}/exchange", json={"id": BEDOYA}).status_code == 400  # it is in it already
    assert client.post(f"{path}/exchange", json={"id": f"{SEGMENT}@1:3188-3270"}).json()["place"] == 1
    assert client.post(f"{path[:-2]}70/exchange", json={"id": DRAGNET}).json() == {"id": DRAGNET, "place": 1}
    assert client.delete(path).status_code == 204
    assert client.post(f"{path}/restore").json() == {"id": DRAGNET, "place": 1}
    first = client.get("/api/collections/my net").json()["items"][0]
    assert (first["quote"]["id"], first["note"], first["tags"], first["status"]) == (DRAGNET, "3", ["b"], "heard")
    assert client.delete(path).status_code == 204
    assert client.post("/api/collections/my net/quotes/x/restore").status_code == 404
    assert client.put("/api/collections/my net", json={"name": "net"}).json() == {
        **client.get("/api/collections").json()[0],
        "quotes": 1,
    }
    assert client.delete("/api/collections/net").status_code == 204
    assert client.get("/api/collections").json() == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/collections/none", None, 404),
        ("GET", "/collections/none", None, 404),
        ("DELETE", "/api/collections/none/quotes/x", None, 404),
        ("POST", "/api/collections", {"name": "a/b"}, 400),
        ("POST", "/api/collections", {"name": ".."}, 400),
        ("POST", "/api/collections", {"name": "x" * 81}, 400),
        ("POST", "/api/collections", {"name": 5}, 400),
        ("POST", "/api/collections/x/quotes", {"id": "nonsense"}, 400),
        ("POST", "/api/collections/x/quotes", {"id": f"{SEGMENT}@9:1-2"}, 404),
        ("POST", "/api/collections/x/quotes", {"id": BEDOYA, "tags": ["a,b"]}, 400),
        ("POST", f"/api/ledger/{BEDOYA}", {"status": "invented", "by": "Eve"}, 400),
        ("POST", f"/api/ledger/{BEDOYA}", {"status": "heard", "by": " "}, 400),
        ("GET", "/collections/none/export?format=exe", None, 400),
    ],
)
def test_what_cannot_be_is_told_and_changes_nothing(
    client: TestClient, method: str, path: str, body: object, status: int
) -> None:
    reply = client.request(method, path, json=body)
    assert reply.status_code == status
    assert "Traceback" not in reply.text
    if path.startswith("/api"):
        assert reply.json()["error"].endswith((".", "them."))
    assert client.get("/api/collections").json() == []


def test_a_collection_downloads_in_every_format(client: TestClient, tmp_path: Path) -> None:
    client.post("/api/collections/Ünï/quotes", json={"id": BEDOYA, "note": "For the lede"})
    page = lxml.html.fromstring(client.get("/collections/Ünï?style=mla").text)
    assert page.xpath("string(//*[@class='vb-citation'])") == "(Shahani 3:34)"
    found = {}
    for link in page.xpath("//nav[@aria-label='Download']//a/@href"):
        reply = client.get(link)
        assert reply.status_code == 200
        name = reply.headers["content-disposition"].partition("filename=")[2].strip('"')
        found[name.rpartition(".")[2]] = reply.content
    assert set(found) == {"docx", "md", "html", "xlsx", "csv", "vtt", "srt", "zip"}
    assert "Works Cited" in [p.text for p in docx.Document(io.BytesIO(found["docx"])).paragraphs]
    (row,) = csv.DictReader(io.StringIO(found["csv"].decode("utf-8-sig")))
    assert (row["note"], row["link"]) == ("For the lede", f"http://testserver/quote/{BEDOYA}")
    (tmp_path / "evidence.zip").write_bytes(found["zip"])
    assert verify(tmp_path / "evidence.zip").problems == ()


def test_hostile_words_are_shown_and_not_obeyed(kb: KnowledgeBase) -> None:
    segments = (Segment(1.0, 2.0, f"{HOSTILE}.", HOSTILE),)
    episode_id, _ = kb.add(Episode("", HOSTILE, HOSTILE), Transcript(segments), Source("one", "1"))
    quote = quote_of(kb, episode_id, kb.text(episode_id).strip())
    app = app_of(kb)
    name = 'a "<b>" & {c} ${x}?#%'
    with TestClient(app) as client:
        path = f"/api/collections/{url_quote(name, safe='')}/quotes"
        assert client.post(path, json={"id": quote.id, "note": f"\n{HOSTILE}", "tags": [HOSTILE]}).status_code == 201
        client.post(f"/api/ledger/{quote.id}", json={"status": "disputed", "by": HOSTILE, "remark": HOSTILE})
        (address,) = lxml.html.fromstring(client.get("/collections").text).xpath("//main//a/@href")
        page = lxml.html.fromstring(client.get(address).text)
    assert page.xpath("//h1/text()") == [name]
    assert page.xpath("//textarea/text()")[0].strip() == HOSTILE
    assert page.xpath("//input[@name='tags']/@value") == [HOSTILE]
    assert not page.xpath("//main//script")


def test_a_removed_episode_is_told_on_the_page(kb: KnowledgeBase) -> None:
    episode_id = take_in(kb, "Cabbages are cheap.", "Kings are dear.")
    kb.catalogue.collections.add(kb.catalogue.collections.begin("x")[0], quote_of(kb, episode_id, "Kings are dear."))
    quote_id = kb.catalogue.collections.quotes(kb.catalogue.collections.get("x"))[0].quote.id
    kb.remove(episode_id)
    app = app_of(kb)
    with TestClient(app) as client:
        path = f"/api/collections/x/quotes/{quote_id}"
        assert client.delete(path).status_code == 204
        assert client.post(f"{path}/restore").status_code == 200  # its words, too, are back
        page = client.get("/collections/x").text
    assert "Kings are dear." in page
    assert "The episode is no longer in the knowledge base" in page


@pytest.mark.parametrize("audio", [None, "/sound.mp3"])
def test_an_older_revision_says_that_the_sound_is_the_newest(kb: KnowledgeBase, audio: str | None) -> None:
    def take_in_talk(words: str) -> str:
        known = kb.catalogue.sources.find("talk")
        episode = Episode(known[0] if known else "", "Show", "Talk", audio=audio)
        transcript = Transcript((Segment(1.0, 2.0, words, "Ann Lee"),))
        return kb.add(episode, transcript, Source("talk", words))[0]

    def told() -> list[bool]:
        pages = (f"/quote/{quote}", f"/episode/{episode_id}?quote={quote}", "/collections/x")
        with TestClient(app_of(kb)) as client:
            return [OLDER_SOUND in client.get(page).text for page in pages]

    episode_id = take_in_talk("Kings are dear.")
    quote = f"{episode_id}@1:0-15"
    kb.catalogue.collections.add(kb.catalogue.collections.begin("x")[0], kb.quote(quote))
    assert told() == [False] * 3
    assert take_in_talk("Kings were dear.") == episode_id
    assert told() == [audio is not None] * 3


def test_a_damaged_transcript_is_told_on_the_page(corpus_kb: KnowledgeBase) -> None:
    made = corpus_kb.catalogue.collections.begin("x")[0]
    corpus_kb.catalogue.collections.add(made, corpus_kb.quote(DRAGNET))
    words = corpus_kb.quote(DRAGNET).text
    harm(corpus_kb, "end")
    with TestClient(app_of(corpus_kb)) as client:
        page = client.get("/collections/x")
        assert client.get(f"/quote/{DRAGNET}").status_code == 422
    assert page.status_code == 200
    assert words in lxml.html.fromstring(page.text).text_content()
    assert "The stored transcript is damaged" in page.text


@pytest.mark.browser
def test_a_reader_saves_notes_orders_and_checks_quotes(
    visit: Callable[..., Visit], serving: Callable[[Path], str], corpus_kb: KnowledgeBase
) -> None:
    """One sitting in a real browser, from the quote's page to the ledger; what is typed is never dropped."""
    from playwright.sync_api import expect

    address = serving(corpus_kb.home)
    page = visit(address=address, path=f"quote/{BEDOYA}").page
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_label("Save in").fill("My net")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="✓ Saved in My net")).to_be_visible()
    page.goto(f"{address}quote/{DRAGNET}")
    page.get_by_role("button", name="Save", exact=True).click()  # into the same one
    expect(page.get_by_role("button", name="✓ Saved in My net")).to_be_visible()
    page.goto(f"{address}collections")
    colour = "(link) => getComputedStyle(link).color"
    listed, here = page.get_by_role("link", name="My net"), page.get_by_role("link", name="Collections")
    assert listed.evaluate(colour) == here.evaluate(colour)  # and not the browser's own blue
    page.go_back()
    page.get_by_role("link", name="Open").click()
    page.wait_for_url("**/collections/**")  # until its scripts are there, which keep what is typed
    first, second = (page.get_by_role("region", name=f"Saved quote {n}") for n in (1, 2))
    expect(second).to_have_attribute("data-quote", DRAGNET)
    first.get_by_role("textbox", name="Note").fill("A note\nof two lines")
    first.get_by_label("Tags").press_sequentially("ICE, DMV")
    second.get_by_role("textbox", name="Note").fill("Not lost")
    page.get_by_role("button", name="Down").first.click()  # saves what is typed first
    expect(first).to_have_attribute("data-quote", DRAGNET)
    expect(first.get_by_role("textbox", name="Note")).to_have_value("Not lost")
    expect(second.get_by_label("Tags")).to_have_value("ICE, DMV")
    second.locator(".vb-ledger summary").click()
    second.get_by_label("Status").select_option("heard")
    second.get_by_label("Your name").fill("Eve")
    second.get_by_role("button", name="Save the status").click()
    expect(second.locator(".vb-ledger summary")).to_have_text("Status: heard")
    page.get_by_label("Citation style").select_option("chicago")
    expect(first.locator(".vb-citation")).to_contain_text("at 3:22")
    first.get_by_role("button", name="Remove").click()
    expect(second).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(first.get_by_role("textbox", name="Note")).to_have_value("Not lost")
    asked: list[str] = []
    page.on("request", lambda request: request.is_navigation_request() or asked.append(request.url))
    first.get_by_role("button", name="Heard").click()
    expect(first.locator(".vb-ledger summary")).to_have_text("Status: heard")
    expect(first.get_by_role("button", name="Heard ✓")).to_be_focused()  # and not thrown back to the top
    assert sum("/collections/My%20net" in url for url in asked) == 1, asked  # however often it was renewed before
    (one, two) = corpus_kb.catalogue.collections.quotes(corpus_kb.catalogue.collections.get("My net"))
    assert (one.quote.id, one.note, two.note, two.tags) == (
        DRAGNET,
        "Not lost",
        "A note\nof two lines",
        ("ICE", "DMV"),
    )
    page.once("dialog", lambda dialog: dialog.accept("Our net"))
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Our net")
    page.go_back()  # not to the old name, where nothing is
    expect(page.get_by_role("button", name="✓ Saved in Our net")).to_be_visible()


@pytest.mark.browser
def test_two_tabs_never_overwrite_each_others_words(
    visit: Callable[..., Visit], serving: Callable[[Path], str], corpus_kb: KnowledgeBase
) -> None:
    from playwright.sync_api import expect

    collection = corpus_kb.catalogue.collections.begin("net")[0]
    corpus_kb.catalogue.collections.add(collection, corpus_kb.quote(DRAGNET))
    address = serving(corpus_kb.home)
    one, two = (visit(address=address, path="collections/net").page for _ in range(2))
    one.get_by_label("Tags").fill("ICE")
    two.get_by_role("textbox", name="Note").fill("Of the second tab")
    for page in (one, two):
        page.keyboard.press("Tab")
        expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    one.get_by_role("textbox", name="Note").fill("Of the first tab")
    one.keyboard.press("Tab")
    expect(one.get_by_text("Saved elsewhere meanwhile: “Of the second tab”")).to_be_visible()
    expect(one.get_by_role("textbox", name="Note")).to_have_value("Of the first tab")
    one.get_by_role("button", name="Save mine").click()
    expect(one.get_by_role("status").filter(has_text="Saved")).to_have_count(2)
    (saved,) = corpus_kb.catalogue.collections.quotes(collection)
    assert (saved.note, saved.tags) == ("Of the first tab", ("ICE",))
