"""How telling each word of a question is, by how few passages have it: of all passages, and of one episode's.

The word that finds an episode does not find the passage in it. In a talk with its author every second passage says
"curl", and one says "flags"; by rarity in the whole base "curl" would drown it. So an episode's passages are told apart
by how rare a word is among them, as sentences are by inverse sentence frequency (Allan, Wade and Bolivar, SIGIR 2003).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .catalogue import Catalogue, SpokenWords
from .questions import Query
from .quotes import shares_of
from .terms import stems

__all__ = ["Telling", "rarities", "telling"]

#: Passages without any of the question's words, added in thought, lest a word in one of a short episode's two passages
#: pass for a common one.
_UNSEEN = 50
#: In an episode of so many passages, half may be about what no word of it says.
_BRIEF = 10


@dataclass(frozen=True, slots=True)
class Telling:
    """What a question's words tell within one episode."""

    #: Each term's share of what tells the episode's passages apart; they add up to 1.
    shares: tuple[float, ...]
    #: 1 for each term that the episode says somewhere, or that names who speaks in it; where it is silent, the less the
    #: longer it is.
    heard: tuple[float, ...]


def rarities(catalogue: Catalogue, query: Query) -> Mapping[str, float]:
    """Return each term's inverse document frequency (BM25's, never negative); the rarest word weighs most.

    A word that occurs nowhere weighs as much as one that occurs half a time: its absence is evidence.
    """
    passages = catalogue.passages.count()[1]
    frequencies = catalogue.passages.document_frequency(query.terms)
    return {term: _inverse(frequencies.get(term, 0), passages) for term in query.terms}


def telling(
    catalogue: Catalogue, query: Query, rarity: Mapping[str, float], episodes: Iterable[str]
) -> Mapping[str, Telling]:
    """Return what the question's words tell within each of these episodes; ``rarity`` is the whole base's."""
    spoken = catalogue.passages.within(episodes, query.terms)
    return {episode_id: _telling(query, rarity, words) for episode_id, words in spoken.items()}


def _telling(query: Query, rarity: Mapping[str, float], spoken: SpokenWords) -> Telling:
    # Whoever is asked about by name speaks here, or is spoken to: the name is everywhere and tells nothing.
    names = frozenset[str]().union(*map(stems, spoken.speakers))
    weights = [
        # Squared, as where both the question's and the passage's words are weighed by it (Salton and Buckley 1988).
        0.0 if term in names else _inverse(found, spoken.passages) ** 2
        for term, found in zip(query.terms, spoken.frequencies, strict=True)
    ]
    silent = _BRIEF / (_BRIEF + spoken.passages)
    heard = tuple(
        1.0 if found or term in names else silent for term, found in zip(query.terms, spoken.frequencies, strict=True)
    )
    # A question of nothing but names is left with what these tell in the whole base.
    return Telling(shares_of(weights if any(weights) else [rarity[term] for term in query.terms]), heard)


def _inverse(frequency: int, passages: int) -> float:
    return math.log(1 + (passages + _UNSEEN - frequency + 0.5) / (frequency + 0.5))
