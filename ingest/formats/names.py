"""Names as radio prints them, in capitals and then by surname alone, -> one full name for each speaker."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

__all__ = ["full_names"]

_MOST = 100  # names looked up in the text, and places looked at for each: bounds the work on a hostile file
_FIRST_LETTER = re.compile(r"(?<![^\W\d_])(?<![^\W\d_]['’](?=[^\W\d_]\b))[^\W\d_]")


def full_names(labels: Sequence[str], text: str) -> Iterator[str]:
    """Yield the speaker's name for each printed label in order; ``text`` is all that was said.

    ``AUDIE CORNISH`` becomes ``Audie Cornish``, in the spelling of the text where that has the name (``McCammon``).
    A later ``CORNISH`` becomes ``Audie Cornish`` too, unless two speakers so far share that surname. A surname before
    its bearer is introduced stays a surname: names are read, never guessed.
    """
    spelled = _spelled(labels, text)
    bearers: dict[str, set[str]] = {}
    for label in labels:
        known = bearers.get(label.casefold(), set())
        name = next(iter(known)) if len(known) == 1 else spelled[label]
        tokens = name.split()
        for first in range(1, len(tokens)):
            bearers.setdefault(" ".join(tokens[first:]).casefold(), set()).add(name)
        yield name


def _spelled(labels: Sequence[str], text: str) -> dict[str, str]:
    """Return each distinct label as a name is spelled; one that is not all in capitals stays as it is."""
    lower = text.lower()
    comparable = len(lower) == len(text)  # not so where a letter grows in lower case: the offsets would differ
    spelled = {}
    for position, label in enumerate(dict.fromkeys(labels)):
        found = None
        if label.isupper() and comparable and position < _MOST:
            found = _in_text(label, text, lower)
        spelled[label] = found or (_capitalised(label) if label.isupper() else label)
    return spelled


def _in_text(label: str, text: str, lower: str) -> str | None:
    """Return the first spelling of the label in the text that is a name's: capitalised, but not all capitals."""
    wanted, at = label.lower(), -1
    for _ in range(_MOST):
        at = lower.find(wanted, at + 1)
        if at < 0:
            return None
        end = at + len(wanted)
        found = text[at:end]
        whole = not text[at - 1 : at].isalnum() and not text[end : end + 1].isalnum()
        if whole and not found.isupper() and not found.split()[0].islower() and not found.split()[-1].islower():
            return found
    return None


def _capitalised(label: str) -> str:
    """Return ``SEAN O'BRIEN-SMITH`` as ``Sean O'Brien-Smith`` and ``MCCAMMON`` as ``McCammon``."""
    name = _FIRST_LETTER.sub(lambda match: match[0].upper(), label.lower())
    return re.sub(r"\bMc[^\W\d_]{3,}", lambda match: f"Mc{match[0][2].upper()}{match[0][3:]}", name)
