"""From passages and a question to the exact sentences that answer it. Pure: no storage, no model.

A sentence is scored by the share of the question's telling words that it covers, in the same words or in like ones,
each weighed by its rarity (inverse document frequency), with part credit for what the sentence before it, the title or
the speaker's name supplies, and by its likeness to the question as a whole.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .evidence import shows
from .matching import COUNTS
from .questions import Query
from .sentences import split_sentences, word_count
from .terms import stems
from .types import Chunk, Hit, Turn

__all__ = ["MAX_SENTENCES", "Candidate", "Passage", "Sentence", "candidates", "sentences_of"]

#: A quote is at most this many whole sentences.
MAX_SENTENCES = 3

#: What a quote's score is made of, each times a share in 0..1; set on ``dev`` of ``bench/questions``.
_SAID, _CONTEXT, _TITLE, _LIKENESS, _EVIDENCE, _PASSAGE = 0.40, 0.12, 0.15, 0.05, 0.12, 0.28
#: What it loses: a question is no answer, and a few words say little.
_QUESTION, _SHORT = 0.14, 0.09
#: What is left of it where somebody else's words were asked for, and where they are told ("Bedoya called it ...").
_OTHER_VOICE, _ABOUT_THE_VOICE = 0.5, 0.6
#: What the sentence before and the title add to what a quote covers of the question.
_CONTEXT_CREDIT = 0.35
_TITLE_CREDIT = 0.25
#: A neighbouring sentence joins the quote if it covers this much more of the question.
_GAIN = 0.15


#: How well each of the query's terms is said, in 0..1.
Said = tuple[float, ...]


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
    """A found chunk with its text cut into sentences.

    ``likeness`` holds each sentence's cosine to the question, ``matches`` how well it says each of the query's terms.
    """

    hit: Hit
    sentences: tuple[Sentence, ...]
    likeness: tuple[float, ...]
    matches: tuple[Said, ...]


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
    #: The share that the quote itself says in these very words.
    verbatim: float = 0.0


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
        self._rarity = [rarity.get(term, 0.0) for term in query.terms]
        self._total = math.fsum(self._rarity)
        self._title = self._said_in(passage.hit.episode.title)
        self._names = {term for name in query.speakers for term in stems(name)}

    def candidates(self) -> list[Candidate]:
        found = []
        for index in range(len(self._passage.sentences)):
            first, last = self._grown(index)
            coverage = self._coverage(first, last)
            score = self._score(index, first, last)
            sentences = self._passage.sentences
            found.append(
                Candidate(
                    chunk=self._passage.hit.chunk,
                    char_start=sentences[first].char_start,
                    char_end=sentences[last].char_end,
                    speaker=sentences[index].speaker,
                    score=round(min(1.0, score), 4),
                    coverage=coverage,
                    verbatim=self._shares(first, last, least=1.0)[0],
                )
            )
        return found

    def _score(self, index: int, first: int, last: int) -> float:
        sentence = self._passage.sentences[index]
        own, context, title = self._shares(first, last)
        score = _SAID * own + _CONTEXT * (context - own) + _TITLE * (title - context)
        score += _LIKENESS * max(0.0, self._passage.likeness[index])
        if score <= 0:
            return 0.0
        score += _PASSAGE * self._passage.hit.score
        if self._query.wants and shows(self._query.wants, sentence.text):
            score += _EVIDENCE
        if sentence.text.rstrip("\"'”’").endswith("?") and not self._query.spoken:
            score -= _QUESTION
        if word_count(sentence.text) < 4:
            score -= _SHORT
        if self._query.spoken and sentence.speaker not in self._query.speakers:
            score *= _ABOUT_THE_VOICE if self._names & stems(sentence.text) else _OTHER_VOICE
        return score

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
        beside = _most(*self._passage.matches[first:index], *self._passage.matches[index + 1 : last + 1])
        # Neighbours that say it all without this sentence are quoted without it.
        needed = any(own > other for own, other in zip(self._passage.matches[index], beside, strict=False))
        return (first, last) if needed or not beside else (index, index)

    def _coverage(self, first: int, last: int) -> float:
        """Return the share that is covered in these words or very like ones, with part credit for what is about."""
        own, context, title = self._shares(first, last, least=COUNTS)
        return min(1.0, own + _CONTEXT_CREDIT * (context - own) + _TITLE_CREDIT * (title - context))

    def _shares(self, first: int, last: int, least: float = 0.0) -> tuple[float, float, float]:
        """Return the shares said by the sentences, by them and the one before, and by these and the title.

        Words that are said less than ``least`` count nothing.
        """
        own = self._union(first, last)
        speaker = self._passage.sentences[first].speaker
        if speaker is not None and speaker in self._query.speakers:
            own = _most(own, self._said_in(speaker))  # nobody has to say his own name
        context = _most(own, self._passage.matches[first - 1]) if first else own
        title = _most(context, self._title)
        if not self._total:
            return 0.0, 0.0, 0.0
        weights = [
            self._weight(tuple(share if share >= least else 0.0 for share in said)) / self._total
            for said in (own, context, title)
        ]
        return weights[0], weights[1], weights[2]

    def _same_turn(self, first: int, last: int) -> bool:
        sentences = self._passage.sentences
        return first >= 0 and last < len(sentences) and sentences[first].turn == sentences[last].turn

    def _union(self, first: int, last: int) -> Said:
        return _most(*self._passage.matches[first : last + 1])

    def _weight(self, said: Said) -> float:
        return math.fsum(weight * share for weight, share in zip(self._rarity, said, strict=True))

    def _said_in(self, text: str) -> Said:
        found = stems(text)
        return tuple(float(term in found) for term in self._query.terms)


def _most(*said: Said) -> Said:
    """Return the best that any of them says of each term."""
    return tuple(map(max, zip(*said, strict=True)))
