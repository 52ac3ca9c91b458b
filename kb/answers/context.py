"""What was said around a quote, and by whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

from ..addresses import Address
from ..catalogue import Catalogue
from ..text.sentences import split_sentences
from ..translations import Translation
from ..types import Hit, Spoken, Turn

__all__ = ["Context", "context_of", "contexts", "widened", "with_times"]

#: How far from the quote its context is looked for, in characters.
_WINDOW = 1_500


@dataclass(frozen=True, slots=True)
class Context:
    """The sentences before and after a quote, grouped by speaker, in order; and how a machine translates the passage
    that it is part of.
    """

    before: tuple[Spoken, ...] = ()
    after: tuple[Spoken, ...] = ()
    translations: tuple[Translation, ...] = ()

    @property
    def text_before(self) -> str:
        """Return the words before, without their speakers."""
        return " ".join(spoken.text for spoken in self.before)

    @property
    def text_after(self) -> str:
        """Return the words after, without their speakers."""
        return " ".join(spoken.text for spoken in self.after)


def widened(address: Address) -> Address:
    """Return the span around an address in which its context lies."""
    return address._replace(char_start=max(0, address.char_start - _WINDOW), char_end=address.char_end + _WINDOW)


def context_of(text: str, turns: Sequence[Turn], address: Address, sentences: int = 2) -> Context:
    """Return up to ``sentences`` whole sentences on either side of a span; ``turns`` are those that touch ``widened``.

    ``text`` is the whole text of the span's revision.
    """
    _, _, start, end = address
    _, _, begin, finish = widened(address)
    spans = [
        (turn, a, b)
        for turn in turns
        for a, b in split_sentences(text, max(begin, turn.char_start), min(finish, len(text), turn.char_end))
    ]
    # Sentences that the window cuts at either end are left out.
    before = [s for s in spans if s[2] <= start and (s[1] > begin or begin == 0)]
    after = [s for s in spans if s[1] >= end and s[2] < finish]
    return Context(_grouped(text, before[-sentences:]), _grouped(text, after[:sentences]))


def contexts(catalogue: Catalogue, addresses: Sequence[Address], sentences: int = 3) -> dict[Address, Context]:
    """Return what was said around each of some spans; nothing where a transcript is gone or damaged."""
    stored = catalogue.spans.revisions((address.episode_id, address.revision) for address in addresses)
    turns = catalogue.spans.turns([widened(address) for address in addresses])
    texts = {key: revision.text or "" for key, revision in stored.items()}
    return {
        address: context_of(texts.get((address.episode_id, address.revision), ""), some, address, sentences)
        for address, some in zip(addresses, turns, strict=True)
    }


def with_times(catalogue: Catalogue, hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Return hits with times from the transcripts, because older versions stored other times with passages.

    Whose words they are, turn by turn, and advertisements in them are told too.
    """
    hits = tuple(hits)
    stored = catalogue.spans.revisions((hit.chunk.episode_id, hit.chunk.revision) for hit in hits)
    places = [Address(h.chunk.episode_id, h.chunk.revision, h.chunk.char_start, h.chunk.char_end) for h in hits]
    turns = dict(zip(places, catalogue.spans.turns(places), strict=True))

    def timed(hit: Hit) -> Hit:
        chunk = hit.chunk
        known = stored.get((chunk.episode_id, chunk.revision))
        if known is None:  # removed meanwhile
            return hit
        touching = turns[Address(chunk.episode_id, chunk.revision, chunk.char_start, chunk.char_end)]
        advert = next((turn.advert for turn in touching if turn.advert is not None), None)
        when = known.timings.when(chunk.char_start, chunk.char_end)
        return replace(hit, chunk=replace(chunk, **asdict(when), advert=advert), turns=_turn_by_turn(hit, touching))

    return tuple(timed(hit) for hit in hits)


def _turn_by_turn(hit: Hit, turns: Iterable[Turn]) -> tuple[Spoken, ...]:
    first = hit.chunk.char_start
    starts = ((turn, max(turn.char_start, first)) for turn in turns)
    spoken = (Spoken(turn.speaker, hit.text[start - first : turn.char_end - first], start) for turn, start in starts)
    return tuple(each for each in spoken if each.text)


def _grouped(text: str, spans: Sequence[tuple[Turn, int, int]]) -> tuple[Spoken, ...]:
    grouped: list[tuple[Turn, int, int]] = []
    for turn, start, end in spans:
        if grouped and grouped[-1][0] == turn:
            grouped[-1] = (turn, grouped[-1][1], end)
        else:
            grouped.append((turn, start, end))
    return tuple(Spoken(turn.speaker, text[start:end], start) for turn, start, end in grouped)
