"""Punctuation where a work's own text meets the style's text, which citeproc-py does not correct.

It ignores ``punctuation-in-quote`` (README, "CSL Compatibility"), and adds a full stop after a title that ends in "?"
or "!". Both are corrected here, only at the borders: a work's text is sealed, with its closing quotation marks hidden
and its end marked, so that nothing inside it is ever changed.
"""

from __future__ import annotations

import re

__all__ = ["ITALIC", "ROMAN", "joined", "requoted", "sealed"]

#: Where italics begin and end; no cleaned text contains these, nor the other marks.
ITALIC, ROMAN = "\ue000", "\ue001"
_SEALED, _DOUBLE, _SINGLE = "\ue002", "\ue003", "\ue004"
_HIDDEN = str.maketrans({"”": _DOUBLE, "’": _SINGLE})
_SHOWN = str.maketrans({_DOUBLE: "”", _SINGLE: "’", _SEALED: None})

# No second stop after the title's own one, also behind the end of italics or a quotation mark.
_STOPPED = re.compile(rf"([.?!…][{_SINGLE}{_DOUBLE}]*{_SEALED}{ROMAN}?[”’]?)\.")
# A comma replaces a sentence's full stop, but not an abbreviation's.
_YIELDING = re.compile(rf"(\w{{5}})\.({_SEALED}”?),")


def sealed(text: str) -> str:
    """Return a work's text with the marks that the processor gets."""
    return f"{text.translate(_HIDDEN)}{_SEALED}"


def requoted(text: str, opening: str, closing: str) -> str:
    """Return a sealed text with its double quotation marks as ``opening`` and ``closing``, as inside others."""
    closing = closing.translate(_HIDDEN)
    text = re.sub(r'(?<!\w)"(?=\S)', opening, text)
    return text.replace("“", opening).replace(_DOUBLE, closing).replace('"', closing)


def joined(text: str, american: bool) -> str:
    """Return the processor's output with corrected borders; ``american`` puts stops and commas inside quotations."""
    text = _YIELDING.sub(r"\1\2,", _STOPPED.sub(r"\1", text.strip()))
    if american:
        text = re.sub(rf"([{_SINGLE}{_DOUBLE}]*)({_SEALED})”([.,])", r"\3\1\2”", text)
    return text.translate(_SHOWN)
