"""Titles in the order that people expect: "Part 2" before "Part 10", whatever their capitals. Pure."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["title_key"]

_NUMBER = re.compile(r"\d+")


def title_key(title: str) -> str:
    """Return a text that sorts ``title`` among others: numbers by their value, letters without case and accents."""
    plain = "".join(mark for mark in unicodedata.normalize("NFKD", title) if not unicodedata.combining(mark))
    return _NUMBER.sub(_by_value, plain.casefold())


def _by_value(number: re.Match[str]) -> str:
    # Its length first, so that a longer number is a greater one; digits of all scripts alike.
    digits = "".join(str(int(digit)) for digit in number[0]).lstrip("0") or "0"
    return f"{len(digits):04}{digits}"
