"""From passages and a question to the exact sentences that answer it. Pure: no storage, no model.

A sentence is scored by the share of the question's telling words that it covers, in the same words or in like ones:
each weighed by how rare it is in the episode, and once more, with the sentence before it, by its rarity in the whole
base (``rarity``). What it covers decides whether it answers; there the title and the speaker's name count too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .evidence import shows
from .matching import COUNTS
from .questions import Query
from .sentences import split_sentences, word_count
from .terms import stems
from .types import Chunk, Hit, Turn

__all__ = ["MAX_SENTENCES", "Candidate", "Passage", "Sentence", "candidates", "sentences_of", "shares_of", "weigh"]

#: A quote is at most this many whole sentences.
MAX_SENTENCES = 3

#: What a quote's score is made of, each times a share in 0..1, but for the passage's score, which is greater; set on
#: ``dev`` of ``bench/questions``.
_SAID, _IN_CONTEXT, _EVIDENCE, _PASSAGE = 0.21, 0.18, 0.10, 0.14
#: What it loses: a question is no answer, and a few words say little.
_QUESTION, _SHORT = 0.10, 0.05
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

    ``matches`` holds how well each sentence says each of the query's terms, ``shares`` how much each term tells in this
    episode, ``heard`` which ones the episode says (``rarity.Telling``).
    """

    hit: Hit
    sentences: tuple[Sentence, ...]
    matches: tuple[Said, ...]
    shares: Said
    heard: Said


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
    #: The shares that the quote itself says in these very words, and only in words like them.
    verbatim: float = 0.0
    alike: float = 0.0
    #: The share that its episode says anywhere, in these words or, in the passages that were found, in like ones.
    known: float = 0.0


def sentences_of(chunk: Chunk, text: str, turns: Sequence[Turn]) -> tuple[Sentence, ...]:
    """Cut the chunk's ``text`` into sentences at the borders of its turns."""
    found = []
    for index, turn in enumerate(turns):
        start = max(turn.char_start, chunk.char_start)
        offset = chunk.char_start
        end = min(turn.char_end, chunk.char_end, offset + len(text))  # a damaged transcript may have been cut
        if start < end:
            for a, b in split_sentences(text, start - offset, end - offset):
                found.append(Sentence(text[a:b], a + offset, b + offset, turn.speaker, index))
    return tuple(found)


def candidates(query: Query, passages: Sequence[Passage], rarity: Mapping[str, float]) -> list[Candidate]:
    """Return what could be quoted, best first; quotes that overlap a better one are left out.

    ``rarity`` weighs each of the query's terms in the whole base; a term without an entry counts nothing.
    """
    heard: dict[str, Said] = {}
    for passage in passages:
        episode_id = passage.hit.episode.id
        heard[episode_id] = _most(heard.get(episode_id, passage.heard), *passage.matches)
    found = [
        candidate
        for passage in passages
        for candidate in _Scorer(query, passage, rarity, heard[passage.hit.episode.id]).candidates()
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

    def __init__(self, query: Query, passage: Passage, rarity: Mapping[str, float], heard: Said) -> None:
        self._query = query
        self._passage = passage
        self._rarity = shares_of([rarity.get(term, 0.0) for term in query.terms])
        self._title = self._said_in(passage.hit.episode.title)
        self._known = weigh(self._rarity, heard)
        self._names = {term for name in query.speakers for term in stems(name)}

    def candidates(self) -> Iterator[Candidate]:
        sentences = self._passage.sentences
        for index in range(len(sentences)):
            first, last = self._grown(index)
            own, context = self._said(first, last)
            covered, verbatim = _least(own, COUNTS), weigh(self._rarity, _least(own, 1.0))
            yield Candidate(
                chunk=self._passage.hit.chunk,
                char_start=sentences[first].char_start,
                char_end=sentences[last].char_end,
                speaker=sentences[index].speaker,
                score=round(min(1.0, self._score(index, own, context)), 4),
                coverage=self._coverage(covered, _least(context, COUNTS)),
                verbatim=verbatim,
                alike=weigh(self._rarity, covered) - verbatim,
                known=self._known,
            )

    def _score(self, index: int, own: Said, context: Said) -> float:
        sentence = self._passage.sentences[index]
        score = _SAID * weigh(self._passage.shares, own) + _IN_CONTEXT * weigh(self._rarity, context)
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
        return score * self._known  # where half of the question is unheard of, half of it is answered at most

    def _coverage(self, own: Said, context: Said) -> float:
        """Return the share that is covered, with part credit for what the sentence before and the title supply."""
        shares = [weigh(self._rarity, said) for said in (own, context, _most(context, self._title))]
        return min(1.0, shares[0] + _CONTEXT_CREDIT * (shares[1] - shares[0]) + _TITLE_CREDIT * (shares[2] - shares[1]))

    def _grown(self, index: int) -> tuple[int, int]:
        """Let a neighbour of the same speaker join where it covers clearly more of the question."""
        first = last = index
        while last - first + 1 < MAX_SENTENCES:
            base = weigh(self._passage.shares, self._union(first, last))
            gains = [
                (weigh(self._passage.shares, self._union(a, b)) - base, a, b)
                for a, b in ((first - 1, last), (first, last + 1))
                if self._same_turn(a, b)
            ]
            if not gains or max(gains)[0] < _GAIN:
                break
            _, first, last = max(gains)
        beside = _most(*self._passage.matches[first:index], *self._passage.matches[index + 1 : last + 1])
        # Neighbours that say it all without this sentence are quoted without it.
        needed = any(own > other for own, other in zip(self._passage.matches[index], beside, strict=False))
        return (first, last) if needed or not beside else (index, index)

    def _said(self, first: int, last: int) -> tuple[Said, Said]:
        """Return how well the sentences say each term, and how well they do with the one before them."""
        own = self._union(first, last)
        speaker = self._passage.sentences[first].speaker
        if speaker is not None and speaker in self._query.speakers:
            own = _most(own, self._said_in(speaker))  # nobody has to say his own name
        return own, _most(own, self._passage.matches[first - 1]) if first else own

    def _same_turn(self, first: int, last: int) -> bool:
        sentences = self._passage.sentences
        return first >= 0 and last < len(sentences) and sentences[first].turn == sentences[last].turn

    def _union(self, first: int, last: int) -> Said:
        return _most(*self._passage.matches[first : last + 1])

    def _said_in(self, text: str) -> Said:
        found = stems(text)
        return tuple(float(term in found) for term in self._query.terms)


def _most(*said: Said) -> Said:
    """Return the best that any of them says of each term."""
    return tuple(map(max, zip(*said, strict=True)))


def _least(said: Said, least: float) -> Said:
    """Return what is said, without what is said less than ``least``."""
    return tuple(share if share >= least else 0.0 for share in said)


def weigh(weights: Said, said: Said) -> float:
    """Return how much is said, each term weighed."""
    return math.fsum(weight * share for weight, share in zip(weights, said, strict=True))


def shares_of(weights: Sequence[float]) -> Said:
    """Return each weight's share of all of them."""
    total = math.fsum(weights) or 1.0
    return tuple(weight / total for weight in weights)
