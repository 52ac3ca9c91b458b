"""SubRip transcripts: cues with a number, a comma before the milliseconds, and ``Name:`` for speakers."""

from __future__ import annotations

import re
from pathlib import Path

from ingest.formats.canonical import decode_entities, make_transcript
from ingest.formats.cue_labels import label_cues
from ingest.formats.cues import read_cues
from ingest.formats.encoding import decode
from ingest.formats.rolling import without_repeats
from kb.cleaning import fold
from kb.errors import FormatError
from kb.types import Segment, Transcript

__all__ = ["parse_srt"]

# Only what players understand; any other tag, "<script>" say, is somebody's words.
_TAG = re.compile(r"</?(?:i|b|u|s|font)(?:\s[^<>]*)?>|\{\\[^{}]*\}", re.IGNORECASE)


def parse_srt(path: Path, data: bytes) -> Transcript:
    """Return the transcript of a SubRip file; ``path`` only names it in messages.

    A missing number, a dot for the comma, blank lines inside a cue and a missing blank line between cues are read.
    Formatting is left out; ``Name: words`` gives the speaker until the next name.
    Raises ``FormatError`` for data that is no text, a file without cues and times that cannot be read.
    """
    lines = decode(path, data).split("\n")
    cues = list(read_cues(path, lines, lambda line, _after_blank: line.strip().isdecimal()))
    if not cues:
        problem = "The file holds no cue (a line such as 00:00:01,000 --> 00:00:04,000 and words below it)."
        raise FormatError(path, problem, "Check that it is a SubRip transcript; save plain text as .txt.")
    cues = without_repeats(cues, plain)  # YouTube's captions, converted
    shown = [(tuple(plain(line) for line in cue.lines), cue) for cue in cues]
    labelled = label_cues([(lines, Segment(cue.start, cue.end, fold(" ".join(lines)))) for lines, cue in shown])
    return make_transcript(path, labelled)


def plain(line: str) -> str:
    """Return the words of a line without SubRip's tags."""
    return fold(decode_entities(_TAG.sub("", line)))
