"""Messages in a real browser: they cover neither what is in use nor the player."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from ..conftest import SEGMENT
from .conftest import Visit, wait_for
from .test_marking import mark, tools

pytestmark = pytest.mark.browser

Visitor = Callable[..., Visit]


def overlaps(one: Locator, other: Locator) -> bool:
    """Return whether two things lie over one another on the screen."""
    first, second = one.bounding_box(), other.bounding_box()
    assert first is not None
    assert second is not None
    return all(
        first[edge] < second[edge] + second[size] and second[edge] < first[edge] + first[size]
        for edge, size in (("x", "width"), ("y", "height"))
    )


@pytest.mark.parametrize("width", [320, 1100])
def test_a_message_gives_way_to_what_is_in_use(visit: Visitor, corpus_address: str, width: int) -> None:
    page = visit(corpus_address, f"episode/{SEGMENT}", viewport={"width": width, "height": 640}).page
    player = page.get_by_role("region", name="Audio player")
    words = page.get_by_role("paragraph").filter(has_text="dragnet").first
    page.evaluate("navigator.clipboard.writeText = async () => {}")

    def put(holder: Locator, bottom: int) -> None:
        """Scroll so that something ends so far over the player."""
        holder.evaluate(
            "(each, [foot, bottom]) => scrollBy({ top: each.getBoundingClientRect().bottom - foot + bottom,"
            " behavior: 'instant' })",
            [player.bounding_box()["y"], bottom],  # type: ignore[index]
        )

    put(words, 70)
    mark(words, "dragnet")
    expect(tools(page)).to_be_visible()
    page.evaluate("import('/vb/told.js').then(({ tell }) => tell('Saved in “Desk”.', { name: 'Undo', press() {} }))")
    message = page.get_by_role("status").filter(has_text="Saved in “Desk”.")
    expect(message).to_be_visible()
    for bottom in (70, 20, 200, 330):
        put(words, bottom)
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert not overlaps(message, tools(page)), bottom
        assert not overlaps(message, player), bottom
        expect(message).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    name = page.get_by_role("group").filter(has=words).get_attribute("aria-label")
    turn = page.get_by_role("group", name=name, exact=True)
    turn.get_by_role("button", name="Correct").click()
    field = turn.get_by_label("The words of this turn")
    expect(field).to_be_focused()
    for bottom in (20, 120):
        put(field, bottom)
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert not overlaps(message, field), bottom
        assert not overlaps(message, player), bottom
        assert not overlaps(message, turn.get_by_role("button", name="Save")), bottom
    wait_for(page, "document.documentElement.scrollWidth <= innerWidth")
