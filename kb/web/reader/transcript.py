"""A revision's turns as HTML. The text stays whole; the times of its words are in a list for each paragraph.

A paragraph's ``times`` list its timed spans as ``gap,length,wait,duration``, each from where the last one ended:
UTF-16 units, as in JavaScript, and hundredths of a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from ...answers.cautions import carried_over
from ...answers.quoting import DOUBTFUL
from ...text.adverts import as_advert
from ...transcripts.canonical import Canonical
from ...transcripts.paragraphs import carried_from, cut_turn
from ...transcripts.timings import TimedSpan
from ...translatable import phrase
from ...translations import Translation
from ...types import Remark, Turn

__all__ = ["MarkedQuote", "ShownTurn", "is_timed_by_word", "shown_turns"]

#: Seconds by which the words after an inserted stretch may begin before its end.
_EXACT = 0.3


@dataclass(frozen=True, slots=True)
class MarkedQuote:
    """A quote to mark in the transcript; ``number`` is shown in the margin, 0 marks the quote of the address."""

    number: int
    char_start: int
    char_end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words; ``place`` is the id of a quote that begins with them, ``doubt`` says why they are doubtful.

    ``read_out``: they are somebody else's text, which the speaker reads out.
    """

    text: str
    doubt: str = ""
    quoted: bool = False
    place: str = ""
    read_out: bool = False


@dataclass(frozen=True, slots=True)
class ShownParagraph:
    """Some sentences; ``numbers`` are those of the quotes that begin in it, ``caution`` is shown above it.

    ``inserted`` are the stretches of the recording before it that the transcript lacks; the machine ``translation`` is
    shown below it.
    """

    char_start: int
    times: str
    pieces: Sequence[Piece]
    has_quote: bool
    numbers: str
    caution: str
    inserted: Sequence[Remark] = ()
    translation: Translation | None = None
    #: Whether words are read out here for the first time in the turn.
    begins_reading: bool = False


@dataclass(frozen=True, slots=True)
class ShownTurn:
    """A turn with its paragraphs; ``start`` in seconds."""

    speaker: str | None
    start: float | None
    paragraphs: Sequence[ShownParagraph]
    #: Why it is an advertisement; ``None``: it is none.
    advert: str | None = None


def shown_turns(
    canonical: Canonical,
    spans: Sequence[TimedSpan],
    quotes: Sequence[MarkedQuote],
    inserted: Sequence[Remark] = (),
    translations: Sequence[Translation] = (),
) -> Iterator[ShownTurn]:
    """Yield each turn with its speaker, its time and its paragraphs; ``spans`` are all timed ones of the text.

    ``inserted`` are the remarks on what only this recording has, in order; each is shown before the words after it.
    """
    beside = {each.paragraph.char_start: each for each in translations}
    first = 0
    places = _inserted_places(spans, inserted)
    for turn in canonical.turns:
        while first < len(spans) and spans[first].char_end <= turn.char_start:
            first += 1
        last = first
        while last < len(spans) and spans[last].char_start < turn.char_end:
            last += 1
        inside = [quote for quote in quotes if quote.char_start < turn.char_end and turn.char_start < quote.char_end]
        here = [(place, remark) for place, remark in places if turn.char_start <= place < turn.char_end]
        paragraphs = tuple(_paragraphs(canonical.text, turn, spans[first:last], inside, here, beside))
        yield ShownTurn(turn.speaker, turn.start, paragraphs, as_advert(turn.advert) if turn.advert else None)
        first = last


def _inserted_places(spans: Sequence[TimedSpan], inserted: Sequence[Remark]) -> list[tuple[int, Remark]]:
    """Return for each inserted stretch where the first words after it begin; what no words follow is left out."""
    found = []
    for remark in inserted:
        after = next((span for span in spans if span.start >= (remark.end or 0.0) - _EXACT), None)
        if after is not None:
            found.append((after.char_start, remark))
    return found


def is_timed_by_word(text: str, spans: Sequence[TimedSpan]) -> bool:
    """Return whether most timed spans are single words, so that words have their own times, without interpolation."""
    several = sum(" " in text[span.char_start : span.char_end] for span in spans)
    return several * 2 < len(spans)


def _paragraphs(
    text: str,
    turn: Turn,
    spans: Sequence[TimedSpan],
    quotes: Sequence[MarkedQuote],
    inserted: Sequence[tuple[int, Remark]],
    translations: Mapping[int, Translation],
) -> Iterator[ShownParagraph]:
    first = 0
    carried = carried_from(turn)
    waiting = list(inserted)
    has_read = False
    for start, end in cut_turn(text, turn, [place for place, _ in inserted]):
        before = [remark for place, remark in waiting if place <= start]
        waiting = [each for each in waiting if each[0] > start]
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
        read_out = [(start + first, start + last) for first, last in turn.reads_out(start, end)]
        pieces = tuple(_pieces(text, start, end, inside, here, read_out))
        times = _times(text, start, inside)
        beside = before, translations.get(start)
        yield ShownParagraph(start, times, pieces, bool(here), begun, caution, *beside, bool(read_out and not has_read))
        has_read = has_read or bool(read_out)


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
    text: str,
    start: int,
    end: int,
    spans: Iterable[TimedSpan],
    quotes: Sequence[MarkedQuote],
    read_out: Sequence[tuple[int, int]],
) -> Iterator[Piece]:
    """Yield a paragraph's words, cut where a quote, what is read out or what the recogniser doubted begins or ends."""
    doubts = [(s.char_start, s.char_end, s.probability) for s in spans if s.probability is not None]
    doubts = [doubt for doubt in doubts if doubt[2] < DOUBTFUL]
    if not doubts and not quotes and not read_out:
        yield Piece(text[start:end])
        return
    cuts = {start, end, *(place for first, last, _ in doubts for place in (first, last)), *chain(*read_out)}
    cuts |= {place for quote in quotes for place in (quote.char_start, quote.char_end) if start < place < end}
    for a, b in pairwise(sorted(cuts)):
        given = next((probability for first, last, probability in doubts if first <= a and b <= last), None)
        share = "" if given is None else f"{given:.0%}"
        doubt = phrase("The recogniser gave this word %(share)s", share=share) if share else ""
        quote = next((quote for quote in quotes if quote.char_start <= a and b <= quote.char_end), None)
        begins = quote is not None and a == quote.char_start
        is_read = any(first <= a and b <= last for first, last in read_out)
        yield Piece(text[a:b], doubt, quote is not None, _name(quote) if quote and begins else "", is_read)


def _name(quote: MarkedQuote) -> str:
    return f"quote-{quote.number}" if quote.number else "quoted"
