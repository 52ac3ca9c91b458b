"""HTML transcripts: Podcasting 2.0's ``<cite>``, ``<time>`` and ``<p>``, or any page that prints one in paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ingest.formats.canonical import close_ends, decode_entities, make_transcript
from ingest.formats.encoding import decode
from ingest.formats.labels import Line
from ingest.formats.turns import segments_of
from ingest.formats.within import lines_of
from kb.errors import FormatError
from kb.text.cleaning import fold
from kb.timecode import parse_timecode
from kb.translatable import phrase
from kb.types import Segment, Transcript

__all__ = ["parse_html"]

# Not html.parser: in some supported Pythons it takes quadratic time on unclosed tags (CVE-2025-6069), and
# only tags and the text between them are needed. Possessive, because backtracking in a name that no
# bracket closes takes quadratic time too.
_TAG = re.compile(r"<(?P<closing>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*+)[^<>]*+>|<[!?][^<>]*+>")
_HIDDEN = frozenset(["nav", "noscript", "script", "style", "svg", "template", "title", "h1"])
_HEADINGS = frozenset(["h2", "h3", "h4", "h5", "h6"])
_BLOCKS = _HEADINGS | frozenset(
    "article blockquote body dd div dl dt hr li main ol p pre section table tbody thead tr ul".split()
)
_QUOTE = "blockquote"
_CELLS = frozenset(["td", "th"])
_IN_CELLS = frozenset(["div", "p"])  # tags that do not end a cell of a row
_BOLD = frozenset(["b", "strong"])
_CLOCK = re.compile(r"[0-9:.,]*:[0-9:.,]*")


@dataclass(slots=True)
class _Page:
    """What has been read so far: paragraphs of lines, and the segments that cited speakers make of them."""

    path: Path
    blocks: list[list[Line]] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    cited: bool = False
    speaker: str | None = None
    start: float | None = None
    lines: list[list[tuple[str, bool]]] = field(default_factory=lambda: [[]])
    has_words: bool = False
    in_p: bool = False
    in_heading: bool = False
    bold: bool = False
    in_row: bool = False
    quotes: int = 0  # how many block quotes are open
    cited_in_quote: bool = False  # the speaker's own name stands in a block quote: the transcript is one

    def add(self, text: str) -> None:
        self.lines[-1].append((text, self.bold))
        self.has_words = self.has_words or not (not text or text.isspace())

    def end_line(self) -> None:
        self.lines.append([])

    def end_paragraph(self) -> None:
        quoted = self.quotes > 0
        lines = [
            line
            for pieces in self.lines
            for line in lines_of(pieces, heading=self.in_heading, quoted=quoted)
            if line.text
        ]
        self.lines, self.has_words, self.bold = [[]], False, False
        if lines:
            self.blocks.append(lines)
            words = fold(" ".join(line.text for line in lines))
            if not self.in_heading:
                read_out = quoted and not self.cited_in_quote and self.speaker is not None
                self.segments.append(Segment(self.start, None, words, self.speaker, read_out=read_out))
                self.start = None

    def cite(self, text: str) -> None:
        """Handle a speaker's name; a ``<cite>`` among a paragraph's words is a work's title, and stays in the text."""
        if self.has_words or (self.in_p and not fold(text).endswith((":", "："))):
            self.add(text)
        else:
            self.cited = True
            self.speaker, self.start = fold(fold(text).rstrip(" :：")) or None, None
            self.cited_in_quote = self.quotes > 0

    def time(self, text: str, line: int) -> None:
        """Handle the time of the next paragraph; other values, such as dates, are dropped."""
        text = fold(text).strip("[]()")
        if not _CLOCK.fullmatch(text):
            return
        try:
            self.start = round(parse_timecode(text), 3)
        except ValueError as error:
            problem = phrase("%(text)s is not a time.", text=repr(text[:40]))
            raise FormatError(
                self.path, problem, phrase("Write hours:minutes:seconds, such as 0:01:02."), line
            ) from error


def parse_html(path: Path, data: bytes) -> Transcript:
    """Return the transcript of an HTML page; ``path`` only names it in messages.

    ``<cite>`` names the speaker of the paragraphs up to the next one, ``<time>`` the start of the next paragraph. A
    page without ``<cite>`` is read as text, labels and all. A ``<blockquote>`` that is closed is read out by the
    speaker. Headings, menus and scripts are left out.
    Raises ``FormatError`` for data that is not text, a malformed time and a page without words.
    """
    page = _Page(path)
    text_of_page = _without_comments(decode(path, data))
    may_quote = _are_closed(text_of_page)
    kept, apart = "", list[str]()  # the open <cite> or <time>, and its text so far
    for line, text, tag, closing in _visible(text_of_page):
        if kept:
            apart.append(text)
        else:
            page.add(text)
        if kept and (tag == kept or tag in _BLOCKS or not tag):
            page.cite("".join(apart)) if kept == "cite" else page.time("".join(apart), line)
            kept, apart = "", []
        elif tag in ("cite", "time") and not closing:
            kept = tag
        if tag in _CELLS:
            page.in_row = True
            if closing:
                page.add("\t")
        elif tag in _BLOCKS and not (page.in_row and tag in _IN_CELLS):
            page.end_paragraph()
            page.in_p = tag == "p" and not closing
            page.in_heading = tag in _HEADINGS and not closing
            page.in_row = False
            if tag == _QUOTE and may_quote:
                page.quotes = max(0, page.quotes + (-1 if closing else 1))
        elif tag in _BOLD:
            page.bold = not closing
        elif tag == "br" and not page.in_row:
            page.end_line()
    page.end_paragraph()
    return make_transcript(path, close_ends(page.segments) if page.cited else segments_of(page.blocks))


def _are_closed(text: str) -> bool:
    """Return whether every block quote ends; else nobody knows where one does."""
    tags = text.lower()
    return tags.count(f"<{_QUOTE}") == tags.count(f"</{_QUOTE}")


def _without_comments(text: str) -> str:
    """Return the page with its comments blanked except line ends; an unclosed one runs to the end."""
    first, *rest = text.split("<!--")
    kept = [first]
    for part in rest:
        comment, closed, after = part.partition("-->")
        kept.append("\n" * comment.count("\n") + (after if closed else ""))
    return "".join(kept)


def _visible(text: str) -> Iterator[tuple[int, str, str, bool]]:
    """Yield the visible text before each tag, with the tag's line, name and whether it closes; the last has no tag."""
    hidden, at, line = "", 0, 1
    for tag in _TAG.finditer(text):
        before = text[at : tag.start()]
        line += text.count("\n", at, tag.end())
        at = tag.end()
        name, closing = (tag["name"] or "!").lower(), bool(tag["closing"])
        if not hidden:
            yield line, _on_one_line(before), name, closing
            hidden = name if name in _HIDDEN and not closing and not tag[0].endswith("/>") else ""
        elif closing and name == hidden:
            hidden = ""
    yield line, "" if hidden else _on_one_line(text[at:]), "", False


def _on_one_line(text: str) -> str:
    return decode_entities(text).replace("\n", " ")
