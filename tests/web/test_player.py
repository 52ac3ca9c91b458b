"""The player goes on from page to page, is one row, hides nothing, and is driven by keys like the transcript."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from kb.catalogue import Source
from kb.knowledge_base import KnowledgeBase
from kb.types import Episode, Segment, Transcript

from ..conftest import SEGMENT
from .conftest import Visit, wait_for

pytestmark = pytest.mark.browser

Visitor = Callable[..., Visit]
READER = f"episode/{SEGMENT}"
QUOTE = f"quote/{SEGMENT}@1:749-975"
SAVED = f"{SEGMENT}@1:3188-3278"
PLAYS = "window.verbatim && !verbatim.audio.paused && verbatim.audio.currentTime"


@pytest.fixture(scope="module")
def address(serving: Callable[[Path], str], corpus_home: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A server over the corpus, a second episode with sound, and a collection."""
    home = Path(shutil.copytree(corpus_home, tmp_path_factory.mktemp("player") / "home"))
    with KnowledgeBase(home) as kb:
        said = tuple(Segment(float(n), n + 1.0, f"Sentence {n} is said.", "AB"[n % 2]) for n in range(40))
        sound = kb.catalogue.episodes.get(SEGMENT).audio
        kb.add(Episode("second", "Show", "The second one", audio=sound), Transcript(said), Source("s", "s"))
        kb.catalogue.collections.add(kb.catalogue.collections.begin("net")[0], kb.quote(SAVED))
        kb.sync()
    return serving(home)


@pytest.fixture(scope="module")
def strict(browser: Browser) -> Iterator[Browser]:
    """A browser that plays nothing before somebody presses something on the page."""
    path = browser.browser_type
    flags = "--headless --no-sandbox --disable-gpu --autoplay-policy=document-user-activation-required".split()
    executable = next(
        found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))
    )
    chromium = path.launch(executable_path=executable, args=flags)
    yield chromium
    chromium.close()


def player(page: Page) -> Locator:
    return page.get_by_role("region", name="Audio player")


def is_seen(found: Locator) -> bool:
    """Return whether the middle of something is on the screen, and nothing lies over it."""
    return bool(
        found.evaluate(
            """(each) => { const b = each.getBoundingClientRect();
            const top = document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2);
            return Boolean(top) && (each.contains(top) || top.contains(each) && top !== document.body); }"""
        )
    )


def test_the_sound_goes_on_from_page_to_page(visit: Visitor, address: str) -> None:
    page = visit(address, READER).page
    page.get_by_role("button", name="Play from 0:37").click()
    player(page).get_by_label("Speed").select_option("0.75")
    wait_for(page, f"{PLAYS} > 37")
    begun = page.evaluate("verbatim.audio.currentTime")
    for place, title in (
        ("Library", "Library"),
        ("Collections", "Collections"),
        ("Ask", "Ask your podcasts and radio"),
    ):
        page.get_by_role("link", name=place, exact=True).click()
        expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()
        wait_for(page, f"{PLAYS} > {begun}")
        begun = page.evaluate("verbatim.audio.currentTime")
    assert page.evaluate("verbatim.audio.playbackRate") == 0.75
    page.goto(address + "episode/second?t=20")  # another transcript does not silence it
    wait_for(page, f"{PLAYS} >= {begun}")
    player(page).get_by_role("link", name=re.compile("ICE Turned")).click()
    wait_for(page, f"{PLAYS} >= {begun}")
    expect(page.locator(".vb-now")).to_be_in_viewport()
    page.keyboard.press("k")
    page.get_by_role("button", name="Close the player").click()
    page.goto(address + "episode/second")  # which is read, and not heard
    expect(player(page)).to_be_visible()
    page.get_by_role("link", name="Library").click()
    expect(page.get_by_role("heading", level=1, name="Library")).to_be_visible()
    expect(player(page)).to_be_hidden()


def test_the_quote_that_is_heard_is_marked_on_the_next_page(visit: Visitor, address: str) -> None:
    page = visit(address, f"quote/{SAVED}").page
    play = page.get_by_role("button", name="Play from 3:22")
    player_plays = player(page).get_by_role("button", name="Pause")
    play.click()
    player(page).get_by_label("Speed").select_option("0.5")  # it lasts until the test is through
    for place in ("collections/net", "?q=Who+described+the+collaboration+as+a+dragnet%3F"):
        page.goto(address + place)
        expect(player_plays).to_be_visible()
        heard = page.get_by_role("button", name="Play from 3:22", pressed=True)
        expect(heard).to_have_count(1)  # the answer's card comes after the page
    assert page.get_by_role("button", name="Play from", pressed=True).count() == 1
    heard.click()  # which stops it
    expect(player(page).get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(heard).to_have_count(0)
    play.first.click()
    page.goto(f"{address}{READER}")
    expect(player_plays).to_be_visible()
    expect(page.get_by_role("paragraph").filter(has_text="dragnet").first).to_be_in_viewport()  # followed


def test_where_the_browser_waits_for_a_key_one_key_goes_on(strict: Browser, address: str) -> None:
    page = strict.new_context().new_page()
    page.goto(address + QUOTE)
    page.get_by_role("button", name=re.compile("Play from")).click()
    wait_for(page, f"{PLAYS} > 48")
    page.goto(address + "library")  # as somebody who types an address
    offer = player(page).get_by_role("button", name=re.compile(r"^Paused at 0:\d\d · continue$"))
    expect(offer).to_be_visible()
    page.reload()  # which keeps it as it is
    expect(offer).to_be_visible()
    page.keyboard.press("k")
    wait_for(page, f"{PLAYS} > 48")
    expect(offer).to_be_hidden()
    page.goto(address + "collections")
    offer.click()
    wait_for(page, f"{PLAYS} > 48")
    page.context.close()


@pytest.mark.parametrize(("width", "height"), [(320, 640), (320, 200)], ids=["telephone", "400 %"])
def test_the_player_is_one_row_and_leaves_room(visit: Visitor, address: str, width: int, height: int) -> None:
    page = visit(address, f"{READER}?t=30", viewport={"width": width, "height": height}).page
    expect(player(page)).to_be_visible()
    expect(page.locator(".vb-now")).to_be_in_viewport()
    bar = player(page).bounding_box()
    assert bar is not None
    assert bar["height"] <= 56
    for control in player(page).locator("button:visible, select:visible, a:visible").all():
        box = control.bounding_box()
        assert box is not None
        assert bar["y"] <= box["y"]
        assert box["y"] + box["height"] <= height
        assert box["x"] + box["width"] <= width
    covered = page.evaluate(
        "(() => { const t = document.querySelector('.vb-tools'); const b = t.getBoundingClientRect();"
        " return getComputedStyle(t).position === 'sticky' ? Math.max(0, b.bottom) : 0; })()"
    )
    assert bar["y"] - covered >= 0.7 * height
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("height", [640, 200])
def test_the_player_covers_nothing_that_is_corrected(visit: Visitor, address: str, height: int) -> None:
    page = visit(address, "episode/second", viewport={"width": 320, "height": height}).page
    expect(player(page)).to_be_visible()
    turn = page.locator(".vb-turn").nth(25)
    turn.scroll_into_view_if_needed()
    turn.get_by_role("button", name="Correct").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" And it goes on for a line or two.")
    words = turn.get_by_label("The words of this turn")
    expect(words).to_be_focused()
    assert is_seen(words)
    for _ in range(4):  # who says it, who corrects, Save, Cancel
        page.keyboard.press("Tab")
        assert is_seen(page.locator(":focus"))


def test_messages_stand_above_the_player(visit: Visitor, address: str) -> None:
    page = visit(address, QUOTE, viewport={"width": 390, "height": 500}).page
    page.get_by_role("button", name=re.compile("Play from")).click()
    wait_for(page, f"{PLAYS} > 48")
    page.keyboard.press("k")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("dialog").get_by_label("Save in").fill("net")
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    message = page.get_by_role("status").filter(has_text="Saved in “net”.")
    expect(message).to_be_visible()
    assert is_seen(message)
    page.goto(f"{address}?q=Who+described+the+collaboration+as+a+dragnet%3F")
    expect(page.get_by_role("button", name="✓ Saved in net").first).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).first.click()
    message = page.get_by_role("status").filter(has_text="Saved in “net”.")
    expect(message).to_be_visible()
    expect(player(page)).to_be_visible()
    assert is_seen(message)
    page.goto(f"{address}collections/net")
    expect(player(page)).to_be_visible()
    note = page.get_by_role("textbox", name="Note").last
    note.focus()
    page.keyboard.type("Heard twice")
    saved = page.get_by_role("status").filter(has_text=re.compile(r"Saved \d\d:\d\d"))
    expect(saved).to_be_visible()
    assert is_seen(saved)


def test_the_transcript_is_walked_played_and_marked_by_keys(visit: Visitor, address: str) -> None:
    page = visit(address, "episode/second").page
    expect(player(page)).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the player")).to_be_focused()
    page.keyboard.press("Enter")
    expect(player(page).get_by_role("button", name="Play", exact=True)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")  # over 40 turns, which are one stop with its two buttons
    expect(page.get_by_role("group", name="A, 0:00")).to_be_focused()
    for _ in range(12):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    turn = page.get_by_role("group", name="B, 0:11")
    expect(turn).to_be_focused()
    assert is_seen(turn)
    page.keyboard.press("Enter")
    wait_for(page, f"{PLAYS} >= 11")
    page.keyboard.press("k")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")  # "Sentence", "13"
    page.keyboard.press("Shift+ArrowRight")
    assert page.evaluate("String(getSelection())") == "13 is"
    player(page).get_by_label("Speed").evaluate(
        "speed => { speed.value = '0.5'; speed.dispatchEvent(new Event('change')); }"  # the focus stays at the words
    )
    page.keyboard.press("Enter")  # plays what is marked, and no more
    wait_for(page, "verbatim.audio.paused && verbatim.audio.currentTime > 13")
    assert page.evaluate("verbatim.audio.currentTime") < 14.5
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")  # the first may close what opens at marked words
    assert page.evaluate("String(getSelection())") == ""
    page.keyboard.press("c")
    expect(page.get_by_label("The words of this turn")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_contain_text("One turn up or down")
    keys.get_by_label("Use these single keys").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("k")
    page.keyboard.press("?")
    expect(keys).to_be_hidden()
    assert page.evaluate("verbatim.audio.paused")


def test_a_file_that_was_read_is_not_called_missing(visit: Visitor, address: str) -> None:
    page = visit(address, READER).page
    for code, told in ((4, "The audio file cannot be read."), (3, "This audio cannot be played in this browser.")):
        page.evaluate(
            """code => {
                Object.defineProperty(verbatim.audio, "error", { value: { code }, configurable: true });
                verbatim.audio.dispatchEvent(new Event("error"));
            }""",
            code,
        )
        expect(page.get_by_text(told)).to_be_attached()
