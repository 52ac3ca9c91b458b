"""Which candidates become quotes: words that were broadcast several times become one quote. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, utils

from ..questions.spelling import sounds
from ..text.stemming import fold_word
from ..text.terms import words_of
from .quotes import Candidate

__all__ = ["Chosen", "choose"]

#: Texts this alike (per cent, by letters) may be the same words broadcast again, as two recognisers write them.
_ALIKE = 92
#: Words of so many letters may differ then; longer ones, figures and a "not" make another statement.
_SMALL = 3
_NOT = frozenset({"no", "not", "nor", "t"})  # "can't" is cut into "can" and "t"
#: Texts of one question's candidates.
_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class Chosen:
    """A candidate, and the same words elsewhere."""

    candidate: Candidate
    elsewhere: tuple[Candidate, ...] = ()


def choose(candidates: Iterable[Candidate], most: int) -> tuple[Chosen, ...]:
    """Return the first ``most`` candidates (given best first), each with those that have the same words."""
    distinct: list[tuple[Candidate, str, list[Candidate]]] = []
    for candidate in candidates:
        plain = utils.default_process(candidate.text)
        twin = next(
            (
                others
                for first, known, others in distinct
                if _alike(known, plain) and _telling(first.text) == _telling(candidate.text)
            ),
            None,
        )
        if twin is not None:
            twin.append(candidate)
        elif len(distinct) < most:
            distinct.append((candidate, plain, []))
    return tuple(Chosen(candidate, tuple(others)) for candidate, _, others in distinct)


def _alike(one: str, other: str) -> bool:
    longer = max(len(one), len(other))
    if not longer or abs(len(one) - len(other)) > 0.15 * longer:
        return False
    return fuzz.ratio(one, other, score_cutoff=_ALIKE) > 0  # it gives 0 below the cut-off


@lru_cache(_REMEMBERED)
def _telling(text: str) -> list[str]:
    """Return the words that have to be the same, by their sound."""
    words = [fold_word(word) for word in words_of(text)]
    return [
        sounds(word) or word if word.isalpha() else word
        for word in words
        if len(word) > _SMALL or word in _NOT or not word.isalpha()
    ]
