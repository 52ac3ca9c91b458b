"""SubRip transcripts: cues with a number, a comma before the milliseconds, and ``Name:`` for speakers."""

from __future__ import annotations

from pathlib import Path

from ingest.formats.captions import caption_transcript
from ingest.formats.cues import read_cues
from ingest.formats.encoding import decode
from kb.errors import FormatError
from kb.translatable import phrase
from kb.types import Transcript

__all__ = ["parse_srt"]


def parse_srt(path: Path, data: bytes) -> Transcript:
    """Return the transcript of a SubRip file; ``path`` only names it in messages.

    A missing number, a dot for the comma, blank lines inside a cue and a missing blank line between cues are read.
    Formatting is left out; speakers are read as in ``caption_transcript``. A cue whose times cannot be read keeps its
    words, with a remark. Raises ``FormatError`` for data that is not text and a file without readable cues.
    """
    cues, remarks = read_cues(path, decode(path, data).split("\n"), named=False)
    if not cues:
        problem = phrase(
            "The file holds no cue (a line such as %(line)s and words below it).", line="00:00:01,000 --> 00:00:04,000"
        )
        raise FormatError(path, problem, phrase("Check that it is a SubRip transcript; save plain text as .txt."))
    return caption_transcript(path, cues, remarks)
