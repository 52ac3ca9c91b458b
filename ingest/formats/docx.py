"""Word documents (``.docx``): the paragraphs of the text, read as plain text is."""

from __future__ import annotations

import zipfile
import zlib
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from ingest.formats.canonical import make_transcript
from ingest.formats.encoding import MAX_BYTES, check_size
from ingest.formats.text import segments_of
from kb.errors import FormatError
from kb.types import Transcript

__all__ = ["parse_docx"]

# Not python-docx: it reads every part of the package into a tree (lxml), with no limit to what that unpacks to, and
# all that is wanted here are the paragraphs of one part.
_TEXT_PART = "word/document.xml"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PRINTED = {f"{_W} br": "\n", f"{_W} cr": "\n", f"{_W} tab": " ", f"{_W} noBreakHyphen": "-"}
# A text box is stored twice, the second time for old programs; deleted and moved text stays in the file.
_LEFT_OUT = frozenset(
    ["http://schemas.openxmlformats.org/markup-compatibility/2006 Fallback", f"{_W} del", f"{_W} moveFrom"]
)
_SAVE_AGAIN = "Open it in a word processor and save it as .docx or as plain text."


def parse_docx(path: Path, data: bytes) -> Transcript:
    """Return the transcript of a Word document; ``path`` only names it in messages.

    Insertions count and deletions do not; headers, footnotes and comments are left out. Raises ``FormatError`` for
    data that is no Word document, is damaged or protected, or unpacks to more than ``MAX_BYTES``.
    """
    check_size(path, data)
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            text = _unpacked(path, package)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, ValueError, OSError) as error:
        raise FormatError(path, "This is no Word document, or a damaged one.", _SAVE_AGAIN) from error
    except (RuntimeError, NotImplementedError) as error:
        raise FormatError(path, "The document is protected or packed in an unknown way.", _SAVE_AGAIN) from error
    return make_transcript(path, segments_of(_paragraphs(path, text)))


def _unpacked(path: Path, package: zipfile.ZipFile) -> bytes:
    """Return the text part, never unpacking more than the limit, whatever size the package claims."""
    with package.open(_TEXT_PART) as part:
        text = part.read(MAX_BYTES + 1)
    check_size(path, text)
    return text


@dataclass(slots=True)
class _Reader:
    """Collects the text between the tags; paragraphs can hold others (text boxes), which come out first."""

    paragraphs: list[list[str]] = field(default_factory=list)
    open_: list[list[str]] = field(default_factory=list)
    left_out: int = 0
    in_text: bool = False

    def start(self, name: str, _attributes: object) -> None:
        if self.left_out or name in _LEFT_OUT:
            self.left_out += 1
        elif name == f"{_W} p":
            self.open_.append([])
        elif self.open_ and name in _PRINTED:
            self.open_[-1].append(_PRINTED[name])
        self.in_text = name == f"{_W} t"

    def end(self, name: str) -> None:
        self.in_text = False
        if self.left_out:
            self.left_out -= 1
        elif name == f"{_W} p":
            self.paragraphs.append("".join(self.open_.pop()).split("\n"))

    def text(self, text: str) -> None:
        if self.in_text and self.open_ and not self.left_out:
            self.open_[-1].append(text.replace("\n", " "))


def _paragraphs(path: Path, xml: bytes) -> list[list[str]]:
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text

    def refuse(*_declaration: object) -> NoReturn:
        # Word writes none; they are there to expand without end or to fetch other files.
        raise FormatError(path, "The document declares entities, as no Word document does.", _SAVE_AGAIN)

    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise FormatError(path, "The text inside the document is damaged.", _SAVE_AGAIN) from error
    return reader.paragraphs
