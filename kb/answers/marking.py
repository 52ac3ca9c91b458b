"""From selected text to quotes: whole words, and one quote for each speaker."""

from __future__ import annotations

from ..addresses import Address
from ..catalogue import Catalogue
from ..errors import NotFound, UsageError
from ..text.whole_words import LONGEST_WORD, whole_words
from ..translatable import phrase
from ..types import Quote

__all__ = ["marked", "of_one_speaker"]


def marked(catalogue: Catalogue, address: Address) -> tuple[Address, ...]:
    """Return the quotes for selected text: whole words, each quote by one speaker.

    Neighbouring turns of one known speaker make one quote; an unknown speaker may be another one in each turn. Raises
    ``NotFound`` where no words are.
    """
    episode_id, revision, start, end = address
    base = max(0, start - LONGEST_WORD)
    text = catalogue.episodes.text(episode_id, revision, base, end + LONGEST_WORD)
    start, end = (place + base for place in whole_words(text, start - base, end - base))
    found: list[tuple[str | None, int, int]] = []
    for turn in catalogue.episodes.turns(episode_id, revision, start, end):
        first, last = max(start, turn.char_start), min(end, turn.char_end)
        if found and turn.speaker is not None and found[-1][0] == turn.speaker:
            found[-1] = (turn.speaker, found[-1][1], last)
        elif first < last:
            found.append((turn.speaker, first, last))
    if not found:
        raise NotFound(phrase("There are no words at %(address)s.", address=repr(str(address))))
    return tuple(Address(episode_id, revision, first, last) for _, first, last in found)


def of_one_speaker(catalogue: Catalogue, quote: Quote) -> Quote:
    """Return a quote if its words are one speaker's; otherwise ``UsageError`` names one quote for each speaker."""
    address = Address(quote.episode.id, quote.revision, quote.char_start, quote.char_end)
    parts = marked(catalogue, address)
    if len(parts) > 1:
        each = ", ".join(map(str, parts[:10]))
        raise UsageError(
            phrase(
                "%(quote)s holds %(count)s speakers' words; quote each by itself: %(each)s.",
                quote=repr(quote.id),
                count=str(len(parts)),
                each=each,
            )
        )
    return quote
