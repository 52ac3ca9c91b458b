"""How a feed's recordings are transcribed, chosen on the page: when it is followed, and later in its row."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from kb.knowledge_base import KnowledgeBase

from .. import sounds
from ..feeds.conftest import site
from ..feeds.site import Site, plain
from ..models.tiny import ct2_folder
from .conftest import Visit

__all__ = ["site"]  # a fixture

pytestmark = pytest.mark.browser

Visitor = Callable[..., Visit]
_HEAD = '<rss version="2.0"><channel><title>Long Hour</title><language>en</language>'


def publish(site: Site, *titles: str) -> None:
    """Let the feed have these episodes, each with a recording of its own."""
    items = ""
    for number, title in enumerate(titles):
        place = site.url(f"/{title}.wav")
        items += f"<item><title>{title}</title><pubDate>0{number + 1} May 2024 08:00 GMT</pubDate>"
        items += f'<enclosure url="{place}" type="audio/wav" length="1"/></item>'
    site.pages["/feed.xml"] = plain(f"{_HEAD}{items}</channel></rss>".encode(), "application/rss+xml")


@pytest.fixture
def here(serving: Callable[..., str], site: Site, tmp_path: Path) -> str:
    """The address of a server with two models, and a feed of one recording."""
    for name in ("ours", "theirs"):
        shutil.copytree(ct2_folder(), tmp_path / "models" / name)
    for title, seconds in (("First", 6), ("Second", 8)):
        sound = sounds.write(tmp_path / f"{title}.wav", sounds.speech(0, seconds), "pcm_s16le")
        site.pages[f"/{title}.wav"] = plain(sound.read_bytes(), "audio/wav")
    publish(site, "First")
    nowhere = str(tmp_path / "nowhere")
    places = {"KB_MODELS": str(tmp_path / "models"), "XDG_CACHE_HOME": nowhere, "HF_HOME": nowhere}
    return serving(tmp_path / "home", "--private-host", "127.0.0.1", **places)


def asked_of(home: Path) -> dict[str, tuple[str, str | None]]:
    """Return the model and the language that each episode was transcribed with, by title."""
    with KnowledgeBase(home) as kb:
        found = {one.episode.title: one.episode.id for one in kb.listing.page().listed}
        made = {title: json.loads(kb.current(each).settings or "")["request"] for title, each in found.items()}
    return {title: (asked["model"], asked["language"]) for title, asked in made.items()}


def test_a_feed_is_transcribed_with_what_was_chosen_for_it(
    visit: Visitor, here: str, site: Site, tmp_path: Path
) -> None:
    page = visit(here, "library", viewport={"width": 320, "height": 640}).page
    address = page.get_by_label("Address of a podcast’s feed")
    address.fill(site.url("/feed.xml"))
    address.press("Enter")
    follow = page.get_by_role("form", name="Follow the feed")
    models = follow.get_by_role("combobox", name="Speech model")
    expect(models.get_by_role("option")).to_have_text(["The best that is here then", "ours", "theirs"])
    models.select_option("faster-whisper ours")
    follow.get_by_label("Language of the recordings").select_option(label="English")
    follow.get_by_role("button", name="Follow").press("Enter")
    row = page.get_by_role("listitem").filter(has=page.get_by_role("button", name="Unfollow: Long Hour"))
    expect(row).to_contain_text("1 in", timeout=90_000)
    expect(row.get_by_role("button", name="Look now: Long Hour")).to_be_visible()  # the row changes no more
    expect(row).to_contain_text("Recordings: ours, English")
    change = row.get_by_role("button", name="Change the model and language of Long Hour")
    change.press("Enter")
    dialog = page.get_by_role("dialog", name="Recordings of Long Hour")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert [each["id"] for each in Axe().run(page).response["violations"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    dialog.get_by_role("combobox", name="Speech model").select_option("faster-whisper theirs")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(change).to_be_focused()
    expect(row).to_contain_text("Recordings: ours, English")  # nothing was saved
    change.press("Enter")
    expect(dialog.get_by_label("Language of the recordings")).to_have_value("en")
    expect(dialog.get_by_role("combobox", name="Speech model")).to_have_value("faster-whisper ours")
    dialog.get_by_role("combobox", name="Speech model").select_option("faster-whisper theirs")
    dialog.get_by_label("Language of the recordings").select_option(label="Detected from the recording")
    dialog.get_by_role("button", name="Save").press("Enter")
    expect(row).to_contain_text("Recordings: theirs, language detected")
    expect(change).to_be_focused()
    publish(site, "First", "Second")
    row.get_by_role("button", name="Look now: Long Hour").click()
    expect(row).to_contain_text("2 in", timeout=90_000)
    assert asked_of(tmp_path / "home") == {"First": ("ours", "en"), "Second": ("theirs", None)}
    (feed,) = httpx.get(f"{here}api/feeds", timeout=30).json()
    assert (feed["model"], feed["engine"], feed["language"]) == ("theirs", "faster-whisper", None)
    shutil.rmtree(tmp_path / "models" / "theirs")  # a model that is gone stays chosen until another one is
    for wanted, status in (
        ({"model": "theirs", "engine": "faster-whisper", "language": "en"}, 200),
        ({"model": str(ct2_folder())}, 400),
        ({"language": "tlh"}, 400),
        ({}, 200),
    ):
        assert httpx.put(f"{here}api/feeds/{feed['id']}", json=wanted, timeout=30).status_code == status
    assert httpx.get(f"{here}api/feeds", timeout=30).json()[0]["model"] is None
