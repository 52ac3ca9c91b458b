"""What the browser's scripts say is translatable: none of it is written where a catalogue does not see it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file

from ..conftest import ROOT
from ..phrases import SOURCES
from .conftest import Visit

FOLDER = ROOT / "kb/web/static"
SCRIPTS = sorted(FOLDER.glob("*.js"))

_COMMENT = re.compile(r"(?:^|(?<=\s))//[^\n]*", re.MULTILINE)
_LITERAL = re.compile(r"""(?P<quote>["'`])(?P<text>(?:\\.|(?!(?P=quote)).)*)(?P=quote)""", re.DOTALL)
_INSERTED = re.compile(r"\$\{[^}]*\}")
#: Two words in a row, or a word with a capital: so a phrase looks.
_WORDS = re.compile(r"[^\W\d_]{2,} [^\W\d_]{2,}|(?<![\w-])[A-Z][a-z]")
#: In markup, what a reader sees or hears is text between tags, and these attributes.
_SHOWN = re.compile(r"""(?:aria-label|title|placeholder|alt)="([^"]*)"|>([^<>]*)<""")
#: What stands before a literal that nobody reads: selectors, and keys or names that are compared.
_UNSEEN = re.compile(r"(?:querySelector(?:All)?|matches|closest)(?:\?\.)?\($|[!=]== $")
#: What stands before a literal that somebody reads, however it looks.
_SEEN = re.compile(
    r"\.(?:textContent|title|ariaLabel|placeholder) = $|\"aria-(?:label|valuetext)\", $|\bproblem\(form, $|"
    r"\b(?:tell|say|button|labelled|prompt|confirm|complain|Error|Option|mayGo)\($|"
    r"\belement\(\"\w+\", \"[^\"]*\", $"
)
_BEHIND = re.compile(r"\b(?:phrase|plural)\(\s*$|\bplural\(\s*\"[^\"]*\",\s*$")
#: Names that other programs know.
NAMES = {"Content-Type", "Control+Enter", "Files"}
NAMES |= {"ArrowDown", "ArrowUp", "End", "Home", "PageDown", "PageUp"}


def fixed_phrases(code: str) -> Iterator[str]:
    """Yield the literals of a script that a reader would see in English in every language."""
    code = _COMMENT.sub("", code)
    for found in _LITERAL.finditer(code):
        text, before = found["text"], code[: found.start()]
        if found["quote"] == "`":
            yield from fixed_phrases(" ".join(_INSERTED.findall(text)))
            text = _INSERTED.sub("", text)
        if text.startswith("<"):
            text = "\n".join("".join(parts) for parts in _SHOWN.findall(text))
        if text in NAMES or text.startswith("vb-") or _BEHIND.search(before) or _UNSEEN.search(before):
            continue
        if _WORDS.search(text) or (re.search("[a-z]{2}", text) and _SEEN.search(before)):
            yield text


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_no_script_says_something_in_english_only(script: Path) -> None:
    assert list(fixed_phrases(script.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "code",
    [
        'tell("gone");',
        'line.textContent = isLost ? "It is gone" : "";',
        "button.title = `Saved in ${name}`;",
        'count.value = found ? `${at} of ${phrase("all")}, at least` : "";',
        'box.setAttribute("aria-label", "words");',
        'bar.innerHTML = \'<button type="button" aria-label="Louder">+</button>\';',
        'row.append(element("p", "vb-note", "nothing"));',
        'tell(`${row ? "Row gone" : ""}`);',
    ],
)
def test_a_fixed_phrase_is_found(code: str) -> None:
    assert list(fixed_phrases(code))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_the_catalogues_see_every_phrase(script: Path) -> None:
    """Babel misses a call within a template literal, and one whose phrase is not written out."""
    code = _COMMENT.sub("", script.read_text("utf-8"))
    calls = len(re.findall(r"(?<!\.)\b(?:phrase|plural)\(", code))
    ((method, _, marks, options),) = SOURCES["scripts.po"]
    assert len(extract_from_file(method, script, marks, options=options)) == calls


@pytest.mark.slow
def test_messages_are_in_the_language_of_the_browser(visit: Callable[..., Visit], gardens: str) -> None:
    from playwright.sync_api import expect

    page = visit(gardens, "?q=parsnips", locale="de-DE").page
    page.locator("article [data-save]").first.click()
    name = "Rüben, %(name)s & <b>$1"  # text, and nothing else
    dialog = page.get_by_role("dialog", name="Sammlung wählen")
    dialog.get_by_role("combobox", name="Speichern in").fill(name)
    dialog.get_by_role("button", name="Speichern").click()
    expect(page.get_by_role("status").filter(has_text=f"In „{name}“ gespeichert.")).to_be_visible()
    page.get_by_role("link", name="Öffnen", exact=True).click()
    page.locator("[data-remove]").click()
    message = page.get_by_role("status").filter(has_text="Entfernt")
    expect(page.locator("[data-quote]")).to_have_count(0)
    message.get_by_role("button", name="Rückgängig").click()
    expect(page.locator("[data-quote]")).to_have_count(1)

    counts = """async () => {
        const { phrase, plural } = await import("/vb/phrases.js");
        const sent = (count) => plural("%(count)s file is sent and being taken in.", "", count);
        return [sent(1), sent(1234), phrase("%(name)s is new", { name: "A" }), plural("%(count)s x", "%(count)s xs", 2)];
    }"""
    assert page.evaluate(counts) == [
        "1 Datei ist gesendet und wird übernommen.",
        "1.234 Dateien sind gesendet und werden übernommen.",
        "A is new",  # what has no translation stays English
        "2 xs",
    ]
