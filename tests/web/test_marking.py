"""Marked words in a real browser: a toolbar at the words quotes, saves, copies and plays exactly them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from ..conftest import SEGMENT
from .conftest import Visit, wait_for

pytestmark = pytest.mark.browser

Visitor = Callable[..., Visit]
QUESTION = "?q=Who+described+the+collaboration+as+a+dragnet%3F"
SOUND = "document.querySelector('audio')"


def mark(holder: Locator, words: str) -> None:
    """Mark words as a mouse does: within texts, over whatever elements there are."""
    holder.evaluate(
        """(holder, words) => {
          const walker = document.createTreeWalker(holder, NodeFilter.SHOW_TEXT);
          const start = holder.textContent.indexOf(words);
          const ends = [start, start + words.length].map(() => null);
          for (let at = 0; walker.nextNode(); at += walker.currentNode.length) {
            [start, start + words.length].forEach((place, n) => {
              if (!ends[n] && place - at < walker.currentNode.length + n) ends[n] = [walker.currentNode, place - at];
            });
          }
          getSelection().setBaseAndExtent(...ends[0], ...ends[1]);
        }""",
        words,
    )


def tools(page: Page) -> Locator:
    return page.get_by_role("toolbar", name="Marked words")


def test_words_of_a_card_are_quoted_saved_copied_and_played(visit: Visitor, corpus_address: str) -> None:
    page = visit(corpus_address, QUESTION).page
    card = page.get_by_role("article", name="Quote 1")
    mark(card.get_by_role("blockquote"), "tag-teaming a drag")
    expect(tools(page).get_by_role("button")).to_have_text(["Quote", "Save", "Copy", "Play"])
    words, bar = card.get_by_role("blockquote").bounding_box(), tools(page).bounding_box()
    assert words is not None
    assert bar is not None
    assert words["y"] < bar["y"] < words["y"] + words["height"] + 60  # where the words are
    page.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }")
    tools(page).get_by_role("button", name="Copy").click()
    wait_for(page, "window.copied")
    assert page.evaluate("copied").startswith(
        "“tag-teaming a dragnet” (Aarti Shahani, All Things Considered, “ICE Turned"
    )
    tools(page).get_by_role("button", name="Play").click()
    wait_for(page, f"!{SOUND}.paused && {SOUND}.currentTime > 200")
    tools(page).get_by_role("button", name="Save").click()
    page.get_by_label("Save in").fill("Marked story")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="Saved in “Marked story”.")).to_be_visible()
    saved = page.request.get(f"{corpus_address}api/collections/Marked%20story").json()
    assert [each["quote"]["text"] for each in saved["items"]] == ["tag-teaming a dragnet"]
    mark(card.get_by_role("blockquote"), "Georgetown lawyers")
    tools(page).get_by_role("button", name="Quote").click()
    expect(page.get_by_role("blockquote")).to_have_text("“Georgetown lawyers”")


def test_words_saved_on_a_collections_page_are_a_row_at_once(visit: Visitor, corpus_address: str) -> None:
    page = visit(corpus_address).page
    collections = f"{corpus_address}api/collections"
    page.request.post(collections, data={"name": "Desk"})
    page.request.post(f"{collections}/Desk/quotes", data={"id": f"{SEGMENT}@1:3188-3278"})
    page.goto(f"{corpus_address}collections/Desk")
    first, second = (page.get_by_role("region", name=f"Saved quote {place}") for place in (1, 2))
    first.get_by_text("Status:").click()
    first.get_by_label("Remark").fill("half a rem")
    page.evaluate("window.isSame = true")
    mark(first.get_by_role("blockquote"), "tag-teaming a drag")
    expect(tools(page)).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    expect(tools(page).get_by_role("button", name="Save")).to_be_focused()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Choose a collection")
    dialog.get_by_label("Save in").fill("Desk")
    dialog.get_by_role("button", name="Save").press("Enter")
    expect(second.get_by_role("blockquote")).to_have_text("“tag-teaming a dragnet”")
    expect(page.get_by_role("status").filter(has_text="2 quotes")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Saved in “Desk”.")).to_be_visible()
    expect(first.get_by_label("Remark")).to_have_value("half a rem")
    expect(second.get_by_role("textbox", name="Note")).to_be_focused()  # the toolbar has gone
    note = first.get_by_role("textbox", name="Note")
    note.fill("typed while")
    mark(first.get_by_role("blockquote"), "Georgetown lawyers")
    tools(page).get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="Saved quote 3")).to_be_visible()
    expect(note).to_have_value("typed while")
    expect(first.get_by_label("Remark")).to_have_value("half a rem")
    assert page.evaluate("window.isSame")  # without a reload


#: Holds the answers of a collection's page back until it is told to let them go.
_HOLD = """() => {
  const asked = window.fetch;
  window.held = new Promise((let_go) => (window.letGo = let_go));
  window.fetch = async (address, ...more) => {
    const answer = await asked(address, ...more);
    if (!String(address).endsWith("/collections/Late")) return answer;
    document.body.dataset.came = "1";
    await window.held;
    return answer;
  };
}"""


def test_a_note_that_is_saved_while_the_new_row_comes_stays(visit: Visitor, corpus_address: str) -> None:
    page = visit(corpus_address).page
    collections = f"{corpus_address}api/collections"
    page.request.post(collections, data={"name": "Late"})
    page.request.post(f"{collections}/Late/quotes", data={"id": f"{SEGMENT}@1:3188-3278"})
    page.goto(f"{corpus_address}collections/Late")
    page.evaluate(_HOLD)
    first = page.get_by_role("region", name="Saved quote 1")
    note = first.get_by_role("textbox", name="Note")
    mark(first.get_by_role("blockquote"), "tag-teaming a drag")
    tools(page).get_by_role("button", name="Save").click()
    dialog = page.get_by_role("dialog", name="Choose a collection")
    dialog.get_by_label("Save in").fill("Late")
    dialog.get_by_role("button", name="Save").press("Enter")
    expect(page.locator("body[data-came]")).to_be_attached()
    note.fill("typed late")
    expect(first.get_by_text(re.compile("^Saved \\d"))).to_be_visible()
    page.evaluate("letGo()")
    expect(page.get_by_role("region", name="Saved quote 2")).to_be_visible()
    expect(note).to_have_value("typed late")


def test_words_of_several_speakers_in_a_cards_context_are_quotes_of_each(visit: Visitor, corpus_address: str) -> None:
    page = visit(corpus_address, QUESTION).page
    card = page.get_by_role("article", name="Quote 1")
    card.get_by_text("Context", exact=True).click()
    context = card.get_by_role("group")
    first, last = context.locator("[data-c]").first, context.locator("[data-c]").last
    first.evaluate("(first, last) => getSelection().setBaseAndExtent(first, 0, last, 1)", last.element_handle())
    expect(tools(page)).to_be_visible()
    tools(page).get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="These words are of several speakers")).to_be_visible()
    tools(page).get_by_role("button", name="Quote").click()
    expect(page.get_by_text(re.compile(r"These words are of \d+ turns: a quote for each"))).to_be_visible()


def test_the_keyboard_reaches_the_toolbar_and_leaves_it(visit: Visitor, corpus_address: str) -> None:
    page = visit(corpus_address, f"episode/{SEGMENT}").page
    mark(page.get_by_role("paragraph").filter(has_text="dragnet").first, "dragnet")
    expect(page.get_by_role("status").filter(has_text="Words are marked. Press Tab")).to_have_count(1)
    page.keyboard.press("Tab")
    expect(tools(page).get_by_role("button", name="Quote")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(tools(page).get_by_role("button", name="Play")).to_be_focused()
    page.keyboard.press("Enter")
    wait_for(page, f"!{SOUND}.paused && {SOUND}.currentTime > 200")
    page.keyboard.press("Escape")
    expect(tools(page)).to_have_count(0)


def test_a_mouse_marks_words_and_a_click_elsewhere_shuts_the_toolbar(visit: Visitor, corpus_address: str) -> None:
    page = visit(corpus_address, QUESTION).page
    quote = page.get_by_role("article", name="Quote 1").get_by_role("blockquote")
    quote.get_by_text("dragnet", exact=True).dblclick()
    expect(tools(page)).to_be_visible()
    page.get_by_role("heading", level=1).click()
    expect(tools(page)).to_have_count(0)
    page.get_by_role("heading", level=1).dblclick()  # words that are nobody's
    expect(tools(page)).to_have_count(0)


def test_the_toolbar_stays_in_the_window_and_goes_with_its_words(visit: Visitor, corpus_address: str) -> None:
    page = visit(corpus_address, f"{QUESTION}&since=2019-01-01", viewport={"width": 390, "height": 844}).page
    quote = page.get_by_role("article", name="Quote 1").get_by_role("blockquote")
    mark(quote, "Georgetown")
    tools(page).get_by_role("button", name="Save").click()
    name, dialog = page.get_by_label("Save in"), page.get_by_role("dialog", name="Choose a collection")
    name.fill("ICE/DMV")
    dialog.get_by_role("button", name="Save").click()
    assert "no slash" in name.evaluate("(field) => field.validationMessage")
    name.fill("ICE and its databases")
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    mark(quote, "lawyers")
    tools(page).get_by_role("button", name="Save").click()
    expect(tools(page).get_by_role("link", name="Open")).to_be_visible()
    wait_for(page, "document.querySelector('.vb-marking').getBoundingClientRect().right <= 382")
    page.emulate_media(media="print")
    expect(tools(page)).to_have_count(0)
    page.emulate_media(media="screen")
    expect(tools(page)).to_be_visible()
    page.get_by_role("link", name="Remove the filter").click()  # which brings another answer
    expect(page.get_by_role("link", name="Remove the filter")).to_have_count(0)
    expect(quote).to_be_visible()
    expect(tools(page)).to_have_count(0)
