"""WebVTT transcripts (https://www.w3.org/TR/webvtt1/), YouTube's rolling captions among them."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from ingest.formats.canonical import make_transcript
from ingest.formats.cue_labels import label_cues
from ingest.formats.cues import read_cues
from ingest.formats.encoding import decode
from ingest.formats.rolling import without_repeats
from ingest.formats.vtt_cue import Voice, plain, voices_of
from kb.errors import FormatError
from kb.types import Segment, Transcript

__all__ = ["parse_vtt"]

_UNSPOKEN = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|$)")


def parse_vtt(path: Path, data: bytes) -> Transcript:
    """Return the transcript of a WebVTT file; ``path`` only names it in messages.

    Voice tags become speakers, inline times become ``Segment.words``, rolling lines are taken once. Cue settings,
    classes, comments and styles are left out; a tag that WebVTT does not know stays as text. Without voice tags,
    ``Name: words`` is read where it is the file's way of naming speakers.
    Raises ``FormatError`` for data that is no text, a file without cues and times that cannot be read.
    """
    lines = _without_comments(decode(path, data).split("\n"))
    cues = list(read_cues(path, lines, lambda line, after_blank: after_blank or line.strip().isdecimal()))
    if not cues:
        problem = "The file holds no cue (a line such as 00:00:01.000 --> 00:00:04.000 and words below it)."
        raise FormatError(path, problem, "Check that it is a WebVTT transcript; save plain text as .txt.")
    cues = without_repeats(cues, plain)
    voices = [voices_of(path, cue) for cue in cues]
    if any(voice.tagged for in_cue in voices for voice in in_cue):
        return make_transcript(path, _attributed([voice for in_cue in voices for voice in in_cue]))
    untagged = [
        (tuple(plain(line) for line in cue.lines), in_cue[0].segment) for cue, in_cue in zip(cues, voices, strict=True)
    ]
    return make_transcript(path, label_cues(untagged))


def _without_comments(lines: list[str]) -> list[str]:
    """Blank the comments, styles and regions, so that the numbers of the other lines stay."""
    kept: list[str] = []
    inside, after_blank = False, True
    for line in lines:
        blank = not line.strip()
        if after_blank and _UNSPOKEN.match(line):
            inside = True
        elif blank or "-->" in line:
            inside = False
        kept.append("" if inside else line)
        after_blank = blank
    return kept


def _attributed(voices: list[Voice]) -> list[Segment]:
    """Give untagged words to the voice above where the file tags a voice only when it changes.

    The Podcasting 2.0 transcript specification prescribes that. A file that closes its voices, or repeats the tag of
    one who goes on, does not follow it; there, words without a tag are nobody's.
    """
    spoken = [voice for voice in voices if voice.segment.text]
    repeats = any(a.tagged and b.tagged and a.segment.speaker == b.segment.speaker for a, b in pairwise(spoken))
    segments: list[Segment] = []
    current: str | None = None
    for voice in spoken:
        segment = voice.segment
        if voice.tagged:
            current = None if voice.closed or repeats else segment.speaker
        segments.append(segment if voice.tagged else replace(segment, speaker=current))
    return segments
