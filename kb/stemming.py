"""The stemmer of SQLite's full-text index, which lives inside SQLite and cannot be called.

Search reckons with the index's own terms (how rare is this word, does it occur at all), so ours must be equal letter
for letter; a test compares them. Porter (1980), "An algorithm for suffix stripping", with FTS5's departures.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

__all__ = ["fold_word", "stem"]

# The suffixes of the stemmer's steps 2 to 4, looked for in this order. Written out, for Snowball's "porter" lacks
# FTS5's "bli" and "logi" and doubles fewer consonants: "assemblies" and "trekking" would not meet the index's stems.
_STEP_2 = dict(
    pair.split(":")
    for pair in "ational:ate tional:tion enci:ence anci:ance izer:ize logi:log bli:ble alli:al entli:ent eli:e "
    "ousli:ous ization:ize ation:ate ator:ate alism:al iveness:ive fulness:ful ousness:ous aliti:al iviti:ive "
    "biliti:ble".split()
)
_STEP_3 = {"icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": ""}
_STEP_4 = "al ance ence er ic able ible ant ement ment ent ou ism ate iti ous ive ize".split()
#: Longer words (in bytes) are left alone, as in FTS5.
_LONGEST_STEMMED = 64


@lru_cache(maxsize=65_536)
def fold_word(word: str) -> str:
    """Return ``word`` in lower case without accents, as the index keeps it."""
    plain = unicodedata.normalize("NFD", word.lower())
    return "".join(c for c in plain if not unicodedata.combining(c))


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return the stem of ``word`` as SQLite's ``porter`` tokenizer makes it (Porter 1980 and two later rules)."""
    # Byte by byte, as FTS5 does: "ß" counts as two consonants.
    plain = fold_word(word).encode("utf-8", "replace").decode("latin-1")
    if 3 <= len(plain) <= _LONGEST_STEMMED:
        plain = _without_e(_without_suffix(_replaced(_replaced(_without_inflection(plain), _STEP_2), _STEP_3)))
    return plain.encode("latin-1").decode("utf-8", "replace")


def _shape(word: str) -> str:
    """Return a ``v`` for each vowel of ``word`` and a ``c`` for each consonant; ``y`` after a consonant is a vowel."""
    shape = ""
    for letter in word:
        shape += "v" if letter in "aeiou" or (letter == "y" and shape.endswith("c")) else "c"
    return shape


def _measure(word: str) -> int:
    """Return Porter's m, how often a consonant follows a vowel."""
    return _shape(word).count("vc")


def _short_ended(word: str) -> bool:
    """Return whether ``word`` ends like "hop" (Porter's ``*o``)."""
    return _shape(word).endswith("cvc") and word[-1] not in "wxy"


def _without_inflection(word: str) -> str:
    """Steps 1a to 1c: plurals, -ed and -ing, and -y."""
    if word.endswith("s") and word[-2] != "s":
        double = (word.endswith("sses") and len(word) > 4) or (word.endswith("ies") and len(word) > 3)
        word = word[: -2 if double else -1]
    if word.endswith("eed") and len(word) > 3:
        word = word[:-1] if _measure(word[:-3]) else word
    else:
        bare = next((word[: -len(end)] for end in ("ed", "ing") if word.endswith(end)), "")
        if "v" in _shape(bare):
            word = _mended(bare)
    return word[:-1] + "i" if word.endswith("y") and "v" in _shape(word[:-1]) else word


def _mended(word: str) -> str:
    """Step 1b continued: "hopp" was "hop", "fil" was "file"."""
    if word.endswith(("at", "bl", "iz")):
        return word + "e"
    if word[-2:-1] == word[-1] and word[-1] not in "aeioulsz":
        return word[:-1]
    return word + "e" if _measure(word) == 1 and _short_ended(word) else word


def _replaced(word: str, suffixes: dict[str, str]) -> str:
    """Steps 2 and 3: a double suffix becomes a single one where enough of the word is left."""
    for old, new in suffixes.items():
        if word.endswith(old) and len(word) > len(old):
            return word[: -len(old)] + new if _measure(word[: -len(old)]) else word
    return word


def _without_suffix(word: str) -> str:
    """Step 4: single suffixes go where more of the word is left."""
    if word.endswith(("sion", "tion")):
        return word[:-3] if _measure(word[:-3]) > 1 else word
    for old in _STEP_4:
        if word.endswith(old) and len(word) > len(old):
            return word[: -len(old)] if _measure(word[: -len(old)]) > 1 else word
    return word


def _without_e(word: str) -> str:
    """Step 5: a final -e and a double -l."""
    if word.endswith("e"):
        measure = _measure(word[:-1])
        if measure > 1 or (measure == 1 and not _short_ended(word[:-1])):
            word = word[:-1]
    return word[:-1] if word.endswith("ll") and _measure(word[:-1]) > 1 else word
