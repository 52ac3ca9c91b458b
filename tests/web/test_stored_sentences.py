"""What ingestion stored in English is shown in the reader's language, and what nobody knows is left as it is."""

from __future__ import annotations

import ast
import io
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import lxml.html
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from ingest.transcribing import time_remarks
from ingest.transcribing.moving import Border
from kb.errors import FormatError, ModelNotAvailable, SourceError
from kb.knowledge_base import KnowledgeBase
from kb.text import times
from kb.text.spelt import spelt_as_listed
from kb.translatable import Phrase, Translatable, phrase
from kb.web.server.application import build_app
from kb.web.server.catalogues import stored_sources
from kb.web.server.languages import in_language, translate
from kb.web.server.stored import LONGEST, MISSING, as_listed, as_said, as_stored
from kb.web.server.stored_reading import LINE, MOST_TRIES, StoredReader, StoredWording, TooMuch, wordings
from kb.web.server.templating import render

from ..conftest import ROOT
from ..phrases import LANGUAGES, catalogue
from ..strategies import hostile_text
from .asgi import send
from .conftest import run_async

#: Parts as strangers may choose them: none of them may be read, changed or become markup.
PARTS = ("12", "a/b c.srt", "<b>$x</b>", "%(x)s 100%", "is it: a name", "X")
#: Sentences as ingestion says them, and how they begin in German.
SAID = (
    (
        str(SourceError("a: b.mp3", phrase("is empty (0 bytes)."), phrase("Fetch the file again."))),
        "a: b.mp3: ist leer",
    ),
    (
        str(FormatError("talk.srt", phrase("The file is empty."), phrase("Check the name."), 3)),
        "talk.srt, Zeile 3: Die Datei ist leer. Bitte den Namen",
    ),
    (str(times.TOO_FEW), "Das Transkript hat zu wenige Zeiten"),
    (
        time_remarks.moves(
            [Border(0, 30.0, 300.0, 310.0), Border(1, 32.0, 600.0, 640.0), Border(2, 5.0, 900.0, 905.0)]
        ),
        "Die Zeiten sind ab 5:00 um 30 s später, ab 10:00 um 62 s später und ab 15:00 um 67 s später: dort wurde",
    ),
    (
        time_remarks.uncertain([(60.0, 90.0), (120.0, 150.0)]),
        "Die Zeiten des Herausgebers sind ab 1:00 ungewiss: irgendwo zwischen 1:00 und 1:30 und zwischen 2:00 und 2:30",
    ),
    (
        "The publisher's transcript was not taken: https://a.test/x: is not there (404). Try again later.",
        "Das Transkript des Herausgebers wurde nicht übernommen: https://a.test/x: ist nicht da (404). Bitte später",
    ),
    (
        "a.mp3: met an unexpected error (ValueError('is empty.')), which is a bug in Verbatim; the others continue.",
        "a.mp3: verursachte einen unerwarteten Fehler (ValueError('is empty.')), was ein Fehler in Verbatim ist",
    ),
    (str(spelt_as_listed("Aarti", "Arty")), "„Aarti“ geschrieben wie in der Namensliste"),
)


def german(text: str) -> str:
    """Return a text as a German page says it."""
    return next(in_language("de", lambda: iter([translate(text)])))


def samples() -> Iterator[tuple[Phrase, StoredWording]]:
    """Yield every phrase with sample parts, each form of one that counts."""
    begun, others = wordings()
    for form in (*others, *(form for forms in begun.values() for form in forms)):
        values: dict[str, str | int] = {name: PARTS[n % len(PARTS)] for n, name in enumerate(form.names)}
        if form.plural:
            values["count"] = 1 if "".join(form.pieces) in form.source.replace("%(count)s", "") else 1_234
        yield Phrase(form.source, form.plural, values), form


# --- recognising ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_is_recognised_and_translated(language: str) -> None:
    known = {message.id: message.string for message in catalogue(language, "stored.po") if isinstance(message.id, str)}
    for sample, form in samples():
        if form.source == LINE:
            continue  # it is the name before a sentence, as below
        fit = StoredReader()._one(str(sample), 0)
        assert fit is not None, sample
        assert str(fit.told) == str(sample)
        said = next(in_language(language, lambda told=fit.told: iter([translate(told)])))  # type: ignore[misc]
        assert said != str(sample) or known[form.source] == form.source
        assert isinstance(fit.told, Phrase)
        for part in fit.told.values.values():
            assert not isinstance(part, str) or isinstance(part, Translatable) or part in said, (said, part)


@pytest.mark.parametrize(("stored", "begins"), SAID, ids=[begins[:30] for _, begins in SAID])
def test_what_is_said_is_read_back(stored: str, begins: str) -> None:
    found = as_stored(stored)
    assert found == stored
    assert isinstance(found, Translatable)
    assert german(found).startswith(begins)
    assert not any(word in german(found).split() for word in ("the", "is", "and"))


def test_a_list_of_what_changed_is_read_back() -> None:
    assert german(as_listed("title, transcript (kept as it is here)")) == "Titel, Transkript (bleibt, wie es hier ist)"
    assert type(as_listed("title, hat")) is str


@pytest.mark.parametrize(
    "text",
    [
        "",
        "title",
        "Ben and Jerry",
        "is empty",
        "Hello. The file is empty.",
        "talk.mp3: is empty (0 bytes). And more.",
        "talk.mp3: is empty (0 bytes).  Fetch the file again.",
        "Is Empty.",
        "x" * (LONGEST + 1),
        "talk.mp3: cannot be read",
        "line 3",
    ],
)
def test_what_is_not_a_whole_sentence_stays(text: str) -> None:
    assert type(as_stored(text)) is str
    assert as_stored(text) == text


@given(
    hostile_text
    | st.lists(st.sampled_from([*(source for source, _ in stored_sources()), ": ", " ", ". ", "; ", "), "])).map(
        "".join
    )
)
def test_recognising_changes_no_text_and_ends(text: str) -> None:
    """English stays what it was, whatever is recognised; no text takes more than a bounded number of comparisons."""
    if "is not on this machine" not in text:
        assert str(as_stored(text)) == text
        assert str(as_listed(text)) == text


@pytest.mark.parametrize("unit", ["a: ", "is empty. ", "The recording could not be fetched: ", "), ", " and ", "; "])
def test_a_text_made_to_take_long_is_left_alone(unit: str) -> None:
    text = (unit * LONGEST)[: LONGEST - 10] + " is empty."
    reader = StoredReader()
    with suppress(TooMuch):
        reader.read(text, 0)
    assert reader._tries <= MOST_TRIES + 1
    assert as_stored(text) == text


@pytest.mark.parametrize(
    "path", sorted((ROOT / "ingest").rglob("*.py")), ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_a_phrase_is_written_out_where_it_is_said(path: Path) -> None:
    """An f-string would not be collected, and one of its parts could not be told from the phrase."""
    for call in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in ("phrase", "phrases"):
            assert isinstance(call.args[0], ast.Constant), f"line {call.lineno}"
            assert not any(isinstance(node, ast.JoinedStr) for node in ast.walk(call)), f"line {call.lineno}"


# --- a model that is missing ----------------------------------------------------------------------------------------


def test_a_page_names_no_folder_for_a_model_that_is_missing() -> None:
    error = ModelNotAvailable(
        "/home/ann/small",
        ["/home/ann/models/faster-whisper/small", "/home/ann/.cache, which is incomplete"],
        phrase("Run `kb models fetch %(model)s%(option)s` once, or copy the model to %(place)s.", model="small",
               option="", place="/home/ann/x"),
    )  # fmt: skip
    assert error.sentence.startswith("The model '/home/ann/small' is not on this machine (looked in /home/ann/models")
    shown = as_said(error.sentence)
    assert "/home" not in shown
    assert "kb models" not in shown
    assert shown.startswith("The speech model small is not on this machine. Fetch it in the library")
    assert german(shown).startswith("Das Modell für Spracherkennung small ist nicht auf diesem Rechner.")
    assert any(source == MISSING for source, _ in stored_sources())


def test_why_a_model_could_not_be_fetched_stays_told() -> None:
    error = ModelNotAvailable("tiny", ["https://a.test/x"], phrase("The copy was cancelled."))
    assert (
        german(as_said(error.sentence))
        == "Das Modell tiny ist nicht auf diesem Rechner. Das Kopieren wurde abgebrochen."
    )


# --- on pages -------------------------------------------------------------------------------------------------------


def test_parts_are_text_and_what_nobody_knows_is_marked_as_english() -> None:
    def shown(problem: str) -> str:
        return next(in_language("de", lambda: iter([str(render("ask/problem.html", problem=problem))])))

    known = shown("<b>${x}</b>.mp3: is empty (0 bytes). Fetch the file again.")
    assert "&lt;b&gt;&#36;&#123;x&#125;&lt;/b&gt;.mp3: ist leer (0 Bytes)." in known
    assert "lang=" not in known
    assert '<span lang="en">Nobody &lt;knows&gt; this.</span>' in shown("Nobody <knows> this.")
    assert "lang=" not in str(render("ask/problem.html", problem="Nobody knows this."))


def test_a_sentence_of_the_queue_is_shown_in_german_and_told_in_english(tmp_path: Path) -> None:
    stored = "bad.srt: The file is empty. Save or download the transcript again."
    with KnowledgeBase(tmp_path / "home") as kb:
        (job,) = kb.jobs.enqueue([((tmp_path / "bad.srt").as_uri(), "{}")])
        kb.jobs.fail(job, stored)

        async def build() -> FastAPI:
            return build_app(kb, "http://localhost/")

        app = run_async(build())
        page = send(app, "GET", "/library", client="127.0.0.1", accept_language="de").text
        told = send(app, "GET", "/api/jobs", client="127.0.0.1", accept_language="de").text
    (why,) = lxml.html.fromstring(page).xpath("//*[@id='work']//p[@class='vb-why']")
    assert why.text_content() == "Die Datei ist leer. Das Transkript noch einmal speichern oder herunterladen."
    assert stored in told


def failed_reasons(address: str, name: str, content: bytes) -> tuple[str, dict[str, str]]:
    """Upload a file that fails; return the reason as programs get it, and as pages show it, by language."""
    with httpx.Client(base_url=address, timeout=60) as client:
        group = client.post("/api/uploads").raise_for_status().json()["id"]
        client.put(f"/api/uploads/{group}/{name}", content=content).raise_for_status()
        client.post(f"/api/uploads/{group}").raise_for_status()
        deadline = time.monotonic() + 60
        while not (failed := [job for job in client.get("/api/jobs").json()["jobs"] if job["state"] == "failed"]):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        shown = {}
        for language in ("en", "de"):
            page = client.get("/library", headers={"accept-language": language}).text
            (why,) = lxml.html.fromstring(page).xpath("//*[@id='work']//p[@class='vb-why']")
            assert not why.xpath(".//*[@lang]")
            shown[language] = why.text_content()
        return failed[0]["reason"], shown


@pytest.mark.slow
def test_a_file_that_fails_says_why_in_german(serving: Callable[..., str], tmp_path: Path) -> None:
    told, shown = failed_reasons(serving(tmp_path / "home"), "bad.vtt", b"WEBVTT\n\nno cue at all\n")
    assert told.startswith("bad.vtt: The file holds no cue (a line such as 00:00:01.000 -->")
    assert told == f"bad.vtt: {shown['en']}"
    assert shown["de"].startswith("Die Datei enthält keinen Untertitel (eine Zeile wie 00:00:01.000 -->")


@pytest.mark.slow
def test_a_recording_without_a_model_names_no_folder_on_the_page(serving: Callable[..., str], tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere")
    places = {"KB_MODELS": nowhere, "XDG_CACHE_HOME": nowhere, "HF_HOME": nowhere}
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(bytes(64_000))
    told, shown = failed_reasons(serving(tmp_path / "home", **places), "talk.wav", sound.getvalue())
    assert nowhere in told
    assert shown["en"].startswith("The speech model ")
    assert shown["de"].startswith("Das Modell für Spracherkennung ")
    assert "Folgen hinzufügen" in shown["de"]
    assert nowhere not in shown["en"] + shown["de"]
