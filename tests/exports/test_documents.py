"""Documents and tables, read back by independent parsers: nothing is lost, nothing is added, nothing is obeyed."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Sequence
from urllib.parse import unquote

import docx
import lxml.etree
import lxml.html
import openpyxl
import pytest
from hypothesis import given, settings
from markdown_it import MarkdownIt
from mdit_py_plugins.footnote import footnote_plugin

from kb.citations import STYLES, find_style, to_text
from kb.exports import DOCUMENTS, Report, report_of, write
from kb.exports.direction import is_right_to_left
from kb.exports.rows import COLUMNS, rows
from kb.saved.quotes import SavedQuote
from kb.text.cleaning import visible

from .samples import HOSTILE, any_quotes, hostile_quotes, saved, seed_quote

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SERVER = "http://127.0.0.1:7860"


def report(quotes: Sequence[SavedQuote], style: str = "chicago") -> Report:
    return report_of('A "report" & <more>', quotes, find_style(style), SERVER)


def squeezed(text: str) -> str:
    return " ".join(text.split())


def from_markdown(written: bytes) -> lxml.html.HtmlElement:
    page = MarkdownIt("commonmark", {"html": True}).enable("table").use(footnote_plugin).render(written.decode("utf-8"))
    return lxml.html.fromstring(f"<div>{page}</div>")


def said(element: lxml.html.HtmlElement) -> str:
    return squeezed(element.text_content())


def docx_part(written: bytes, name: str) -> lxml.etree._Element:
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        return lxml.etree.fromstring(archive.read(name))


def words_of(element: lxml.etree._Element) -> str:
    """The text as Word shows it: breaks and tabs are elements."""
    pieces = {f"{W}t": lambda e: e.text or "", f"{W}br": lambda e: "\n", f"{W}tab": lambda e: "\t"}
    return "".join(pieces[e.tag](e) for e in element.iter() if e.tag in pieces)


def check_markdown(given_report: Report) -> None:
    page = from_markdown(write(given_report, "md"))
    assert {e.tag for e in page.iter()} <= set("div h1 h2 blockquote p ul li sup a section ol em br hr".split()), (
        "no markup of the quotes' own"
    )
    assert [said(h) for h in page.iter("h1")] == [squeezed(given_report.title)]
    quotes = list(page.iter("blockquote"))
    assert len(quotes) == len(page.xpath("//section//li")) == len(given_report.items)
    for quote, item in zip(quotes, given_report.items, strict=True):
        words, source = quote.findall("p")
        (words.xpath("./sup")[0]).drop_tree()
        assert said(words) == squeezed(f"“{item.text}”")
        assert said(source) == f"— {item.source}"
    notes = [said(note) for note in page.xpath("//section//li")]
    for note, item in zip(notes, given_report.items, strict=True):
        assert unquote(note).startswith(unquote(squeezed(to_text(item.citation))))  # it shows addresses decoded
    details = [said(li) for li in page.xpath("./ul/li")]
    assert details == [squeezed(f"{label}: {text}") for item in given_report.items for label, text in item.details]
    shown = {unquote(a.get("href")) for a in page.iter("a") if not a.get("href").startswith("#")}
    assert shown <= set(map(unquote, links(given_report)))


def links(given_report: Report) -> set[str]:
    marked = [*given_report.references, *(item.citation for item in given_report.items)]
    cited = {span.text for words in marked for span in words if span.kind == "link"}
    return cited | {item.link for item in given_report.items}


def check_html(given_report: Report) -> None:
    page = lxml.html.document_fromstring(write(given_report, "html"))
    assert not page.xpath("//script|//img|//link|//iframe|//b")
    for figure, item in zip(page.iter("figure"), given_report.items, strict=True):
        quote = figure.find("blockquote")
        quote.find("sup").drop_tree()
        assert quote.text_content() == f"“{item.text}”"
        assert figure.find("figcaption").text_content() == f"— {item.source}"
        details = [
            (dt.text_content(), dd.text_content()) for dt, dd in zip(figure.iter("dt"), figure.iter("dd"), strict=True)
        ]
        assert tuple(details) == item.details
    assert [p.text_content() for p in page.xpath("//p[@class='reference']")] == [
        to_text(e) for e in given_report.references
    ]
    assert len(page.xpath("//ol[@class='notes']/li")) == len(given_report.items)
    assert {a.get("href") for a in page.iter("a") if not a.get("href").startswith("#")} <= links(given_report)


def check_docx(given_report: Report) -> None:
    written = write(given_report, "docx")
    document = docx.Document(io.BytesIO(written))
    paragraphs = {
        name: [p for p in document.paragraphs if p.style.name == name]
        for name in ("Quote", "Quote Source", "Bibliography")
    }
    assert [p.text for p in paragraphs["Quote"]] == [f"“{item.text}”" for item in given_report.items]
    assert [p.text for p in paragraphs["Quote Source"]] == [f"— {item.source}" for item in given_report.items]
    assert [words_of(p._p) for p in paragraphs["Bibliography"]] == [to_text(e) for e in given_report.references]
    referred = [ref.get(f"{W}id") for ref in document.element.iter(f"{W}footnoteReference")]
    notes = {note.get(f"{W}id"): note for note in docx_part(written, "word/footnotes.xml")}
    assert referred == [str(n) for n in range(1, len(given_report.items) + 1)]
    assert set(notes) == {"-1", "0", *referred}
    for number, item in zip(referred, given_report.items, strict=True):
        assert words_of(notes[number]).strip() == f"{to_text(item.citation)} {item.link}".strip()


def check_tables(given_report: Report) -> None:
    expected = list(rows(given_report))
    found = list(csv.reader(io.StringIO(write(given_report, "csv").decode("utf-8-sig"), newline="")))
    assert tuple(found[0]) == COLUMNS
    for row, wanted in zip(found[1:], expected, strict=True):
        for cell, value in zip(row, wanted, strict=True):
            assert not cell.startswith(tuple("=+-@\t\r\n＝"))
            assert cell.removeprefix("'") == ("" if value is None else str(value).removeprefix("'"))
    sheet = openpyxl.load_workbook(io.BytesIO(write(given_report, "xlsx")))["Quotes"]
    for row, wanted in zip(sheet.iter_rows(min_row=2), expected, strict=True):
        for cell, value in zip(row, wanted, strict=True):
            assert cell.data_type in ("s", "n")
            assert cell.hyperlink is None
            assert cell.value == value or unescaped(str(cell.value)) == value


def unescaped(text: str) -> str:
    """What Excel shows: openpyxl leaves the escape of an escape as it stands."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), text)


CHECKS = [check_markdown, check_html, check_docx, check_tables]


@pytest.mark.parametrize("style", ["apa", "chicago", "ap"])
@pytest.mark.parametrize("check", CHECKS)
def test_hostile_texts_come_through_unharmed_and_harmless(check, style: str) -> None:
    check(report(hostile_quotes(), style))


@pytest.mark.parametrize("check", CHECKS)
def test_any_text_comes_through(check) -> None:
    @settings(max_examples=25)
    @given(any_quotes())
    def examine(quotes: list[SavedQuote]) -> None:
        check(report(quotes))

    examine()


def test_what_is_readable_keeps_every_visible_character() -> None:
    for text in HOSTILE:
        kept = visible(text)
        assert visible(kept) == kept
        expected = [c for c in text if (c.isprintable() or c == "\u200d") and c not in "\u202e\u202c\ufeff"]
        assert [c for c in kept if c not in "\n\t"] == expected
    assert visible("a\r\nb\rc\u2028d") == "a\nb\nc\nd"


def test_right_to_left_quotes_run_from_right_to_left() -> None:
    assert is_right_to_left("“مرحبا” hello")
    assert not is_right_to_left("hello مرحبا")
    arabic = saved(seed_quote("مرحبا بكم").quote)
    root = docx_part(write(report([arabic]), "docx"), "word/document.xml")
    (paragraph,) = (p for p in root.iter(f"{W}p") if "مرحبا" in words_of(p))
    assert paragraph.find(f"{W}pPr/{W}bidi") is not None
    assert paragraph.find(f"{W}r/{W}rPr/{W}rtl") is not None


@pytest.mark.parametrize("style", [style.name for style in STYLES])
def test_the_seed_names_everybody_in_their_role_in_every_document(style: str) -> None:
    made = report([seed_quote()], style)
    for form in DOCUMENTS:
        written = write(made, form)
        if form == "docx":
            written = b"".join(
                lxml.etree.tostring(docx_part(written, f"word/{part}.xml"), method="text", encoding="utf-8")
                for part in ("document", "footnotes")
            )
        elif form == "xlsx":
            written = "\n".join(
                str(cell.value) for row in openpyxl.load_workbook(io.BytesIO(written))["Quotes"] for cell in row
            ).encode()
        text = written.decode("utf-8-sig").replace("\\", "")
        for expected in (
            "Alvaro Bedoya",
            "recording",
            "All Things Considered",
            "3:34" if style != "ap" else "2019",
            "disputed",
            "a word",
            "For the lede",
            "ICE, DMV",
        ):
            assert expected in text, (form, expected)
        if form in ("md", "docx", "html") and style != "ap":
            for expected in ("Shahani", "Cornish", "NPR", made.heading):
                assert expected in text, (form, expected)


def test_a_document_says_what_became_of_the_words() -> None:
    from dataclasses import replace

    from kb.saved.quotes import Standing

    gone = replace(seed_quote(), standing=Standing("gone"))
    assert dict(report([gone]).items[0].details)["Correction"].startswith("The episode is no longer")
    assert b"no longer in the knowledge base" in write(report([gone]), "csv")
