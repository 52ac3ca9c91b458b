"""Markdown transcripts, as The Changelog publishes them: ``**Speaker:** words`` and ``\\[00:04:01.06\\]`` for times."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.formats.canonical import close_ends, make_transcript
from ingest.formats.encoding import check_size, decode
from ingest.formats.labels import is_heading, is_unknown, split_label
from kb.cleaning import fold
from kb.types import Segment, Transcript

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

__all__ = ["parse_markdown"]

_MARKER = re.compile(r"\s{0,3}(?:>\s?|[-*]\s+)*")
_HEADING = re.compile(r"#{1,6}\s+|(?:[-*_]\s*){3,}$|```|~~~")
_BOLD_HEADING = re.compile(r"#{1,6}\s\*\*")
# By hand, not by Markdown's rules: editors leave a space inside the bold, or none after it ("**Ann: **Yeah"), and
# Markdown would show two stars for that.
_BOLD = re.compile(r"\*\*\s?([^\n]{1,100}?)\s?\*\*(\s?:)?")
_MARKUP = re.compile(r"[\\`*_\[<&]")  # what any markup within a paragraph begins with or holds
# "[04:01]", "[1:04:01.06]", and what slips of the keyboard make of them: "[\04:01\]", "[00:04:01:06]".
_TIME = re.compile(r"\[\\*(?:([0-9]{1,2}):)?([0-9]{1,3}):([0-5][0-9])(?:[.,:]([0-9]{1,3}))?\\*\]")
_INTERLUDES = frozenset(["ad", "break", "intro", "jingle", "music", "outro", "recording", "sample", "song", "sponsor"])
_NAME_LENGTH = 80
_BREAKS = ("softbreak", "hardbreak")
_SHOWN = ("text", "code_inline", *_BREAKS)
_LONGEST = 50_000  # characters: nobody speaks such a paragraph, and nested brackets take their time
_MAX_BYTES = 4 * 1024 * 1024  # the longest of 1,900 real transcripts has 180 kB


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """The words of a paragraph, parted at its times, and the bold name and colon that it may begin with."""

    name: str | None
    parts: list[tuple[float | None, str]]

    @property
    def is_interlude(self) -> bool:
        """Tell a line that only says when a break or a jingle plays: ``**Break:** \\[04:01\\] to \\[05:00\\]``."""
        words = " ".join(text for _, text in self.parts).casefold().split()
        if self.name is None:  # the bold was forgotten, or went around the time
            return bool(words) and words[0].rstrip(":") in _INTERLUDES and words[1:] in ([], ["to"])
        return self.name.casefold().split()[0] in _INTERLUDES and words in ([], ["to"])


def parse_markdown(path: Path, data: bytes) -> Transcript:
    """Return the transcript of a Markdown file; ``path`` only names it in messages.

    A paragraph without a label goes on with the speaker above. A time begins a segment. Emphasis, links and escapes
    become plain words, asides such as ``[laughs]`` stay. Headings, and lines that only time a break or a jingle, are
    no speech; after those, words without a label are nobody's. Raises ``FormatError`` for data without words.
    """
    check_size(path, data, _MAX_BYTES)
    bold = [_bold_name(block) for block in _blocks(decode(path, data))]
    known = {name for name, _ in bold if name}
    paragraphs = [_paragraph(name, text, known) for name, text in bold]
    return make_transcript(path, close_ends(list(_segments(paragraphs))))


def _segments(paragraphs: Iterable[_Paragraph]) -> Iterator[Segment]:
    """Yield the words with their speakers; a segment without words tells when a break ended the words above."""
    speaker: str | None = None
    coming: float | None = None  # a time that stands alone is that of the words below
    for paragraph in paragraphs:
        if paragraph.is_interlude:
            times = [start for start, _ in paragraph.parts if start is not None]
            yield from (Segment(start, None, "") for start in times)
            speaker, coming = None, times[1] if len(times) > 1 else None
            continue
        if paragraph.name is not None:
            speaker = None if is_unknown(paragraph.name) else paragraph.name
        for start, words in paragraph.parts:
            coming = coming if start is None else start
            if words:
                yield Segment(coming, None, words, speaker)
                coming = None


def _blocks(text: str) -> Iterator[str]:
    """Yield the paragraphs without the marks of quotations and lists; headings, rules and fences are left out."""
    lines: list[str] = []
    for line in [*text.split("\n"), ""]:
        words = fold(_MARKER.sub("", line, count=1))
        if _BOLD_HEADING.match(words):  # a break's label, written as a heading by mistake
            words = words.lstrip("# ")
        if words and not _HEADING.match(words):
            lines.append(words)
        elif lines:
            yield "\n".join(lines)
            lines = []


def _bold_name(block: str) -> tuple[str | None, str]:
    """Return the bold name and colon that a paragraph begins with, if it does, and its other words."""
    if bold := _BOLD.match(block):
        shown = _plain(bold[1])
        name = fold(shown.strip(":* "))
        if (bold[2] or shown.endswith(":")) and 0 < len(name) <= _NAME_LENGTH and not is_heading(name):
            return name, _plain(block[bold.end() :])
    return None, _plain(block)


def _paragraph(name: str | None, text: str, known: set[str]) -> _Paragraph:
    label = split_label(text) if name is None else None
    if label and label.name in known:  # the bold was forgotten
        name, text = label.name, label.rest
    return _Paragraph(name, list(_timed(text)))


def _timed(text: str) -> Iterator[tuple[float | None, str]]:
    """Part the words at the times among them."""
    start, at = None, 0
    for time in _TIME.finditer(text):
        yield start, fold(text[at : time.start()])
        hours, minutes, seconds, fraction = time.groups()
        start = round(int(hours or 0) * 3600 + int(minutes) * 60 + float(f"{seconds}.{fraction or 0}"), 3)
        at = time.end()
    yield start, fold(text[at:])


@cache
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark")


def _plain(text: str) -> str:
    """Return the words that inline Markdown shows; tags and pictures have none."""
    if _MARKUP.search(text) and len(text) <= _LONGEST:
        # Inline only: as blocks, "1984. It was" would be a list and an indented line a program.
        tokens = _reader().parseInline(text)[0].children or []
        text = "".join(" " if token.type in _BREAKS else token.content for token in tokens if token.type in _SHOWN)
    return fold(text)
