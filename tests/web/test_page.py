"""The page in a real browser: ask, see the quote, hear it, read its context, send its link."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from gradio import Blocks
from gradio.queueing import Queue
from playwright.sync_api import Route, expect

from kb.knowledge_base import KnowledgeBase
from kb.web.server.application import pause_queue

from ..conftest import ROOT, SEGMENT, environment
from .conftest import Visit, run_async, wait_for

pytestmark = pytest.mark.browser

Visitor = Callable[..., Visit]
DRAGNET = "Who described the collaboration as a dragnet?"
RECIPE = "What recipe is best for sourdough bread?"
SOUND = "document.querySelector('.vb-player audio')"


def test_asking_shows_the_quote_with_its_source(visit: Visitor, corpus_address: str) -> None:
    page = visit(corpus_address).page
    expect(page.locator(".vb-welcome")).to_contain_text("1 episode")
    page.fill("#question input, #question textarea", DRAGNET)
    page.keyboard.press("Enter")
    card = page.locator(".vb-card").first
    expect(card.locator(".vb-quote")).to_have_text(
        "“Alvaro Bedoya one of the Georgetown lawyers - he called the ICE-DMV tag-teaming a dragnet.”"
    )
    expect(card.locator(".vb-quote mark")).to_have_text(["dragnet"])
    for part in ("Aarti Shahani", "reporter", "All Things Considered", "ICE Turned To DMV", "8 July 2019", "3:22"):
        expect(card.locator(".vb-source")).to_contain_text(part)
    expect(card).to_contain_text("synthetic reading")


def test_play_is_heard_from_the_quotes_second_and_stops_at_its_end(
    visit: Visitor, corpus_address: str, corpus_kb: KnowledgeBase
) -> None:
    quote = corpus_kb.ask("Which city outlawed police use of face recognition?").quotes[0]
    assert quote.start is not None
    assert quote.end is not None
    found = visit(corpus_address)
    page = found.page
    found.ask("Which city outlawed police use of face recognition?")
    with page.expect_response(lambda response: "/audio/" in response.url) as response:
        page.locator(".vb-play").first.click()
    page.locator(".vb-speed").select_option("0.5")  # it lasts until the test has looked at it
    assert response.value.status in (200, 206)
    wait_for(page, f"{SOUND}.currentTime > {quote.start} && !{SOUND}.paused")
    at = page.evaluate(f"{SOUND}.currentTime")
    assert quote.start <= at < quote.start + 5
    expect(page.locator(".vb-player")).to_contain_text("synthetic reading")
    expect(page.locator(".vb-play").first).to_have_attribute("aria-pressed", "true")
    wait_for(page, f"{SOUND}.paused")
    assert quote.end <= page.evaluate(f"{SOUND}.currentTime") < quote.end + 1.5


def test_context_opens_with_its_speakers(visit: Visitor, corpus_address: str) -> None:
    found = visit(corpus_address)
    found.ask(DRAGNET)
    card = found.page.locator(".vb-card").first
    expect(card.locator(".vb-said").first).not_to_be_visible()
    card.get_by_text("Context", exact=True).click()
    expect(card.locator(".vb-context")).to_contain_text("So that is a huge disparity.")
    expect(card.locator(".vb-context")).to_contain_text("Alvaro Bedoya The question that people need to ask")


def test_what_nobody_said_is_not_answered(visit: Visitor, corpus_address: str) -> None:
    found = visit(corpus_address)
    found.ask(RECIPE)
    card = found.page.locator(".vb-abstain, .vb-near")
    expect(card.locator("h2").first).to_have_text(
        re.compile("Nothing in your library answers this|These quotes come nearest; judge for yourself")
    )
    expect(card).to_contain_text(re.compile("1 episode searched|Searched 1 episode"))
    expect(card).to_contain_text("recipe, best, sourdough, bread")
    found.ask("?!")
    expect(found.page.locator(".vb-abstain h2")).to_have_text("Nothing in your library answers this")
    expect(found.page.locator(".vb-card")).to_have_count(0)


def test_what_loads_late_overwrites_no_answer(visit: Visitor, corpus_address: str) -> None:
    found = visit(corpus_address)
    held: list[Route] = []
    passing: list[bool] = []
    found.page.route("**/queue/join*", lambda route: route.continue_() if passing else held.append(route))
    found.page.reload()
    while len(held) < 2:  # the page's own calls, which load the address, and the examples and filters
        found.page.wait_for_timeout(50)
    passing.append(True)
    found.ask(DRAGNET)
    card = found.page.locator(".vb-card").first
    expect(card).to_be_visible()
    for route in held:
        route.continue_()
    expect(found.page.locator("#filters")).to_be_visible()
    expect(card).to_be_visible()
    expect(found.page.locator(".vb-welcome")).not_to_be_visible()
    expect(found.page.locator("#question input, #question textarea")).to_have_value(DRAGNET)


def test_an_example_asks_itself(visit: Visitor, corpus_address: str) -> None:
    page = visit(corpus_address).page
    example = page.get_by_role("button", name=re.compile("^What did")).first
    question = example.inner_text().strip()
    example.click()
    expect(page.locator(".vb-card").first).to_be_visible()
    expect(page.get_by_role("textbox", name="Your question")).to_have_value(question)
    expect(page).to_have_url(re.compile(r"\?q=What\+did"))


def test_the_question_stays_in_the_address(visit: Visitor, corpus_address: str) -> None:
    found = visit(corpus_address)
    found.ask(DRAGNET)
    found.page.wait_for_url(re.compile(r"\?q=Who"))
    again = visit(corpus_address, found.page.url.removeprefix(corpus_address))
    expect(again.page.locator(".vb-quote").first).to_contain_text("a dragnet")
    expect(again.page.locator("#question input, #question textarea")).to_have_value(DRAGNET)


def test_a_quotes_link_opens_it_without_gradio(visit: Visitor, corpus_address: str) -> None:
    found = visit(corpus_address)
    found.ask(DRAGNET)
    found.page.get_by_label("More").first.click()
    link = found.page.get_by_role("link", name="Link").first.get_attribute("href")
    assert link is not None
    page = visit(corpus_address, link.removeprefix("/")).page
    expect(page.locator(".vb-quote")).to_contain_text("a dragnet")
    page.locator(".vb-play").click()
    wait_for(page, f"{SOUND}.currentTime > 200 && !{SOUND}.paused")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("quote/nonsense", 400),
        (f"quote/{SEGMENT}@1:0-99999999", 404),
        (f"quote/{SEGMENT}@7:0-9", 404),
        ("quote/nobody@1:0-9", 404),
        ("audio/nobody", 404),
        ("audio/..%2f..%2fetc%2fpasswd", 404),
    ],
)
def test_an_address_of_nothing_says_so(visit: Visitor, corpus_address: str, path: str, status: int) -> None:
    page = visit(corpus_address).page
    response = page.request.get(corpus_address + path)
    assert response.status == status
    assert "Traceback" not in response.text()


def test_sound_is_sent_in_ranges(visit: Visitor, corpus_address: str) -> None:
    response = visit(corpus_address).page.request.get(
        f"{corpus_address}audio/{SEGMENT}", headers={"Range": "bytes=100-199"}
    )
    assert (response.status, len(response.body())) == (206, 100)
    assert response.headers["content-type"] == "audio/ogg"


def test_keys_focus_the_question_and_pause_the_sound(visit: Visitor, corpus_address: str) -> None:
    found = visit(corpus_address)
    page = found.page
    found.ask(DRAGNET)
    page.locator(".vb-play").first.click()
    wait_for(page, f"{SOUND}.currentTime > 200 && !{SOUND}.paused")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Space")
    wait_for(page, f"{SOUND}.paused")
    page.keyboard.press("/")
    assert page.evaluate("!!document.activeElement.closest('#question')")


def test_hostile_text_is_shown_and_never_run(visit: Visitor, serving: Callable[[Path], str], tmp_path: Path) -> None:
    hostile = "<img src=x onerror=alert(1)><script>document.title='run'</script> ${document.title='run'} {{7*7}} `x`"
    folder = tmp_path / "shows"
    folder.mkdir()
    (folder / "a.txt").write_text(f"The parsnip said {hostile} and left.")
    (folder / "a.toml").write_text(
        f'title = """<b>{hostile}</b>"""\nshow = """{hostile}"""\naudio_note = """{hostile}"""\n'
    )
    home = tmp_path / "home"
    command = [sys.executable, "-m", "kb", "ingest", str(folder)]
    subprocess.run(command, cwd=ROOT, env=environment(home), check=True, capture_output=True, timeout=120)
    found = visit(serving(home))
    found.page.on("dialog", lambda dialog: found.complaints.append(f"a dialogue: {dialog.message}"))
    found.ask("What did the parsnip say?")
    expect(found.page.locator(".vb-quote").first).to_have_text(f"“The parsnip said {hostile} and left.”")
    expect(found.page.locator(".vb-title").first).to_have_text(f"<b>{hostile}</b>")
    assert found.page.locator(".vb-card img, .vb-card script").count() == 0
    assert found.page.title() == "Verbatim"


def test_an_empty_knowledge_base_tells_the_first_step(
    visit: Visitor, serving: Callable[[Path], str], tmp_path: Path
) -> None:
    address = serving(tmp_path / "empty")
    expect(visit(address).page.locator(".vb-empty")).to_contain_text("follow a podcast’s feed")
    # The page finds what another process takes in while it is open.
    command = [sys.executable, "-m", "kb", "ingest", "corpus"]
    subprocess.run(command, cwd=ROOT, env=environment(tmp_path / "empty"), check=True, capture_output=True, timeout=120)
    found = visit(address)
    expect(found.page.locator(".vb-welcome")).to_contain_text("1 episode")
    found.ask(DRAGNET)
    expect(found.page.locator(".vb-quote").first).to_contain_text("a dragnet")


@pytest.mark.parametrize("look", [{"viewport": {"width": 390, "height": 844}}, {"color_scheme": "dark"}])
def test_it_fits_a_phone_and_the_dark(visit: Visitor, corpus_address: str, look: dict[str, object]) -> None:
    found = visit(corpus_address, **look)
    found.ask(DRAGNET)
    page = found.page
    expect(page.locator(".vb-card").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    light = page.evaluate(
        "(() => { const c = getComputedStyle(document.querySelector('.vb-card')).backgroundColor.match(/\\d+/g);"
        " return c.slice(0, 3).reduce((a, b) => a + Number(b), 0) > 380; })()"
    )
    assert light is ("color_scheme" not in look)


def test_a_screen_reader_finds_names_and_hears_the_answer(visit: Visitor, corpus_address: str) -> None:
    found = visit(corpus_address)
    found.ask(DRAGNET)
    page = found.page
    expect(page.locator(".vb-card").first).to_be_visible()
    assert page.get_by_role("textbox", name="Your question").count() == 1
    assert page.get_by_role("button", name="Ask", exact=True).count() == 1
    assert page.get_by_role("button", name=re.compile("Play from 3:22")).count() == 1
    assert page.get_by_role("article", name="Quote 1").count() == 1
    assert page.get_by_role("heading", level=1, name="Ask your podcasts and radio").count() == 1
    expect(page.get_by_role("status").filter(has_text=re.compile(r"^\d quotes, 1 episode searched"))).to_have_count(1)


def test_gradio_still_reads_the_pause_that_we_lengthen() -> None:
    moved = "Gradio keeps its queue's pause elsewhere now, and an idle page keeps a processor busy: see pause_queue"

    async def pausing() -> bool:  # in a loop, which Gradio would make for itself and leave open
        with Blocks() as page:
            return pause_queue(page)

    assert run_async(pausing()), moved
    assert "sleep(self.sleep_when_free)" in inspect.getsource(Queue), moved
    assert not pause_queue(object())  # and a Gradio without it is left as it is
