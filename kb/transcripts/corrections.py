"""A turn as a person corrected it: a new canonical text in which the times of unchanged words stay. Pure.

An empty line splits the turn where another speaker begins; each part can be given a speaker.
Words are aligned by the least number of changes (Levenshtein distance over words). A word that was replaced by one
word has its time; words that were replaced by another number of words become one span, within which ``Timings``
interpolates; an inserted word lies between the times of its neighbours. A mark stays before the word that followed it;
one inside a replaced run of words is dropped, since it does not apply to the new words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import accumulate, chain, zip_longest

from ..errors import UsageError
from ..text.cleaning import fold
from ..translatable import phrase
from ..types import UNKNOWN_SPEAKER, Turn
from .canonical import TURN_BREAK, Canonical
from .timings import COARSE, TimedSpan, Timings

__all__ = ["LONGEST_TURN", "TurnChange", "changes", "correct_turn", "restore_turns"]

#: Characters of a corrected turn; an hour's monologue has about 60,000.
LONGEST_TURN = 200_000

_WORD = re.compile(r"\S+")
_EMPTY_LINE = re.compile(r"\n[^\S\n]*\n")
#: Most changed turns that are shown.
_MOST_CHANGES = 200


@dataclass(frozen=True, slots=True)
class TurnChange:
    """A turn whose words differ in a revision; ``turn`` counts from 0 in the newer revision."""

    turn: int
    speaker: str | None
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class _Unit:
    """Words of the old text and the words for them in the new one; either may be empty (``start == end``)."""

    old: tuple[int, int]
    new: tuple[int, int]
    same: bool


def correct_turn(canonical: Canonical, turn: int, text: str, speakers: Sequence[str] = (), count: int = 1) -> Canonical:
    """Return the canonical text with ``text`` in place of ``count`` turns from ``turn`` on; all else stays as it is.

    Each empty line in ``text`` begins another turn. ``speakers`` names who says them, in their order, "" an unknown
    one; parts without a name get the first old turn's speaker. Raises ``UsageError`` for a turn that does not exist,
    and for words that are none or too many.
    """
    if not (turn >= 0 and count >= 1 and turn + count <= len(canonical.turns)):
        raise UsageError(
            phrase(
                "There is no turn %(turn)s; this transcript has %(turns)s.",
                turn=str(turn + count),
                turns=str(len(canonical.turns)),
            )
        )
    if len(text) > LONGEST_TURN:
        raise UsageError(
            phrase(
                "A turn of %(length)s characters is too long; %(longest)s are the most.",
                length=len(text),
                longest=LONGEST_TURN,
            )
        )
    parts = [words for part in _EMPTY_LINE.split(text.replace("\r\n", "\n")) if (words := fold(part))]
    if not parts:
        raise UsageError(phrase("The turn would be empty; write what was said in it."))
    last = canonical.turns[turn + count - 1]
    changed = replace(canonical.turns[turn], end=last.end, char_end=last.char_end)
    start, end = changed.char_start, changed.char_end
    words = TURN_BREAK.join(parts)
    old = canonical.text[start:end]
    inside = [_moved(span, -start) for span in _inside(canonical, start, end)]
    places, units = _places(parts), tuple(_units(old, words))
    realigned = _by_place(_realigned([span for span in inside if not _is_mark(span)], units), places)
    marks = _realigned_marks([span for span in inside if _is_mark(span)], units, len(words))
    timed = sorted([*chain.from_iterable(realigned), *marks], key=lambda span: (span.char_start, span.char_end))
    read_out = [part for each in canonical.turns[turn : turn + count] for part in each.reads_out(start, end)]
    read = [[part for was in read_out for part in _read_out(was, units, place)] for place in places]
    turns = tuple(
        replace(each, read_out=tuple(parts))
        for each, parts in zip(_turns(changed, places, speakers, realigned), read, strict=True)
    )
    return _spliced(canonical, turn, count, words, turns, [_moved(span, start) for span in timed])


def restore_turns(canonical: Canonical, turn: int, count: int, old: Canonical, old_turn: int, many: int) -> Canonical:
    """Return the canonical text with ``many`` turns of ``old`` in place of ``count`` of its own.

    Their words, speakers and times are those of ``old``, to the millisecond.
    """
    start, end = old.turns[old_turn].char_start, old.turns[old_turn + many - 1].char_end
    shift = canonical.turns[turn].char_start - start
    turns = tuple(_turn_moved(each, shift) for each in old.turns[old_turn : old_turn + many])
    timed = [_moved(span, shift) for span in _inside(old, start, end)]
    return _spliced(canonical, turn, count, old.text[start:end], turns, timed)


def _inside(canonical: Canonical, start: int, end: int) -> list[TimedSpan]:
    return [span for span in canonical.timings.spans() if start <= span.char_start and span.char_end <= end]


def _spliced(
    canonical: Canonical, turn: int, count: int, words: str, turns: Sequence[Turn], timed: Sequence[TimedSpan]
) -> Canonical:
    """Return the canonical text with ``words`` for some turns; ``turns`` and ``timed`` count from its beginning."""
    start, end = canonical.turns[turn].char_start, canonical.turns[turn + count - 1].char_end
    shift = len(words) - (end - start)
    spans = canonical.timings.spans()
    return Canonical(
        canonical.text[:start] + words + canonical.text[end:],
        (*canonical.turns[:turn], *turns, *(_turn_moved(each, shift) for each in canonical.turns[turn + count :])),
        Timings.from_spans(
            [
                *(span for span in spans if span.char_end <= start and span.char_start < start),
                *timed,
                *(_moved(span, shift) for span in spans if span.char_start >= end and span.char_end > end),
            ]
        ),
    )


def _turn_moved(turn: Turn, by: int) -> Turn:
    return replace(turn, char_start=turn.char_start + by, char_end=turn.char_end + by)


def changes(old: Canonical, new: Canonical) -> tuple[TurnChange, ...]:
    """Return the turns that have other words or another speaker in ``new`` than in ``old``, at most 200."""
    said, says = ([(t.speaker, c.text[t.char_start : t.char_end]) for t in c.turns] for c in (old, new))
    found: list[TurnChange] = []
    for tag, a, b, c, d in SequenceMatcher(None, said, says, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for n, (was, now) in enumerate(zip_longest(said[a:b], says[c:d], fillvalue=(None, ""))):
            # Where the words are the same, the speaker is another.
            before, after = (was[1], now[1]) if was[1] != now[1] else (_name(was[0]), _name(now[0]))
            found.append(TurnChange(min(c + n, len(says) - 1), now[0] or was[0], before, after))
    return tuple(found[:_MOST_CHANGES])


def _places(parts: Sequence[str]) -> list[tuple[int, int]]:
    """Return where each part lies among all of them."""
    ends = accumulate(len(part) + len(TURN_BREAK) for part in parts)
    return [(end - len(TURN_BREAK) - len(part), end - len(TURN_BREAK)) for part, end in zip(parts, ends, strict=True)]


def _by_place(spans: Iterable[TimedSpan], places: Sequence[tuple[int, int]]) -> list[list[TimedSpan]]:
    """Return the spans at each place; a span over several places is cut."""
    found: list[list[TimedSpan]] = [[] for _ in places]
    first = 0
    for span in spans:
        while places[first][1] <= span.char_start:
            first += 1
        for number in range(first, len(places)):
            if places[number][0] >= span.char_end:
                break
            found[number] += _cut(span, *places[number])
    return found


def _cut(span: TimedSpan, start: int, end: int) -> Iterator[TimedSpan]:
    """Yield the part of a span that lies at a place; of a long one only its own ends are known times."""
    part = span.within(start, end)
    if part == span or span.end - span.start <= COARSE:
        yield part
    elif part.char_start == span.char_start:
        yield TimedSpan(part.char_start, part.char_start, span.start, span.start)
    elif part.char_end == span.char_end:
        yield TimedSpan(part.char_end, part.char_end, span.end, span.end)


def _turns(
    changed: Turn, places: Sequence[tuple[int, int]], speakers: Sequence[str], spans: Sequence[Sequence[TimedSpan]]
) -> Iterator[Turn]:
    """Yield the new turns for ``changed``; where it was split, times come from the words there."""
    last = len(places) - 1
    for number, (start, end) in enumerate(places):
        yield Turn(
            (fold(speakers[number]) or None) if number < len(speakers) else changed.speaker,
            changed.start if number == 0 else next((s.start for s in spans[number] if s.char_start == start), None),
            changed.end if number == last else next((s.end for s in spans[number] if s.char_end == end), None),
            changed.char_start + start,
            changed.char_start + end,
            advert=changed.advert,
        )


def _read_out(was: tuple[int, int], units: Sequence[_Unit], place: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yield what stands at a place for words that are read out, from the place's beginning on."""
    start, end = place
    both = [unit.new for unit in units if was[0] < unit.old[1] and unit.old[0] < was[1]]
    new = [(max(start, a), min(end, b)) for a, b in both if max(start, a) < min(end, b)]
    if new:
        yield new[0][0] - start, new[-1][1] - start


def _name(speaker: str | None) -> str:
    return speaker or UNKNOWN_SPEAKER


def _moved(span: TimedSpan, by: int) -> TimedSpan:
    return replace(span, char_start=span.char_start + by, char_end=span.char_end + by)


def _units(old: str, new: str) -> Iterator[_Unit]:
    """Yield the new words for each word, in order: itself, another word, several, or none."""
    from rapidfuzz.distance import Levenshtein

    was, now = ([match.span() for match in _WORD.finditer(text)] for text in (old, new))
    a, b, c, d = 0, 0, 0, 0  # a run of changed words: old[a:b] stands for new[c:d]
    steps = Levenshtein.opcodes([old[s:e] for s, e in was], [new[s:e] for s, e in now])
    for step in steps:
        if step.tag != "equal":
            b, d = step.src_end, step.dest_end
            continue
        yield from _changed(was[a:b], now[c:d])
        pairs = zip(was[step.src_start : step.src_end], now[step.dest_start : step.dest_end], strict=True)
        yield from (_Unit(before, after, same=True) for before, after in pairs)
        a = b = step.src_end
        c = d = step.dest_end
    yield from _changed(was[a:b], now[c:d])


def _changed(was: Sequence[tuple[int, int]], now: Sequence[tuple[int, int]]) -> Iterator[_Unit]:
    if len(was) == len(now):
        yield from (_Unit(before, after, same=False) for before, after in zip(was, now, strict=True))
    elif was:  # inserted words alone have no time
        yield _Unit((was[0][0], was[-1][1]), (now[0][0], now[-1][1]) if now else (0, 0), same=False)


def _realigned(spans: Sequence[TimedSpan], units: Sequence[_Unit]) -> Iterator[TimedSpan]:
    """Yield the spans over the new words; those that share a replaced run of words become one."""
    first = 0
    group: list[TimedSpan] = []
    touched: list[_Unit] = []
    for span in spans:
        while first < len(units) and units[first].old[1] <= span.char_start:
            first += 1
        last = first
        while last < len(units) and units[last].old[0] < span.char_end:
            last += 1
        if touched and last > first and touched[-1] is units[first]:
            group.append(span)
            touched += units[first + 1 : last]
            continue
        yield from _joined(group, touched)
        group, touched = [span], list(units[first:last])
    yield from _joined(group, touched)


def _is_mark(span: TimedSpan) -> bool:
    return span.char_start == span.char_end


def _realigned_marks(marks: Iterable[TimedSpan], units: Sequence[_Unit], length: int) -> Iterator[TimedSpan]:
    """Yield the marks that are not inside replaced words, each before the word that follows it now."""
    first = 0
    for mark in marks:
        while first < len(units) and units[first].old[1] <= mark.char_start:
            first += 1
        if any(unit.old[0] < mark.char_start for unit in units[first : first + 1]):
            continue
        place = next((unit.new[0] for unit in units[first:] if unit.new[0] < unit.new[1]), length)
        yield TimedSpan(place, place, mark.start, mark.end)


def _joined(spans: Sequence[TimedSpan], units: Sequence[_Unit]) -> Iterator[TimedSpan]:
    """Yield one span over the new words for ``units``, if there are any; a person's words have no probability."""
    left = [unit for unit in units if unit.new[0] < unit.new[1]]
    if left:
        yield TimedSpan(
            left[0].new[0],
            left[-1].new[1],
            spans[0].start,
            spans[-1].end,
            spans[0].probability if len(spans) == 1 and all(unit.same for unit in units) else None,
        )
