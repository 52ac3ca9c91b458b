"""More quotes than an answer shows at first, in a real browser: on a click, and grouped if one wishes."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .conftest import Visit, told

pytestmark = pytest.mark.browser


def test_more_quotes_than_five_are_shown_on_a_click_and_stay_in_the_address(
    visit: Callable[..., Visit], corpus_address: str
) -> None:
    found = visit(corpus_address)
    page = found.page
    found.ask("What was said about facial recognition?")
    quotes = page.get_by_role("article", name=re.compile("^Quote"))
    expect(quotes).to_have_count(5)
    first = quotes.first.get_by_role("blockquote").inner_text()
    page.get_by_role("link", name="Show more quotes").click()
    sixth = page.get_by_role("article", name="Quote 6", exact=True)
    expect(sixth).to_be_focused()
    assert quotes.first.get_by_role("blockquote").inner_text() == first
    assert page.evaluate("scrollY") > 0  # where the link was, and not thrown back to the top
    page.get_by_role("link", name="Show more quotes").click()
    expect(quotes).to_have_count(20)
    assert told(page)["quotes"] == ["20"]
    page.go_back()
    expect(quotes).to_have_count(10)
    headings = page.locator("#answer").get_by_role("heading", level=3)
    page.get_by_role("link", name="By speaker").click()
    expect(headings).to_have_text(["Aarti Shahani", "Audie Cornish", "Alvaro Bedoya"])
    assert (told(page)["group"], told(page)["quotes"]) == (["speaker"], ["10"])
    expect(page.get_by_role("link", name="By speaker")).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="By episode").click()
    expect(headings).to_have_text([re.compile("^ICE Turned To DMV")])
    page.get_by_role("link", name="Best first").click()
    expect(headings).to_have_count(0)
    expect(quotes).to_have_count(10)
    found.ask("Who called it a dragnet?")
    expect(page).to_have_url(re.compile("dragnet"))  # the answer before may have had the word, too
    expect(quotes.first).to_contain_text("dragnet")
    assert "quotes" not in told(page)
