"""From selected text to quotes: whole words, and one quote for each speaker."""

from __future__ import annotations

import unicodedata

from ..addresses import Address
from ..catalogue import Catalogue
from ..errors import NotFound, UsageError
from ..translatable import phrase
from ..types import Quote

__all__ = ["marked", "of_one_speaker", "whole_words"]

#: The longest word, in characters.
_LONGEST_WORD = 100
_JOINERS = "'’-\u200d"
# Scripts without spaces between words, where only a dictionary could find the end of a word.
_UNSPACED = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF))


def marked(catalogue: Catalogue, address: Address) -> tuple[Address, ...]:
    """Return the quotes for selected text: whole words, each quote by one speaker.

    Neighbouring turns of one known speaker make one quote; an unknown speaker may be another one in each turn. Raises
    ``NotFound`` where no words are.
    """
    episode_id, revision, start, end = address
    base = max(0, start - _LONGEST_WORD)
    text = catalogue.episodes.text(episode_id, revision, base, end + _LONGEST_WORD)
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


def whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the selection's borders without white space at the ends, extended to whole words."""
    end = min(end, len(text))
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    while 0 < start < end and _is_inside(text, start):
        start -= 1
    while start < end < len(text) and _is_inside(text, end):
        end += 1
    return start, end


def _is_inside(text: str, place: int) -> bool:
    """Return whether ``place`` is inside a word."""
    before, after = text[place - 1], text[place]
    if unicodedata.combining(after) or unicodedata.category(after) in ("Mn", "Mc", "Me"):
        return not before.isspace()
    if after in _JOINERS:
        return place + 1 < len(text) and _is_letter(before) and _is_letter(text[place + 1])
    if before in _JOINERS:
        return place > 1 and _is_letter(text[place - 2]) and _is_letter(after)
    return _is_letter(before) and _is_letter(after)


def _is_letter(letter: str) -> bool:
    """Return whether a letter or digit is one of a script that puts spaces between its words."""
    if unicodedata.category(letter) in ("Mn", "Mc", "Me"):
        return True
    unspaced = unicodedata.east_asian_width(letter) in "WF" or any(a <= ord(letter) <= b for a, b in _UNSPACED)
    return letter.isalnum() and (not unspaced or "\uac00" <= letter <= "\ud7a3")  # Korean has spaces
