"""A collection as a table to work in: chosen by tag and status, ordered by dragging, corrected, downloaded, printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from kb.knowledge_base import KnowledgeBase

from ..test_collections import quote_of, take_in
from .conftest import Visit

pytestmark = pytest.mark.browser

SAID = ("Cabbages are cheap.", "Kings are dear.", "Queens like cabbages.", "Nobody asked the cook.")


@pytest.fixture
def page(visit: Callable[..., Visit], serving: Callable[[Path], str], kb: KnowledgeBase) -> Page:
    """The page of a collection of four quotes, two of them with a tag, one of them heard."""
    episode_id = take_in(kb, *SAID)
    for n, words in enumerate(SAID):
        tags = ("money",) if n in (0, 2) else ()
        kb.collections.save("net", quote_of(kb, episode_id, words).id, f"Note {n}", tags)
    kb.collections.judge(quote_of(kb, episode_id, SAID[2]).id, "heard", "Eve")
    return visit(serving(kb.home), "collections/net").page


def order(kb: KnowledgeBase) -> list[str]:
    return [each.quote.text for each in kb.collections.quotes("net")]


def expect_order(page: Page, said: Sequence[str]) -> None:
    """Wait until these quotes are shown in this order; the words alone may stand in another one's context."""
    expect(page.locator("[data-quote] .vb-quote")).to_have_text([f"“{words}”" for words in said])


def test_it_is_chosen_from_ordered_and_downloaded(page: Page, kb: KnowledgeBase) -> None:
    quotes = page.get_by_role("region", name="Saved quote")
    expect(quotes).to_have_count(4)
    page.get_by_role("combobox", name="Tag", exact=True).select_option("money")
    expect(page.get_by_text("2 of 4 quotes")).to_be_visible()
    expect(page.get_by_role("combobox", name="Tag", exact=True)).to_be_focused()
    # Among the quotes that are shown, and the others keep their order.
    page.get_by_role("region", name="Saved quote 3").get_by_role("button", name="Up").click()
    expect_order(page, [SAID[2], SAID[0]])
    assert order(kb) == [SAID[2], SAID[0], SAID[1], SAID[3]]
    page.get_by_text("Download as").click()
    expect(page.get_by_text("The 2 quotes shown:")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Table (CSV)").click()
    assert len(download.value.path().read_text("utf-8-sig").splitlines()) == 3  # a heading and two quotes
    expect(page.get_by_role("link", name="Word")).to_be_hidden()  # the menu is shut
    filters = page.get_by_role("form", name="What is shown")
    filters.get_by_role("combobox", name="Status").select_option("heard")
    expect(quotes).to_have_count(1)
    assert page.url.endswith("?tag=money&status=heard&style=apa")
    page.reload()
    expect(quotes).to_have_count(1)
    quotes.get_by_label("Tags").fill("crown")
    page.get_by_role("button", name="Remove").focus()
    expect(quotes.get_by_text("Saved ")).to_be_visible()
    expect(
        page.get_by_role("combobox", name="Tag", exact=True).get_by_role("option", name="crown (1)")
    ).to_be_attached()
    filters.get_by_role("combobox", name="Status").select_option("")
    expect_order(page, [SAID[0]])  # another one than before
    page.get_by_role("combobox", name="Tag", exact=True).select_option("")
    expect(quotes).to_have_count(4)


def test_quotes_are_dragged_and_moved_by_keys_and_the_focus_stays_near(page: Page, kb: KnowledgeBase) -> None:
    page.set_viewport_size({"width": 1000, "height": 2000})
    quotes = page.get_by_role("region", name="Saved quote")
    third = page.get_by_role("region", name="Saved quote 3")
    height = third.evaluate("row => row.offsetHeight")
    handle = page.get_by_role("button", name="Move quote 1")
    handle.drag_to(third, target_position={"x": 60, "y": height - 10})
    expect(third).to_contain_text("Cabbages are cheap.")
    expect_order(page, [SAID[1], SAID[2], SAID[0], SAID[3]])
    assert order(kb) == [SAID[1], SAID[2], SAID[0], SAID[3]]
    page.get_by_role("button", name="Undo").click()
    expect(quotes.first).to_contain_text("Cabbages are cheap.")
    expect_order(page, list(SAID))
    assert order(kb) == list(SAID)
    page.get_by_role("button", name="Move quote 4").press("ArrowUp")
    expect(page.get_by_role("button", name="Move quote 3")).to_be_focused()
    expect_order(page, [SAID[0], SAID[1], SAID[3], SAID[2]])
    assert order(kb) == [SAID[0], SAID[1], SAID[3], SAID[2]]
    page.get_by_role("region", name="Saved quote 3").get_by_role("button", name="Remove").click()
    expect(quotes).to_have_count(3)
    expect(third.get_by_role("button", name="Remove")).to_be_focused()  # of the one that stands there now
    expect(third).to_contain_text("Queens like cabbages.")
    page.get_by_role("button", name="Undo").click()
    expect(quotes).to_have_count(4)
    expect(third.get_by_role("button", name="Remove")).to_be_focused()
    for left in (3, 2, 1, 0):
        page.get_by_role("button", name="Remove").last.click()
        expect(quotes).to_have_count(left)
    expect(page.get_by_role("heading", level=1, name="net")).to_be_focused()


def test_corrected_words_are_taken_over_with_the_note_and_back(page: Page, kb: KnowledgeBase) -> None:
    episode_id = take_in(kb, SAID[0], SAID[1], "Queens like radishes.", SAID[3])
    page.reload()
    third = page.get_by_role("region", name="Saved quote 3")
    expect(third).to_contain_text("it now reads “Queens like radishes.”")
    expect(page.get_by_role("button", name="Use the corrected words")).to_have_count(1)
    third.get_by_role("textbox", name="Note").fill("Typed just before")
    page.get_by_role("button", name="Use the corrected words").click()
    expect(third.locator("blockquote")).to_have_text("“Queens like radishes.”")
    expect(third.get_by_role("textbox", name="Note")).to_be_focused()
    expect(third.get_by_role("textbox", name="Note")).to_have_value("Typed just before")
    expect(third.get_by_text("Status: unheard")).to_be_visible()  # nobody has compared these words
    now = kb.collections.quotes("net")[2]
    assert now.quote.id == quote_of(kb, episode_id, "Queens like radishes.").id
    assert (now.note, now.tags) == ("Typed just before", ("money",))
    page.get_by_role("button", name="Undo").click()
    expect(third.locator("blockquote")).to_have_text("“Queens like cabbages.”")
    expect(third.get_by_text("Status: heard")).to_be_visible()


def test_a_quote_of_a_removed_episode_leads_nowhere(page: Page, kb: KnowledgeBase) -> None:
    kb.remove(kb.collections.quotes("net")[0].quote.episode.id)
    page.reload()
    first = page.get_by_role("region", name="Saved quote 1")
    expect(first).to_contain_text("Cabbages are cheap.")
    expect(first).to_contain_text("Ann Lee")
    expect(first.get_by_role("link")).to_have_count(0)


def test_paper_has_the_words_the_source_and_the_note_and_nothing_to_press(page: Page) -> None:
    first = page.get_by_role("region", name="Saved quote 1")
    first.get_by_role("textbox", name="Note").fill("Typed a moment ago")
    page.emulate_media(media="print")
    for words in (
        "Cabbages are cheap.",
        "Ann Lee",
        "The Kitchen",
        "Note: Typed a moment ago",
        "Tags: money",
        "unheard",
    ):
        expect(first).to_contain_text(words, use_inner_text=True)
    for role in ("button", "textbox", "combobox", "navigation"):
        expect(page.get_by_role(role)).to_have_count(0)  # type: ignore[arg-type]
