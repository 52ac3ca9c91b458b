"""Asking in a real browser: filters in the address, back and forward, follow-ups, where and when, citing, a summary."""

from __future__ import annotations

import contextlib
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from ..chat_server import chat_server
from ..conftest import ROOT, SEGMENT, environment
from .conftest import Visit, wait_for

pytestmark = pytest.mark.browser

Visitor = Callable[..., Visit]


@pytest.fixture(scope="module")
def address(serving: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """A server over three shows and three years."""
    folder = tmp_path_factory.mktemp("asked")
    for show, year, speaker, words in (
        ("Garden Hour", 2019, "Ann Field", "Parsnips want deep soil. I sow them in March."),
        ("Garden Hour", 2021, "Bo Marsh", "Parsnips are sweeter after frost. Nobody believes me."),
        ("Kitchen Talk", 2022, "Cy Stone", "Roast parsnips with honey. Carrots may join the parsnips."),
        ("Kitchen Talk", 2022, "Ann Field", "My carrots failed in the drought. The soil was dust."),
    ):
        stem = f"{show} {speaker} {year}".replace(" ", "-").lower()
        (folder / f"{stem}.vtt").write_text(f"WEBVTT\n\n00:01.000 --> 00:09.000\n<v {speaker}>{words}\n")
        (folder / f"{stem}.toml").write_text(f'show = "{show}"\ntitle = "{stem}"\npublished = {year}-05-04\n')
    home = tmp_path_factory.mktemp("asked-home") / "home"
    command = [sys.executable, "-m", "kb", "ingest", str(folder)]
    subprocess.run(command, cwd=ROOT, env=environment(home), check=True, capture_output=True, timeout=120)
    return serving(home)


def told(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def test_filters_show_counts_stay_in_the_address_and_can_be_removed(visit: Visitor, address: str) -> None:
    found = visit(address)
    page = found.page
    expect(page.locator("#filters select option")).to_have_text(
        ["All shows (2)", "Garden Hour (2)", "Kitchen Talk (2)"]
    )
    assert page.locator("#speakers option").first.get_attribute("value") == "Ann Field"
    found.ask("Who mentioned parsnips?")
    gardens, kitchens = (page.locator(".vb-card cite", has_text=show) for show in ("Garden Hour", "Kitchen Talk"))
    expect(gardens.first).to_be_visible()
    expect(kitchens.first).to_be_visible()
    page.locator("#filters").get_by_label("Show").select_option("Kitchen Talk")
    expect(page.locator(".vb-count").first).to_contain_text("2 episodes searched")
    expect(gardens).to_have_count(0)
    expect(kitchens.first).to_be_visible()
    page.get_by_label("Speaker").fill("Cy Stone")
    page.keyboard.press("Tab")
    expect(page.locator(".vb-chip")).to_have_count(2)
    page.get_by_label("From").fill("2022-01-01")
    expect(page.locator(".vb-chip")).to_have_count(3)
    expect(page.locator(".vb-card").first).to_be_visible()
    assert told(page) == {
        "q": ["Who mentioned parsnips?"], "show": ["Kitchen Talk"], "speaker": ["Cy Stone"], "since": ["2022-01-01"],
    }  # fmt: skip
    again = visit(address, page.url.removeprefix(address)).page
    expect(again.locator(".vb-chip")).to_have_count(3)
    expect(again.locator("#filters").get_by_label("Show")).to_have_value("Kitchen Talk")
    again.get_by_role("link", name="Remove the filter Kitchen Talk").click()
    expect(again.locator(".vb-chip")).to_have_count(2)
    expect(again.locator("#filters").get_by_label("Show")).to_have_value("")


def test_back_and_forward_show_what_was_asked(visit: Visitor, address: str) -> None:
    found = visit(address)
    page = found.page
    found.ask("Who mentioned honey?")
    expect(page.locator(".vb-quote").first).to_contain_text("honey")
    found.ask("Whose soil was dust?")
    expect(page.locator(".vb-quote").first).to_contain_text("dust")
    page.go_back()
    expect(page.locator(".vb-quote").first).to_contain_text("honey")
    expect(page.locator("#question input, #question textarea")).to_have_value("Who mentioned honey?")
    page.go_forward()
    expect(page.locator(".vb-quote").first).to_contain_text("dust")
    page.go_back()
    page.go_back()
    expect(page.locator(".vb-card")).to_have_count(0)
    expect(page.locator(".vb-welcome")).to_be_visible()


def test_the_answer_is_the_addresss_however_quickly_one_goes(visit: Visitor, address: str) -> None:
    page = visit(address).page
    expect(page.locator("#filters")).to_be_visible()
    for _ in range(3):
        page.evaluate(
            """() => {
              for (const q of ["Who mentioned honey?", "Whose soil was dust?", "Who sows in March?"]) {
                history.pushState(null, "", "/?" + new URLSearchParams({ q }));
                dispatchEvent(new PopStateEvent("popstate"));
              }
            }"""
        )
        expect(page.locator(".vb-quote").first).to_contain_text("March")
        page.wait_for_timeout(700)
        expect(page.locator(".vb-quote").first).to_contain_text("March")


def test_an_old_answer_is_dimmed_as_soon_as_another_question_is_asked(visit: Visitor, address: str) -> None:
    found = visit(address, "?q=Who+mentioned+honey%3F")
    page = found.page
    expect(page.get_by_role("article", name="Quote 1")).to_contain_text("honey")
    held: list[Route] = []
    page.route("**/queue/join*", lambda route: held.append(route), times=1)
    found.ask("Whose soil was dust?")
    expect(page.get_by_role("status").filter(has_text="Searching…")).to_be_visible()
    assert page.locator("#answer").evaluate("answer => getComputedStyle(answer).opacity") == "0.4"
    held[0].continue_()
    expect(page.get_by_role("article", name="Quote 1")).to_contain_text("dust")
    expect(page.get_by_text("Searching…")).to_have_count(0)
    assert page.locator("#answer").evaluate("answer => getComputedStyle(answer).opacity") == "1"


def test_a_question_that_joins_as_the_stream_ends_is_answered(visit: Visitor, address: str) -> None:
    """Gradio's server has ended the stream, and the page does not know it yet: nobody would open another one."""
    found = visit(address)
    page = found.page
    expect(page.locator("#filters")).to_be_visible()
    joins: list[str] = []
    page.on("request", lambda request: joins.append(request.url) if "/queue/join" in request.url else None)
    ended: list[tuple[Route, APIResponse]] = []
    page.route("**/queue/data*", lambda route: ended.append((route, route.fetch())), times=1)
    found.ask("Who mentioned honey?")
    while not ended:
        page.wait_for_timeout(20)  # which is what handles the route
    with page.expect_response("**/queue/join*"):
        found.ask("Whose soil was dust?")
    route, answered = ended[0]
    route.fulfill(response=answered)
    expect(page.get_by_role("article", name="Quote 1")).to_contain_text("dust")
    assert len(joins) == 2  # nothing had to be asked again


def test_a_question_whose_stream_stays_silent_is_asked_again(visit: Visitor, address: str) -> None:
    """A connection may die without a word; the page's clock is put on, so that nobody waits."""
    page = visit(address, "collections").page
    silent: list[Route] = []
    page.route("**/queue/data*", lambda route: silent.append(route), times=1)
    page.clock.install()
    with page.expect_response("**/queue/join*"):
        page.goto(f"{address}?q=Who+mentioned+honey%3F")
    page.clock.run_for(5000)
    expect(page.get_by_role("article", name="Quote 1")).to_contain_text("honey")
    assert len(silent) == 1


def test_fast_typing_back_forward_and_double_enter_end_at_what_the_address_asks(visit: Visitor, address: str) -> None:
    said = {"Who mentioned honey?": "honey", "Whose soil was dust?": "dust", "Who sows in March?": "March"}
    found = visit(address)
    page = found.page
    expect(page.locator("#filters")).to_be_visible()
    for sequence in range(6):
        for question in list(said)[: 2 + sequence % 2]:
            found.ask(question)
            page.keyboard.press("Enter")
        page.go_back()
        if sequence % 3:
            page.go_forward()
        expect(page.get_by_text("Searching")).to_have_count(0)
        asked = told(page).get("q", [""])[0]
        if asked:
            expect(page.get_by_role("article", name="Quote 1")).to_contain_text(said[asked])
        else:  # words that came before the page read those before them are one question, and back leads before it
            expect(page.get_by_role("article")).to_have_count(0)


def test_a_server_that_is_restarted_is_said_and_what_was_asked_is_asked_again(
    visit: Visitor, corpus_home: Path, tmp_path: Path
) -> None:
    home = Path(shutil.copytree(corpus_home, tmp_path / "home"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])

    @contextlib.contextmanager
    def running() -> Iterator[None]:
        command = [sys.executable, "-m", "kb", "serve", "--port", port]
        with subprocess.Popen(command, cwd=ROOT, env=environment(home), stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            assert f":{port}/" in server.stdout.readline()
            try:
                yield
            finally:
                server.kill()

    with running():
        found = visit(f"http://127.0.0.1:{port}/")
        found.ask("Who described the collaboration as a dragnet?")
        expect(found.page.get_by_role("article", name="Quote 1")).to_be_visible()
        reading = visit(f"http://127.0.0.1:{port}/", f"episode/{SEGMENT}")
        section = reading.page.locator(".vb-turn").first
        section.get_by_role("button", name="Correct this turn").click()
        section.get_by_label("The words of this turn").fill("AUDIE CORNISH, HOST.")
        section.get_by_label("Your name").fill("Eva")
    found.ask("Which city outlawed police use of face recognition?")
    section.get_by_role("button", name="Save").click()
    for page in (found.page, reading.page):
        expect(page.get_by_role("alert").filter(has_text="Verbatim does not answer")).to_be_visible()
    with running():
        expect(found.page.get_by_role("article", name="Quote 1")).to_contain_text("San Francisco")
        expect(reading.page.get_by_role("status").filter(has_text="Saved as revision 2")).to_be_visible()
        for page in (found.page, reading.page):
            expect(page.get_by_role("alert").filter(has_text="Verbatim does not answer")).to_have_count(0)


def test_back_from_the_reader_leads_to_the_same_place_with_the_same_panels(visit: Visitor, address: str) -> None:
    page = visit(address, "?q=Who+mentioned+parsnips%3F", viewport={"width": 700, "height": 500}).page
    last = page.get_by_role("article", name="Quote 4")
    last.get_by_text("Context", exact=True).click()
    last.get_by_role("link", name="Cite").click()
    expect(last.get_by_label("Style")).to_be_visible()
    last.get_by_label("More").click()
    last.get_by_role("link", name="Transcript").scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    assert before > 500
    last.get_by_role("link", name="Transcript").click()
    expect(page.get_by_role("heading", level=2, name="Transcript")).to_be_attached()
    page.go_back()
    expect(last.get_by_role("group").locator("mark").first).to_be_visible()
    expect(last.get_by_label("Style")).to_be_visible()
    wait_for(page, f"Math.abs(scrollY - {before}) < 5")


def test_what_one_types_while_an_answer_is_on_its_way_stays(visit: Visitor, address: str) -> None:
    found = visit(address)
    found.ask("Who mentioned parsnips?")
    page, box = found.page, found.page.locator("#question textarea, #question input")
    for show in ("Garden Hour", "Kitchen Talk"):
        page.get_by_role("link", name=re.compile(f"{show}.*show these alone")).click()
        box.fill("Who mentioned carrots?")
        expect(page.locator(".vb-chip")).to_contain_text(show)
        expect(page.locator(".vb-result")).to_be_visible()
        page.wait_for_timeout(300)  # for whatever else the answer would do
        expect(box).to_have_value("Who mentioned carrots?")
        page.go_back()
        expect(page.locator(".vb-chip")).to_have_count(0)
        expect(box).to_have_value("Who mentioned parsnips?")
        expect(page.locator("#where a").first).to_be_visible()
    box.fill("Who mentioned carrots?")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("carrots"))  # the answer before may have had the word, too
    expect(page.locator(".vb-card").first).to_contain_text("arrots")
    assert told(page)["q"] == ["Who mentioned carrots?"]


def test_a_follow_up_keeps_the_thread_and_can_be_undone(visit: Visitor, address: str) -> None:
    found = visit(address)
    page = found.page
    found.ask("What did Marsh say about parsnips?")
    expect(page.locator(".vb-speaker").first).to_have_text("Bo Marsh")
    found.ask("and what did Stone say?")
    expect(page.locator(".vb-read-as")).to_contain_text("Read as: “What did Stone say about parsnips?”")
    expect(page.locator(".vb-speaker").first).to_have_text("Cy Stone")
    assert told(page)["after"] == ["What did Marsh say about parsnips?"]
    again = visit(address, page.url.removeprefix(address)).page
    expect(again.locator(".vb-read-as")).to_contain_text("about parsnips")
    again.get_by_role("link", name="Ask only what I typed").click()
    expect(again.locator(".vb-read-as")).to_have_count(0)
    assert "after" not in told(again)
    joined = visit(address)
    joined.ask("Which vegetables are sweeter after frost?")
    expect(joined.page.get_by_role("article").first).to_be_visible()
    joined.ask("What about carrots?")
    expect(joined.page.get_by_text("Read as:")).to_contain_text(
        "“Which vegetables are sweeter after frost, and what about carrots?”"
    )


def test_a_bar_of_the_timeline_filters(visit: Visitor, address: str) -> None:
    found = visit(address)
    page = found.page
    found.ask("Who mentioned parsnips?")
    years = page.locator(".vb-columns .vb-bar")
    expect(years).to_have_count(4)  # 2020 is there, and empty
    expect(page.get_by_role("link", name="2021: 1 passage; show these alone")).to_be_visible()
    expect(page.get_by_role("link", name="Garden Hour: 2 excerpts; show these alone")).to_be_visible()
    page.get_by_role("link", name="2021: 1 passage").click()
    expect(page.locator(".vb-chip")).to_have_text("2021 ×".join(["Remove the filter ", ""]))
    expect(page.locator(".vb-speaker").first).to_have_text("Bo Marsh")


def test_a_quote_is_cited_in_the_style_one_picks(visit: Visitor, address: str) -> None:
    found = visit(address)
    page = found.page
    found.ask("Who mentioned honey?")
    card = page.locator(".vb-card").first
    card.get_by_role("link", name="Cite").click()
    expect(card.locator(".vb-cited-as").first).to_contain_text("[Audio podcast episode]")
    card.get_by_label("Style").select_option("mla")
    expect(card.locator(".vb-cited-as").first).not_to_contain_text("[Audio podcast episode]")
    expect(card.locator(".vb-cited-as").first).to_contain_text("Kitchen Talk")
    copied = card.locator(".vb-citing .vb-copy").first.get_attribute("data-copy")
    assert copied
    assert "Kitchen Talk" in copied
    quote = card.get_by_role("link", name="Cite").get_attribute("href")
    alone = visit(address, f"{quote}?style=ap".removeprefix("/")).page
    expect(alone.get_by_label("Style")).to_have_value("ap")


def test_a_saved_quote_is_kept_in_a_collection_that_narrows_the_next_question(visit: Visitor, address: str) -> None:
    found = visit(address)
    page = found.page
    found.ask("Who mentioned the drought?")
    page.get_by_role("button", name="Save", exact=True).first.click()
    page.get_by_label("Save in").fill("My report")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="Saved in")).to_contain_text("My report")
    page = visit(address, "?q=What+happened+to+the+carrots%3F").page
    expect(page.locator(".vb-count").first).to_contain_text("of 4 episodes")
    page.get_by_label("Episodes of").select_option("My report")
    expect(page.locator(".vb-count").first).to_contain_text("of 1 episode")
    expect(page.locator(".vb-chip")).to_contain_text("episodes of My report")
    assert told(page)["collection"] == ["My report"]


def test_a_quote_is_saved_and_heard_in_one_click_and_marked_wherever_it_appears(
    visit: Visitor, corpus_address: str
) -> None:
    question = "?q=Who+described+the+collaboration+as+a+dragnet%3F"
    page = visit(corpus_address, question, viewport={"width": 1080, "height": 900}).page
    page.evaluate("localStorage.setItem('verbatim-name', 'Eva R.')")
    card = page.get_by_role("article", name="Quote 1")
    card.get_by_role("button", name="Save", exact=True).click()
    page.get_by_label("Save in").fill("Harbour story")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    card.get_by_role("button", name="Heard").click()
    expect(card.get_by_role("button", name="Heard ✓")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Heard by")).to_have_text("Heard by Eva R.")
    first, last = card.get_by_role("button", name="Play").bounding_box(), card.get_by_label("More").bounding_box()
    assert first is not None
    assert last is not None
    assert first["y"] < last["y"] + last["height"] / 2 < first["y"] + first["height"]  # all in one line
    other = page.get_by_role("article", name="Quote 2")
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.get_by_role("button", name="✓ Saved in Harbour story")).to_be_visible()
    other.get_by_role("button", name="Change").click()
    page.get_by_label("Save in").fill("Other story")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(other.get_by_role("button", name="✓ Saved in Other story")).to_be_visible()
    page.reload()
    expect(card.get_by_role("button", name="✓ Saved in Harbour story")).to_be_visible()
    expect(card.get_by_role("button", name="Heard ✓")).to_be_visible()
    expect(other.get_by_role("button", name="✓ Saved in Other story")).to_be_visible()
    card.get_by_role("link", name="Aarti Shahani").click()
    expect(page.get_by_role("heading", level=1, name="Aarti Shahani")).to_be_visible()
    page.go_back()
    card.get_by_role("link", name="Open").click()
    expect(page.get_by_role("region", name="Saved quote")).to_have_count(1)
    expect(page.get_by_text("Status: heard")).to_be_visible()


def test_an_address_of_an_unknown_collection_says_so(visit: Visitor, address: str) -> None:
    page = visit(address, "?q=parsnips&collection=Nobody").page
    expect(page.get_by_role("alert")).to_contain_text("There is no collection 'Nobody'")


def test_an_address_with_a_wrong_date_says_so(visit: Visitor, address: str) -> None:
    page = visit(address, "?q=parsnips&since=2019-99-99").page
    expect(page.get_by_role("alert")).to_contain_text("'2019-99-99' is not a date")


def test_a_models_summary_follows_the_quotes(
    visit: Visitor, serving: Callable[..., str], corpus_home: Path, tmp_path: Path
) -> None:
    home = Path(shutil.copytree(corpus_home, tmp_path / "home"))
    with chat_server("One of the Georgetown lawyers called it a dragnet [1]. Mars was mentioned 7 times [1].") as model:
        found = visit(serving(home, "--llm", model.url))
        found.ask("Who described the collaboration as a dragnet?")
        summary = found.page.locator(".vb-summary")
        expect(summary).to_contain_text("called it a dragnet. [1]")
        expect(summary).not_to_contain_text("Mars")
        expect(summary).to_contain_text("1 sentence was left out")
        assert found.page.locator(".vb-card").first.bounding_box()["y"] < summary.bounding_box()["y"]  # type: ignore[index]
        assert summary.locator("a").first.get_attribute("href") == "#quote-1"
