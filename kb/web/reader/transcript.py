"""A revision's turns as HTML. The text stays whole; the times of its words are in a list for each paragraph.

A paragraph's ``times`` list its timed spans as ``gap,length,wait,duration``, each from where the last one ended:
UTF-16 units, as in JavaScript, and hundredths of a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ...answers.cautions import carried_over
from ...answers.quoting import DOUBTFUL
from ...text.sentences import split_sentences
from ...transcripts.canonical import Canonical
from ...transcripts.timings import TimedSpan
from ...translatable import phrase
from ...types import Turn

__all__ = ["MarkedQuote", "ShownTurn", "is_timed_by_word", "shown_turns"]

#: A paragraph ends with the sentence that makes it longer than this, in characters.
_PARAGRAPH = 500


@dataclass(frozen=True, slots=True)
class MarkedQuote:
    """A quote to mark in the transcript; ``number`` is shown in the margin, 0 marks the quote of the address."""

    number: int
    char_start: int
    char_end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words; ``place`` is the id of a quote that begins with them, ``doubt`` says why they are doubtful."""

    text: str
    doubt: str = ""
    quoted: bool = False
    place: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Some sentences; ``numbers`` are those of the quotes that begin in it, ``caution`` is shown above it."""

    char_start: int
    times: str
    pieces: Sequence[Piece]
    has_quote: bool
    numbers: str
    caution: str


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """A turn with its paragraphs; ``start`` in seconds."""

    speaker: str | None
    start: float | None
    paragraphs: Sequence[Paragraph]


def shown_turns(canonical: Canonical, spans: Sequence[TimedSpan], quotes: Sequence[MarkedQuote]) -> Iterator[ShownTurn]:
    """Yield each turn with its speaker, its time and its paragraphs; ``spans`` are all timed ones of the text."""
    first = 0
    for turn in canonical.turns:
        while first < len(spans) and spans[first].char_end <= turn.char_start:
            first += 1
        last = first
        while last < len(spans) and spans[last].char_start < turn.char_end:
            last += 1
        inside = [quote for quote in quotes if quote.char_start < turn.char_end and turn.char_start < quote.char_end]
        paragraphs = tuple(_paragraphs(canonical.text, turn, spans[first:last], inside))
        yield ShownTurn(turn.speaker, turn.start, paragraphs)
        first = last


def is_timed_by_word(text: str, spans: Sequence[TimedSpan]) -> bool:
    """Return whether most timed spans are single words, so that words have their own times, without interpolation."""
    several = sum(" " in text[span.char_start : span.char_end] for span in spans)
    return several * 2 < len(spans)


def _paragraphs(
    text: str, turn: Turn, spans: Sequence[TimedSpan], quotes: Sequence[MarkedQuote]
) -> Iterator[Paragraph]:
    first = 0
    carried = _carried_from(turn)
    for start, end in _cut(text, turn):
        caution = ""
        if carried is not None and end > carried:
            caution, carried = carried_over(turn), None
        while first < len(spans) and spans[first].char_end <= start:
            first += 1
        inside = []
        for span in spans[first:]:
            if span.char_start >= end:
                break
            inside.append(span.within(start, end))
        here = [quote for quote in quotes if quote.char_start < end and start < quote.char_end]
        # Numbers in the margin only where a quote begins.
        begun = " ".join(str(quote.number) for quote in here if quote.number and start <= quote.char_start < end)
        pieces = tuple(_pieces(text, start, end, inside, here))
        yield Paragraph(start, _times(text, start, inside), pieces, bool(here), begun, caution)


def _carried_from(turn: Turn) -> int | None:
    """Return the place from which the speaker of a turn is only carried over; ``None`` where there is none."""
    known = turn.speaker is None or turn.carried_after is None
    return None if known else turn.char_start + (turn.carried_after or 0)


def _cut(text: str, turn: Turn) -> Iterator[tuple[int, int]]:
    """Yield the paragraphs of a turn: whole sentences, together a little longer than ``_PARAGRAPH``.

    A paragraph also ends where the speaker is only carried over from there on.
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
    """Return the length of ``text`` in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _pieces(
    text: str, start: int, end: int, spans: Iterable[TimedSpan], quotes: Sequence[MarkedQuote]
) -> Iterator[Piece]:
    """Yield a paragraph's words, cut where a quote or what the recogniser doubted begins or ends."""
    doubts = [(s.char_start, s.char_end, s.probability) for s in spans if s.probability is not None]
    doubts = [doubt for doubt in doubts if doubt[2] < DOUBTFUL]
    if not doubts and not quotes:
        yield Piece(text[start:end])
        return
    cuts = {start, end, *(place for first, last, _ in doubts for place in (first, last))}
    cuts |= {place for quote in quotes for place in (quote.char_start, quote.char_end) if start < place < end}
    for a, b in pairwise(sorted(cuts)):
        given = next((probability for first, last, probability in doubts if first <= a and b <= last), None)
        share = "" if given is None else f"{given:.0%}"
        doubt = phrase("The recogniser gave this word %(share)s", share=share) if share else ""
        quote = next((quote for quote in quotes if quote.char_start <= a and b <= quote.char_end), None)
        begins = quote is not None and a == quote.char_start
        yield Piece(text[a:b], doubt, quote is not None, _name(quote) if quote and begins else "")


def _name(quote: MarkedQuote) -> str:
    return f"quote-{quote.number}" if quote.number else "quoted"
