"""Transcribes a stretch of a recording again, and finds where the result differs from its transcript."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kb.errors import UsageError
from kb.text.cleaning import fold
from kb.timecode import clock
from kb.translatable import phrase
from kb.types import Segment, Word

from ..sound.clips import LONGEST_CLIP, cut
from .alignment import Difference, align
from .recordings import Recogniser
from .transcription import Transcription

__all__ = ["AROUND", "Excerpt", "SecondHearing", "excerpt_at", "hear_excerpts"]

#: Seconds of sound on both sides: a recogniser needs whole words, and the words before.
AROUND = 3.0


@dataclass(frozen=True, slots=True)
class SecondHearing:
    """The sentences of a transcript that overlap a stretch, and the new result; times are the recording's."""

    start: float
    end: float
    #: The transcript's words, and the new ones.
    written: str
    heard: str
    #: The differences: ``publisher`` is the transcript's side.
    differences: tuple[Difference, ...]
    #: The number of the transcript's words there, and how many of them were recognised as written.
    words: int
    agreed: int
    engine: str
    model: str
    language: str | None
    #: Remarks on this result, a sentence each.
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Words of a transcript to transcribe again, and the words around them in the same sound."""

    start: float
    end: float
    segments: tuple[Segment, ...]
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.last - self.first > LONGEST_CLIP:
            raise UsageError(
                phrase(
                    "The sentences there last from %(start)s to %(end)s; name a stretch of less than "
                    "%(minutes)s minutes.",
                    start=clock(self.start),
                    end=clock(self.end),
                    minutes=format(LONGEST_CLIP / 60, ".0f"),
                )
            )

    @property
    def written(self) -> str:
        """Return the words."""
        return " ".join(segment.text for segment in self.segments)

    @property
    def first(self) -> float:
        """Return the second at which its sound begins."""
        return max(0.0, self.start - AROUND)

    @property
    def last(self) -> float:
        """Return the second at which its sound ends."""
        return self.end + AROUND


def excerpt_at(transcript: Sequence[Segment], start: float, end: float) -> Excerpt:
    """Return the sentences of ``transcript`` that overlap ``start`` to ``end`` (seconds).

    Raises ``UsageError`` where there are no such sentences or too many.
    """
    asked = [segment for segment in transcript if _touches(segment, start, end)]
    if not asked:
        raise UsageError(
            phrase(
                "The transcript has no words with times between %(start)s and %(end)s.",
                start=clock(start),
                end=clock(end),
            )
        )
    start = min(segment.start or 0.0 for segment in asked)
    end = max(segment.end or 0.0 for segment in asked)
    alone = Excerpt(start, end, tuple(asked))
    place = transcript.index(asked[0])
    before = _partly(transcript[:place], alone.first, start)
    after = _partly(transcript[place + len(asked) :], end, alone.last)
    return replace(alone, before=tuple(before), after=tuple(after))


def hear_excerpts(
    recording: Path, excerpts: Sequence[Excerpt], recogniser: Recogniser
) -> Iterator[tuple[Excerpt, SecondHearing]]:
    """Yield the new result for each excerpt; one pass over the recording serves a quarter of an hour of excerpts.

    Raises what ``Recogniser.hear`` raises.
    """
    for group in _groups(excerpts):
        pieces = cut(recording, [(excerpt.first, excerpt.last) for excerpt in group])
        for excerpt, samples in zip(group, pieces, strict=True):
            yield excerpt, _compared(excerpt, recogniser.hear_piece(samples, excerpt.first))


def _groups(excerpts: Sequence[Excerpt]) -> Iterator[list[Excerpt]]:
    """Yield groups of excerpts that are together at most as long as the longest allowed one."""
    group: list[Excerpt] = []
    seconds = 0.0
    for excerpt in excerpts:
        length = excerpt.last - excerpt.first
        if group and seconds + length > LONGEST_CLIP:
            yield group
            group, seconds = [], 0.0
        group.append(excerpt)
        seconds += length
    if group:
        yield group


def _compared(excerpt: Excerpt, result: Transcription) -> SecondHearing:
    start, end, written = excerpt.start, excerpt.end, excerpt.written
    words = [word for segment in result.transcript.segments for word in segment.words]
    within = range(len(excerpt.before), len(excerpt.before) + len(written.split()))
    before, after = (Segment(None, None, " ".join(around)) for around in (excerpt.before, excerpt.after))
    aligned = align([before, *excerpt.segments, after], words, minimum_coverage=0.0)
    mine = [word for segment in aligned.segments for word in segment.words][within.start : within.stop]
    return SecondHearing(
        start=start,
        end=end,
        written=written,
        heard=fold(" ".join(word.text for word in words if start <= _middle(word) <= end)),
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


def _partly(segments: Sequence[Segment], start: float, end: float) -> list[str]:
    """Return the words with known times between two moments."""
    return [word.text for segment in segments for word in segment.words if start <= _middle(word) <= end]


def _middle(word: Word) -> float:
    return ((word.start or 0.0) + (word.end or 0.0)) / 2


def _about(within: range, differences: Sequence[Difference]) -> Iterator[Difference]:
    """Yield the differences in these words of the transcript, or between two of them."""
    for each in differences:
        words = each.publisher.split()
        first, last = max(each.position, within.start), min(each.position + len(words), within.stop)
        if first < last:
            yield replace(
                each, publisher=" ".join(words[first - each.position : last - each.position]), heard=fold(each.heard)
            )
        elif not words and within.start < each.position < within.stop:
            yield each
