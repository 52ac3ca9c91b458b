"""The page of names to expect: listed, found where they are spelt otherwise, corrected after a look, and undone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from kb.catalogue import Source
from kb.knowledge_base import KnowledgeBase
from kb.types import Episode, Segment, Transcript

from .conftest import Visit

pytestmark = pytest.mark.browser

Visitor = Callable[..., Visit]
HOSTILE = "<img src=x onerror=alert(1)>"
SAID = ("Here to brief us is NPR's Ardi Shahani. Hey there.", "We run it on cooper netties now, says Ardi Shahani.")


@pytest.fixture(scope="module")
def heard(serving: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a server over two machine transcripts."""
    home = tmp_path_factory.mktemp("names") / "home"
    with KnowledgeBase(home) as kb:
        for number, text in enumerate(SAID):
            words = Transcript((Segment(60.0, 70.0, text, "Host"),), "en", "machine")
            episode = Episode("", "Desk", f"Episode {number} {HOSTILE}", f"2024-05-0{number + 1}", language="en")
            kb.add(episode, words, Source(f"file:///{number}.mp3", f"{number:064}"))
    return serving(home)


def violations(page: Page) -> list[str]:
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found += [each["id"] for each in Axe().run(page).response["violations"]]
    return found


def current(address: str) -> str:
    texts = []
    for episode in httpx.get(f"{address}api/episodes?sort=oldest", timeout=30).json()["episodes"]:
        texts.append(httpx.get(f"{address}api/episodes/{episode['id']}/transcript", timeout=30).text)
    return "\n".join(texts)


def test_names_are_listed_found_corrected_and_undone(visit: Visitor, heard: str) -> None:
    page = visit(heard, "library", viewport={"width": 320, "height": 640}).page
    page.get_by_role("link", name="Names to expect in recordings").press("Enter")
    page.wait_for_url("**/names")  # until its scripts are there
    listed = page.get_by_role("list", name="Names to expect")
    expect(listed).to_have_text("No names are listed yet.")
    assert violations(page) == []
    for name in ("Aarti Shahani", HOSTILE, "Kubernetes"):
        page.get_by_label("A name or a term").fill(name)
        page.keyboard.press("Enter")
        expect(listed.get_by_role("listitem").filter(has_text=name)).to_be_visible()
    page.get_by_role("button", name=f"Remove {HOSTILE}").press("Enter")
    expect(listed.get_by_role("listitem")).to_have_count(2)
    expect(page.get_by_role("button", name="Remove Kubernetes")).to_be_focused()
    page.get_by_role("button", name="Undo").click()
    expect(listed.get_by_role("listitem").filter(has_text=HOSTILE)).to_be_visible()
    page.get_by_role("button", name="Look through the transcripts").press("Enter")
    expect(page.get_by_text("3 places in 2 episodes.")).to_be_visible()
    rows = page.get_by_role("list", name="Other spellings").get_by_role("listitem")
    expect(rows).to_have_count(3)
    assert current(heard) == "\n".join(SAID)  # nothing is changed by looking
    doubtful = page.get_by_role("checkbox", name="“cooper netties” → “Kubernetes”, perhaps")
    expect(doubtful).not_to_be_checked()
    expect(page.get_by_role("checkbox", name="“Ardi Shahani” → “Aarti Shahani”")).to_have_count(2)
    expect(rows.filter(has=doubtful)).to_contain_text("We run it on cooper netties now, says Ardi Shahani.")
    expect(rows.filter(has=doubtful).get_by_role("link")).to_have_text(f"Episode 1 {HOSTILE}, 1:02")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    correct = page.get_by_role("button", name=re.compile("^Correct"))
    expect(correct).to_have_text("Correct 2 places")
    doubtful.check()
    rows.filter(has_text="Hey there").get_by_role("checkbox").uncheck()
    page.get_by_label("Your name").fill("Ann")
    correct.press("Enter")
    made = page.get_by_role("list", name="Corrected names")
    expect(made).to_contain_text("Spelt “Kubernetes” as in your list of names; the recogniser wrote “cooper netties”.")
    told = {"accept-language": "de", "sec-fetch-site": "same-origin"}
    places = [
        place
        for each in httpx.get(f"{heard}api/names/corrected", headers=told, timeout=30).json()
        for place in each["places"]
    ]
    assert any(place.startswith("„Kubernetes“ geschrieben wie in der Namensliste") for place in places)
    expect(made).to_contain_text("Ann, 20")
    expect(rows).to_have_count(1)
    right = "We run it on Kubernetes now, says Aarti Shahani."
    assert current(heard) == f"{SAID[0]}\n{right}"
    assert violations(page) == []
    page.reload()
    page.get_by_role("button", name=f"Undo: Episode 1 {HOSTILE}").press("Enter")
    expect(page.get_by_role("status").filter(has_text="Undone; the earlier words are back.")).to_be_visible()
    expect(made).to_be_hidden()
    assert current(heard) == "\n".join(SAID)
    page.get_by_role("button", name="Look through the transcripts").click()
    correct.click()
    page.get_by_role("status").filter(has_text="Corrected 2 places in 2 episodes").get_by_role(
        "button", name="Undo"
    ).click()
    expect(page.get_by_role("status").filter(has_text="Undone; the earlier words are back.")).to_be_visible()
    assert current(heard) == "\n".join(SAID)
    # Of two places of one episode, the one that is not to be corrected stays so when the other has been.
    page.get_by_role("button", name="Look through the transcripts").click()
    expect(rows).to_have_count(3)
    doubtful.check()
    for found in page.get_by_role("checkbox", name="“Ardi Shahani” → “Aarti Shahani”").all():
        found.uncheck()
    correct.click()
    expect(rows).to_have_count(2)
    for found in page.get_by_role("checkbox", name="“Ardi Shahani” → “Aarti Shahani”").all():
        expect(found).not_to_be_checked()
    expect(correct).to_be_disabled()


def test_the_next_name_is_typed_while_the_last_is_sent(visit: Visitor, heard: str) -> None:
    page = visit(heard, "names").page
    page.evaluate(_HOLD)
    name = page.get_by_label("A name or a term")
    name.fill("Lagos")
    page.keyboard.press("Enter")
    expect(page.locator("body[data-came]")).to_be_attached()
    name.fill("Accra")
    page.evaluate("letGo()")
    expect(page.get_by_role("status").filter(has_text="Added “Lagos”")).to_be_visible()
    expect(name).to_have_value("Accra")
    page.get_by_role("button", name="Remove Lagos").click()
    expect(page.get_by_role("button", name="Remove Lagos")).to_have_count(0)


#: Holds the answer to a new name back until it is told to let it go.
_HOLD = """() => {
  const asked = window.fetch;
  window.held = new Promise((let_go) => (window.letGo = let_go));
  window.fetch = async (address, ...more) => {
    const answer = await asked(address, ...more);
    if (!String(address).endsWith("/api/names")) return answer;
    document.body.dataset.came = "1";
    await window.held;
    return answer;
  };
}"""


def test_what_is_no_name_and_no_place_is_refused(heard: str) -> None:
    names = f"{heard}api/names"
    for path, body in (
        ("", {"names": ["x" * 61]}),
        ("", {"names": []}),
        ("", {"names": [" "]}),
        ("/apply", {"places": [], "by": "Ann"}),
        ("/apply", {"places": ["no place"], "by": "Ann"}),
        ("/apply", {"places": ["a@1:0-2"], "by": " "}),
        ("/undo", {"episode": "nothing", "revision": 2, "by": "Ann"}),
    ):
        answer = httpx.post(names + path, json=body, timeout=30)
        assert answer.status_code in (400, 404), (path, body, answer.text)
        assert answer.json()["error"]
    assert httpx.get(f"{names}/places", params={"episode": "nothing"}, timeout=30).status_code == 404
