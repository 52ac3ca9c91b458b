"""Names that a question spells differently from the transcripts, or that recognisers misspell. Pure.

Only a name that occurs nowhere is respelt, and only into one that sounds the same: "Bedoia" is "Bedoya", while
"Bolton" is never "Boston".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from rapidfuzz.distance import OSA

from ..text.stemming import fold_word

__all__ = ["sound_alikes", "sounds"]

_SHORTEST = 4
#: Spellings of one sound; vowels and silent letters are dropped afterwards.
_SOUNDS = (
    ("sch", "s"), ("tch", "s"), ("sh", "s"), ("ch", "s"), ("ph", "f"), ("gh", "g"), ("ck", "k"), ("qu", "k"),
    ("x", "ks"), ("c", "k"), ("q", "k"), ("z", "s"), ("v", "f"), ("j", "y"), ("dt", "t"), ("th", "t"), ("d", "t"),
    ("b", "p"), ("g", "k"), ("w", "f"),
)  # fmt: skip
_SILENT = re.compile(r"[aeiouyh]")
_DOUBLE = re.compile(r"(.)\1+")


def sounds(word: str) -> str:
    """Return a key of the consonants that are heard in ``word``; similar consonants have the same key."""
    folded = fold_word(word)
    for spelling, sound in _SOUNDS:
        folded = folded.replace(spelling, sound)
    return _DOUBLE.sub(r"\1", folded[:1] + _SILENT.sub("", folded[1:])) if folded else ""


def sound_alikes(name: str, vocabulary: Iterable[str], likely: Collection[str] = ()) -> tuple[str, ...]:
    """Return the words of ``vocabulary`` that sound like ``name``, the nearest spelling first, and of equally near ones
    the ``likely``. Short names and names with figures have no reliable sound.
    """
    if len(name) < _SHORTEST or not name.isalpha():
        return ()
    folded, heard = fold_word(name), sounds(name)
    most = 1 if len(folded) < 6 else 2
    near = (  # compared by letters first, which is a hundred times quicker than by sound
        (distance, word)
        for word in vocabulary
        if abs(len(word) - len(folded)) <= most
        and (distance := OSA.distance(folded, fold_word(word), score_cutoff=most)) <= most
        and sounds(word) == heard
    )
    return tuple(word for _, word in sorted(near, key=lambda each: (each[0], each[1] not in likely, each[1])))
