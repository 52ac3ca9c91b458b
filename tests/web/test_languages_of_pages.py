"""Pages speak the reader's language; what people said, and what programs read, stays as it is."""

from __future__ import annotations

import functools
import json
import pickle
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import lxml.html
import pytest
from fastapi import FastAPI
from jinja2 import Environment, nodes

from kb.answers.cautions import as_phrases, cautions
from kb.errors import SourceError
from kb.knowledge_base import KnowledgeBase
from kb.phrasing import counted, long_date, made_by, respelt, role_name, unknown_words
from kb.translatable import joined, phrase, phrases
from kb.types import Searched
from kb.web.access.pages import _as_phrase
from kb.web.server.application import build_app
from kb.web.server.languages import chosen, in_language, translate
from kb.web.server.templating import render

from ..conftest import ROOT
from ..phrases import FOLDER, LANGUAGES, SOURCES, catalogue, collected, faults
from ..test_cards import HOSTILE
from .asgi import send_all
from .conftest import Visit, run_async

if TYPE_CHECKING:
    from playwright.sync_api import Page

TEMPLATES = sorted((ROOT / "kb/web/templates").rglob("*.html"))
#: The interface for programs is in English, and so is its reference.
ENGLISH = {"reference.html"}
#: Names and examples, which are the same everywhere.
NAMES = ("Verbatim", "UTC", "vote.vtt", "vote.mp3", "https://example.org/feed.xml", "/media/stick/faster-whisper-small")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
#: Two words in a row, or a word with a capital: so a phrase looks.
_WORDS = re.compile(r"[^\W\d_]{2,} [^\W\d_]{2,}|(?<![\w-])[A-Z][a-z]")
_SHOWN = re.compile(r"""\s(?:aria-label|title|placeholder|alt)="([^"]*)"|>([^<>]*)<""")
_TRANSLATING = {"_", "gettext", "ngettext", "pgettext"}


def german(text: Callable[[], str]) -> str:
    """Return what is printed for a German reader."""
    return next(in_language("de", lambda: iter([text()])))


# --- the catalogues -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_has_its_translation(language: str, name: str) -> None:
    wrong = "\n".join(faults(catalogue(language, name), collected(name)))
    file = (FOLDER / language / name).relative_to(ROOT)
    assert not wrong, f"run 'make phrases', then write what is missing into {file} (docs/translating.md):\n{wrong}"


def test_faults_are_found() -> None:
    wanted, known = collected("page.po"), catalogue("de", "page.po")
    some = {message.id: message for message in known if message.id}
    some["Library"].string = ""
    some["at %(time)s"].string = "bei %(zeit)s"
    some["Save"].string = "<b>Speichern</b>"
    some["Copy"].flags.add("fuzzy")
    some["%(count)s quote", "%(count)s quotes"].string = ("%(count)s Zitat", "Zitate")
    known.add("Nobody says this", "Niemand sagt das")
    known.delete("Heard")
    found = sorted(faults(known, wanted))
    assert [line.partition(":")[0] for line in found] == [
        "not there",
        "not translated",
        "not used",
        "only guessed (fuzzy)",
        "with markup, or with a space at an end",
        "with other placeholders",
        "with other placeholders",
    ]


# --- the templates --------------------------------------------------------------------------------------------------


def bare_words(source: str) -> Iterator[str]:
    """Yield what a template says in English in every language: text, shown attributes, and texts in expressions."""
    environment = Environment(extensions=["jinja2.ext.i18n"])
    text, inside, depth = "", "", 0
    for _, kind, value in environment.lex(source):
        if kind == "block_begin":
            inside = ""
        elif kind == "name" and not inside:
            inside = value
            depth += {"trans": 1, "endtrans": -1}.get(value, 0)
        elif kind == "data" and not depth:
            text += value
        elif kind in ("variable_begin", "variable_end"):
            inside = "printed"
    for found in _SHOWN.finditer(f">{text}<"):
        said = " ".join("".join(part or "" for part in found.groups()).split())
        if _LETTERS.search(functools.reduce(lambda rest, name: rest.replace(name, ""), NAMES, said)):
            yield said
    for each in environment.parse(source).find_all((nodes.Output, nodes.CallBlock, nodes.Assign)):
        yield from _printed(each)


def _printed(node: nodes.Node) -> Iterator[str]:
    """Yield the constants of an expression that look like a phrase and are not translated."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in _TRANSLATING:
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and _WORDS.search(node.value):
        yield node.value
    for child in node.iter_child_nodes(exclude=("body",)):
        yield from _printed(child)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_says_something_in_english_only(path: Path) -> None:
    if path.name not in ENGLISH:
        assert list(bare_words(path.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>Nothing here</p>",
        "<p>{{ name }} speaks</p>",
        "{% if a %}save{% endif %}",
        '<button aria-label="Close">×</button>',
        '<a title="about {{ name }}">i</a>',
        '{{ name or "Unknown speaker" }}',
        '{{ panel("Chapters", 2) }}',
        '{% call panel("Chapters") %}1{% endcall %}',
        '{% set who = name or "Nobody" %}',
        "{% trans %}Here{% endtrans %} and there",
    ],
)
def test_a_bare_phrase_is_found(source: str) -> None:
    assert list(bare_words(source))


@pytest.mark.parametrize("language", ["en", "de", "es"])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_value_within_a_phrase_is_text(hostile: str, language: str) -> None:
    values = {"model": hostile, "problem": hostile}
    for problem in ("", hostile):
        parts = in_language(language, lambda: iter([render("ask/summarising.html", **{**values, "problem": problem})]))  # noqa: B023
        markup = next(parts)
        page = lxml.html.fromstring(markup)
        assert hostile in page.text_content()
        assert {each.tag for each in page.iter()} == {"p", "span"} - (
            {"span"} if language == "en" or not problem else set()
        )
        assert not {"$", "{", "`"} & set(markup)  # which Gradio would evaluate


# --- phrases --------------------------------------------------------------------------------------------------------


def test_a_phrase_is_its_english_sentence_to_everybody_but_a_page() -> None:
    told = joined(
        ", ", [phrase("at %(time)s", time="1:05 100%"), counted(1234, "episode"), long_date("2019-07-08"), "x"]
    )
    assert told == "at 1:05 100%, 1,234 episodes, 8 July 2019, x"
    assert json.dumps([told]) == '["at 1:05 100%, 1,234 episodes, 8 July 2019, x"]'
    assert translate(told) == told
    assert german(lambda: translate(told)) == "bei 1:05 100%, 1.234 Folgen, 8. Juli 2019, x"


def test_an_error_reaches_another_process_as_plain_text() -> None:
    """The process that takes it allows no other classes than errors."""
    error = SourceError("a.vtt", phrase("is empty, or only a part of it arrived."), phrase("Send it again."))
    assert german(lambda: translate(error.sentence)).startswith("a.vtt: ist leer")
    sent = pickle.dumps(error)
    assert b"translatable" not in sent
    assert b"builtins" not in sent
    assert str(pickle.loads(sent)) == str(error) == "a.vtt: is empty, or only a part of it arrived. Send it again."


def test_phrases_of_all_interfaces_are_translated_when_they_are_shown() -> None:
    searched = Searched(3, 40, unknown_words=("a", "b"), respelt=(("Smyth", "Smith"),))
    assert german(lambda: translate(unknown_words(searched))) == "Wörter, die nirgends vorkommen: a, b."
    assert german(lambda: translate(respelt(searched)[0])) == "„Smyth“ kommt nirgends vor; gesucht wurde „Smith“."
    assert german(lambda: translate(made_by("machine", "%(x)s"))) == "Maschinelles Transkript von %(x)s"
    assert german(lambda: translate(phrases("%(count)s quote", "%(count)s quotes", 1))) == "1 Zitat"
    assert german(lambda: translate(role_name("host") or "")) == "Gastgeber/in"
    assert german(lambda: translate("Library")) == "Library"  # a title may read so


def test_what_the_log_holds_is_translated_with_its_numbers() -> None:
    for stored, shown in (
        ("asked (answered with 1 quote)", "hat gefragt (Antwort mit 1 Zitat):"),
        ("asked (answered with 1,200 quotes)", "hat gefragt (Antwort mit 1.200 Zitaten):"),
        ("searched (4 passages)", "hat gesucht (4 Abschnitte):"),
        ("exported a collection", "hat eine Sammlung exportiert:"),
        ("did 100 % of it", "did 100 % of it"),
    ):
        assert german(lambda: translate(_as_phrase(stored))) == shown  # noqa: B023


def test_cautions_that_were_stored_are_translated_again() -> None:
    stored = json.loads(json.dumps(cautions("Not today, he said, is the king dear.", 11, 19, (0, 37))))
    assert stored == ["The speaker reports somebody else’s words or views.",
                      "The quote is part of a sentence, whose other part says “Not”; see the context."]  # fmt: skip
    assert [german(lambda: translate(each)) for each in as_phrases([*stored, "Mind the %(gap)s."])] == [  # noqa: B023
        "Hier werden Worte oder Ansichten anderer wiedergegeben.",
        "Das Zitat ist Teil eines Satzes, in dessen anderem Teil „Not“ steht; siehe Kontext.",
        "Mind the %(gap)s.",
    ]


# --- the language of a request --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,de;q=0.9,en;q=0.8", "de"),
        ("DE-ch", "de"),
        ("es-419,es;q=0.9", "es"),
        ("fr", "en"),
        ("fr-CA, fr;q=0.9, es;q=0.2", "es"),
        ("en-GB,en;q=0.9,de;q=0.8", "en"),
        ("en;q=0.1, de;q=0.9", "de"),
        ("de;q=0, es", "es"),
        ("*", "en"),
        ("de;q=nan", "en"),
        ("de;q=9", "en"),
        ("\0;;,q=,;q=\xb2, " + "x" * 9_000 + ",de", "en"),
    ],
)
def test_the_browser_chooses_the_language(accepted: str, language: str) -> None:
    assert chosen(accepted) == language


@pytest.fixture
def app(corpus_kb: KnowledgeBase) -> FastAPI:
    async def build() -> FastAPI:
        return build_app(corpus_kb, "http://x/")

    return run_async(build())


def test_pages_of_two_languages_do_not_mix(app: FastAPI) -> None:
    german, english = ({"client": "127.0.0.1", "accept-language": each} for each in ("de-AT", "en-US"))
    turns = [german, english, german, english]
    for path, words in (("/library", ("Bibliothek", "Library")), ("/", ("befragen", "Ask your")), ("/nothing", ("Hier ist nichts", "There is nothing"))):  # fmt: skip
        answers = send_all(app, [("GET", path, asked) for asked in turns])
        for number, answer in enumerate(answers):
            page = lxml.html.fromstring(answer.text)
            (carried,) = page.xpath("//script[@id='phrases']/text()")
            rest = answer.text.replace(carried, "")
            assert page.get("lang") == ("de", "en")[number % 2], path
            assert words[number % 2] in rest, path
            assert words[1 - number % 2] not in rest, path
            assert "Accept-Language" in answer.headers["vary"], path
            assert ("Copied" in json.loads(carried)) is (number % 2 == 0)


def test_a_program_gets_english_and_a_pages_script_the_language_of_the_page(app: FastAPI) -> None:
    asked = {"client": "127.0.0.1", "accept-language": "de", "accept": "application/json"}
    of_page = {**asked, "sec-fetch-site": "same-origin"}
    for path in ("/api/collections/Nothing", "/episode/nobody"):
        program, script = send_all(app, [("GET", path, asked), ("GET", path, of_page)])
        assert json.loads(program.text)["error"].startswith("There is no ")
        assert json.loads(script.text)["error"].startswith("Es gibt keine ")


# --- in a browser ---------------------------------------------------------------------------------------------------

#: What a page of each language says: heading, button, more quotes or the searched, library, transcript.
SAID = {
    "de-DE": (
        "Podcasts und Radio befragen",
        "Fragen",
        "1 Folge durchsucht",
        "Bibliothek",
        "Transkript",
        "8. Juli 2019",
    ),
    "es-ES": (
        "Preguntar a los pódcast y la radio",
        "Preguntar",
        "búsqueda en 1 episodio",
        "Biblioteca",
        "Transcripción",
        "8 de julio de 2019",
    ),
}


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("locale", SAID)
def test_a_reader_is_spoken_to_and_quotes_stay_verbatim(
    visit: Callable[..., Visit], corpus_address: str, locale: str
) -> None:
    from playwright.sync_api import expect

    from .test_everyone import QUOTE, check

    heading, ask, searched, library, transcript, day = SAID[locale]
    seen = visit(corpus_address, locale=locale)
    page: Page = seen.page
    expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
    expect(page.locator("#examples")).to_have_attribute("lang", "en")
    page.locator("#question textarea, #question input").fill("Who described the collaboration as a dragnet?")
    page.get_by_role("button", name=ask, exact=True).click()
    expect(page.get_by_role("heading", name=searched)).to_be_visible()
    card = page.get_by_role("article").first
    expect(card.locator("blockquote")).to_contain_text("he called the ICE-DMV tag-teaming a dragnet.")
    expect(card.locator("blockquote")).to_have_attribute("lang", "en")
    expect(card.get_by_text(day)).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", locale[:2])
    page.get_by_role("link", name=library, exact=True).click()
    expect(page.get_by_role("heading", level=1, name=library)).to_be_visible()
    page.get_by_role("link", name="ICE Turned To DMV").click()
    expect(page.get_by_role("heading", name=transcript, exact=True)).to_be_attached()
    expect(page.locator(".vb-transcript")).to_have_attribute("lang", "en")
    expect(page.locator(".vb-transcript")).to_contain_text("tag-teaming a dragnet.")
    check(page)
    page.set_viewport_size({"width": 320, "height": 700})  # long words
    for path in ("", "library", "collections", f"cite/{QUOTE}"):
        page.goto(corpus_address + path)
        expect(page.get_by_role("link", name=library, exact=True)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
