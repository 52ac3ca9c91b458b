"""HTML transcripts: Podcasting 2.0's ``<cite>``, ``<time>`` and ``<p>``, or any page that prints one in paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ingest.formats.canonical import close_ends, decode_entities, make_transcript
from ingest.formats.encoding import decode
from ingest.formats.labels import read_time
from ingest.formats.text import segments_of
from kb.cleaning import fold
from kb.errors import FormatError
from kb.types import Segment, Transcript

__all__ = ["parse_html"]

# Not html.parser: in some Pythons that we support it takes quadratic time on unclosed tags (CVE-2025-6069), and all
# that is wanted here are tags and the text between them. Possessive, because giving letters back of a name that no
# bracket closes takes quadratic time too.
_TAG = re.compile(r"<(?P<closing>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*+)[^<>]*+>|<[!?][^<>]*+>")
_HIDDEN = frozenset(["nav", "noscript", "script", "style", "svg", "template", "title", "h1", "h2", "h3"])
_BLOCKS = frozenset(
    """article blockquote body dd div dl dt h4 h5 h6 hr li main ol p pre section table td tr ul""".split()
)
_CLOCK = re.compile(r"[0-9:.,]*:[0-9:.,]*")


@dataclass(slots=True)
class _Page:
    """What has been read so far: paragraphs of lines, and the segments that cited speakers make of them."""

    path: Path
    blocks: list[list[str]] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    cited: bool = False
    speaker: str | None = None
    start: float | None = None
    words: list[str] = field(default_factory=list)
    has_words: bool = False
    in_p: bool = False

    def add(self, text: str) -> None:
        self.words.append(text)
        self.has_words = self.has_words or not (not text or text.isspace())

    def end_paragraph(self) -> None:
        lines = [line for line in map(fold, "".join(self.words).split("\n")) if line]
        self.words, self.has_words = [], False
        if lines:
            self.blocks.append(lines)
            self.segments.append(Segment(self.start, None, " ".join(lines), self.speaker))
            self.start = None

    def cite(self, text: str) -> None:
        """Take a speaker's name; a ``<cite>`` among a paragraph's words is the title of a work, and part of them."""
        if self.has_words or (self.in_p and not fold(text).endswith((":", "："))):
            self.add(text)
        else:
            self.cited = True
            self.speaker, self.start = fold(fold(text).rstrip(" :：")) or None, None

    def time(self, text: str, line: int) -> None:
        """Take the time of the coming paragraph; other things than clock times, dates for instance, are not words."""
        text = fold(text).strip("[]()")
        if not _CLOCK.fullmatch(text):
            return
        self.start = read_time(text)
        if self.start is None:
            problem = f"{text[:40]!r} is not a time."
            raise FormatError(self.path, problem, "Write hours:minutes:seconds, such as 0:01:02.", line)


def parse_html(path: Path, data: bytes) -> Transcript:
    """Return the transcript of an HTML page; ``path`` only names it in messages.

    ``<cite>`` names the speaker of the paragraphs up to the next one, ``<time>`` the start of the next paragraph. A
    page without ``<cite>`` is read as text, labels and all. Headings, menus and scripts are left out.
    Raises ``FormatError`` for data that is no text, a malformed time and a page without words.
    """
    page = _Page(path)
    kept, apart = "", list[str]()  # the <cite> or <time> that is open, its text being collected apart
    for line, text, tag, closing in _visible(_without_comments(decode(path, data))):
        if kept:
            apart.append(text)
        else:
            page.add(text)
        if kept and (tag == kept or tag in _BLOCKS or not tag):
            page.cite("".join(apart)) if kept == "cite" else page.time("".join(apart), line)
            kept, apart = "", []
        elif tag in ("cite", "time") and not closing:
            kept = tag
        if tag in _BLOCKS:
            page.end_paragraph()
            page.in_p = tag == "p" and not closing
        elif tag == "br":
            page.add("\n")
    page.end_paragraph()
    return make_transcript(path, close_ends(page.segments) if page.cited else segments_of(page.blocks))


def _without_comments(text: str) -> str:
    """Return the page with its comments blanked, but for their line ends; an unclosed one goes to the end."""
    first, *rest = text.split("<!--")
    kept = [first]
    for part in rest:
        comment, closed, after = part.partition("-->")
        kept.append("\n" * comment.count("\n") + (after if closed else ""))
    return "".join(kept)


def _visible(text: str) -> Iterator[tuple[int, str, str, bool]]:
    """Yield the visible text before each tag, with the tag's line, name and whether it closes; last of all no tag."""
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
