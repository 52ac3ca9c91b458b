"""For every person: axe-core's findings, phone width, 200 % zoom, the dark, the keyboard alone, no request outside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib.resources import files

import httpx
import pytest
from playwright.sync_api import Page, expect

from ..conftest import SEGMENT
from .conftest import Visit, wait_for

pytestmark = pytest.mark.browser

Visitor = Callable[..., Visit]
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
QUESTION = "?q=Who+described+the+collaboration+as+a+dragnet%3F"
QUOTE = f"{SEGMENT}@1:749-975"
PAGES = {
    "ask": "",
    "answer": f"{QUESTION}&show=All+Things+Considered",
    "abstention": "?q=What+recipe+is+best+for+sourdough+bread%3F",
    "reader": f"episode/{SEGMENT}{QUESTION}",
    "quote": f"quote/{QUOTE}",
    "citation": f"cite/{QUOTE}",
    "problem": "episode/nobody",
}
#: Gradio's, which looks at the colour scheme when it comes.
GRADIO = ("ask", "answer", "abstention")
PLAIN = {
    **{name: path for name, path in PAGES.items() if name not in GRADIO},
    "library": "library",
    "speaker": "speaker/Aarti Shahani",
    "collections": "collections",
    "collection": "collections/For everyone",
    "interface": "api",
    "nothing": "nothing/here",
    "nobody": "speaker/Nobody at all",
    "wrong": "quote/nonsense",
}


def settle(page: Page, name: str) -> None:
    """Wait until all of a page is there."""
    if name in GRADIO:
        expect(page.locator("#filters")).to_be_visible()
        expect(page.locator({"ask": ".vb-welcome", "answer": ".vb-card", "abstention": ".vb-abstain"}[name]).first
               ).to_be_visible()  # fmt: skip


@pytest.fixture
def collection(corpus_address: str) -> Iterator[None]:
    """A collection with a quote, a note and a tag, while a test looks at it."""
    address = f"{corpus_address}api/collections/For everyone"
    saved = httpx.post(f"{address}/quotes", json={"id": QUOTE, "note": "A note", "tags": ["a"]}, timeout=30)
    assert saved.status_code == 201
    yield
    httpx.delete(address, timeout=30)


def check(page: Page) -> None:
    """Let axe-core find nothing of any level, and nothing wider than a phone or than 1280 pixels at 200 %."""
    page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    told = [
        f"{each['impact']} {each['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
        for each in found
        for node in each["nodes"]
    ]
    assert told == []
    size = page.viewport_size
    assert size is not None
    for width in (360, 640):
        page.set_viewport_size({"width": width, "height": 700})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size(size)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", GRADIO)
def test_axe_finds_nothing_where_one_asks(visit: Visitor, corpus_address: str, name: str, scheme: str) -> None:
    page = visit(corpus_address, PAGES[name], color_scheme=scheme).page
    settle(page, name)
    check(page)


@pytest.mark.usefixtures("collection")
@pytest.mark.parametrize("name", PLAIN)
def test_axe_finds_nothing_on_any_page(visit: Visitor, corpus_address: str, name: str) -> None:
    page = visit(corpus_address, PLAIN[name], color_scheme="light").page
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    check(page)
    page.emulate_media(color_scheme="dark")
    check(page)


def test_every_page_has_one_header_at_one_place_and_none_jumps(visit: Visitor, corpus_address: str) -> None:
    """The layout shift while a page loads, which a browser tells itself, and where the header stands in the end."""
    places = set()
    page = visit(corpus_address, "library").page
    page.add_init_script(
        "window.shifts = 0; new PerformanceObserver((list) => list.getEntries().forEach((each) => "
        "(window.shifts += each.value))).observe({type: 'layout-shift', buffered: true})"
    )
    for name, path in {**PLAIN, "ask": ""}.items():
        page.goto(corpus_address + path)
        settle(page, name)
        assert page.evaluate("shifts") < 0.02, name
        header = page.locator(".vb-top").evaluate(
            "({firstElementChild: name}) => [name, name.nextElementSibling].map((each) => each.getBoundingClientRect())"
            ".map(({x, y, width, height}) => [x, y, width, height].join(' ')).join(', ')"
        )
        places.add((header, page.evaluate("document.querySelector('h1').getBoundingClientRect().left")))
    assert len(places) == 1, places
    expect(page.get_by_role("textbox").first).to_be_focused()  # of the last page, where one asks


def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until what has the focus is what JavaScript says of *active*."""
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate(f"((active) => {wanted})(document.activeElement)"):
            return
    raise AssertionError(f"twenty stops lead to nothing with {wanted}")


def test_the_keyboard_alone_asks_hears_and_reads(visit: Visitor, corpus_address: str) -> None:
    page = visit(corpus_address).page
    expect(page.locator("#filters")).to_be_visible()
    page.locator("#question input, #question textarea").focus()
    page.keyboard.type("Who described the collaboration as a dragnet?")
    page.keyboard.press("Enter")
    expect(page.locator(".vb-card").first).to_be_visible()
    tab_to(page, "active.classList.contains('vb-play')")
    page.keyboard.press("Enter")
    wait_for(page, "!verbatim.audio.paused && verbatim.audio.currentTime > 190")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    tab_to(page, "active.tagName == 'SUMMARY'")  # "⋯", where the transcript is
    page.keyboard.press("Enter")
    tab_to(page, "active.matches('a[href*=\"/episode/\"]')")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/episode/"))
    page.locator("#turn-3 .vb-at").focus()
    page.keyboard.press("Enter")
    wait_for(page, "!verbatim.audio.paused && verbatim.audio.currentTime > 24")


def test_nothing_jumps_while_an_answer_comes(visit: Visitor, corpus_address: str) -> None:
    found = visit(corpus_address)
    page = found.page
    expect(page.locator("#filters")).to_be_visible()
    page.evaluate(
        "window.shifts = 0; new PerformanceObserver((list) => list.getEntries().forEach((e) => "
        "(window.shifts += e.value))).observe({type: 'layout-shift'})"
    )
    before = page.locator("#question").bounding_box()
    found.ask("Who described the collaboration as a dragnet?")
    expect(page.locator(".vb-card").first).to_be_visible()
    page.wait_for_timeout(300)
    assert page.locator("#question").bounding_box() == before
    assert page.evaluate("shifts") < 0.1  # "good", says web.dev of the cumulative layout shift


def test_every_page_has_a_policy(visit: Visitor, corpus_address: str) -> None:
    page = visit(corpus_address).page
    for name, path in PAGES.items():
        policy = page.request.get(corpus_address + path).headers["content-security-policy"]
        allowed = dict(each.strip().split(" ", 1) for each in policy.split(";"))
        assert allowed["default-src"] == "'none'"
        assert allowed["connect-src"] == "'self'"
        assert "unsafe-inline" not in allowed["script-src"]
        # Gradio compiles its templates; no plain page does.
        assert ("unsafe" in policy) == (name in GRADIO)


def test_no_script_runs_that_text_brings_in_even_where_nobody_escaped_it(visit: Visitor, corpus_address: str) -> None:
    page = visit(corpus_address).page
    settle(page, "ask")
    page.evaluate(
        "window.stopped = []; addEventListener('securitypolicyviolation', (e) => stopped.push(e.violatedDirective))"
    )
    page.evaluate(
        """() => {
          const script = document.createElement("script");
          script.textContent = "document.title = 'run'";
          document.body.append(script);
          document.getElementById("answer").innerHTML = '<button onclick="document.title = 1">Try it</button>';
        }"""
    )
    page.get_by_role("button", name="Try it").click()
    wait_for(page, "stopped.includes('script-src-elem') && stopped.includes('script-src-attr')")
    assert page.title() == "Verbatim"
