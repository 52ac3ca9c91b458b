from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from ingest.formats import parse_docx
from ingest.formats.encoding import MAX_BYTES
from kb.errors import FormatError
from kb.types import Segment

from .samples import SAMPLES, WORD, docx, package


def read(data: bytes) -> list[tuple[str | None, str]]:
    return [(segment.speaker, segment.text) for segment in parse_docx(Path("talk.docx"), data).segments]


def test_paragraphs_are_read_as_text_is() -> None:
    assert read(SAMPLES["talk.docx"]) == [("Ann Lee", "Hi all"), ("Ann Lee", "So & so.")]


def test_a_services_layout_with_the_name_above_the_words() -> None:
    body = "".join(
        f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in ["Ann (00:03):", "Hi.", "Bob (00:09):", "Ho."]
    )
    assert parse_docx(Path("talk.docx"), docx(body)).segments == (
        Segment(3.0, 9.0, "Hi.", "Ann", attribution="label"),
        Segment(9.0, None, "Ho.", "Bob", attribution="label"),
    )


def test_a_text_box_counts_once_and_its_paragraph_is_its_own() -> None:
    box = '<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">{}</mc:AlternateContent>'
    inner = "<w:p><w:r><w:t>In the box.</w:t></w:r></w:p>"
    body = box.format(f"<mc:Choice>{inner}</mc:Choice><mc:Fallback>{inner}</mc:Fallback>")
    assert read(docx(f"<w:p><w:r><w:t>Around </w:t>{body}<w:t>it.</w:t></w:r></w:p>")) == [
        (None, "In the box."),
        (None, "Around it."),
    ]


def test_deleted_and_moved_words_are_gone_and_field_codes_never_were() -> None:
    body = (
        "<w:p><w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom><w:ins><w:r><w:t>New</w:t></w:r></w:ins>"
        "<w:r><w:instrText>PAGE</w:instrText><w:delText>old</w:delText><w:noBreakHyphen/><w:t>ish</w:t></w:r></w:p>"
    )
    assert read(docx(body)) == [(None, "New-ish")]


def bomb() -> bytes:
    """A hundred times the limit in a few kilobytes."""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as file, file.open("word/document.xml", "w") as part:
        for _ in range(2 * MAX_BYTES // 2**20):
            part.write(b" " * 2**20)
    return stream.getvalue()


LAUGHS = '<!DOCTYPE w:document [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "empty"),
        (b"Only text", "not a Word document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "not a Word document"),
        (package(b"", "word/other.xml"), "not a Word document"),
        (SAMPLES["talk.docx"][:-40], "not a Word document"),
        (package(b"<w:document"), "damaged"),
        (docx("<w:p><w:r><w:t>&b;</w:t></w:r></w:p>", LAUGHS), "declares entities"),
        (docx("<w:p/>"), "no spoken words"),
        (package(f'<w:document xmlns:w="{WORD}"/>'.encode()), "no spoken words"),
        (bomb(), "too large"),
    ],
)
def test_what_is_no_document_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(FormatError, match=problem):
        read(data)


def test_a_protected_document_is_refused() -> None:
    data = bytearray(SAMPLES["talk.docx"])
    data[6] |= 1  # the flag of an encrypted part, in its local header and in the directory
    data[data.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(FormatError, match="protected"):
        read(bytes(data))


def paragraph(*runs: str) -> str:
    """A paragraph of runs; one that begins with ``*`` is bold, a tab is a tab."""
    made = []
    for run in runs:
        bold, text = ("<w:rPr><w:b/></w:rPr>", run[1:]) if run.startswith("*") else ("", run)
        inner = "<w:tab/>".join(f'<w:t xml:space="preserve">{part}</w:t>' for part in text.split("\t"))
        made.append(f"<w:r>{bold}{inner}</w:r>")
    return f"<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr>{''.join(made)}</w:p>"


def row(*cells: str) -> str:
    return f"<w:tr>{''.join(f'<w:tc>{paragraph(cell)}</w:tc>' for cell in cells)}</w:tr>"


def turns(body: str, data: bytes | None = None) -> list[tuple[float | None, str | None, str]]:
    segments = parse_docx(Path("talk.docx"), data or docx(body)).segments
    return [(segment.start, segment.speaker, segment.text) for segment in segments]


TURNS = [(3.0, "Ann Lee", "Hi all."), (72.0, "Bob Roe", "So."), (80.0, "Ann Lee", "No.")]


def test_a_table_of_three_columns() -> None:
    rows = [
        ("Time", "Speaker", "Text"),
        ("00:00:03", "Ann Lee", "Hi all."),
        ("00:01:12", "Bob Roe", "So."),
        ("00:01:20", "Ann Lee", "No."),
    ]
    assert turns(f"<w:tbl>{''.join(row(*cells) for cells in rows)}</w:tbl>") == TURNS


def test_a_table_goes_on_with_an_empty_name() -> None:
    rows = [("0:03", "Ann Lee", "Hi all."), ("1:12", "Bob Roe", "So."), ("1:20", "", "No.")]
    assert turns(f"<w:tbl>{''.join(row(*cells) for cells in rows)}</w:tbl>") == [*TURNS[:2], (80.0, "Bob Roe", "No.")]


def test_columns_parted_by_tabs() -> None:
    lines = ["00:00:03\tAnn Lee\tHi all.", "00:01:12\tBob Roe\tSo.", "00:01:20\tAnn Lee\tNo."]
    assert turns("".join(paragraph(line) for line in lines)) == TURNS


def test_bold_names_before_the_words() -> None:
    body = (
        paragraph("*Ann Lee:", " Hi all.") + paragraph("*Bob Roe", ": So.") + paragraph("*Learn more about us:", " x.")
    )
    assert turns(body) == [
        (None, "Ann Lee", "Hi all."),
        (None, "Bob Roe", "So."),
        (None, None, "Learn more about us: x."),
    ]


def test_names_as_headings_over_the_words() -> None:
    style = '<w:pPr><w:pStyle w:val="Heading2"/></w:pPr>'
    heading = f"<w:p>{style}<w:r><w:t>{{}}</w:t></w:r></w:p>"
    said = [("Ann Lee", "Hi all."), ("Bob Roe", "So."), ("Ann Lee", "No.")]
    body = heading.format("The talk") + "".join(heading.format(name) + paragraph(words) for name, words in said)
    assert [(speaker, text) for _, speaker, text in turns(body)] == said


def test_words_strict_open_xml() -> None:
    strict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    text = f'<w:document xmlns:w="{strict}"><w:body>{paragraph("Ann Lee  0:03")}{paragraph("Hi all.")}</w:body></w:document>'
    assert turns("", package(text.encode())) == TURNS[:1]
