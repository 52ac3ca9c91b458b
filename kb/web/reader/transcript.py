"""A revision's turns as HTML. The text stays whole; when each word is said stands beside it, a paragraph a list.

A paragraph's ``data-t`` lists its timed spans as ``gap,length,wait,duration``, each from where the last one ended:
UTF-16 units, which scripts count in, and hundredths of a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ...answers.cautions import carried_over
from ...answers.quoting import DOUBTFUL
from ...text.sentences import split_sentences
from ...timecode import clock
from ...transcripts.canonical import Canonical
from ...transcripts.timings import TimedSpan
from ...types import Turn
from ..ask.cards import escape

__all__ = ["Marked", "is_timed_by_word", "turns_html"]

#: A paragraph ends with the sentence that makes it longer than this, in characters.
_PARAGRAPH = 500


@dataclass(frozen=True, slots=True)
class Marked:
    """A quote to be marked in the transcript; ``number`` stands in the margin, 0 marks the addressed one."""

    number: int
    char_start: int
    char_end: int


def turns_html(canonical: Canonical, quotes: Sequence[Marked], playable: bool, editable: bool) -> Iterator[str]:
    """Yield each turn as a section with its speaker, its time and its paragraphs."""
    spans = canonical.timings.within(0, len(canonical.text))
    first = 0
    for number, turn in enumerate(canonical.turns):
        while first < len(spans) and spans[first].char_end <= turn.char_start:
            first += 1
        last = first
        while last < len(spans) and spans[last].char_start < turn.char_end:
            last += 1
        inside = [quote for quote in quotes if quote.char_start < turn.char_end and turn.char_start < quote.char_end]
        paragraphs = "".join(_paragraphs(canonical.text, turn, spans[first:last], inside))
        yield (
            f'<section class="vb-turn" id="turn-{number + 1}" data-turn="{number}"'
            f' data-speaker="{escape(turn.speaker or "")}">'
            f'<h3 class="vb-who"><span dir="auto">{escape(turn.speaker or "Unknown speaker")}</span>'
            f"{_time(turn.start, playable)}{_EDIT if editable else ''}</h3>{paragraphs}</section>"
        )
        first = last


_EDIT = '<button type="button" class="vb-tiny vb-correct">Correct<span class="vb-live"> this turn</span></button>'


def is_timed_by_word(canonical: Canonical) -> bool:
    """Return whether most timed spans are single words, so that a word's time is its own and not interpolated."""
    spans = canonical.timings.within(0, len(canonical.text))
    several = sum(" " in canonical.text[span.char_start : span.char_end] for span in spans)
    return several * 2 < len(spans)


def _time(seconds: float | None, playable: bool) -> str:
    if seconds is None:
        return ""
    if not playable:
        return f'<span class="vb-at">{clock(seconds)}</span>'
    return (
        f'<button type="button" class="vb-tiny vb-at" data-at="{seconds:.2f}" '
        f'aria-label="Play from {clock(seconds)}">{clock(seconds)}</button>'
    )


def _paragraphs(text: str, turn: Turn, spans: Sequence[TimedSpan], quotes: Sequence[Marked]) -> Iterator[str]:
    first = 0
    carried = _carried_from(turn)
    for start, end in _cut(text, turn):
        if carried is not None and end > carried:
            yield f'<p class="vb-note vb-carried">{carried_over(turn)}</p>'
            carried = None
        while first < len(spans) and spans[first].char_end <= start:
            first += 1
        inside = []
        for span in spans[first:]:
            if span.char_start >= end:
                break
            inside.append(span.within(start, end))
        here = [quote for quote in quotes if quote.char_start < end and start < quote.char_end]
        # Numbers in the margin only where a quote begins.
        begun = [str(quote.number) for quote in here if quote.number and start <= quote.char_start < end]
        margin = f'<span class="vb-margin" aria-hidden="true">{" ".join(begun)}</span>' if begun else ""
        timed = f' data-t="{_times(text, start, inside)}"' if inside else ""
        quoted = ' class="vb-has-quote"' if here else ""
        yield f'<div class="vb-par">{margin}<p dir="auto" data-c="{start}"{timed}{quoted}>'
        yield f"{_pieces(text, start, end, inside, here)}</p></div>"


def _carried_from(turn: Turn) -> int | None:
    """Return the place from which the speaker of a turn is only carried over; ``None`` where there is none."""
    known = turn.speaker is None or turn.carried_after is None
    return None if known else turn.char_start + (turn.carried_after or 0)


def _cut(text: str, turn: Turn) -> Iterator[tuple[int, int]]:
    """Yield the paragraphs of a turn: whole sentences, together a little longer than ``_PARAGRAPH``.

    One ends, too, where the speaker is only carried over from there on.
    """
    begin: int | None = None
    finish = turn.char_start
    carried = _carried_from(turn)
    for start, end in split_sentences(text, turn.char_start, turn.char_end):
        if begin is not None and carried is not None and begin < carried <= start:
            yield begin, finish
            begin = None
        begin = start if begin is None else begin
        finish = end
        if end - begin > _PARAGRAPH:
            yield begin, end
            begin = None
    if begin is not None:
        yield begin, finish


def _times(text: str, start: int, spans: Iterable[TimedSpan]) -> str:
    listed = []
    offset, moment = start, 0
    for span in spans:
        begin, finish = round(span.start * 100), round(span.end * 100)
        gap = _units(text[offset : span.char_start])
        listed.append(f"{gap},{_units(text[span.char_start : span.char_end])},{begin - moment},{finish - begin}")
        offset, moment = span.char_end, finish
    return " ".join(listed)


def _units(text: str) -> int:
    """Return the length of ``text`` as scripts count it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _pieces(text: str, start: int, end: int, spans: Iterable[TimedSpan], quotes: Sequence[Marked]) -> str:
    """Return a paragraph's words: the quotes marked, what the recogniser doubted underlined."""
    doubts = [(s.char_start, s.char_end, s.probability) for s in spans if s.probability is not None]
    doubts = [doubt for doubt in doubts if doubt[2] < DOUBTFUL]
    if not doubts and not quotes:
        return escape(text[start:end])
    cuts = {start, end, *(place for first, last, _ in doubts for place in (first, last))}
    cuts |= {place for quote in quotes for place in (quote.char_start, quote.char_end) if start < place < end}
    return "".join(_piece(text, a, b, doubts, quotes) for a, b in pairwise(sorted(cuts)))


def _piece(text: str, a: int, b: int, doubts: Sequence[tuple[int, int, float]], quotes: Sequence[Marked]) -> str:
    """Return a stretch in which nothing begins or ends."""
    piece = escape(text[a:b])
    for first, last, probability in doubts:
        if first <= a and b <= last:
            piece = f'<span class="vb-doubt" title="The recogniser gave this word {probability:.0%}">{piece}</span>'
            break
    for quote in quotes:
        if quote.char_start <= a and b <= quote.char_end:
            name = f"quote-{quote.number}" if quote.number else "quoted"
            place = f' id="{name}" tabindex="-1"' if a == quote.char_start else ""
            return f'<mark class="vb-quoted"{place}>{piece}</mark>'
    return piece
