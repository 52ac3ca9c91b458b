"""Plain text as people, public radio and transcription services print it: labels, times, a paragraph for each turn."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

from ingest.formats.canonical import make_transcript
from ingest.formats.encoding import decode
from ingest.formats.marks import leading_mark
from ingest.formats.turns import segments_of
from kb.types import Segment, Transcript

__all__ = ["parse_text"]

_SENTENCE_GAP = re.compile(r"[.?!][\"'”’)]*( +)(?=\S)")


def parse_text(path: Path, data: bytes) -> Transcript:
    """Return the transcript of a plain text; ``path`` only names it in messages.

    Times are known only where the text has them (``[00:01:02]``). Raises ``FormatError`` for data that is not text.
    """
    return make_transcript(path, _segments(decode(path, data)))


def _segments(text: str) -> tuple[Segment, ...]:
    """Split at blank lines; without any, each line of prose is a paragraph of its own."""
    blocks = _with_columns(_blocks(text))
    if len(blocks) > 1:
        return segments_of(blocks)
    (block,) = blocks or [[]]
    segments = segments_of([block])
    if any(segment.speaker or segment.new_voice or segment.start is not None for segment in segments):
        return segments
    return segments_of([line] for line in (block if len(block) > 1 else _unjoined("".join(block))))


def _blocks(text: str) -> list[list[str]]:
    blocks: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip():
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _with_columns(blocks: list[list[str]]) -> list[list[str]]:
    """Return the lines with tabs in place of vertical bars, if the file separates columns with bars."""
    lines = [line for block in blocks for line in block]
    rows = sum(line.count(" | ") > 1 and any(map(_is_time, line.split(" | ", 3))) for line in lines)
    if rows < 2 or rows * 5 < len(lines) * 4:
        return blocks
    return [[line.replace(" | ", "\t", 2) for line in block] for block in blocks]


def _is_time(cell: str) -> bool:
    mark = leading_mark(cell)
    return mark is not None and not mark.rest


def _unjoined(line: str) -> list[str]:
    """Split a text whose paragraphs were joined into one line at the few wider gaps between sentences.

    Two spaces after every sentence are a typist's style; two spaces after a few mark the turns.
    """
    gaps = list(_SENTENCE_GAP.finditer(line))
    wide = [gap for gap in gaps if len(gap[1]) > 1]
    if len(wide) * 2 > len(gaps):
        return [line]
    edges = [0, *(gap.end() for gap in wide), len(line)]
    return [line[start:end] for start, end in pairwise(edges)]
