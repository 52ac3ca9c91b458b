"""From the features of sentences to the quotes of an answer, each with a probability. Pure: no storage, no model.

A quote is the sentence that answers, with neighbours of the same turn that answer nearly as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..addresses import Address
from ..embedding import Reading
from ..questions.query import Query
from ..retrieval.passages import Passage
from ..types import Episode
from .signs import ANSWER_SIGNS, SENTENCE_SIGNS, answer_signs, sentence_signs
from .weights import Weights

__all__ = ["Candidate", "candidates"]

#: A neighbour joins a quote if its score is at most this much below the best sentence's; most sentences of a quote.
_NEARLY, _MOST_SENTENCES = 1.5, 3
#: Most sentences that are considered; enough for the most quotes that may be asked for.
_DEPTH = 200
_UNNAMED = SENTENCE_SIGNS.index("unnamed")


@dataclass(frozen=True, slots=True)
class Candidate:
    """Whole sentences of one speaker, out of one passage."""

    passage: Passage
    char_start: int
    char_end: int
    speaker: str | None
    #: The probability that the quote answers, in 0..1, and the features that it is computed from.
    probability: float = 0.0
    signs: NDArray[np.float64] = field(default_factory=lambda: np.zeros(len(ANSWER_SIGNS)), compare=False, repr=False)

    @property
    def episode(self) -> Episode:
        """The episode that it is of."""
        return self.passage.hit.episode

    @property
    def address(self) -> Address:
        """Where it stands."""
        chunk = self.passage.hit.chunk
        return Address(chunk.episode_id, chunk.revision, self.char_start, self.char_end)

    @property
    def text(self) -> str:
        """Its words, as they were searched."""
        return self.passage.words(self.char_start, self.char_end)


def candidates(
    query: Query,
    passages: Sequence[Passage],
    readings: Sequence[Reading],
    weights: Weights,
    speakers: frozenset[str] = frozenset(),
    ads: bool = False,
) -> list[Candidate]:
    """Return what could be quoted, best first, none overlapping another; of ``speakers`` (casefolded) if given.

    Advertisements are quoted only with ``ads``.
    """
    known = sentence_signs(query, passages, readings)
    scores = [(signs @ weights.sentence).tolist() for signs in known]
    ordered = sorted(
        (-score, number, index)
        for number, (passage, some) in enumerate(zip(passages, scores, strict=True))
        for index, score in enumerate(some)
        if ads or not passage.sentences[index].is_advert
        if not speakers or (passage.sentences[index].speaker or "").casefold() in speakers
    )[:_DEPTH]
    if not ordered:
        return []
    every = float(np.logaddexp.reduce([score for some in scores for score in some]))
    # One lead for the whole answer: passages that say the same must not lower each other's probability.
    others = (-score for score, number, _ in ordered if number != ordered[0][1])
    top = -ordered[0][0]
    lead = top - next(others, top)  # a passage that is alone has no lead
    found: list[Candidate] = []
    taken: set[tuple[int, int]] = set()
    for negative, number, index in ordered:
        if (number, index) in taken:
            continue
        first, last = _grown(passages[number], scores[number], index, {i for n, i in taken if n == number})
        taken.update((number, i) for i in range(first, last + 1))
        sentences = passages[number].sentences
        start, end = sentences[first].char_start, sentences[last].char_end
        quoted = passages[number].words(start, end)
        ranks = -negative, lead - (top + negative), -negative - every
        unnamed = float(known[number][index, _UNNAMED])
        signs = answer_signs(query, quoted, ranks, readings[number].logits, index, unnamed)
        probability = weights.probability(signs)
        found.append(Candidate(passages[number], start, end, sentences[index].speaker, probability, signs))
    return sorted(found, key=lambda candidate: -candidate.probability)


def _grown(passage: Passage, scores: Sequence[float], index: int, taken: set[int]) -> tuple[int, int]:
    """Return the first and last sentence of the quote around ``index``."""
    first = last = index
    while last - first + 1 < _MOST_SENTENCES:
        beside = [
            place
            for place in (first - 1, last + 1)
            if 0 <= place < len(scores)
            and place not in taken
            and passage.sentences[place].turn == passage.sentences[index].turn
            and scores[place] >= scores[index] - _NEARLY
        ]
        if not beside:
            break
        best = max(beside, key=lambda place: scores[place])
        first, last = min(first, best), max(last, best)
    return first, last
