"""Asking in a real browser: filters in the address, follow-ups, where and when, citing, a summary."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from ..chat_server import chat_server
from .conftest import Visit, told

pytestmark = pytest.mark.browser

Visitor = Callable[..., Visit]


@pytest.fixture
def address(gardens: str) -> str:
    return gardens


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
    expect(page.get_by_role("link", name="2021: 1 excerpt; show these alone")).to_be_visible()
    expect(page.get_by_role("link", name="Garden Hour: 2 excerpts; show these alone")).to_be_visible()
    page.get_by_role("link", name="2021: 1 excerpt").click()
    expect(page.get_by_role("link", name="Remove the filter 2021")).to_be_visible()
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
    expect(page.locator(".vb-count").first).to_contain_text("4 episodes searched")
    page.get_by_role("button", name="+ Collection").click()
    page.get_by_role("option", name="My report 1 episode").click()
    expect(page.locator(".vb-count").first).to_contain_text("1 episode searched")
    expect(page.get_by_role("link", name="Remove the filter episodes of My report")).to_be_visible()
    page.get_by_role("button", name="+ Collection").click()
    expect(page.get_by_role("combobox", name="Collection")).to_be_focused()
    page.get_by_role("combobox", name="Collection").fill("My rep")  # other tests' collections may stand here
    expect(page.get_by_role("status").filter(has_text="Nothing in your library has this name.")).to_be_visible()
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
    expect(page.get_by_role("region", name="Nothing was searched")).to_contain_text("No collection is called “Nobody”.")


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
