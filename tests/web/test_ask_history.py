"""Asking in a real browser, quickly: back and forward, streams that end or stay silent, a server that is restarted."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import APIResponse, Route, expect

from ..conftest import ROOT, SEGMENT, environment
from .conftest import Visit, told, wait_for

pytestmark = pytest.mark.browser

Visitor = Callable[..., Visit]


@pytest.fixture
def address(gardens: str) -> str:
    return gardens


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
    while not held:
        page.wait_for_timeout(20)  # which is what handles the route
    held[0].continue_()
    expect(page.get_by_role("article", name="Quote 1")).to_contain_text("dust")
    expect(page.get_by_text("Searching…")).to_have_count(0)
    assert page.locator("#answer").evaluate("answer => getComputedStyle(answer).opacity") == "1"


#: Lets the page wait for a question's first message for as long as it takes: a slow server is no lost question.
_PATIENT = """const later = setTimeout;
globalThis.setTimeout = (work, time, ...more) => (time === 4000 ? 0 : later(work, time, ...more));"""


def test_a_question_that_joins_as_the_stream_ends_is_answered(visit: Visitor, address: str) -> None:
    """Gradio's server has ended the stream, and the page does not know it yet: nobody would open another one."""
    found = visit(address)
    page = found.page
    page.add_init_script(_PATIENT)
    page.reload()
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
    expect(page.get_by_role("group", name="Filters")).to_be_visible()  # which came by the same stream
    assert len(silent) == 1


_IS_ANSWERED = """(said) => {
  const asked = new URLSearchParams(location.search).get("q");
  const quote = document.querySelector("#answer article")?.textContent;
  return !document.querySelector(".vb-searching") && (asked ? Boolean(quote?.includes(said[asked])) : !quote);
}"""


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
        # Words that came before the page read those before them are one question, and back leads before it. What was
        # typed may be in the address a moment later still.
        wait_for(page, f"({_IS_ANSWERED})({json.dumps(said)})")


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
