"""The writing direction of a text, for documents that must state it."""

from __future__ import annotations

import unicodedata

__all__ = ["is_right_to_left"]


def is_right_to_left(text: str) -> bool:
    """Return whether the first letter that has a direction runs from right to left (Unicode UAX 9, rules P2 and P3)."""
    strong = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind in ("R", "AL") for kind in strong if kind in ("L", "R", "AL")), False)
