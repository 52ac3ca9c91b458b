"""Naming who speaks: in one list, and an unknown speaker wherever the words stand."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from kb.catalogue import Source
from kb.knowledge_base import KnowledgeBase
from kb.types import Episode, Person, Segment, Transcript

from .conftest import Visit

pytestmark = pytest.mark.browser

Visitor = Callable[..., Visit]
NAMES = ".vb-who > :first-child"
UNKNOWN = re.compile("^Unknown speaker")


@pytest.fixture(scope="module")
def address(serving: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """A server over a debate of forty people and some unknown ones."""
    home = tmp_path_factory.mktemp("naming") / "home"
    names = [f"SPEAKER_{n:02}" for n in range(40)]
    with KnowledgeBase(home) as kb:
        many = tuple(Segment(float(n), n + 1.0, f"Sentence {n}.", name) for n, name in enumerate(names))
        people = (Person("Ann Lee", "host"),)
        kb.add(Episode("forty", "Show", "Forty", people=people), Transcript(many), Source("a", "a"))
        few = tuple(Segment(float(n), n + 1.0, f"Sentence {n}.", name) for n, name in enumerate((None, "Bo", None)))
        for name in ("one", "all"):
            kb.add(Episode(name, "Show", name), Transcript(few), Source(name, name))
        kb.sync()
    return serving(home)


def test_forty_speakers_are_named_in_one_list(visit: Visitor, address: str) -> None:
    page = visit(address, "episode/forty").page
    page.get_by_text("Speakers (40)").click()
    assert page.get_by_role("button", name="Save the names").count() == 1
    page.get_by_label("Name of SPEAKER_07").fill("<b>Ann</b>")
    page.get_by_label("Name of SPEAKER_08").fill("SPEAKER_09")  # two who change places
    page.get_by_label("Name of SPEAKER_09").fill("SPEAKER_08")
    page.get_by_label("Name of SPEAKER_10").fill("")
    page.get_by_label("Your name").fill("Eva R.")
    page.get_by_role("button", name="Save the names").click()
    expect(page.get_by_role("status").filter(has_text="Saved as revision 2")).to_be_visible()
    expect(page.locator(NAMES).nth(7)).to_have_text("<b>Ann</b>")
    expect(page.locator(NAMES).nth(8)).to_have_text("SPEAKER_09")
    expect(page.locator(NAMES).nth(9)).to_have_text("SPEAKER_08")
    expect(page.locator(NAMES).nth(10)).to_have_text(UNKNOWN)
    page.get_by_label("Name of SPEAKER_11").fill("Half a")
    page.get_by_role("link", name="Library").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep writing").click()
    expect(page.get_by_label("Name of SPEAKER_11")).to_have_value("Half a")
    page.get_by_label("Name of SPEAKER_11").fill("SPEAKER_11")


def test_an_unknown_speaker_is_named_where_the_words_stand(visit: Visitor, address: str) -> None:
    page = visit(address, "episode/one").page
    page.get_by_role("button", name=UNKNOWN).last.click()
    page.get_by_label("Who says this").fill("Ann Lee")
    page.get_by_label("Your name").last.fill("Eva R.")
    page.keyboard.press("Enter")
    expect(page.locator(NAMES)).to_have_text([UNKNOWN, "Bo", "Ann Lee"])
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(NAMES)).to_have_text([UNKNOWN, "Bo", UNKNOWN])


def test_all_turns_of_an_unknown_speaker_are_named_at_once(visit: Visitor, address: str) -> None:
    page = visit(address, "episode/all").page
    page.get_by_role("button", name=UNKNOWN).first.click()
    page.get_by_label("In all 2 turns of an unknown speaker").check()
    page.get_by_label("Who says this").fill("Ann Lee")
    page.get_by_label("Your name").last.fill("Eva R.")
    page.keyboard.press("Enter")
    expect(page.locator(NAMES)).to_have_text(["Ann Lee", "Bo", "Ann Lee"])
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(NAMES)).to_have_text([UNKNOWN, "Bo", UNKNOWN])


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"speaker": "Bo", "by": "Eva"}, 400, "A speaker or a name is missing"),
        ({"speaker": "Nobody", "name": "Ann", "by": "Eva"}, 400, "There is no speaker"),
        ({"speaker": "Bo", "name": "Ann"}, 400, "Your name is missing"),
        ({"speaker": "Bo", "name": "x" * 201, "by": "Eva"}, 400, "1 to 200 visible characters"),
    ],
)
def test_a_name_that_cannot_be_says_why(
    visit: Visitor, address: str, form: dict[str, str], status: int, said: str
) -> None:
    response = visit(address, "episode/one").page.request.post(f"{address}episode/one/speaker", form=form)
    assert (response.status, said in response.text()) == (status, True)
