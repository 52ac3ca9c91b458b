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
from .terms import stems

__all__ = ["Telling", "rarities", "telling"]

#: Passages without any of the question's words, added in thought when rarity is reckoned.
_UNSEEN = 50


@dataclass(frozen=True, slots=True)
class Telling:
    """What a question's words tell within one episode."""

    #: Each term's share of what tells the episode's passages apart; they add up to 1.
    shares: tuple[float, ...]
    #: The share of the question, by rarity in the whole base, that the episode says somewhere.
    known: float


def rarities(catalogue: Catalogue, query: Query) -> Mapping[str, float]:
    """Return each term's inverse document frequency (BM25's, never negative); the rarest word weighs most.

    A word that occurs nowhere weighs as much as one that occurs half a time: its absence is evidence. A small
    base is thought larger, lest a word in one of its two passages pass for a common one.
    """
    passages = catalogue.passages.count()[1] + _UNSEEN
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
    everywhere = [rarity[term] for term in query.terms]
    weights = [
        # Squared, as where both the question's and the passage's words are weighed by it (Salton and Buckley 1988).
        0.0 if term in names else _inverse(found, spoken.passages) ** 2
        for term, found in zip(query.terms, spoken.frequencies, strict=True)
    ]
    known = math.fsum(
        weight
        for term, found, weight in zip(query.terms, spoken.frequencies, everywhere, strict=True)
        if found or term in names
    )
    return Telling(_shares(weights if any(weights) else everywhere), known / (math.fsum(everywhere) or 1.0))


def _shares(weights: list[float]) -> tuple[float, ...]:
    total = math.fsum(weights) or 1.0
    return tuple(weight / total for weight in weights)


def _inverse(frequency: int, passages: int) -> float:
    return math.log(1 + (passages - frequency + 0.5) / (frequency + 0.5))
