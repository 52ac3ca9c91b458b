"""The library in a real Chromium: what is added becomes ready, what fails says why, and thousands stay in order."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, Locator, Page, expect

from ingest.queue.batch import IngestOptions, enqueue
from ingest.queue.lock import working
from kb.catalogue import Source
from kb.knowledge_base import KnowledgeBase
from kb.types import Episode, Person, Segment, Transcript
from kb.web.background.uploads import new_group, upload_folder

from .. import sounds
from ..feeds.conftest import site
from ..feeds.site import Site, dripping, plain
from ..models.tiny import ct2_folder
from .conftest import Visit

__all__ = ["site"]  # a fixture

pytestmark = pytest.mark.browser

Visitor = Callable[..., Visit]
HOSTILE = "<img src=x onerror=alert(1)>&{{7*7}}"
VOTE = b"WEBVTT\n\n00:01.000 --> 00:05.000\n<v Ann Lee>The aardvark was elected mayor of Harlow on Monday.\n"
NO_CUE = b"WEBVTT\n\nno cue\n"


@dataclass(frozen=True)
class Served:
    """A server of one test's own."""

    home: Path
    address: str

    def quotes(self, question: str) -> list[dict[str, object]]:
        found = httpx.get(f"{self.address}api/ask", params={"q": question}, timeout=30).raise_for_status().json()
        return found["quotes"]  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def served(serving: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Served:
    """An empty library, which the tests of this module fill with names of their own."""
    folder = tmp_path_factory.mktemp("library")
    shutil.copytree(ct2_folder(), folder / "models" / "tiny")
    home = folder / "home"
    return Served(home, serving(home, "--private-host", "127.0.0.1", KB_MODELS=str(folder / "models")))


@pytest.fixture(scope="module")
def many(serving: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a library of 120 episodes of two shows."""
    home = tmp_path_factory.mktemp("many") / "home"
    with KnowledgeBase(home) as kb, kb.catalogue.transaction():
        for n in range(120):
            title = f"The budget, part {n}" if n else f"Hostile {HOSTILE}"
            speaker = {0: HOSTILE, 40: "Ines Díaz", 88: "Ines Díaz"}.get(n, "Ann")
            show = "City Desk" if n % 3 else "Night Watch"
            people = (Person("Ann Lee", "host"),) if n == 77 else ()
            day = f"20{n // 12 + 10:02}-{n % 12 + 1:02}-01"
            episode = Episode("", show, title, day, people=people, duration=60.0 + n, language="en")
            words = Transcript((Segment(0.0, 4.0, f"Sum number {n} was agreed.", speaker),))
            kb.add(episode, words, Source(f"https://example.org/{n}", f"{n:064}"))
    return serving(home)


def add(page: Page, *files: tuple[str, bytes]) -> None:
    page.set_input_files("#files", [FilePayload(name=name, mimeType="", buffer=body) for name, body in files])


def job(page: Page, name: str) -> Locator:
    return page.locator("[data-live=jobs] > li", has_text=name)


def test_an_upload_becomes_an_episode_that_answers(visit: Visitor, served: Served) -> None:
    page = visit(served.address, "library").page
    add_button = page.get_by_role("button", name="Add episodes")
    if add_button.get_attribute("aria-expanded") == "false":
        add_button.click()
    page.get_by_label("Show, if the files do not say it").fill("City Desk")
    add(page, ("vote.vtt", VOTE), ("vote.toml", b'title = "The vote of Harlow"\npublished = 2026-05-04\n'))
    expect(page.get_by_role("link", name="The vote of Harlow")).to_be_visible()
    expect(page.locator("[data-key*=vote]")).to_contain_text("City Desk")
    expect(page.locator("[data-key*=vote]")).to_contain_text("4 May 2026")
    expect(page.locator("[data-live=latest]")).to_contain_text("vote.vtt is in")
    expect(page.locator("[data-live=count]")).to_contain_text("of 1 show")
    expect(page.locator("#told")).to_have_text("2 files are sent and being taken in.")
    assert served.quotes("Who was elected mayor of Harlow?")[0]["speaker"] == "Ann Lee"


def test_what_is_dropped_is_sent(visit: Visitor, served: Served) -> None:
    page = visit(served.address, "library").page
    dropped = page.evaluate_handle(
        "() => { const held = new DataTransfer();"
        " held.items.add(new File(['WEBVTT\\n\\n00:01.000 --> 00:02.000\\nThe okapi was found in Ely.\\n'], 'okapi.vtt'));"
        " return held; }"
    )
    page.dispatch_event("#drop", "dragenter", {"dataTransfer": dropped})
    expect(page.locator("#drop")).to_have_class(re.compile("vb-over"))
    page.dispatch_event("#drop", "drop", {"dataTransfer": dropped})
    expect(page.locator("#drop")).not_to_have_class(re.compile("vb-over"))
    expect(page.locator("[data-live=latest]")).to_contain_text("okapi.vtt is in")
    assert served.quotes("Where was the okapi found?")


def test_a_recording_is_transcribed_and_can_be_played(visit: Visitor, served: Served, tmp_path: Path) -> None:
    page = visit(served.address, "library").page
    sound = sounds.write(tmp_path / "reading.wav", sounds.speech(0, 15), "pcm_s16le").read_bytes()
    add(page, ("reading.wav", sound))
    expect(page.locator("[data-live=latest]")).to_contain_text("reading.wav is in", timeout=60_000)
    row = page.locator("[data-live=episodes] > li", has_text="reading")
    expect(row).to_contain_text("machine transcript")
    episode = row.get_attribute("data-key")
    assert httpx.get(f"{served.address}audio/{episode}", timeout=30).content == sound
    found = httpx.get(f"{served.address}api/episodes/{episode}/transcript", timeout=30).text
    assert "facial" in found.lower()


def test_a_file_that_fails_says_why_and_is_retried(visit: Visitor, served: Served) -> None:
    page = visit(served.address, "library").page
    add(page, ("broken.vtt", NO_CUE))
    row = job(page, "broken.vtt")
    expect(row.locator(".vb-state")).to_have_text("Failed")
    expect(row.locator(".vb-why")).to_contain_text("The file holds no cue")
    expect(row.locator(".vb-why")).not_to_contain_text("uploads")
    (path,) = served.home.glob("uploads/*/broken.vtt")
    path.write_bytes(VOTE.replace(b"aardvark", b"wombat"))
    row.get_by_role("button", name="Retry: broken.vtt").press("Enter")
    expect(row).to_have_count(0)
    expect(page.locator("[data-live=latest]")).to_contain_text("broken.vtt is in")


def test_a_file_that_can_be_none_is_refused_with_a_sentence(visit: Visitor, served: Served) -> None:
    page = visit(served.address, "library").page
    add(page, ("virus.exe", b"MZ"), ("empty.zip", b"PK nonsense"))
    expect(page.locator("#told")).to_contain_text("virus.exe: is of an unknown kind (.exe)")
    expect(page.locator("#told")).to_contain_text("empty.zip: is not a ZIP archive, or is damaged")


def test_what_waits_for_another_process_can_be_cancelled(visit: Visitor, served: Served) -> None:
    page = visit(served.address, "library").page
    with working(served.home):
        add(page, ("waiting.vtt", VOTE))
        row = job(page, "waiting.vtt")
        expect(row.locator(".vb-state")).to_have_text("Waiting")
        expect(page.locator("#work summary")).to_have_text("Being taken in 1 to do")
        row.get_by_role("button", name="Cancel: waiting.vtt").click()
        expect(row).to_have_count(0)
    expect(page.locator("[data-live=latest]")).to_contain_text("waiting.vtt was cancelled")


def test_how_far_a_recording_is_is_told(visit: Visitor, served: Served, tmp_path: Path) -> None:
    (tmp_path / "long.mp3").write_bytes(b"\xff")
    with working(served.home), KnowledgeBase(served.home) as kb:
        (queued,) = enqueue(kb, [tmp_path / "long.mp3"], IngestOptions(""), lambda path, why: None)
        assert kb.catalogue.jobs.begin(queued)
        kb.catalogue.jobs.progress(queued, 43.0, 100.0)
        page = visit(served.address, "library").page
        expect(job(page, "long.mp3").locator(".vb-state")).to_have_text("Transcribing 43 %")
        expect(job(page, "long.mp3").get_by_role("progressbar")).to_have_attribute("value", "43")
        kb.catalogue.jobs.progress(queued, 57.0, 100.0)
        expect(job(page, "long.mp3").locator(".vb-state")).to_have_text("Transcribing 57 %")
    expect(job(page, "long.mp3").locator(".vb-state")).to_have_text("Interrupted")
    job(page, "long.mp3").get_by_role("button", name="Cancel: long.mp3").click()
    expect(job(page, "long.mp3")).to_have_count(0)


def test_a_feed_is_looked_at_followed_and_left(visit: Visitor, served: Served, site: Site) -> None:
    site.pages["/vote.vtt"] = plain(VOTE.replace(b"aardvark", b"badger"), "text/vtt")
    item = (
        "<item><title>{0}</title><guid>{0}</guid><pubDate>Mon, 08 Jul 2019 21:07:00 GMT</pubDate>"
        '<podcast:transcript url="{1}" type="text/vtt"/></item>'
    )
    items = item.format("Badger in office", site.url("/vote.vtt")) + item.format("Lost", site.url("/lost.vtt"))
    head = (
        '<rss version="2.0" xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel><title>Harlow Hour</title>'
    )
    site.pages["/feed.xml"] = plain(f"{head}{items}</channel></rss>".encode(), "application/rss+xml")
    page = visit(served.address, "library").page
    page.get_by_role("button", name="Add episodes").click()
    address = page.get_by_label("Address of a podcast’s feed")
    address.fill(site.url("/nothing.xml"))
    address.press("Enter")
    expect(page.locator("#feed-found")).to_contain_text("404")
    address.fill(site.url("/feed.xml"))
    address.press("Enter")
    expect(page.locator("#feed-found")).to_contain_text("Harlow Hour: 2 episodes, 2 with a transcript")
    assert httpx.get(f"{served.address}api/feeds", timeout=30).json() == []
    page.keyboard.press("Enter")  # the focus is on Follow
    feed = page.locator("[data-live=feeds] > li", has_text="Harlow Hour")
    expect(feed).to_contain_text("1 in, 1 not fetched")
    expect(feed.locator(".vb-why")).to_contain_text("Lost:")
    expect(page.get_by_role("link", name="Badger in office")).to_be_visible()
    assert served.quotes("Which badger was elected mayor of Harlow?")
    site.pages["/lost.vtt"] = plain(VOTE.replace(b"aardvark", b"lynx"), "text/vtt")
    feed.get_by_role("button", name="Look now: Harlow Hour").click()
    expect(feed).to_contain_text("2 in")
    expect(feed.locator(".vb-why")).to_have_count(0)
    corrected = head + items.replace("<title>Lost<", "<title>Lost &amp; found, put right<")
    site.pages["/feed.xml"] = plain(f"{corrected}</channel></rss>".encode(), "application/rss+xml")
    feed.get_by_role("button", name="Look now: Harlow Hour").click()
    expect(feed.locator(".vb-latest")).to_contain_text("Corrected by the publisher (title), noticed 2")
    expect(feed.get_by_role("link", name="Lost & found, put right")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    feed.get_by_role("button", name="Unfollow: Harlow Hour").click()
    expect(feed).to_have_count(0)
    expect(page.get_by_role("link", name="Badger in office")).to_be_visible()


def test_a_feed_is_broken_off(visit: Visitor, served: Served, site: Site) -> None:
    stopped = threading.Event()
    site.pages["/long.mp3"] = dripping(stopped)
    item = f'<item><title>Endless</title><enclosure url="{site.url("/long.mp3")}" type="audio/mpeg" length="1"/></item>'
    head = '<rss version="2.0"><channel><title>Long Hour</title>'
    site.pages["/feed.xml"] = plain(f"{head}{item}</channel></rss>".encode(), "application/rss+xml")
    asked = {"url": site.url("/feed.xml")}
    httpx.post(f"{served.address}api/feeds", json=asked, timeout=30).raise_for_status()
    page = visit(served.address, "library").page
    feed = page.locator("[data-live=feeds] > li", has_text="Long Hour")
    page.get_by_text("Feeds", exact=True).click()
    expect(feed.locator(".vb-state")).to_contain_text("fetching “Endless”")
    feed.get_by_role("button", name="Stop: Long Hour").click()
    expect(feed.get_by_role("button", name="Look now: Long Hour")).to_be_visible()
    expect(feed.locator(".vb-why")).to_have_count(0)
    page.on("dialog", lambda dialog: dialog.accept())
    feed.get_by_role("button", name="Unfollow: Long Hour").click()
    expect(feed).to_have_count(0)
    stopped.set()


def test_an_upload_outlives_its_server(visit: Visitor, serving: Callable[..., str], tmp_path: Path) -> None:
    home = tmp_path / "home"
    with KnowledgeBase(home) as kb:
        path = upload_folder(home) / new_group(home) / "vote.vtt"
        path.write_bytes(VOTE)
        enqueue(kb, [path], IngestOptions(""), lambda path, why: None)
    page = visit(serving(home), "library").page
    expect(page.locator("[data-live=latest]")).to_contain_text("vote.vtt is in")


def test_search_order_and_pages_are_in_the_address(visit: Visitor, many: str) -> None:
    page = visit(many, "library").page
    rows = page.locator("[data-live=episodes] > li")
    expect(page.locator("[data-live=count]")).to_have_text("120 episodes of 2 shows")
    expect(rows).to_have_count(50)
    expect(rows.first).to_contain_text("part 119")
    page.get_by_role("link", name="Next").click()
    page.wait_for_url("**/library?page=2")  # until its scripts are there, which ask for another show
    expect(page.locator("[data-live=pages]")).to_contain_text("Page 2 of 3")
    page.get_by_label("Show", exact=True).select_option("Night Watch")
    page.wait_for_url("**/library?show=Night+Watch")
    expect(page.locator("[data-live=found]")).to_have_text("40 episodes of Night Watch")
    page.get_by_label("Order").select_option("Oldest first")
    page.wait_for_url("**/library?show=Night+Watch&sort=oldest")
    expect(rows.first).to_contain_text(f"Hostile {HOSTILE}")
    assert page.locator("[data-live=episodes] img").count() == 0
    page.go_back()
    expect(rows.first).to_contain_text("part 117")
    page.get_by_label("Search").fill("ann lee")
    page.keyboard.press("Enter")
    expect(page.locator("[data-live=found]")).to_contain_text("No episode has all of these words")
    page.get_by_role("link", name="Show all episodes").click()
    expect(rows).to_have_count(50)
    page.get_by_label("Search").fill("ann lee")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    expect(rows.get_by_role("link").first).to_have_attribute("href", "/episode/77")


def test_a_speaker_is_found_and_has_a_page(visit: Visitor, many: str) -> None:
    page = visit(many, "library").page
    page.get_by_role("searchbox", name="Search").fill("díaz INES")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="2 episodes")).to_be_visible()
    expect(page.get_by_role("list", name="Speakers").first).to_have_text("Ines Díaz")
    expect(page.get_by_role("list", name="People")).to_contain_text("Ines Díaz speaks in 2 episodes")
    page.get_by_role("list", name="People").get_by_role("link", name="Ines Díaz").click()
    expect(page.get_by_role("heading", name="Ines Díaz")).to_be_visible()
    expect(page.get_by_text("Speaks in 2 episodes: first on 1 May 2013, last on 1 May 2017")).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("The budget"))).to_have_text(
        ["The budget, part 88", "The budget, part 40"]
    )
    page.get_by_role("searchbox", name="What do they say about").fill("What number was agreed?")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_role("article", name="Quote 1")).to_contain_text("Ines Díaz")
    for number in ("40", "88"):
        expect(page.get_by_role("article").filter(has_text=f"Sum number {number}")).to_have_count(1)
    expect(page.get_by_role("article")).to_have_count(2)


def test_titles_sort_as_people_count_and_hostile_names_are_names(visit: Visitor, many: str) -> None:
    page = visit(many, "library?sort=title&q=part").page
    titles = page.get_by_role("link", name=re.compile("The budget"))
    expect(titles.nth(1)).to_have_text("The budget, part 2")
    expect(titles.nth(9)).to_have_text("The budget, part 10")
    page.goto(f"{many}library?q=onerror")
    page.get_by_role("list", name="Speakers").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(HOSTILE)
    assert httpx.get(f"{many}speaker/Nobody/at all", timeout=30).status_code == 404


def test_adding_waits_behind_a_button_and_an_empty_library_invites(
    visit: Visitor, serving: Callable[..., str], many: str, tmp_path: Path
) -> None:
    page = visit(many, "library").page
    expect(page.get_by_text("Choose files")).to_be_hidden()
    page.get_by_role("button", name="Add episodes", expanded=False).click()
    expect(page.get_by_text("Choose files")).to_be_visible()
    empty = visit(serving(tmp_path / "home", KB_MODELS=str(tmp_path), XDG_CACHE_HOME=str(tmp_path)), "library").page
    expect(empty.get_by_role("heading", name="Your library is empty")).to_be_visible()
    expect(empty.get_by_text("no speech model is on this machine")).to_be_visible()
    expect(empty.get_by_label("Address of a podcast’s feed")).to_be_visible()
    violations = [each["id"] for each in Axe().run(empty).response["violations"]]
    assert violations == []
    empty.get_by_role("button", name="Load the example").click()
    expect(empty.get_by_role("link", name=re.compile("Facial Recognition", re.I)).first).to_be_visible()
    expect(empty.get_by_role("heading", name="Your library is empty")).to_be_hidden()


@pytest.mark.parametrize("query", ["page=-1", "page=abc", "page=999999", "sort=id;drop", "show=Nobody", "q=%25%5F%5C"])
def test_an_address_that_cannot_be_is_no_error(many: str, query: str) -> None:
    assert httpx.get(f"{many}library?{query}", timeout=30).status_code == 200


@pytest.mark.parametrize(
    "look",
    [
        {"viewport": {"width": 1280, "height": 900}},
        {"viewport": {"width": 360, "height": 800}},
        {"color_scheme": "dark"},
    ],
)
@pytest.mark.parametrize("path", ["library", "library?show=Night+Watch&page=2", "speaker/Ann", "api"])
def test_it_is_for_everybody(visit: Visitor, many: str, path: str, look: dict[str, object]) -> None:
    page = visit(many, path, **look).page
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    violations = [each for each in Axe().run(page).response["violations"] if each["impact"] in ("serious", "critical")]
    assert [(each["id"], each["nodes"][0]["html"]) for each in violations] == []


def test_a_failure_is_for_everybody_too(visit: Visitor, served: Served) -> None:
    page = visit(served.address, "library", color_scheme="dark").page
    add(page, ("failed.vtt", NO_CUE))
    expect(job(page, "failed.vtt").locator(".vb-state")).to_have_text("Failed")
    violations = [each for each in Axe().run(page).response["violations"] if each["impact"] in ("serious", "critical")]
    assert [(each["id"], each["nodes"][0]["html"]) for each in violations] == []
    page.get_by_role("button", name="Drop: failed.vtt").focus()
    page.keyboard.press("Enter")
    expect(job(page, "failed.vtt")).to_have_count(0)
    # Whoever goes by keyboard is not thrown back to the top.
    expect(page.locator("#work summary")).to_be_focused()


def test_the_keyboard_reaches_everything_in_order(visit: Visitor, many: str) -> None:
    page = visit(many, "library").page
    reached = []
    for _ in range(10):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("(e => e.name || e.id || e.textContent)(document.activeElement)"))
    expected = "Skip to the text|Verbatim|Ask|Library|Collections|Names to expect in recordings|add|q|show|sort".split(
        "|"
    )
    assert reached[: len(expected)] == expected
