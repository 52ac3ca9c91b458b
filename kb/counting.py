"""Whether a number that is said counts the things that a question asks the number of. Pure.

"How many schools use the robot?" is not answered by "a 20-page manual": the words after a number tell what it counts,
and have to be like those after "how many". What is no count at all - a price, a time of day, a version, a length of
time - is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from .evidence import NUMBER_ASKED, NUMBER_WORDS
from .matching import word_matches
from .terms import STOP_WORDS, Term, fold_word, terms, words_of

__all__ = ["counted_in", "counts"]

#: So many words after "how many", and after a number, may name what is counted.
_NAMING = 3
#: A word that is so like what is counted names it ("options" for "flags"); set on ``dev`` of ``bench/questions``.
_LIKE_ENOUGH = 0.28

#: A count with what belongs to it ("1,000 or 1,500 different"); no price, time of day, version, date or "20-page".
_COUNT = re.compile(
    rf"(?<![\d.:$€£/-])(?:\d+(?:,\d{{3}})*(?:\.\d+)?(?![\d:/]|\.\d)(?:\s?[km%])?|\b(?:{NUMBER_WORDS})\b)"
    r"(?:[\s-]+(?:or|to|and|hundred|thousand|million|billion|percent|of|the|like|maybe|probably|different|other|more|than"
    rf"|plus|some|them|something|{NUMBER_WORDS})\b)*+(?!-\w)",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(r"[.;:?!]")
_MEASURES = frozenset(
    """second seconds minute minutes hour hours day days night nights week weeks month months year years decade decades
    dollars bucks euros pounds cents am pm""".split()
)
_READ_ON = 80

Vectors = Callable[[Sequence[str]], NDArray[np.float32]]


def counted_in(question: str) -> tuple[Term, ...]:
    """Return the words that name what ``question`` asks the number of, none if it names nothing."""
    asked = NUMBER_ASKED.search(question)
    if asked is None:
        return ()
    found: list[Term] = []
    for term in terms(question[asked.end() : asked.end() + _READ_ON]):
        if fold_word(term.word) not in STOP_WORDS:
            found.append(term)
        elif found:
            break
    return tuple(found[:_NAMING])


def counts(text: str, things: Sequence[Term], vectors: Vectors) -> bool:
    """Return whether a number in ``text`` counts one of ``things``, or anything where these are none.

    A number at the end of its clause ("I think it was six or eight.") may count what was spoken of. ``vectors`` gives
    each word's unit vector, shape ``(len(words), any)``.
    """
    named = []
    for count in _COUNT.finditer(text):
        clause = _CLAUSE_END.split(text[count.end() : count.end() + _READ_ON], maxsplit=1)[0]
        after = [word for word in words_of(clause) if fold_word(word) not in STOP_WORDS][:_NAMING]
        if after and after[0].lower() in _MEASURES:
            continue
        if not after or not things:
            return True
        named.append(" ".join(after))
    return bool(named) and float(word_matches(things, named, vectors).max()) >= _LIKE_ENOUGH
