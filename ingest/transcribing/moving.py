"""A publisher's segments at the times of the recording that is here: each word moved by its stretch's shift. Pure.

No letter changes. A segment that something was inserted into is parted there, so that its words have the times at which
they are heard; the speaker is the same, so the canonical text stays the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from ingest.transcribing.matching import Match, Written, has_own_times
from ingest.transcribing.shifts import Shift
from ingest.transcribing.tokens import SENTENCE_END
from kb.types import Segment, Word

__all__ = ["Border", "borders", "moved", "within"]


@dataclass(frozen=True, slots=True)
class Border:
    """Where the shift changes ``by`` some seconds, between two moments of the recording; ``word`` is the first after.

    With more sound than the transcript knows, ``by`` is positive and the new sound lies between the moments.
    """

    word: int
    by: float
    start: float
    end: float


def borders(written: Written, stretches: Sequence[Shift], matches: Sequence[Match]) -> tuple[Border, ...]:
    """Return where the shift changes, in order; the first may be the recording's beginning."""
    heard = {match.word: match for match in matches}
    found = []
    first = next((start for start in written.starts if start is not None), 0.0)
    if stretches and stretches[0].seconds:
        found.append(Border(0, stretches[0].seconds, 0.0, max(0.0, first + stretches[0].seconds)))
    for before, after in pairwise(stretches):
        word = _border(written, before, after)
        by = round(after.seconds - before.seconds, 3)
        start, after_it = written.starts[word], heard[after.first].start
        if by < 0:  # the words between have no time
            found.append(Border(word, by, min(heard[before.last].end, after_it), after_it))
            continue
        end = after_it if start is None or word == after.first else min(start + after.seconds, after_it)
        begin = heard[before.last].end if word == before.last + 1 or start is None else start + before.seconds
        found.append(Border(word, by, min(begin, end), end))
    return tuple(found)


def moved(
    written: Written, stretches: Sequence[Shift], matches: Sequence[Match], length: float | None = None
) -> tuple[Segment, ...]:
    """Return the segments with the times of the recording, which is ``length`` seconds long.

    Words that this recording lacks, or that come after its end, have no time. Words keep the order of their times.
    """
    shifts = _shifts(written, stretches)
    heard = {match.word: match for match in matches}
    limits = _Limits(math.inf if length is None else length)
    found: list[Segment] = []
    for number, segment in enumerate(written.segments):
        first, last = written.firsts[number], written.firsts[number + 1]
        if first == last:
            found.append(segment)
            continue
        for shift, group in groupby(range(first, last), key=lambda word: shifts[word]):
            words = list(group)
            part = _part(written, segment, first, words, heard, shift)
            found.append(limits.applied(part, shift))
    return tuple(found)


def within(segments: Sequence[Segment], length: float) -> tuple[Segment, ...]:
    """Return the segments without the times that a recording of ``length`` seconds cannot have."""
    limits = _Limits(length)
    return tuple(limits.applied(segment, 0.0) for segment in segments)


def _border(written: Written, before: Shift, after: Shift) -> int:
    """Return the first word after the change: the first that begins a segment or a sentence, as advertisements do."""
    for word in range(before.last + 1, after.first):
        number = written.segment_of(word)
        tokens = written.segments[number].text.split()
        place = word - written.firsts[number]
        if place == 0 or SENTENCE_END.search(tokens[place - 1]):
            return word
    return after.first


def _shifts(written: Written, stretches: Sequence[Shift]) -> list[float | None]:
    """Return each word's shift; ``None`` for words that are left out in the recording."""
    shifts: list[float | None] = [stretches[0].seconds] * len(written.starts)
    for before, after in pairwise(stretches):
        word = _border(written, before, after)
        shifts[word:] = [after.seconds] * (len(shifts) - word)
        if after.seconds < before.seconds:
            shifts[before.last + 1 : after.first] = [None] * (after.first - before.last - 1)
    return shifts


def _part(
    written: Written,
    segment: Segment,
    first: int,
    words: Sequence[int],
    heard: Mapping[int, Match],
    shift: float | None,
) -> Segment:
    """Return the segment, or the part of it that has only ``words``, ``shift`` seconds later."""
    tokens = segment.text.split()
    begins, ends = words[0] == first, words[-1] + 1 == first + len(tokens)
    whole = begins and ends
    text = segment.text if whole else " ".join(tokens[words[0] - first : words[-1] + 1 - first])
    own = segment.words
    if not whole:
        own = own[words[0] - first : words[-1] + 1 - first] if has_own_times(segment) else ()
    part = replace(segment, text=text, words=own, new_voice=segment.new_voice and begins)
    if shift is None:
        return replace(part, start=None, end=None, words=tuple(replace(w, start=None, end=None) for w in own))
    start, end = segment.start, segment.end
    if not begins:
        match = heard.get(words[0])
        start = match.start - shift if match else written.starts[words[0]]
    if not ends:
        match = heard.get(words[-1])
        following = written.starts[words[-1] + 1]
        end = match.end - shift if match else following
    return replace(
        part,
        start=_later(start, shift),
        end=_later(end, shift),
        words=tuple(replace(w, start=_later(w.start, shift), end=_later(w.end, shift)) for w in own),
    )


def _later(seconds: float | None, shift: float) -> float | None:
    return None if seconds is None else round(seconds + shift, 3)


class _Limits:
    """Keeps times within the recording, and behind those of the stretches before."""

    def __init__(self, length: float) -> None:
        self._length = length
        self._shift: float | None = None
        self._floor = self._latest = 0.0

    def applied(self, segment: Segment, shift: float | None) -> Segment:
        """Return the segment within the limits; ``shift`` tells which stretch it is of."""
        if shift is None:
            return segment
        if shift != self._shift:
            self._shift, self._floor = shift, self._latest
        found = replace(segment, words=tuple(self._word(word) for word in segment.words))
        start, end = self._within(segment.start, segment.end)
        self._latest = max([self._latest, *self._starts(replace(found, start=start))])
        return replace(found, start=start, end=end)

    def _word(self, word: Word) -> Word:
        start, end = self._within(word.start, word.end)
        return replace(word, start=start, end=end)

    def _within(self, start: float | None, end: float | None) -> tuple[float | None, float | None]:
        if start is not None:
            start = max(start, self._floor)
            if start >= self._length:
                return None, None
        end = None if end is None else min(max(end, self._floor, start or 0.0), self._length)
        return start, end

    @staticmethod
    def _starts(segment: Segment) -> Iterator[float]:
        yield from (start for start in (segment.start, *(w.start for w in segment.words)) if start is not None)
