"""The reader in a real browser: the text follows the voice, is searched, corrected, and every place has a link."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from kb.catalogue import Source
from kb.knowledge_base import KnowledgeBase
from kb.types import Chapter, Episode, Segment, Transcript, Word

from ..conftest import SEGMENT
from .conftest import Visit, wait_for

pytestmark = pytest.mark.browser

Visitor = Callable[..., Visit]
SOUND = "document.querySelector('.vb-player audio')"
LIT = "[...(CSS.highlights.get('vb-spoken') ?? [])].join('')"
READER = f"episode/{SEGMENT}"


@pytest.fixture(scope="module")
def address(serving: Callable[[Path], str], corpus_home: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A server over the corpus with chapters, a machine's transcript without audio, and one that is timed by cue."""
    home = Path(shutil.copytree(corpus_home, tmp_path_factory.mktemp("reader") / "home"))
    doubted = (Word("So", 1, 1.2, 0.9), Word("𝄞", 1.2, 1.4, 0.9), Word("dragnets", 1.4, 2, 0.21))
    with KnowledgeBase(home) as kb:
        kb.catalogue.chapters.write(SEGMENT, [Chapter(0, "Beginning"), Chapter(180, "A dragnet")])
        silent = Transcript((Segment(1, 2, "So 𝄞 dragnets", None, doubted),), "en", "machine", "faster-whisper", "tiny")
        kb.add(Episode("silent", "Show", "Without sound"), silent, Source("a", "a"))
        sound = kb.catalogue.episodes.get(SEGMENT).audio
        cue = Transcript((Segment(10, 20, "ten words that are timed as a whole, not alone", "Ann"),))
        kb.add(Episode("cues", "Show", "Timed by caption", audio=sound), cue, Source("b", "b"))
        kb.add(Episode("mixed", "Show", "Two voices in one", audio=sound), cue, Source("c", "c"))
        three = (("Ann", "Yes."), ("Bo", "Is it true?"), ("Ann", "So it is."))
        said = tuple(Segment(float(n), n + 1.0, text, name) for n, (name, text) in enumerate(three))
        kb.add(Episode("three", "Show", "Three turns"), Transcript(said), Source("d", "d"))
        words = [Word(text, 10.0 + n, 10.9 + n) for n, text in enumerate("One, two three. Four five.".split())]
        two = (
            Segment(10, 13, "One, two three.", "Ann", tuple(words[:3])),
            Segment(13, 15, "Four five.", "Bo", tuple(words[3:])),
        )
        kb.add(Episode("joined", "Show", "Two turns that are one", audio=sound), Transcript(two), Source("e", "e"))
        kb.sync()
    return serving(home)


def at(page: Page) -> float:
    return float(page.evaluate(f"{SOUND}.currentTime"))


def click_word(page: Page, word: str) -> None:
    """Click in the middle of a word of the transcript, wherever it is on the screen."""
    spot = page.evaluate(
        """(word) => { for (const p of document.querySelectorAll('p[data-c]')) {
        const walker = document.createTreeWalker(p, NodeFilter.SHOW_TEXT);
        while (walker.nextNode()) { const n = walker.currentNode; const i = n.data.indexOf(word); if (i < 0) continue;
        p.scrollIntoView({block: 'center'}); const r = new Range(); r.setStart(n, i); r.setEnd(n, i + word.length);
        const b = r.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; } } }""",
        word,
    )
    page.mouse.click(*spot)


#: A word lights up for a moment only, in which nobody might look: the page keeps them, and stops at the word that counts.
_KEEP_WHAT_LIGHTS_UP = f"""() => {{
  window.seen = [];
  setInterval(() => {{
    const word = {LIT};
    if (word && word !== seen.at(-1)) seen.push(word);
    if (word === "dragnet.") verbatim.audio.pause();
  }}, 20);
}}"""


def test_the_spoken_word_lights_up_and_a_click_plays_from_a_word(visit: Visitor, address: str) -> None:
    page = visit(address, READER).page
    expect(page.locator(".vb-who").first).to_contain_text("Audie Cornish")
    page.select_option(".vb-speed", "0.5")
    page.evaluate(_KEEP_WHAT_LIGHTS_UP)
    click_word(page, "tag-teaming")
    wait_for(page, f"!{SOUND}.paused && {SOUND}.currentTime > 190")
    wait_for(page, "seen.includes('dragnet.')")
    assert set(page.evaluate("seen")) <= set("called the ICE-DMV tag-teaming a dragnet. And he says".split())
    expect(page.locator(".vb-now")).to_contain_text("tag-teaming")


def test_following_scrolls_until_the_reader_does(visit: Visitor, address: str) -> None:
    page = visit(address, f"{READER}?t=5", viewport={"width": 700, "height": 500}).page
    wait_for(page, f"{SOUND}.readyState > 0")
    page.evaluate("verbatim.playFrom(206)")
    wait_for(page, "document.querySelector('.vb-now')?.getBoundingClientRect().top > 0")
    wait_for(page, "document.querySelector('.vb-now')?.getBoundingClientRect().bottom < innerHeight + 200")
    expect(page.locator("#follow")).to_have_attribute("aria-pressed", "true")
    page.mouse.move(300, 250)
    page.mouse.wheel(0, -1500)
    expect(page.locator("#follow")).to_have_attribute("aria-pressed", "false")


def test_a_link_of_a_moment_opens_there(visit: Visitor, address: str) -> None:
    page = visit(address, f"{READER}?t=204.5").page
    wait_for(page, f"{SOUND}.currentTime > 204")
    wait_for(page, f"{LIT} !== ''")
    expect(page.locator(".vb-now")).to_be_in_viewport()
    page.locator("#moment").click()
    copied = page.locator("#moment").get_attribute("data-copy")
    assert copied == f"{address}{READER}?t=204"
    page.evaluate("location.hash = 't=30'")
    wait_for(page, f"Math.abs({SOUND}.currentTime - 30) < 1")


def test_keys_and_speed_drive_the_sound(visit: Visitor, address: str) -> None:
    page = visit(address, f"{READER}?t=100").page
    wait_for(page, f"{SOUND}.currentTime === 100")
    for key, expected in (("l", 110), ("ArrowRight", 115), ("ArrowLeft", 110), ("j", 100)):
        page.keyboard.press(key)
        wait_for(page, f"{SOUND}.currentTime === {expected}")
    page.keyboard.press("k")
    wait_for(page, f"!{SOUND}.paused")
    page.keyboard.press("Space")
    wait_for(page, f"{SOUND}.paused")
    page.keyboard.press("/")
    expect(page.locator("#find-words")).to_be_focused()
    page.keyboard.type("jkl")
    expect(page.locator("#find-words")).to_have_value("jkl")
    page.select_option(".vb-speed", "2.5")
    assert page.evaluate(f"{SOUND}.playbackRate") == 2.5
    assert page.locator(".vb-speed option").evaluate_all("o => [o[0].value, o.at(-1).value]") == ["0.5", "3"]


def test_chapters_lead_into_the_sound(visit: Visitor, address: str) -> None:
    page = visit(address, READER).page
    page.get_by_text("Chapters (2)").click()
    page.get_by_role("button", name="A dragnet").click()
    wait_for(page, f"{SOUND}.currentTime >= 180")


def test_searching_inside_counts_and_goes_from_match_to_match(visit: Visitor, address: str) -> None:
    page = visit(address, READER).page
    page.fill("#find-words", "FACIAL")
    expect(page.locator("#find-count")).to_have_text(re.compile(r"1 of \d+"))
    total = int(page.locator("#find-count").inner_text().split()[-1])
    text = " ".join(page.locator("p[data-c]").all_text_contents())
    assert total == text.lower().count("facial") > 3
    page.keyboard.press("Enter")
    expect(page.locator("#find-count")).to_have_text(f"2 of {total}")
    page.locator("#find-before").click()
    page.locator("#find-before").click()
    expect(page.locator("#find-count")).to_have_text(f"{total} of {total}")
    assert page.evaluate("[...CSS.highlights.get('vb-found-now')].join('').toLowerCase()") == "facial"
    page.fill("#find-words", "sourdough")
    expect(page.locator("#find-count")).to_have_text("Nothing found")


def test_quotes_of_a_question_stand_in_the_margin(visit: Visitor, address: str) -> None:
    page = visit(address, f"{READER}?q=Who+described+the+collaboration+as+a+dragnet%3F").page
    expect(page.locator(".vb-found")).to_contain_text("4 quotes answer “Who described")
    expect(page.locator("mark.vb-quoted").filter(has_text="tag-teaming a dragnet")).to_have_count(1)
    numbers = page.locator(".vb-margin").filter(has_text="1")
    expect(numbers).to_have_text(re.compile(r"^1( 2)?( 3)?$"))
    beside, words = numbers.bounding_box(), page.locator("p.vb-has-quote").first.bounding_box()
    assert beside is not None
    assert words is not None
    assert beside["x"] + beside["width"] < words["x"] - 14  # not over the line that marks the words


def test_a_card_leads_to_its_place_in_the_transcript(visit: Visitor, address: str) -> None:
    found = visit(address)
    found.ask("Who described the collaboration as a dragnet?")
    found.page.locator(".vb-card").first.get_by_label("More").click()
    found.page.locator(".vb-card").first.get_by_role("link", name="Transcript").click()
    expect(found.page.locator("#quoted")).to_have_text(re.compile("tag-teaming a dragnet"))
    expect(found.page.locator("#quoted")).to_be_in_viewport()
    wait_for(found.page, f"{SOUND}.currentTime > 195")


def test_without_sound_the_transcript_stands_alone(visit: Visitor, address: str) -> None:
    page = visit(address, "episode/silent").page
    expect(page.locator(".vb-head")).to_contain_text("this is the transcript alone")
    expect(page.locator(".vb-head")).to_contain_text(
        "Machine transcript by faster-whisper tiny: compare it with the recording"
    )
    expect(page.locator(".vb-doubt")).to_have_attribute("title", "The recogniser gave this word 21%")
    assert page.locator(".vb-player:visible, [data-at]").count() == 0
    page.evaluate("getSelection().setBaseAndExtent(...(p => [p.firstChild, 6, p.lastChild.firstChild, 8])"
                  "(document.querySelector('p[data-c]')))")  # fmt: skip
    tools = page.get_by_role("toolbar", name="Marked words")
    expect(tools.get_by_role("button")).to_have_text(["Quote", "Save", "Copy"])
    tools.get_by_role("button", name="Quote").click()
    expect(page.locator(".vb-quote")).to_have_text("“dragnets”")


def test_captions_times_are_called_approximate(visit: Visitor, address: str) -> None:
    page = visit(address, "episode/cues").page
    expect(page.locator(".vb-head")).to_contain_text("a word’s time is estimated")
    click_word(page, "whole")
    wait_for(page, f"{SOUND}.currentTime > 15")
    assert at(page) < 20


def correct(page: Page, turn: int = 0, by: str = "Eva R.") -> Locator:
    """Open a turn's form and return it."""
    section = page.locator(".vb-turn").nth(turn)
    section.hover()
    section.get_by_role("button", name="Correct this turn").click()
    section.get_by_label("Your name").fill(by)
    return section


def test_a_correction_is_a_revision_that_can_be_undone_and_the_old_one_stays(visit: Visitor, address: str) -> None:
    page = visit(address, "episode/cues?t=11").page
    page.get_by_role("button", name="Play from").click()
    wait_for(page, f"{SOUND}.currentTime > 10")
    section = correct(page)
    section.get_by_label("The words of this turn").fill("nine words timed as a whole, not <b>alone</b>")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="Saved as revision 2")).to_be_visible()
    assert not page.evaluate(f"{SOUND}.paused")  # the sound plays on
    assert at(page) > 10
    expect(page.locator(".vb-turn p")).to_have_text(["nine words timed as a whole, not <b>alone</b>"])
    click_word(page, "whole")
    wait_for(page, f"{SOUND}.currentTime > 14")
    page.get_by_text("Revisions (2)").click()
    expect(page.locator(".vb-revisions")).to_contain_text("words corrected by Eva R.")
    expect(page.locator(".vb-changes del")).to_have_text("ten words that are timed as a whole, not alone")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".vb-turn p")).to_have_text("ten words that are timed as a whole, not alone")
    expect(page.locator(".vb-revisions")).to_contain_text("revision 1 restored by Eva R.")
    page.get_by_role("button", name="Redo").click()
    expect(page.get_by_role("status").filter(has_text="Undone; this is revision 4")).to_be_visible()
    page.get_by_role("link", name="Revision 1").click()
    expect(page.locator(".vb-turn p")).to_have_text("ten words that are timed as a whole, not alone")
    expect(page.get_by_text("the transcript is at revision 4 now")).to_be_visible()
    assert page.locator(".vb-correct").count() == 0


def test_corrections_of_two_people_meet_and_nothing_typed_is_lost(visit: Visitor, address: str) -> None:
    one, two = visit(address, "episode/three").page, visit(address, "episode/three").page
    mine = correct(one, 1)
    mine.get_by_label("The words of this turn").fill("Is that true?")
    for turn, words in (
        (0, "Yes.\n\nOf course."),
        (2, "So it is. Quite."),
    ):  # the second is of an older page's third turn
        section = correct(two, turn if not turn else 3, "Bo")
        section.get_by_label("The words of this turn").fill(words)
        two.keyboard.press("Control+Enter")
        expect(two.get_by_role("status").filter(has_text="Saved as")).to_be_visible()
        two.get_by_role("button", name="Close this message").click()
    one.keyboard.press("Control+Enter")  # other turns merge
    expect(one.get_by_role("status").filter(has_text="Saved as revision 4")).to_be_visible()
    expect(one.locator(".vb-turn p")).to_have_text(["Yes.", "Of course.", "Is that true?", "So it is. Quite."])
    theirs = correct(two, 2, "Bo")  # whose page still has the older words
    theirs.get_by_label("The words of this turn").fill("Is this so?")
    theirs.get_by_role("button", name="Save").click()
    expect(theirs.get_by_role("alert")).to_contain_text("Somebody else corrected this turn meanwhile")
    expect(theirs.get_by_role("group", name="The other version")).to_contain_text("Is that true?")
    expect(theirs.get_by_label("The words of this turn")).to_have_value("Is this so?")
    theirs.get_by_role("button", name="Save").click()
    expect(two.locator(".vb-turn p")).to_have_text(["Yes.", "Of course.", "Is this so?", "So it is. Quite."])


def test_typed_words_are_asked_about_before_they_go(visit: Visitor, address: str) -> None:
    page = visit(address, f"{READER}").page
    section = correct(page)
    words = section.get_by_label("The words of this turn")
    words.fill("  ")
    section.get_by_role("button", name="Save").click()
    expect(section.get_by_role("alert")).to_contain_text("The turn would be empty")
    words.fill("Half a")
    page.keyboard.press("Escape")
    page.get_by_role("dialog").get_by_role("button", name="Keep writing").click()
    page.get_by_role("link", name="Library").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep writing").click()
    with page.expect_event("dialog") as closing:
        page.close(run_before_unload=True)
    assert closing.value.type == "beforeunload"
    closing.value.dismiss()
    expect(words).to_have_value("Half a")
    words.press("Escape")
    page.get_by_role("dialog").get_by_role("button", name="Throw it away").click()
    expect(section.get_by_role("button", name="Correct this turn")).to_be_focused()
    correct(page)
    page.get_by_role("link", name="Library").click()  # nothing was typed
    expect(page.get_by_role("heading", level=1)).to_have_text("Library")


def test_turns_are_joined_and_words_heard_again_while_one_corrects(visit: Visitor, address: str) -> None:
    page = visit(address, "episode/joined").page
    section = correct(page)
    section.get_by_role("button", name="Join the next turn").click()
    words = section.get_by_label("The words of this turn")
    expect(words).to_have_value("One, two three. Four five.")
    words.fill("Well: one, two three. Four five.")
    page.select_option(".vb-speed", "0.5")  # so that the moments below can be met
    words.evaluate("field => field.setSelectionRange(11, 20)")  # "two three", which was said after the first second
    section.get_by_role("button", name="Hear it again").click()
    wait_for(page, f"!{SOUND}.paused && {SOUND}.currentTime > 11")
    wait_for(page, f"{SOUND}.paused")
    assert at(page) < 14
    words.press("Control+Enter")
    expect(page.locator(".vb-turn p")).to_have_text(["Well: one, two three. Four five."])


def test_a_turn_is_parted_and_given_to_whom_it_belongs(visit: Visitor, address: str) -> None:
    page = visit(address, "episode/mixed").page
    page.locator(".vb-turn").hover()
    page.locator(".vb-correct").click()
    words = page.get_by_label("The words of this turn")
    expect(page.get_by_label("Who says this")).to_have_value("Ann")
    words.fill("ten words that are timed\n\nas a whole, not alone")
    page.get_by_label("Who says part 2").fill("<b>Bo</b>")
    words.fill("ten words that are timed\n\nas a whole,\n\nnot alone")
    expect(page.get_by_label("Who says part 3")).to_have_value("<b>Bo</b>")
    page.get_by_label("Who says part 3").fill("")
    page.get_by_label("Your name").last.fill("Eva R.")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".vb-who > :first-child")).to_have_text(["Ann", "<b>Bo</b>", re.compile("^Unknown speaker")])
    expect(page.locator(".vb-turn p")).to_have_text(["ten words that are timed", "as a whole,", "not alone"])
    assert page.locator(".vb-turn .vb-at").count() == 3  # each part can be played from its own second
    page.get_by_text("Revisions (2)").click()
    expect(page.locator(".vb-revisions")).to_contain_text("speakers corrected by Eva R.")


def test_a_speaker_is_renamed_everywhere(visit: Visitor, address: str) -> None:
    page = visit(address, "episode/cues").page
    page.get_by_text("Speakers (1)").click()
    page.get_by_label("Name of Ann").fill("Ann Example")
    page.get_by_label("Your name").fill("Eva R.")
    page.get_by_role("button", name="Save the names").click()
    expect(page.locator(".vb-who")).to_contain_text("Ann Example")
    expect(page.get_by_role("link", name="Ann Example")).to_have_attribute("href", "/speaker/Ann%20Example")
    page.get_by_text("Revisions").click()
    expect(page.locator(".vb-revisions")).to_contain_text("speakers corrected by Eva R.")


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("episode/nobody", 404, "There is no episode"),
        (f"{READER}?revision=x", 400, "is not a number"),
        (f"{READER}?revision=99", 404, "no transcript revision 99"),
        (f"{READER}?quote=silent@1:0-2", 400, "not of this episode"),
        (f"{READER}?quote=nonsense", 400, "not a quote&#x27;s address"),
    ],
)
def test_an_address_of_nothing_says_so(visit: Visitor, address: str, path: str, status: int, said: str) -> None:
    response = visit(address, "episode/silent").page.request.get(address + path)
    assert response.status == status
    assert said in response.text()


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"revision": "9", "turn": "0", "text": "x", "by": "Bo"}, 404, "no transcript revision 9"),
        ({"revision": "1", "turn": "9", "text": "x", "by": "Bo"}, 400, "There is no turn 10"),
        ({"revision": "1", "turn": "0", "text": "x"}, 400, "Your name is missing"),
        ({}, 400, "Your name is missing"),
    ],
)
def test_what_cannot_be_corrected_says_why(
    visit: Visitor, address: str, form: dict[str, str], status: int, said: str
) -> None:
    response = visit(address, "episode/silent").page.request.post(f"{address}episode/silent/words", form=form)
    assert (response.status, said in response.text()) == (status, True)
