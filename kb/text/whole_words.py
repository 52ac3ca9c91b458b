"""Where words begin and end in running text. Pure."""

from __future__ import annotations

import unicodedata

__all__ = ["LONGEST_WORD", "is_inside_word", "whole_words"]

#: The longest word, in characters.
LONGEST_WORD = 100
_JOINERS = "'’-\u200d"
# Scripts without spaces between words, where only a dictionary could find the end of a word.
_UNSPACED = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF))


def whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the selection's borders without white space at the ends, extended to whole words."""
    end = min(end, len(text))
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    while start < end and is_inside_word(text, start):
        start -= 1
    while start < end and is_inside_word(text, end):
        end += 1
    return start, end


def is_inside_word(text: str, place: int) -> bool:
    """Return whether ``place`` is inside a word, so that a quote must not begin or end there."""
    if not 0 < place < len(text):
        return False
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
