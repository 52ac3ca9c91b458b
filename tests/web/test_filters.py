"""Filters in a real browser: chips that are added with suggestions and counts, and taken away; the address says them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from .conftest import Visit, told
from .test_everyone import AXE

pytestmark = pytest.mark.browser

Visitor = Callable[..., Visit]
PARSNIPS = "?q=Who+mentioned+parsnips%3F"


def add(page: Page, name: str) -> None:
    page.get_by_role("button", name=f"+ {name}").click()
    expect(page.get_by_role("dialog", name=f"Add a filter: {name}")).to_be_visible()


def test_filters_are_suggested_with_counts_stay_in_the_address_and_can_be_removed(visit: Visitor, gardens: str) -> None:
    found = visit(gardens)
    page = found.page
    found.ask("Who mentioned parsnips?")
    garden, kitchen = (page.get_by_role("article").filter(has_text=show) for show in ("Garden Hour", "Kitchen Talk"))
    expect(garden.first).to_be_visible()
    expect(kitchen.first).to_be_visible()
    add(page, "Show")
    expect(page.get_by_role("option")).to_have_text(["Garden Hour 2 episodes", "Kitchen Talk 2 episodes"])
    page.get_by_role("option", name="Kitchen Talk").click()
    expect(page.get_by_role("link", name="Remove the filter Kitchen Talk")).to_be_visible()
    expect(garden).to_have_count(0)
    expect(kitchen.first).to_be_visible()
    add(page, "Show")  # another one beside it, and not the same again
    expect(page.get_by_role("option")).to_have_text(["Garden Hour 2 episodes"])
    page.get_by_role("option", name="Garden Hour").click()
    add(page, "Date")
    page.get_by_role("button", name="2021 1 episode").click()
    expect(page.get_by_role("link", name="Remove the filter 2021")).to_be_visible()
    assert told(page) == {
        "q": ["Who mentioned parsnips?"], "show": ["Kitchen Talk", "Garden Hour"],
        "since": ["2021-01-01"], "until": ["2021-12-31"],
    }  # fmt: skip
    page = visit(gardens, page.url.removeprefix(gardens)).page
    expect(page.get_by_role("list", name="Filters that are set").get_by_role("link")).to_have_count(3)
    page.get_by_role("link", name="Remove the filter Kitchen Talk").click()
    expect(page.get_by_role("list", name="Filters that are set").get_by_role("link")).to_have_count(2)
    expect(page.get_by_role("article").first).to_contain_text("Bo Marsh")
    page.go_back()
    expect(page.get_by_role("list", name="Filters that are set").get_by_role("link")).to_have_count(3)


def test_the_keyboard_finds_and_adds_a_speaker(visit: Visitor, gardens: str) -> None:
    page = visit(gardens, PARSNIPS).page
    button = page.get_by_role("button", name="+ Speaker")
    button.focus()
    page.keyboard.press("Enter")
    box = page.get_by_role("combobox", name="Speaker")
    expect(box).to_be_focused()
    expect(page.get_by_role("option")).to_have_count(3)
    page.keyboard.type("a")
    expect(page.get_by_role("option", selected=True)).to_have_text("Ann Field 2 episodes")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_have_text("Bo Marsh 1 episode")
    page.evaluate(AXE)
    assert page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"] == []
    page.keyboard.press("Escape")
    expect(box).not_to_be_visible()
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.type("nobody at all")
    expect(page.get_by_role("status").filter(has_text="Nothing in your library has this name.")).to_be_visible()
    page.keyboard.press("Enter")  # adds nothing
    expect(box).to_be_focused()
    box.fill("STO cy")
    expect(page.get_by_role("option", selected=True)).to_have_text("Cy Stone 1 episode")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Remove the filter Cy Stone")).to_be_visible()
    expect(page.get_by_role("article").first).to_contain_text("honey")
    assert told(page)["speaker"] == ["Cy Stone"]


def test_dates_of_ones_own_are_set_and_shown_again(visit: Visitor, gardens: str) -> None:
    page = visit(gardens, PARSNIPS).page
    add(page, "Date")
    page.get_by_label("From").fill("2020-01-01")
    page.get_by_label("To", exact=True).fill("2021-06-30")
    page.get_by_role("button", name="Set the dates").click()
    expect(page.get_by_role("link", name="Remove the filter 2020-01-01 to 2021-06-30")).to_be_visible()
    expect(page.get_by_role("article").first).to_contain_text("Bo Marsh")
    add(page, "Date")
    expect(page.get_by_label("From")).to_have_value("2020-01-01")
    page.get_by_label("From").fill("")
    page.get_by_role("button", name="Set the dates").click()
    expect(page.get_by_role("link", name="Remove the filter until 2021-06-30")).to_be_visible()
    assert "since" not in told(page)


def test_on_a_telephone_the_filters_are_shut_and_what_is_set_is_seen(visit: Visitor, gardens: str) -> None:
    page = visit(gardens, f"{PARSNIPS}&show=Garden+Hour", viewport={"width": 390, "height": 844}).page
    expect(page.get_by_role("link", name="Remove the filter Garden Hour")).to_be_visible()
    toggle = page.get_by_role("button", name="Filters")
    expect(toggle).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("button", name=re.compile(r"^\+ "))).to_have_count(0)
    toggle.click()
    add(page, "Speaker")
    popup = page.get_by_role("dialog").bounding_box()
    assert popup is not None
    assert popup["x"] >= 0
    assert popup["x"] + popup["width"] <= 390
    page.get_by_role("option", name="Ann Field").click()
    expect(page.get_by_role("link", name="Remove the filter Ann Field")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
