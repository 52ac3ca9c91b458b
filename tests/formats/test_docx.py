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
        (b"Only text", "no Word document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "no Word document"),
        (package(b"", "word/other.xml"), "no Word document"),
        (SAMPLES["talk.docx"][:-40], "no Word document"),
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
