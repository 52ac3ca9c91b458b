"""Markdown transcripts, as The Changelog publishes them: ``**Speaker:** words`` and ``\\[00:04:01.06\\]`` for times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.formats.canonical import make_transcript
from ingest.formats.encoding import check_size, decode
from ingest.formats.front_matter import without_front_matter
from ingest.formats.labels import Line
from ingest.formats.marks import leading_mark
from ingest.formats.naming import Likeness, likeness, tidy
from ingest.formats.turns import segments_of
from kb.text.cleaning import fold
from kb.types import Transcript

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

__all__ = ["parse_markdown"]

_MARKER = re.compile(r"\s{0,3}(?:>\s?|[-*]\s+)*")
_ITEM = "\0"  # stands for the mark of a list's item until its words are read
_QUOTED = "\1"  # and this for that of a block quote
_QUOTE = re.compile(r"\s{0,3}>(?!>)")  # ">>" is another voice
_HEADING = re.compile(r"#{1,6}(?:\s+|$)")
_TITLE = re.compile(r"#\s+(?!\*\*|__)")
_RULE = re.compile(r"(?:[-*_]\s*){3,}$|```|~~~|={3,}$")
# A line that may begin a turn, though no blank line stands above it: bold, a time, or words and a colon.
_BEGINS = re.compile(r"\*\*|__|\\?\[|\||[(<]?[0-9]{1,3}:[0-9]|>>|[QA][.:]\s|[^:]{1,80}:(?:\s|$|\*)|[^:]{1,80}：")
# A bold label behind the end of a sentence: "So. **Jane Doe:** Yes."
_WITHIN = re.compile(r"(?<=[.?!…\"”’»)\]])[ \t](\*\*([^*\n:]{1,80})(?::\*\*|\*\*:))(?=[ \t])")
_ENDS = re.compile(r"(?:[:：]|[0-9]:[0-9]{2}(?:[.,][0-9]{1,3})?)[\\*_`\])(}: ]*$")
_HEADER_LENGTH = 120
# Not by Markdown's rules: editors leave a space inside the bold, or none after it ("**Ann: **Yeah"), and
# Markdown would show two stars for that.
_BOLD = re.compile(r"(?:\*\*\s?([^\n]{1,100}?)\s?\*\*|__\s?([^\n]{1,100}?)\s?__)(\s?:)?")
_MARKUP = re.compile(r"[\\`*_\[<&]")  # characters that can begin markup within a paragraph
_BREAKS = ("softbreak", "hardbreak")
_SHOWN = ("text", "code_inline", *_BREAKS)
_LONGEST = 50_000  # characters: no spoken paragraph is longer, and nested brackets are slow to parse
_MAX_BYTES = 4 * 1024 * 1024  # the longest of 1,900 real transcripts has 180 kB


def parse_markdown(path: Path, data: bytes) -> Transcript:
    """Return the transcript of a Markdown file; ``path`` only names it in messages.

    A paragraph without a label goes on with the speaker above. A time begins a segment. Emphasis, links and escapes
    become plain words, asides such as ``[laughs]`` stay. A block quote is read out by the speaker.
    Front matter, headings, and lines that only time a break or a jingle, are left out; after those, words without a
    label have no speaker. Raises ``FormatError`` for data without words.
    """
    check_size(path, data, _MAX_BYTES)
    blocks = _blocks(without_front_matter(decode(path, data)))
    return make_transcript(path, segments_of([_line(piece) for piece in block] for block in blocks))


def _blocks(text: str) -> Iterator[list[str]]:
    """Yield the paragraphs, in pieces that may each begin a turn; rules and fences are left out."""
    pieces: list[list[str]] = []  # the lines of each
    for raw in [*_WITHIN.sub(_parted, text).split("\n"), ""]:
        marker = _MARKER.match(raw)
        is_item = marker is not None and marker[0].rstrip()[-1:] in ("-", "*")
        quoted = _QUOTED if _QUOTE.match(raw) else ""
        line = fold(raw[marker.end() if marker else 0 :])
        line = _row(line) if line.startswith("|") else line
        heading = _HEADING.match(line)
        if line and not heading and not _RULE.match(line):
            into = quoted and pieces and not pieces[-1][0].startswith(_QUOTED)  # a quote may interrupt a paragraph
            begins = (
                into
                or _BEGINS.match(line)
                or (pieces and len(pieces[-1]) == 1 and _is_header(pieces[-1][0].lstrip(_QUOTED)))
            )
            if pieces and not begins:
                pieces[-1].append(line)
            else:
                pieces.append([quoted + (_ITEM if is_item else "") + line])
            continue
        if pieces:
            yield ["\n".join(lines) for lines in pieces]
        pieces = []
        if heading and not _TITLE.match(line):
            yield [line]


def _parted(label: re.Match[str]) -> str:
    """Return a bold label that stands within a line on a line of its own."""
    return f"\n{label[1]}" if likeness(tidy(label[2])) >= Likeness.LIKELY else label[0]


def _is_header(line: str) -> bool:
    """Return whether this is a short line ending with a colon or a time, so that a turn's words may follow below."""
    return len(line) <= _HEADER_LENGTH and _ENDS.search(line[-20:]) is not None


def _row(line: str) -> str:
    """Return a table's row with tabs between its cells; the line below its head is empty."""
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    return "" if all(set(cell) <= {"-", ":"} for cell in cells) else "\t".join(cells)


def _line(piece: str) -> Line:
    """Return the visible words of a piece of Markdown, and how many letters at its start are bold."""
    quoted, piece = piece.startswith(_QUOTED), piece.removeprefix(_QUOTED)
    is_item, piece = piece.startswith(_ITEM), piece.removeprefix(_ITEM)
    if "\t" in piece:
        return Line("\t".join(map(_plain, piece.split("\t"))), quoted=quoted)
    heading = _HEADING.match(piece)
    piece = piece[heading.end() :].rstrip("# ") if heading else piece
    bold, rest, is_label = "", piece, False
    while found := _BOLD.match(rest):
        shown = _plain(found[1] or found[2])
        name = fold(shown.strip(":* "))
        bold, rest = f"{bold} {name}".strip(), rest[found.end() :]
        is_label = bool(found[3]) or shown.endswith(":")
        if not (mark := leading_mark(bold)) or mark.rest:  # a bold time may stand before a bold name
            break
        rest = rest.lstrip()
    bold += ":" if is_label and bold else ""
    gap = " " if is_label or rest[:1].isspace() else ""  # "**I**ndeed"
    return Line(fold(f"{bold}{gap}{_plain(rest)}"), len(bold), heading is not None, is_item, quoted=quoted)


@cache
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark")


def _plain(text: str) -> str:
    """Return the visible words of inline Markdown, without tags and pictures."""
    if _MARKUP.search(text) and len(text) <= _LONGEST:
        # Inline only: as blocks, "1984. It was" would be a list and an indented line a code block.
        tokens = _reader().parseInline(text)[0].children or []
        text = "".join(" " if token.type in _BREAKS else token.content for token in tokens if token.type in _SHOWN)
    return fold(text)
