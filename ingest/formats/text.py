"""Plain text in the shapes that public radio prints: ``STEVE INSKEEP, HOST: words``, a paragraph for each turn."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from ingest.formats.canonical import close_ends, make_transcript
from ingest.formats.encoding import decode
from ingest.formats.labels import Label, are_labels, is_name, is_unknown, read_time, split_label
from ingest.formats.names import full_names
from kb.cleaning import fold
from kb.types import Segment, Transcript

__all__ = ["parse_text", "segments_of"]

_TIME = re.compile(r"[\[(]([0-9]{1,3}:[0-9:.,]{2,12})[\])]\s*(?:[-–—]\s)?\s*")
# What transcription services print above a turn: "Jane Doe  0:03" (Otter), with the words on the next line.
_HEADER = re.compile(r"([^:\d][^:]{0,58}?)\s+\(?([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?)\)?")
_SOUNDBITE = re.compile(r"\(SOUNDBITES? OF [^()]*\)")
_DIRECTION = re.compile(r"[(\[][^()\[\]]*[)\]][.]?")
_SENTENCE_GAP = re.compile(r"[.?!][\"'”’)]*( +)(?=\S)")


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """One printed paragraph: its words, the time before them, and the label that they may begin with."""

    text: str
    start: float | None
    label: Label | None


def parse_text(path: Path, data: bytes) -> Transcript:
    """Return the transcript of a plain text; ``path`` only names it in messages.

    Times are known only where the text has them (``[00:01:02]``). Raises ``FormatError`` for data that is no text.
    """
    return make_transcript(path, segments_of(_blocks(decode(path, data))))


def segments_of(blocks: Iterable[Sequence[str]]) -> tuple[Segment, ...]:
    """Return one segment for each paragraph, from blocks of lines (HTML and Word documents come here too).

    Labels are read where they are the text's way of naming speakers; a paragraph without one is nobody's. Stage
    directions in capitals, ``(SOUNDBITE OF MUSIC)``, are left out.
    """
    paragraphs = [found for block in blocks for found in _paragraphs(block) if not _is_direction(found.text)]
    labels = [paragraph.label for paragraph in paragraphs]
    if are_labels(labels, opening_suffices=False):
        words = " ".join(paragraph.label.rest if paragraph.label else paragraph.text for paragraph in paragraphs)
        names = full_names([label.name for label in labels if label], words)
        segments = list(_attributed(paragraphs, names))
    else:
        segments = [Segment(paragraph.start, None, paragraph.text) for paragraph in paragraphs]
    spoken = [replace(segment, text=fold(_SOUNDBITE.sub(" ", segment.text))) for segment in segments]
    return close_ends([segment for segment in spoken if segment.text])


def _attributed(paragraphs: Iterable[_Paragraph], names: Iterator[str]) -> Iterator[Segment]:
    """Yield what each label's speaker says; a label alone on its line names the speaker of the next paragraph."""
    above = Segment(None, None, "")
    for paragraph in paragraphs:
        label = paragraph.label
        if label:
            name = next(names)
            start = paragraph.start if label.start is None else label.start
            above = Segment(start, None, label.rest, None if is_unknown(label.name) else name)
            if label.rest:
                yield above
        elif above.text:
            yield Segment(paragraph.start, None, paragraph.text)
        else:
            start = above.start if paragraph.start is None else paragraph.start
            above = replace(above, start=start, text=paragraph.text)
            yield above


def _blocks(text: str) -> list[list[str]]:
    """Split at blank lines; without any, each line of prose is a paragraph of its own."""
    blocks: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip():
            blocks[-1].append(line)
        elif blocks[-1]:
            blocks.append([])
    blocks = [block for block in blocks if block]
    if len(blocks) > 1 or any(_TIME.match(line) or split_label(line) for line in blocks[0][1:]):
        return blocks
    return [[line] for line in (blocks[0] if len(blocks[0]) > 1 else _unjoined(blocks[0][0]))]


def _unjoined(line: str) -> list[str]:
    """Split a text whose paragraphs were joined into one line where a few of its sentences stand further apart.

    A typist's two spaces after every sentence say nothing; two spaces after some tell where the turns were.
    """
    gaps = list(_SENTENCE_GAP.finditer(line))
    wide = [gap for gap in gaps if len(gap[1]) > 1]
    if len(wide) * 2 > len(gaps):
        return [line]
    edges = [0, *(gap.end() for gap in wide), len(line)]
    return [line[start:end] for start, end in pairwise(edges)]


def _paragraphs(block: Sequence[str]) -> list[_Paragraph]:
    """Return the paragraphs of a block: a time or a possible label begins one, other lines go on with it."""
    begun: list[tuple[_Paragraph, list[str]]] = []
    for line in block:
        paragraph = _begun(fold(line))
        if begun and paragraph.start is None and paragraph.label is None:
            begun[-1][1].append(paragraph.text)
        else:
            begun.append((paragraph, []))
    return [_with(paragraph, more) for paragraph, more in begun]


def _begun(line: str) -> _Paragraph:
    timed = _TIME.match(line)
    start = read_time(timed[1]) if timed else None
    text = line[timed.end() :] if timed and start is not None else line
    header = _HEADER.fullmatch(text)
    if header and is_name(header[1]):
        return _Paragraph(text, start, Label(header[1], False, read_time(header[2]), ""))
    return _Paragraph(text, start, split_label(text))


def _with(paragraph: _Paragraph, more: list[str]) -> _Paragraph:
    label = paragraph.label and replace(paragraph.label, rest=fold(" ".join([paragraph.label.rest, *more])))
    return replace(paragraph, text=fold(" ".join([paragraph.text, *more])), label=label)


def _is_direction(text: str) -> bool:
    return text.isupper() and _DIRECTION.fullmatch(text) is not None
