"""Names as transcripts print them, in capitals and then by surname alone, -> one full name for each speaker."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from unicodedata import normalize

__all__ = ["full_names"]

_MOST = 100  # names to look up in the text, and places to check for each: limits the work on a hostile file
_FIRST_LETTER = re.compile(r"(?<![^\W\d_])(?<![^\W\d_]['’](?=[^\W\d_]\b))[^\W\d_]")
_INITIALS = 3  # letters at most
_TITLES = frozenset(
    ["MR", "MRS", "MS", "DR", "SR", "JR", "ST", "SGT", "LT", "CPT", "COL", "GEN", "REV", "HON", "SEN", "GOV"]
)
_SMALL = frozenset(["AND", "OF", "THE", "VON", "ZU", "UND", "DOS", "DAS", "DEL", "DELLA", "BIN", "IBN"])
_VOWEL = re.compile("[AEIOUYÆŒØАЕИОУЫЭЮЯІЄΑΕΗΙΟΥΩ]")


def full_names(labels: Sequence[str], text: str) -> Iterator[str]:
    """Yield the speaker's name for each printed label in order; ``text`` is the whole speech.

    ``AUDIE CORNISH`` becomes ``Audie Cornish``, in the spelling of the text where that has the name (``McCammon``).
    A later ``CORNISH``, in capitals too, becomes ``Audie Cornish``, unless two speakers so far share that surname. A
    surname before the full name was seen stays a surname: names are read, never guessed. Initials stay capitals.
    """
    spelled = _spelled(labels, text)
    bearers: dict[str, set[str]] = {}
    for label in labels:
        known = bearers.get(label.casefold(), set()) if label.isupper() else set()
        name = next(iter(known)) if len(known) == 1 else spelled[label]
        tokens = name.split()
        for first in range(1, len(tokens) if label.isupper() else 0):
            if len(tokens[first].strip(".")) > 1 or first + 1 < len(tokens):  # "A" is not a short form of "Speaker A"
                bearers.setdefault(" ".join(tokens[first:]).casefold(), set()).add(name)
        yield name


def _spelled(labels: Sequence[str], text: str) -> dict[str, str]:
    """Return each distinct label spelled as a name: as in other labels, as in the text, or capitalised.

    Among labels in small letters, one in capitals stays: ``MIB``.
    """
    printed = set(labels)
    radio = sum(label.isupper() for label in printed) * 2 > len(printed)
    lower = text.lower()
    comparable = len(lower) == len(text)  # false if a letter becomes two in lower case: the offsets would differ
    own: dict[str, str] = {}
    for label, _ in Counter(labels).most_common():
        if not label.isupper() and not label.islower():
            own.setdefault(label.casefold(), label)
    short = {label for label in labels if label.isupper()}
    only_initials = all(len(label) <= _INITIALS for label in short) and any(map(_without_vowel, short))
    turkic = "ı" in text  # the dotless i, used only by Turkic languages
    spelled = {}
    for position, label in enumerate(dict.fromkeys(labels)):
        found = own.get(label.casefold())
        if not found and radio and label.isupper() and comparable and position < _MOST:
            found = _in_text(label, text, lower)
        if not found and radio and label.isupper() and not _are_initials(label, only_initials):
            found = _capitalised(label, turkic)
        spelled[label] = found or label
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


def _are_initials(label: str, only_initials: bool) -> bool:
    """Tell ``JD`` and ``OMS`` from ``ANN``: two letters, no vowel, or as short as all others, of which one has none."""
    if "_" in label:
        return True  # "SPEAKER_00" stays as it is, too
    if len(label) > _INITIALS or not label.isalpha() or label in _TITLES:
        return False
    return len(label) <= 2 or only_initials or _without_vowel(label)


def _capitalised(label: str, turkic: bool) -> str:
    """Return ``SEAN O'BRIEN`` as ``Sean O'Brien``, ``MCCAMMON`` as ``McCammon``, ``JD VANCE`` as ``JD Vance``."""
    name = " ".join(
        token.lower()
        if place and token in _SMALL
        else token
        if _without_vowel(token) or any(map(str.isdigit, token))
        else _cased(token, turkic)
        for place, token in enumerate(label.split())
    )
    return re.sub(r"\bMc[^\W\d_]{3,}", lambda match: f"Mc{match[0][2].upper()}{match[0][3:]}", name)


def _cased(token: str, turkic: bool) -> str:
    """Return a token in small letters but for the first of each part; a Turkic ``I`` has no dot (``Ilgın``)."""
    lower = (token.replace("I", "ı") if turkic else token).replace("İ", "i").lower()
    return _FIRST_LETTER.sub(lambda match: token[match.start()], lower) if len(lower) == len(token) else token


def _without_vowel(token: str) -> bool:
    """Tell initials that are a token of a name, and the degrees that follow one."""
    if not 1 < len(token) <= _INITIALS or not token.isalpha() or token in _TITLES:
        return False
    return _VOWEL.search(normalize("NFD", token)) is None
