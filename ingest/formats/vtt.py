"""WebVTT transcripts (https://www.w3.org/TR/webvtt1/), YouTube's rolling captions among them."""

from __future__ import annotations

from pathlib import Path

from ingest.formats.captions import caption_transcript
from ingest.formats.cues import read_cues
from ingest.formats.encoding import decode
from ingest.formats.vtt_blocks import on_one_clock, without_blocks
from kb.errors import FormatError
from kb.translatable import phrase
from kb.types import Transcript

__all__ = ["parse_vtt"]


def parse_vtt(path: Path, data: bytes) -> Transcript:
    """Return the transcript of a WebVTT file; ``path`` only names it in messages.

    Cue settings, tags, comments and styles are left out; speakers and the times of words are read as in
    ``caption_transcript``. Files that were joined are read as one. A cue whose times cannot be read keeps its words,
    with a remark. Raises ``FormatError`` for data that is not text and a file without readable cues.
    """
    lines, parts = without_blocks(decode(path, data).split("\n"))
    cues, remarks = read_cues(path, lines, named=True)
    if not cues:
        problem = phrase(
            "The file holds no cue (a line such as %(line)s and words below it).", line="00:00:01.000 --> 00:00:04.000"
        )
        raise FormatError(path, problem, phrase("Check that it is a WebVTT transcript; save plain text as .txt."))
    cues, joined = on_one_clock(cues, parts)
    return caption_transcript(path, cues, remarks + joined)
