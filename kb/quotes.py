"""From passages and a question to the exact sentences that answer it. Pure: no storage, no model.

A sentence is scored by the share of the question's telling words that it covers, each weighed by its rarity
(inverse document frequency), with part credit for words that the sentence before it, the title or the
speaker's name supplies, and by its likeness to the question where an embedder measured one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .questions import Query
from .sentences import split_sentences, word_count
from .terms import stems
from .types import Chunk, Hit, Turn

__all__ = ["MAX_SENTENCES", "Candidate", "Passage", "Sentence", "candidates", "sentences_of"]

#: A quote is at most this many whole sentences.
MAX_SENTENCES = 3

_CONTEXT_CREDIT = 0.35
_TITLE_CREDIT = 0.25
_QUESTION_PENALTY = 0.7
_SHORT_PENALTY = 0.6
_LIKENESS_WEIGHT = 0.2
_EVIDENCE_BONUS = 0.06
#: A neighbouring sentence joins the quote if it covers this much more of the question.
_GAIN = 0.15

_EVIDENCE = {
    "person": re.compile(r"(?<=[^.?!\s]\s)[A-Z][a-z]+|\b[A-Z][a-z]+ [A-Z][a-z]+"),
    "number": re.compile(r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|dozen|hundred|thousand|million)\b"),
    "time": re.compile(
        r"\b(?:1[89]|20)\d\d\b|\b(?:January|February|March|April|June|July|August|September|October|November|December"
        r"|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|yesterday|today|ago|recently"
        r"|last (?:year|week|month))\b"
    ),
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, where it stands in the canonical text, and who said it."""

    text: str
    char_start: int
    char_end: int
    speaker: str | None
    turn: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A found chunk with its text cut into sentences; ``likeness`` holds each one's cosine to the question."""

    hit: Hit
    sentences: tuple[Sentence, ...]
    likeness: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One to three sentences of one speaker that may answer; scores are in 0..1."""

    chunk: Chunk
    char_start: int
    char_end: int
    speaker: str | None
    score: float
    #: The share of the question's words, by rarity, that the quote itself and its context cover.
    coverage: float


def sentences_of(chunk: Chunk, text: str, turns: Sequence[Turn]) -> tuple[Sentence, ...]:
    """Cut the chunk's ``text`` into sentences at the borders of its turns."""
    found = []
    for index, turn in enumerate(turns):
        start = max(turn.char_start, chunk.char_start)
        end = min(turn.char_end, chunk.char_end)
        if start < end:
            offset = chunk.char_start
            for a, b in split_sentences(text, start - offset, end - offset):
                found.append(Sentence(text[a:b], a + offset, b + offset, turn.speaker, index))
    return tuple(found)


def candidates(query: Query, passages: Sequence[Passage], rarity: Mapping[str, float]) -> list[Candidate]:
    """Return what could be quoted, best first; quotes that overlap a better one are left out.

    ``rarity`` weighs each of the query's terms; a term without an entry counts nothing.
    """
    found = [
        candidate
        for passage in passages
        for candidate in _Scorer(query, passage, rarity).candidates()
        if candidate.score > 0
    ]
    found.sort(key=lambda c: (-c.score, c.chunk.id, c.char_start))
    chosen: list[Candidate] = []
    taken: dict[tuple[str, int], list[tuple[int, int]]] = {}
    for candidate in found:
        spans = taken.setdefault((candidate.chunk.episode_id, candidate.chunk.revision), [])
        if all(candidate.char_end <= a or candidate.char_start >= b for a, b in spans):
            spans.append((candidate.char_start, candidate.char_end))
            chosen.append(candidate)
    return chosen


class _Scorer:
    """Scores the sentences of one passage."""

    def __init__(self, query: Query, passage: Passage, rarity: Mapping[str, float]) -> None:
        self._query = query
        self._passage = passage
        self._rarity = {str(term): rarity.get(term, 0.0) for term in query.terms}
        self._total = math.fsum(self._rarity.values())
        self._covered = [self._terms_in(sentence.text) for sentence in passage.sentences]
        self._title = self._terms_in(passage.hit.episode.title)

    def candidates(self) -> list[Candidate]:
        found = []
        for index in range(len(self._passage.sentences)):
            first, last = self._grown(index)
            coverage = self._coverage(first, last)
            score = self._score(index, coverage)
            sentences = self._passage.sentences
            found.append(
                Candidate(
                    chunk=self._passage.hit.chunk,
                    char_start=sentences[first].char_start,
                    char_end=sentences[last].char_end,
                    speaker=sentences[index].speaker,
                    score=round(min(1.0, score), 4),
                    coverage=coverage,
                )
            )
        return found

    def _score(self, index: int, coverage: float) -> float:
        sentence = self._passage.sentences[index]
        score = (1 - _LIKENESS_WEIGHT) * coverage + _LIKENESS_WEIGHT * max(0.0, self._passage.likeness[index])
        if sentence.text.rstrip("\"'”’").endswith("?") and not self._query.spoken:
            score *= _QUESTION_PENALTY
        if word_count(sentence.text) < 4:
            score *= _SHORT_PENALTY
        if self._query.spoken and sentence.speaker not in self._query.speakers:
            score *= 0.5
        if score > 0 and self._query.wants and _EVIDENCE[self._query.wants].search(sentence.text):
            score += _EVIDENCE_BONUS
        return score + 0.02 * self._passage.hit.score if score > 0 else 0.0

    def _grown(self, index: int) -> tuple[int, int]:
        """Let a neighbour of the same speaker join where it covers clearly more of the question."""
        first = last = index
        while last - first + 1 < MAX_SENTENCES:
            base = self._weight(self._union(first, last))
            gains = [
                (self._weight(self._union(a, b)) - base, a, b)
                for a, b in ((first - 1, last), (first, last + 1))
                if self._same_turn(a, b)
            ]
            if not gains or max(gains)[0] < _GAIN * self._total:
                break
            _, first, last = max(gains)
        beside = frozenset().union(*self._covered[first:index], *self._covered[index + 1 : last + 1])
        # Neighbours that say it all without this sentence are quoted without it.
        return (first, last) if self._covered[index] - beside else (index, index)

    def _coverage(self, first: int, last: int) -> float:
        if not self._total:
            return 0.0
        own = self._union(first, last)
        speaker = self._passage.sentences[first].speaker
        if speaker is not None and speaker in self._query.speakers:
            own |= self._terms_in(speaker)  # nobody has to say his own name
        context = (self._covered[first - 1] if first else frozenset()) - own
        title = self._title - own - context
        covered = self._weight(own) + _CONTEXT_CREDIT * self._weight(context) + _TITLE_CREDIT * self._weight(title)
        return min(1.0, covered / self._total)

    def _same_turn(self, first: int, last: int) -> bool:
        sentences = self._passage.sentences
        return first >= 0 and last < len(sentences) and sentences[first].turn == sentences[last].turn

    def _union(self, first: int, last: int) -> frozenset[str]:
        return frozenset().union(*self._covered[first : last + 1])

    def _weight(self, found: frozenset[str]) -> float:
        return math.fsum(self._rarity[term] for term in found)  # a set has no order, and the sum must not depend on one

    def _terms_in(self, text: str) -> frozenset[str]:
        return frozenset(stems(text) & self._rarity.keys())
