"""Misspelt names: places of a transcript with words that sound like a name of a list. Pure.

A wrong correction is worse than none. So a place is ``sure`` only if spelling and sound both agree, and the written
word is neither an ordinary word nor a name; a person decides about the rest.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise

from ..text.sounding import letters, likeness, near, sound_key, spelt_alike
from .canonical import Canonical

__all__ = ["Expected", "Respelling", "respellings", "respelt_turns"]

#: The "s" of a genitive is not part of a name.
_WORD = re.compile(r"[^\W_]+(?:['’](?!s\b)[^\W_]+)*")
#: These end a sentence, and so a name.
_ENDS = re.compile(r"[.?!:;]\s|\n")
#: A shorter key matches too many words.
_SHORTEST_KEY = 4
#: Least similarity of key and spelling, for a proposal and for a sure place.
_LIKE, _SPELT = 0.7, 0.4
_SURE_LIKE, _SURE_SPELT = 0.9, 0.7
#: Less similar or ordinary words are proposed only if the recogniser's probability is below the second value.
_ALIKE, _UNSURE = 0.7, 0.7
#: How many words more than the name a phrase may have.
_MORE_WORDS = 2


@dataclass(frozen=True, slots=True)
class Respelling:
    """``heard`` at this place is probably ``name``; ``alike`` from 0 to 1, ``probability`` the recogniser's own."""

    char_start: int
    char_end: int
    heard: str
    name: str
    alike: float
    probability: float | None
    sure: bool


@dataclass(frozen=True, slots=True)
class Expected:
    """Expected names; ``ordinary`` are words of the language, ``known`` other names, all in lower case."""

    names: tuple[str, ...]
    ordinary: AbstractSet[str] = frozenset()
    known: AbstractSet[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Sounded:
    name: str
    plain: str
    key: str
    words: int


def respellings(canonical: Canonical, expected: Expected) -> tuple[Respelling, ...]:
    """Return the places that sound like a name but are spelt differently, in order, without overlaps."""
    names = [
        _Sounded(name, plain, key, len(_WORD.findall(name)))
        for name in expected.names
        if (plain := letters(name)) and len(key := sound_key(plain)) >= _SHORTEST_KEY
    ]
    right = {name.plain for name in names}
    found = [
        place
        for turn in canonical.turns
        for phrase in _phrases(canonical.text, turn.char_start, turn.char_end)
        for place in _in_phrase(canonical, phrase, names, right, expected)
    ]
    return tuple(sorted(_apart(found), key=lambda place: place.char_start))


def respelt_turns(canonical: Canonical, places: Sequence[Respelling]) -> dict[int, str]:
    """Return the new words of each turn that has one of these places, by the turn's number."""
    new: dict[int, str] = {}
    for number, turn in enumerate(canonical.turns):
        inside = [place for place in places if turn.char_start <= place.char_start and place.char_end <= turn.char_end]
        said = canonical.text[turn.char_start : turn.char_end]
        for place in sorted(inside, key=lambda place: -place.char_start):
            start, end = place.char_start - turn.char_start, place.char_end - turn.char_start
            said = said[:start] + place.name + said[end:]
        if inside:
            new[number] = said
    return new


def _phrases(text: str, start: int, end: int) -> Iterator[list[re.Match[str]]]:
    """Yield the words of each sentence."""
    words = list(_WORD.finditer(text, start, end))
    phrase = words[:1]
    for before, word in pairwise(words):
        if _ENDS.search(text, before.end(), word.start()):
            yield phrase
            phrase = []
        phrase.append(word)
    if phrase:
        yield phrase


def _in_phrase(
    canonical: Canonical,
    phrase: Sequence[re.Match[str]],
    names: Sequence[_Sounded],
    right: set[str],
    expected: Expected,
) -> Iterator[Respelling]:
    plain = [letters(word.group()) for word in phrase]
    # A correctly spelt name is not matched with another one.
    taken = {
        number
        for name in names
        for first in range(len(phrase) - name.words + 1)
        if "".join(plain[first : first + name.words]) == name.plain
        for number in range(first, first + name.words)
    }
    for first in range(len(phrase)):
        for last in range(first, min(first + max((n.words for n in names), default=0) + _MORE_WORDS, len(phrase))):
            if last in taken or first in taken:
                break
            written = plain[first : last + 1]
            joined = "".join(written)
            if not all(written) or joined in right:
                continue
            for name in names:
                if len(written) <= name.words + _MORE_WORDS:
                    found = _judged(canonical, (phrase[first].start(), phrase[last].end()), written, name, expected)
                    if found is not None:
                        yield found


def _judged(
    canonical: Canonical, place: tuple[int, int], written: Sequence[str], name: _Sounded, expected: Expected
) -> Respelling | None:
    joined = "".join(written)
    compared = _compared(joined, name)
    if compared is None:
        return None
    alike, spelt = compared
    strange = not all(word in expected.ordinary for word in written)
    sure = alike >= _SURE_LIKE and spelt >= _SURE_SPELT and strange and joined not in expected.known
    start, end = place
    heard = canonical.timings.probability(start, end)
    certain = heard is None or heard >= _UNSURE
    if certain and not (strange and (alike + spelt) / 2 >= _ALIKE):
        return None
    return Respelling(
        start,
        end,
        canonical.text[start:end],
        name.name,
        round((alike + spelt) / 2, 3),
        None if heard is None else round(heard, 3),
        sure,
    )


@functools.lru_cache(maxsize=262_144)
def _compared(joined: str, name: _Sounded) -> tuple[float, float] | None:
    """Return how alike two names sound and are spelt; ``None`` if they are too different to be confused."""
    if not 0.5 <= len(joined) / len(name.plain) <= 1.6:
        return None
    key = sound_key(joined)
    if not key or not (near(key[0], name.key[0]) and near(key[-1], name.key[-1])):
        return None
    spelt = spelt_alike(joined, name.plain)
    alike = likeness(key, name.key) if spelt >= _SPELT else 0.0
    return (alike, spelt) if alike >= _LIKE else None


def _apart(found: Sequence[Respelling]) -> Iterator[Respelling]:
    """Yield the best one of each group of overlapping places."""
    kept: list[Respelling] = []
    for place in sorted(found, key=lambda place: (-place.sure, -place.alike, place.char_end - place.char_start)):
        if all(place.char_end <= other.char_start or other.char_end <= place.char_start for other in kept):
            kept.append(place)
            yield place
