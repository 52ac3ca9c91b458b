"""A stretch of a recording heard again, and where it is heard otherwise than its transcript says."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kb.errors import UsageError
from kb.timecode import clock
from kb.types import Segment, Word

from ..sound.clips import LONGEST_CLIP, cut, to_flac
from .alignment import Difference, align
from .recordings import Recogniser
from .transcription import Transcription

__all__ = ["SecondHearing", "hear_stretch"]

#: Seconds of sound on both sides that are heard too: a recogniser needs the whole of a word, and what goes before it.
AROUND = 3.0


@dataclass(frozen=True, slots=True)
class SecondHearing:
    """The sentences of a transcript that touch a stretch, and what is heard there now; times are the recording's."""

    start: float
    end: float
    #: What the transcript says, and what was heard.
    written: str
    heard: str
    #: Where the two differ: ``publisher`` is the transcript's.
    differences: tuple[Difference, ...]
    #: How many words the transcript has there, and how many of them were heard as they are written.
    words: int
    agreed: int
    engine: str
    model: str
    language: str | None
    #: What a careful reader should know about this hearing, a sentence each.
    remarks: tuple[str, ...]


def hear_stretch(
    recording: Path, transcript: Sequence[Segment], start: float, end: float, recogniser: Recogniser
) -> SecondHearing:
    """Hear the sentences of ``transcript`` that touch ``start`` to ``end`` (seconds) again, and compare.

    Raises ``UsageError`` where there are no such sentences or too many, and what ``Recogniser.hear`` raises.
    """
    asked = [segment for segment in transcript if _touches(segment, start, end)]
    if not asked:
        raise UsageError(f"The transcript has no words with times between {clock(start)} and {clock(end)}.")
    start = min(segment.start or 0.0 for segment in asked)
    end = max(segment.end or 0.0 for segment in asked)
    first, last = max(0.0, start - AROUND), end + AROUND
    if last - first > LONGEST_CLIP:
        raise UsageError(
            f"The sentences there last from {clock(start)} to {clock(end)}; "
            f"name a stretch of less than {LONGEST_CLIP / 60:.0f} minutes."
        )
    result = _heard(recording, first, last, recogniser)
    words = [word for segment in result.transcript.segments for word in segment.words]
    place = transcript.index(asked[0])
    before = _partly(transcript[:place], first, start)
    after = _partly(transcript[place + len(asked) :], end, last)
    written = " ".join(segment.text for segment in asked)
    within = range(len(before), len(before) + len(written.split()))
    near = [Segment(None, None, " ".join(before)), *asked, Segment(None, None, " ".join(after))]
    aligned = align(near, words, minimum_coverage=0.0)
    mine = [word for segment in aligned.segments for word in segment.words][within.start : within.stop]
    return SecondHearing(
        start=start,
        end=end,
        written=written,
        heard=" ".join(word.text for word in words if start <= _middle(word) <= end),
        differences=tuple(_about(within, aligned.differences))
        if aligned.refused is None
        else (Difference(written, "", start, end, "unheard"),),
        words=len(re.findall(r"\S*\w\S*", written)),
        agreed=sum(word.probability is not None for word in mine),
        engine=result.transcript.engine or "",
        model=result.transcript.model or "",
        language=result.transcript.language,
        remarks=(*result.notes, *(doubt.reason for doubt in result.doubts)),
    )


def _touches(segment: Segment, start: float, end: float) -> bool:
    return segment.start is not None and segment.end is not None and segment.start < end and segment.end > start


def _heard(recording: Path, start: float, end: float, recogniser: Recogniser) -> Transcription:
    (samples,) = cut(recording, [(start, end)])
    with tempfile.TemporaryDirectory() as folder:
        piece = Path(folder, "piece.flac")
        piece.write_bytes(to_flac(samples))
        return recogniser.hear(piece, begins=start)


def _partly(segments: Sequence[Segment], start: float, end: float) -> list[str]:
    """Return the words between two moments, as far as their times are known."""
    return [word.text for segment in segments for word in segment.words if start <= _middle(word) <= end]


def _middle(word: Word) -> float:
    return ((word.start or 0.0) + (word.end or 0.0)) / 2


def _about(within: range, differences: Sequence[Difference]) -> Iterator[Difference]:
    """Yield what differs in these words of the transcript, or between two of them."""
    for each in differences:
        words = each.publisher.split()
        first, last = max(each.position, within.start), min(each.position + len(words), within.stop)
        if first < last:
            yield replace(each, publisher=" ".join(words[first - each.position : last - each.position]))
        elif not words and within.start < each.position < within.stop:
            yield each
