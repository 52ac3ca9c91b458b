"""Texts as documents may hold them: every visible character, and none that a format or a reader could stumble over."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["is_right_to_left", "readable"]

# Marks that turn writing round unseen, the byte order mark, and what is no character at all.
_UNSEEN = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff\ufdd0-\ufdef\ufffe\uffff]")
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def readable(text: str) -> str:
    """Return ``text`` with plain line breaks, without control characters and marks that turn writing round unseen."""
    plain = _UNSEEN.sub("", _BREAKS.sub("\n", text))
    return "".join(c for c in plain if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs"))


def is_right_to_left(text: str) -> bool:
    """Return whether the first letter that has a direction runs from right to left (Unicode UAX 9, rules P2 and P3)."""
    strong = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind in ("R", "AL") for kind in strong if kind in ("L", "R", "AL")), False)
