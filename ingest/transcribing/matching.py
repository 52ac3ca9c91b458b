"""Which words of a publisher's transcript with times were heard, and when: what a check of these times rests on."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from ingest.transcribing.linking import links
from ingest.transcribing.tokens import Side
from kb.types import Segment, Word

__all__ = ["Match", "Written", "has_own_times", "written_word_starts"]

#: Words in a row that have to be heard as written: two alone occur anywhere.
_RUN = 3
#: Seconds; in a longer segment without word times, a word's time is not known.
_LONGEST = 30.0


@dataclass(frozen=True, slots=True)
class Match:
    """A word that was heard as written: its number, the publisher's start, and the start and end in the recording."""

    word: int
    written: float
    start: float
    end: float

    @property
    def shift(self) -> float:
        """Return by how many seconds the word comes later in the recording."""
        return self.start - self.written


class Written:
    """A publisher's transcript as words with the publisher's starts, to be compared with what is heard."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.segments = tuple(segments)
        #: Where the words of each segment begin among all words, and the end of all.
        self.firsts = [0, *accumulate(len(segment.text.split()) for segment in self.segments)]
        #: The publisher's start of each word, ``None`` where it is not known.
        self.starts = [start for segment in self.segments for start in written_word_starts(segment)]
        self._side = Side.of([word for segment in self.segments for word in segment.text.split()])
        timed = [start for start in self.starts if start is not None]
        #: The first and the last known start, in seconds; ``None`` without any.
        self.bounds = (min(timed), max(timed)) if timed else None
        #: Whether at least half of the words have a start; with one time per turn, few have.
        self.is_checkable = 2 * len(timed) >= len(self.starts) > 0

    def segment_of(self, word: int) -> int:
        """Return the number of the segment that a word is in."""
        return bisect_left(self.firsts, word + 1) - 1

    def matches(self, heard: Sequence[Word]) -> tuple[Match, ...]:
        """Return the words that were heard as written, in runs of at least three; ``heard`` are in order of time."""
        timed = [word for word in heard if word.start is not None and word.end is not None]
        other = Side.of([word.text.strip() for word in timed])
        found = links(self._side.tokens, other.tokens) if other.tokens else {}
        same = sorted((i, j) for i, j in found.items() if self._side.tokens[i] == other.tokens[j])
        return tuple(self._matches(same, other, timed))

    def _matches(self, same: Sequence[tuple[int, int]], other: Side, heard: Sequence[Word]) -> Iterator[Match]:
        for i, j in _in_runs(same):
            start = self.starts[self._side.owner[i]]
            # The time of a word's later part is not the time of the word.
            if start is None or self._side.share[i][0] > 0:
                continue
            word, (begin, stop) = heard[other.owner[j]], other.share[j]
            begins, length = word.start or 0.0, (word.end or 0.0) - (word.start or 0.0)
            yield Match(self._side.owner[i], start, begins + length * begin, begins + length * stop)


def written_word_starts(segment: Segment) -> list[float | None]:
    """Return the publisher's start of each word of a segment: its own, or by letters within a short segment."""
    tokens = segment.text.split()
    if has_own_times(segment):
        return [word.start for word in segment.words]
    if segment.start is None or not tokens:
        return [None] * len(tokens)
    if segment.end is None or not 0 <= segment.end - segment.start <= _LONGEST:
        return [segment.start, *[None] * (len(tokens) - 1)]
    letters = [0, *accumulate(len(token) + 1 for token in tokens)]
    rate = (segment.end - segment.start) / letters[-1]
    return [segment.start + rate * before for before in letters[:-1]]


def has_own_times(segment: Segment) -> bool:
    """Return whether each word of a segment, as spaces part them, has an entry of its own."""
    return [word.text.strip() for word in segment.words] == segment.text.split()


def _in_runs(same: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    run: list[tuple[int, int]] = []
    for before, link in pairwise([(-2, -2), *same]):
        if (before[0] + 1, before[1] + 1) != link:
            yield from run if len(run) >= _RUN else ()
            run = []
        run.append(link)
    yield from run if len(run) >= _RUN else ()
