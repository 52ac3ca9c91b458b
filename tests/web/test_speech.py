"""A speech model on the page, in a real Chromium: its lack is said before a recording is sent, and a click brings one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, Page, expect

from kb.knowledge_base import KnowledgeBase

from .. import sounds
from ..models.hub import Hub, running, serve_repository
from ..models.tiny import ct2_folder
from .conftest import Visit

pytestmark = pytest.mark.browser

Visitor = Callable[..., Visit]
#: What the hub calls the model that the page's "base" is; here it holds the tests' tiny one.
BASE = "Systran/faster-whisper-base"
LACK = "no speech model is on this machine"
VOTE = b"WEBVTT\n\n00:01.000 --> 00:05.000\n<v Ann Lee>The aardvark was elected mayor of Harlow on Monday.\n"


@pytest.fixture
def hub() -> Iterator[Hub]:
    with running() as server:
        serve_repository(server, BASE, {path.name: path.read_bytes() for path in ct2_folder().iterdir()})
        yield server


@pytest.fixture
def empty(serving: Callable[..., str], hub: Hub, tmp_path: Path) -> str:
    """The address of a server without episodes and without models, which knows the hub."""
    nowhere = str(tmp_path / "nowhere")
    places = {"KB_MODELS": str(tmp_path / "models"), "XDG_CACHE_HOME": nowhere, "HF_HOME": nowhere}
    return serving(tmp_path / "home", HF_ENDPOINT=hub.address, **places)


def recording(tmp_path: Path) -> bytes:
    return sounds.write(tmp_path / "reading.wav", sounds.speech(0, 15), "pcm_s16le").read_bytes()


def add(page: Page, *files: tuple[str, bytes]) -> None:
    page.set_input_files("#files", [FilePayload(name=name, mimeType="", buffer=body) for name, body in files])


def test_a_recording_waits_for_a_model_that_a_click_fetches(
    visit: Visitor, empty: str, hub: Hub, tmp_path: Path
) -> None:
    page = visit(empty, "library").page
    expect(page.get_by_text(LACK)).to_be_visible()
    expect(page.get_by_role("combobox", name="Speech model")).to_be_hidden()
    choice = page.get_by_label("Model to fetch")
    expect(choice.get_by_role("option", name="base: 148 MB")).to_have_count(1)
    expect(page.get_by_text("licence MIT, from huggingface.co")).to_be_visible()
    assert [each["id"] for each in Axe().run(page).response["violations"]] == []
    add(page, ("vote.mp3", b"\xff"), ("vote.vtt", VOTE))  # whose words are there already
    expect(page.get_by_role("list").filter(has_text="vote.vtt is in")).to_be_visible()
    page.get_by_role("button", name="Add episodes", expanded=True).click()
    add(page, ("reading.wav", recording(tmp_path)))
    expect(page.get_by_role("list", name="Uploads")).to_contain_text("reading.wav Waiting for a speech model")
    expect(page.get_by_text("so these recordings wait on this page")).to_be_visible()
    assert len(list((tmp_path / "home" / "uploads").iterdir())) == 1, "nothing is sent that could only fail"
    assert hub.asked == []
    choice.select_option("base")
    hub.trickle = True
    page.get_by_role("button", name="Fetch").click()
    row = page.get_by_role("list", name="Speech model on its way")
    expect(row.get_by_role("progressbar", name="Speech model base")).to_be_visible()
    expect(row).to_contain_text("licence MIT")
    expect(row).to_contain_text(" % of ")
    refused = httpx.post(f"{empty}api/models/fetch", json={"name": "tiny"}, timeout=30)
    assert (refused.status_code, refused.json()["error"].split(";")[0]) == (409, "The model base is on its way")
    page.get_by_role("button", name="Cancel: base").press("Enter")
    expect(page.get_by_text("base was cancelled. What had been downloaded is kept")).to_be_visible()
    expect(row).to_be_hidden()
    hub.trickle = False
    hub.files[f"/{BASE}/resolve/main/config.json"] = b"{ damaged }"
    page.get_by_role("button", name="Fetch").click()
    expect(page.get_by_text("config.json arrived damaged and was removed")).to_be_visible()
    expect(page.get_by_text(LACK)).to_be_visible()
    hub.files[f"/{BASE}/resolve/main/config.json"] = (ct2_folder() / "config.json").read_bytes()
    page.get_by_role("button", name="Fetch").click()
    expect(page.get_by_text("1 speech model on this machine")).to_be_visible()
    expect(page.get_by_text(LACK)).to_be_hidden()
    expect(page.get_by_role("list").filter(has_text="reading.wav is in")).to_be_visible(timeout=60_000)
    here = page.get_by_role("combobox", name="Speech model").get_by_role("option")
    expect(here).to_have_text(["The best that is here (base)", "base"])
    expect(choice.get_by_role("option", name="base: 148 MB")).to_have_count(0)
    for name in ("huge", "owner/anything", "../../etc"):
        assert httpx.post(f"{empty}api/models/fetch", json={"name": name}, timeout=30).status_code == 400


def test_a_folder_is_taken_and_model_and_language_are_chosen(visit: Visitor, empty: str, tmp_path: Path) -> None:
    stick = shutil.copytree(ct2_folder(), tmp_path / "stick" / "tiny-of-ours")
    page = visit(empty, "library").page
    folder = page.get_by_label("Or a folder on this machine")
    folder.fill(str(tmp_path / "stick"))
    folder.press("Enter")
    expect(page.get_by_text("has no model.bin and no config.json")).to_be_visible()
    folder.fill(str(stick))
    page.get_by_role("button", name="Add it").click()
    model = page.get_by_role("combobox", name="Speech model")
    expect(model).to_be_visible()
    shutil.rmtree(stick)  # the stick is pulled out
    expect(model.get_by_role("option")).to_have_text(["tiny-of-ours"])  # no guess that it is the best
    page.get_by_role("combobox", name="Language of the recordings").select_option(label="English")
    add(page, ("reading.wav", recording(tmp_path)))
    expect(page.get_by_role("list").filter(has_text="reading.wav is in")).to_be_visible(timeout=60_000)
    with KnowledgeBase(tmp_path / "home") as kb:
        (listed,) = kb.catalogue.listing.page().listed
        made = kb.current(listed.episode.id)
        asked = json.loads(made.settings or "")["request"]
    assert (asked["model"], asked["engine"], asked["language"]) == ("tiny-of-ours", "faster-whisper", "en")
    path = f"{empty}api/uploads/{httpx.post(f'{empty}api/uploads', timeout=30).json()['id']}"
    wrong = httpx.post(path, params={"model": str(ct2_folder())}, timeout=30)
    assert (wrong.status_code, "no model" in wrong.json()["error"]) == (400, True), "a page names no paths"
