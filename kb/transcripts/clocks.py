"""Times that move with their words, from the clock of one revision of a transcript to that of another. Pure.

Where times were moved, as for an advertisement in the recording, each stretch of words moved by its own shift. A word
is found again by the text around it; what lies between two words moves as the word before it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import groupby

from ..types import Remark, Turn
from .canonical import Canonical
from .timings import COARSE, TimedSpan, Timings

__all__ = ["Clock", "is_start_mark", "moved_alike"]

_WORD = re.compile(r"\S+")
#: Seconds by which an estimated time may be off; words within a caption have no better ones.
_LOOSE = 2.5
#: Seconds by which a word may begin before the moment after which it is looked for.
_BEGINS = 0.5
#: Half a millisecond: times are stored as milliseconds.
_SAME = 0.0005


@dataclass(frozen=True, slots=True)
class _Shifted:
    """A word's time before, and by how many seconds it is later now; ``None``: its time is no longer known."""

    was: float
    by: float | None


class Clock:
    """By how much later words are in a newer text than in an older one."""

    def __init__(self, moments: Iterable[_Shifted]) -> None:
        self._moments = sorted(moments, key=lambda moment: moment.was)
        self._was = [moment.was for moment in self._moments]

    @classmethod
    def between(cls, old: Canonical, new: Canonical) -> Clock:
        """Return the clock that leads from ``old`` times to ``new`` ones; words that differ are passed over."""
        return cls(_moments(old, new))

    @property
    def is_same(self) -> bool:
        """Whether no word that is in both texts moved."""
        return all(moment.by is not None and abs(moment.by) < _SAME for moment in self._moments)

    def by(self, seconds: float, ending: bool = False) -> float | None:
        """Return by how many seconds later it is, ``None`` if that is not known; ``ending``: something ends there."""
        if not self._moments:
            return 0.0
        place = bisect_left(self._was, seconds - _SAME) if ending else bisect_right(self._was, seconds + _SAME)
        return self._moments[max(0, place - 1)].by

    def by_next(self, seconds: float) -> float | None:
        """Return by how many seconds later the next word is, ``None`` if unknown; at the end, the last one."""
        if not self._moments:
            return 0.0
        return self._moments[min(bisect_left(self._was, seconds - _BEGINS), len(self._moments) - 1)].by

    def moved(self, seconds: float | None, ending: bool = False) -> float | None:
        """Return the new time for an old one, ``None`` if that is not known."""
        by = None if seconds is None else self.by(seconds, ending)
        return None if seconds is None or by is None else max(0.0, round(seconds + by, 3))

    def moved_remark(self, remark: Remark) -> Remark:
        """Return a remark at its new place; without one where nobody knows it."""
        return replace(remark, start=self.moved(remark.start), end=self.moved(remark.end, ending=True))


def is_start_mark(text: str, span: TimedSpan) -> bool:
    """Return whether a span is a mark at which words begin; before white space, something ends."""
    place = span.char_start
    return place == span.char_end and place < len(text) and not text[place].isspace()


def moved_alike(now: Canonical, before: Canonical, after: Canonical) -> Canonical:
    """Return ``now`` with its times moved as those of ``before`` to ``after``; its words and turns stay.

    The three have the same words, but for corrections.
    """
    places = [[(turn.char_start, turn.char_end) for turn in each.turns] for each in (now, after)]
    same = (now.text, places[0]) == (after.text, places[1])
    if same and now.timings.to_bytes() == before.timings.to_bytes():
        times = zip(now.turns, after.turns, strict=True)
        turns = tuple(replace(mine, start=their.start, end=their.end) for mine, their in times)
        return Canonical(now.text, turns, after.timings)
    clock = Clock.between(before, after)
    if clock.is_same:
        return now
    known = _known(before, now)
    spans = [moved for span in now.timings.spans() for moved in _moved(now.text, span, clock, known)]
    return Canonical(now.text, tuple(_moved_turn(turn, clock) for turn in now.turns), Timings.from_spans(spans))


def _known(before: Canonical, now: Canonical) -> dict[int, float]:
    """Return the times before of the words that are in both, by where they begin now."""
    times = _Times(before)
    found = {}
    for start, end, place in _same(before, now):
        for match in _WORD.finditer(before.text, start, end):
            if (time := times.at(match.start())) is not None:
                found[match.start() - start + place] = time
    return found


def _moved_turn(turn: Turn, clock: Clock) -> Turn:
    return replace(turn, start=clock.moved(turn.start), end=clock.moved(turn.end, ending=True))


def _moved(text: str, span: TimedSpan, clock: Clock, known: Mapping[int, float]) -> Iterator[TimedSpan]:
    """Yield a span at its new time; one whose words moved apart, in parts."""
    if span.char_start == span.char_end:
        time = clock.moved(span.start, ending=not is_start_mark(text, span))
        if time is not None:
            yield replace(span, start=time, end=time)
        return
    parts: list[tuple[TimedSpan, float | None]] = []
    for match in _WORD.finditer(text, span.char_start, span.char_end):
        part = span.within(match.start(), match.end())
        # A new word within a caption goes with the word before it; the estimated times there have changed.
        is_new = parts and match.start() not in known
        by = parts[-1][1] if is_new else clock.by(known.get(match.start(), part.start))
        if parts and by is not None and (before := parts[-1][1]) is not None and abs(by - before) < _LOOSE:
            by = before  # the estimated times within a caption are no shift
        parts.append((part, by))
    for by, group in groupby(parts, key=lambda part: part[1]):
        some = [part for part, _ in group]
        if by is not None:
            whole = span.within(some[0].char_start, some[-1].char_end)
            start = max(0.0, round(whole.start + by, 3))
            yield replace(whole, start=start, end=max(start, round(whole.end + by, 3)))


def _moments(old: Canonical, new: Canonical) -> Iterator[_Shifted]:
    before, after = _Times(old), _Times(new)
    by: float | None = 0.0
    for start, end, place in _same(old, new):
        shift = place - start
        begins = {match.start() for match in _WORD.finditer(old.text, start, end)}
        begins.update(before.between(start, end))
        begins.update(each - shift for each in after.between(place, place + end - start))
        for at in sorted(begins):
            was, now = before.at(at), after.at(at + shift)
            if was is None:
                continue
            exact = before.begins(at) and after.begins(at + shift)
            if not (exact or before.begins(at) or after.begins(at + shift)) and now is not None:
                continue  # within a caption on both sides, where a correction spreads the words anew
            found = None if now is None else now - was
            if exact or found is None or by is None or abs(found - by) >= _LOOSE:
                by = found
            yield _Shifted(was, by)


class _Times:
    """When the characters of a text are said, as far as spans and the marks at which words begin tell."""

    def __init__(self, canonical: Canonical) -> None:
        text, spans = canonical.text, canonical.timings.spans()
        self._spans = [span for span in spans if span.char_start < span.char_end or is_start_mark(text, span)]
        self._starts = [span.char_start for span in self._spans]

    def between(self, char_start: int, char_end: int) -> list[int]:
        """Return the places at which spans begin."""
        return self._starts[bisect_left(self._starts, char_start) : bisect_left(self._starts, char_end)]

    def begins(self, place: int) -> bool:
        """Return whether a span begins at a place."""
        found = bisect_left(self._starts, place)
        return found < len(self._starts) and self._starts[found] == place

    def at(self, place: int) -> float | None:
        """Return when a character is said; ``None`` outside of spans, and within a long one."""
        found = bisect_right(self._starts, place) - 1
        if found < 0:
            return None
        span = self._spans[found]
        if place == span.char_start:
            return span.start
        if place >= span.char_end or span.end - span.start > COARSE:
            return None
        return span.within(place, span.char_end).start


def _same(old: Canonical, new: Canonical) -> Iterator[tuple[int, int, int]]:
    """Yield stretches that are in both texts: start and end in the old one, start in the new one."""
    if old.text == new.text:
        yield 0, len(old.text), 0
        return
    said, says = ([c.text[turn.char_start : turn.char_end] for turn in c.turns] for c in (old, new))
    for tag, a, b, c, d in SequenceMatcher(None, said, says, autojunk=False).get_opcodes():
        if tag == "equal":
            for mine, their in zip(old.turns[a:b], new.turns[c:d], strict=True):
                yield mine.char_start, mine.char_end, their.char_start
        elif tag == "replace":
            yield from _same_words(old, old.turns[a:b], new, new.turns[c:d])


def _same_words(
    old: Canonical, mine: Sequence[Turn], new: Canonical, their: Sequence[Turn]
) -> Iterator[tuple[int, int, int]]:
    from rapidfuzz.distance import Levenshtein

    was, now = (
        [match.span() for match in _WORD.finditer(c.text, turns[0].char_start, turns[-1].char_end)]
        for c, turns in ((old, mine), (new, their))
    )
    steps = Levenshtein.opcodes([old.text[s:e] for s, e in was], [new.text[s:e] for s, e in now])
    for step in steps:
        if step.tag == "equal":
            for (start, end), (place, _) in zip(
                was[step.src_start : step.src_end], now[step.dest_start : step.dest_end], strict=True
            ):
                yield start, end, place
