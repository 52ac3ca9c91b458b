"""Word documents (``.docx``): the paragraphs of the text, read as plain text is."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from ingest.formats.canonical import make_transcript
from ingest.formats.encoding import MAX_BYTES, check_size
from ingest.formats.labels import Line
from ingest.formats.turns import segments_of
from ingest.formats.within import lines_of
from ingest.formats.zip_members import DAMAGED, Fault, fault
from kb.errors import FormatError
from kb.translatable import phrase
from kb.types import Transcript

__all__ = ["parse_docx"]

# Not python-docx: it parses every part of the package (lxml) without a limit to the unpacked size, and
# only the paragraphs of one part are needed here.
_TEXT_PART = "word/document.xml"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"  # the namespace of "Strict Open XML"
_PRINTED = {f"{_W} br": "\n", f"{_W} cr": "\n", f"{_W} tab": "\t", f"{_W} noBreakHyphen": "-"}
# A text box is stored twice, the second time for old programs; deleted and moved text stays in the file.
_LEFT_OUT = frozenset(
    ["http://schemas.openxmlformats.org/markup-compatibility/2006 Fallback", f"{_W} del", f"{_W} moveFrom"]
)
_OFF = ("0", "false", "off", "none")
_HEADING = ("heading", "title", "subtitle", "berschrift", "titre", "titel", "titulo")
_SAVE_AGAIN = phrase("Open it in a word processor and save it as .docx or as plain text.")


def parse_docx(path: Path, data: bytes) -> Transcript:
    """Return the transcript of a Word document; ``path`` only names it in messages.

    Insertions count and deletions do not; headers, footnotes and comments are left out. Raises ``FormatError`` for
    data that is not a Word document, is damaged or protected, or unpacks to more than ``MAX_BYTES``.
    """
    check_size(path, data)
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            text = _unpacked(path, package)
    except (*DAMAGED, KeyError, OSError) as error:
        raise FormatError(path, phrase("This is not a Word document, or it is damaged."), _SAVE_AGAIN) from error
    except RuntimeError as error:
        raise FormatError(
            path, phrase("The document is protected or packed in an unknown way."), _SAVE_AGAIN
        ) from error
    return make_transcript(path, segments_of(_paragraphs(path, text)))


def _unpacked(path: Path, package: zipfile.ZipFile) -> bytes:
    """Return the text part; a part that would unpack to too much is refused before it is read."""
    found = fault(package.getinfo(_TEXT_PART), MAX_BYTES)
    if found in (Fault.ENCRYPTED, Fault.METHOD):
        raise RuntimeError(found)
    if found is not None:
        raise FormatError(path, phrase("The text inside the document %(problem)s.", problem=found), _SAVE_AGAIN)
    with package.open(_TEXT_PART) as part:
        return part.read()


@dataclass(slots=True)
class _Paragraph:
    """A paragraph being read: the pieces of its lines, each with whether it is bold."""

    lines: list[list[tuple[str, bool]]] = field(default_factory=lambda: [[]])
    heading: bool = False

    def add(self, text: str, bold: bool) -> None:
        first, *others = text.split("\n")
        self.lines[-1].append((first, bold))
        self.lines += [[(other, bold)] for other in others]


@dataclass(slots=True)
class _Reader:
    """Collects the text between the tags; paragraphs can hold others (text boxes), which come out first."""

    blocks: list[list[Line]] = field(default_factory=list)
    open_: list[_Paragraph] = field(default_factory=list)
    left_out: int = 0
    in_text: bool = False
    in_run: bool = False
    bold: bool = False
    row: list[list[list[Line]]] | None = None  # the paragraphs of each cell of a table's row

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        name = name.replace(_STRICT, _W, 1)
        tag = name.removeprefix(f"{_W} ")
        if self.left_out or name in _LEFT_OUT:
            self.left_out += 1
        elif tag == "p":
            self.open_.append(_Paragraph())
        elif tag == "r":
            self.bold, self.in_run = False, True
        elif tag == "tr":
            self.row = []
        elif tag == "tc" and self.row is not None:
            self.row.append([])
        elif self.open_:
            self._within(name, tag, _value(attributes))
        self.in_text = tag == "t"

    def _within(self, name: str, tag: str, value: str) -> None:
        """Handle an element inside a paragraph: printed marks, bold, the style."""
        if name in _PRINTED and self.in_run:  # a paragraph's settings hold tabs too
            self.open_[-1].add(_PRINTED[name], self.bold)
        elif tag == "b":
            self.bold = value not in _OFF
        elif tag == "pStyle":
            self.open_[-1].heading = any(style in value for style in _HEADING)

    def end(self, name: str) -> None:
        tag = name.replace(_STRICT, _W, 1).removeprefix(f"{_W} ")
        self.in_text = False
        if self.left_out:
            self.left_out -= 1
        elif tag == "r":
            self.in_run = False
        elif tag == "p":
            paragraph = self.open_.pop()
            lines = [line for pieces in paragraph.lines for line in lines_of(pieces, heading=paragraph.heading)]
            if self.row:
                self.row[-1].append(lines)
            else:
                self.blocks.append(lines)
        elif tag == "tr" and self.row is not None:
            self._end_row(self.row)
            self.row = None

    def _end_row(self, cells: list[list[list[Line]]]) -> None:
        if len(cells) < 2:
            self.blocks += [lines for cell in cells for lines in cell]
        else:
            texts = [" ".join(line.text for lines in cell for line in lines) for cell in cells]
            self.blocks.append([Line("\t".join(texts))])

    def text(self, text: str) -> None:
        if self.in_text and self.open_ and not self.left_out:
            self.open_[-1].add(text.replace("\n", " "), self.bold)


def _value(attributes: Mapping[str, str]) -> str:
    return next((value.casefold() for name, value in attributes.items() if name.endswith(" val")), "")


def _paragraphs(path: Path, xml: bytes) -> list[list[Line]]:
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text

    def refuse(*_declaration: object) -> NoReturn:
        # Word writes none; hostile ones expand without end or fetch other files.
        raise FormatError(path, phrase("The document declares entities, as no Word document does."), _SAVE_AGAIN)

    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise FormatError(path, phrase("The text inside the document is damaged."), _SAVE_AGAIN) from error
    return [[line for line in lines if line.text] for lines in reader.blocks]
