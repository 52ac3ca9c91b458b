"""A revision's words with their times as segments, and the same revision with the times that they were given. Pure.

Segments that are made into a canonical text again may make other turns of it. Here its text and turns stay letter for
letter, and only times are taken from the segments.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from ..text.sentences import split_sentences
from ..types import Segment, Turn, Word
from .canonical import TURN_BREAK, Canonical
from .clocks import Clock, is_start_mark
from .corrections import LONGEST_TURN, correct_turn
from .timings import TimedSpan, Timings

__all__ = ["has_times", "retimed", "timed_segments", "with_marks"]

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A caption, which is one span of several words, or words after a mark, or a sentence of words with a time each, or
    none.
    """

    char_start: int
    char_end: int
    segment: Segment
    #: The span of a caption, or the mark; words have their own.
    span: TimedSpan | None = None


def timed_segments(canonical: Canonical) -> tuple[Segment, ...]:
    """Return the text in order: captions as they are timed, and sentences of timed words between them.

    Words without times of their own begin at the mark before them, as in a source that gives starts alone.
    """
    return tuple(piece.segment for piece in _pieces(canonical))


def has_times(canonical: Canonical) -> bool:
    """Return whether a segment of the text has a start, so that there is something to check."""
    return any(piece.segment.start is not None for piece in _pieces(canonical))


def retimed(canonical: Canonical, segments: Sequence[Segment]) -> Canonical:
    """Return the canonical text with the times of ``segments``: those of ``timed_segments`` with other times, which may
    be parted. Words that have no time there have none.
    """
    if [_times(each) for each in timed_segments(canonical)] == [_times(each) for each in segments]:
        return canonical
    inner = _Inner(canonical)
    spans = [span for piece, begin, part in _placed(canonical, segments) for span in inner.spans(piece, begin, part)]
    without = [span for span in canonical.timings.spans() if span not in inner.marks]
    clock = Clock.between(*(replace(canonical, timings=Timings.from_spans(some)) for some in (without, spans)))
    marks = [mark for span in inner.marks for mark in _moved_mark(canonical.text, span, clock)]
    ordered = sorted([*spans, *marks], key=lambda span: (span.char_start, span.char_end))
    turns = tuple(_retimed_turns(canonical, spans, clock))
    return Canonical(canonical.text, turns, Timings.from_spans(ordered))


def _retimed_turns(canonical: Canonical, spans: Sequence[TimedSpan], clock: Clock) -> Iterator[Turn]:
    """Yield the turns, each end as much later as the word there; a turn may begin before its first word."""
    before = canonical.timings.spans()
    first, last = ({span.char_start: span.start for span in some} for some in (before, spans))
    until, now_until = ({span.char_end: span.end for span in some} for some in (before, spans))
    for turn in canonical.turns:
        start, end = turn.start, turn.end
        if start is not None:
            place = turn.char_start
            both = place in first and place in last
            start = round(start + last[place] - first[place], 3) if both else clock.moved(start)
        if end is not None:
            place = turn.char_end
            both = place in until and place in now_until
            end = round(end + now_until[place] - until[place], 3) if both else clock.moved(end, ending=True)
        yield replace(turn, start=start, end=end)


def with_marks(canonical: Canonical, segments: Sequence[Segment]) -> Canonical:
    """Return the canonical text with the advertisements that ``segments`` (see ``retimed``) mark as turns of their own.

    A turn that is only partly an advertisement is parted; one too long to be parted stays as it is.
    """
    parts = [(begin, begin + len(part.text), part.advert) for _, begin, part in _placed(canonical, segments)]
    for number in range(len(canonical.turns) - 1, -1, -1):  # from the end, so that earlier places stay
        turn = canonical.turns[number]
        own = [part for part in parts if turn.char_start <= part[0] < turn.char_end]
        marked = [(advert, list(some)) for advert, some in groupby(own, key=lambda part: part[2])]
        if len(marked) > 1:
            if turn.char_end - turn.char_start + len(TURN_BREAK) * len(marked) > LONGEST_TURN:
                continue
            texts = [canonical.text[some[0][0] : some[-1][1]] for _, some in marked]
            canonical = correct_turn(canonical, number, TURN_BREAK.join(texts), (), 1)
        canonical = _marked(canonical, number, turn, [advert for advert, _ in marked])
    return canonical


def _marked(canonical: Canonical, first: int, was: Turn, adverts: Sequence[str | None]) -> Canonical:
    """Return the canonical text with a reason, or none, for as many turns; else they are like the one they were."""
    turns = list(canonical.turns)
    for number, advert in enumerate(adverts, first):
        turn = turns[number]
        after = None if was.carried_after is None else was.carried_after - (turn.char_start - turns[first].char_start)
        known = "carried" if after is not None and after <= 0 else was.attribution
        after = None if after is None or after >= turn.char_end - turn.char_start else max(0, after)
        turns[number] = replace(turn, attribution=known, carried_after=after, advert=advert)
    return replace(canonical, turns=tuple(turns))


def _times(segment: Segment) -> tuple[object, ...]:
    return segment.text, segment.start, segment.end, [(word.start, word.end) for word in segment.words]


def _pieces(canonical: Canonical) -> Iterator[_Piece]:
    spans = _Spans(canonical)
    for turn in canonical.turns:
        place = turn.char_start
        for span in spans.within(turn.char_start, turn.char_end):
            text = canonical.text[span.char_start : span.char_end]
            if " " in text.strip():
                yield from _sentences(canonical, spans, turn, place, span.char_start)
                segment = replace(_empty(turn), start=span.start, end=span.end, text=text)
                yield _Piece(span.char_start, span.char_end, segment, span)
                place = span.char_end
        yield from _sentences(canonical, spans, turn, place, turn.char_end)


def _sentences(canonical: Canonical, spans: _Spans, turn: Turn, start: int, end: int) -> Iterator[_Piece]:
    for first, last in split_sentences(canonical.text, start, end):
        if not spans.within(first, last) and (marks := spans.marks(first, last)):
            yield from _marked_parts(canonical.text, turn, marks, first, last)
            continue
        words = []
        for match in _WORD.finditer(canonical.text, first, last):
            own = spans.within(*match.span())
            words.append(Word(match[0], own[0].start if own else None, own[-1].end if own else None))
        begin = words[0].start if words else None
        finish = words[-1].end if words else None
        text = canonical.text[first:last]
        yield _Piece(first, last, replace(_empty(turn), start=begin, end=finish, text=text, words=tuple(words)))


def _marked_parts(text: str, turn: Turn, marks: Sequence[TimedSpan], first: int, last: int) -> Iterator[_Piece]:
    """Yield a sentence without timed words in the parts that begin at its marks."""
    places = [(mark.char_start, mark) for mark in marks]
    begins: list[tuple[int, TimedSpan | None]] = [*([(first, None)] if places[0][0] > first else []), *places]
    for (begin, mark), (following, _) in pairwise([*begins, (last, None)]):
        part = text[begin:following].rstrip()
        words = () if mark else tuple(Word(word, None, None) for word in part.split())
        segment = replace(_empty(turn), start=mark.start if mark else None, text=part, words=words)
        yield _Piece(begin, begin + len(part), segment, mark)


class _Spans:
    """The spans of a canonical text that have words, and the marks at which words begin, to be looked up by place."""

    def __init__(self, canonical: Canonical) -> None:
        spans = canonical.timings.spans()
        self._words = [span for span in spans if span.char_start < span.char_end]
        self._word_starts = [span.char_start for span in self._words]
        self._marks = [span for span in spans if is_start_mark(canonical.text, span)]
        self._mark_starts = [span.char_start for span in self._marks]

    def within(self, char_start: int, char_end: int) -> list[TimedSpan]:
        """Return the spans of words that lie wholly inside ``[char_start, char_end)``."""
        first = bisect_left(self._word_starts, char_start)
        found = self._words[first : bisect_left(self._word_starts, char_end, first)]
        return found[:-1] if found and found[-1].char_end > char_end else found

    def marks(self, char_start: int, char_end: int) -> list[TimedSpan]:
        """Return the marks at which words of ``[char_start, char_end)`` begin."""
        first = bisect_left(self._mark_starts, char_start)
        return self._marks[first : bisect_left(self._mark_starts, char_end, first)]


def _empty(turn: Turn) -> Segment:
    return Segment(None, None, "", turn.speaker, attribution=turn.attribution, advert=turn.advert)


def _placed(canonical: Canonical, segments: Sequence[Segment]) -> Iterator[tuple[_Piece, int, Segment]]:
    """Yield each segment, which may be a part of a piece, with its piece and where it begins in the text."""
    pieces = _pieces(canonical)
    piece = next(pieces, None)
    place = 0
    for part in segments:
        place = canonical.text.index(part.text, place)
        while piece is not None and piece.char_end <= place:
            piece = next(pieces, None)
        assert piece is not None
        yield piece, place, part
        place += len(part.text)


class _Inner:
    """The spans of a canonical text at the times of segments."""

    def __init__(self, canonical: Canonical) -> None:
        self._text, self._spans = canonical.text, _Spans(canonical)
        own = {piece.char_start for piece in _pieces(canonical) if piece.span is not None}
        spans = canonical.timings.spans()
        #: The marks that no segment has as its start; they move with the words around them.
        self.marks = frozenset(s for s in spans if s.char_start == s.char_end and s.char_start not in own)

    def spans(self, piece: _Piece, begin: int, part: Segment) -> Iterator[TimedSpan]:
        """Yield the spans of a part that begins at a character."""
        if piece.span is not None:
            until = begin + len(part.text)
            if part.start is not None and part.end is not None:
                yield TimedSpan(begin, until, part.start, max(part.start, part.end), piece.span.probability)
            elif part.start is not None:
                yield TimedSpan(begin, begin, part.start, part.start)
            return
        found = _WORD.finditer(self._text, begin, begin + len(part.text))
        for match, word in zip(found, part.words, strict=True):
            if word.start is None:
                continue
            own = self._spans.within(*match.span())
            for number, span in enumerate(own):
                shift = word.start - own[0].start
                last = number + 1 == len(own)
                end = word.end if last and word.end is not None else span.end + shift
                yield replace(span, start=span.start + shift, end=max(end, span.start + shift))


def _moved_mark(text: str, span: TimedSpan, clock: Clock) -> Iterator[TimedSpan]:
    time = clock.moved(span.start, ending=not is_start_mark(text, span))
    if time is not None:
        yield replace(span, start=time, end=time)
