"""How alike two pieces of text sound, across the borders of words: "dodge time" is near "Georgetown". Pure.

Sound is Metaphone's (Lawrence Philips 1990), as the library ``jellyfish`` has it. Keys are compared with less weight on
sounds that recognisers confuse: voiced and unvoiced, M and N, R and L, and sounds that are easily swallowed.
"""

from __future__ import annotations

import functools
import re
import unicodedata

__all__ = ["letters", "likeness", "near", "sound_key", "spelt_alike"]

#: Letters of Metaphone's alphabet for sounds that are easily confused; 0 is "th", X "sh" and "ch".
_NEAR = ("BP", "TDJX0", "KQ", "FV", "SZX", "MN", "RL", "AEIOU")
_DOUBLE = re.compile(r"^([aeiou])\1")
_SWALLOWED = frozenset("RLHWYAEIOU")
_HALF = 0.5


def letters(text: str) -> str:
    """Return the letters of ``text`` in lower case and without accents; "" if they are not Latin ones."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss").replace("ø", "o").replace("ł", "l"))
    kept = [letter for letter in plain if letter.isalpha()]
    return "".join(kept) if all(letter.isascii() for letter in kept) else ""


@functools.lru_cache(maxsize=65_536)
def sound_key(plain: str) -> str:
    """Return Metaphone's key of ``letters(...)``."""
    import jellyfish

    # Metaphone gives "aarti" no vowel, and "arti" one.
    return str(jellyfish.metaphone(_DOUBLE.sub(r"\1", plain))).replace(" ", "")


def likeness(key: str, other: str) -> float:
    """Return how alike two keys sound, from 0 to 1."""
    if not key or not other:
        return 0.0
    row = [_swallow(other[:n]) for n in range(len(other) + 1)]
    for a in key:
        before, row[0] = row[0], row[0] + _drop(a)
        for j, b in enumerate(other, 1):
            before, row[j] = (
                row[j],
                min(row[j] + _drop(a), row[j - 1] + _drop(b), before + _change(a, b)),
            )
    return max(0.0, 1 - row[-1] / max(len(key), len(other)))


def spelt_alike(plain: str, other: str) -> float:
    """Return how alike two words are spelt, from 0 to 1."""
    from rapidfuzz.distance import OSA

    return float(OSA.normalized_similarity(plain, other))


def near(a: str, b: str) -> bool:
    """Return whether two sounds of keys are the same, or easily confused."""
    return a == b or any(a in group and b in group for group in _NEAR)


def _swallow(sounds: str) -> float:
    return sum(_drop(each) for each in sounds)


def _drop(sound: str) -> float:
    return _HALF if sound in _SWALLOWED else 1.0


def _change(a: str, b: str) -> float:
    if a == b:
        return 0.0
    return _HALF if near(a, b) else 1.0
