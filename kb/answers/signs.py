"""The features of a sentence that may answer, and of an answer; ``weights`` turns them into scores. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from ..embedding import MATCHES, Reading
from ..questions.answer_type import shows
from ..questions.names import unsaid
from ..questions.query import Query
from ..retrieval.passages import Passage, Sentence, heading_of
from ..text.sentences import word_count
from ..text.terms import stems

__all__ = ["ANSWER_SIGNS", "SENTENCE_SIGNS", "Signs", "answer_signs", "sentence_signs"]

#: Of a sentence, from reading: the reader's logit, the vector's cosine to the question, and how its tokens match (see
#: ``kb.embedding.reader``). From where it stands: its passage's score, the scores of its episode's best passages, the
#: share of the question's names that none of those contains, whether the question names its speaker, and how often that
#: speaker asks questions. From its words, used without a reader: the share of the question's words in it, whether it is
#: a question, whether it is very short.
SENTENCE_SIGNS = (
    *("reader", "cosine", *MATCHES),
    *("passage", "episode", "unnamed", "voice", "asker"),
    *("words", "question", "short"),
)
#: Of an answer: its best sentence's score, by how much it leads the best of another passage, its share of all that was
#: scored (a logarithm), what the reader says of it and the sentences around it, whether the question asks for a figure
#: that is missing, and the share of the question's names that its episode does not contain.
ANSWER_SIGNS = ("score", "lead", "share", "around", "figure", "unnamed")
#: Where the signs begin that are alike for all sentences of a passage, and those that are not.
_READ, _HERE = SENTENCE_SIGNS.index("passage"), SENTENCE_SIGNS.index("voice")
_FEW_WORDS = 4
#: How many of an episode's best passages its score is the mean of.
_BEST = 3
#: Sentences before and after one that count as its surroundings.
_AROUND = 2
#: Logits are clipped here: below it, the value has no meaning.
_NO = -8.0

Signs = NDArray[np.float64]


def sentence_signs(query: Query, passages: Sequence[Passage], readings: Sequence[Reading]) -> list[Signs]:
    """Return the features of each passage's sentences, each of shape ``(sentences, len(SENTENCE_SIGNS))``."""
    asks = [[_asks(sentence) for sentence in passage.sentences] for passage in passages]
    askers = _askers(passages, asks)
    episodes = _episodes(passages)
    unnamed = _unnamed(query, passages)
    asked = set(map(str, query.terms))
    signs = []
    for passage, reading, questions in zip(passages, readings, asks, strict=True):
        episode = passage.hit.chunk.episode_id
        found = np.empty((len(passage.sentences), len(SENTENCE_SIGNS)))
        found[:, 0], found[:, 1], found[:, 2:_READ] = reading.logits, reading.cosines, reading.matches
        found[:, _READ:_HERE] = (passage.hit.score, episodes[episode], unnamed[episode])
        found[:, _HERE:] = [
            (
                sentence.speaker is not None and sentence.speaker in query.speakers,
                askers[episode, sentence.speaker],
                *(_words(asked, sentence, questions[row]) if not reading.is_read else (0, 0, 0)),
            )
            for row, sentence in enumerate(passage.sentences)
        ] or np.empty((0, len(SENTENCE_SIGNS) - _HERE))
        signs.append(found)
    return signs


def answer_signs(
    query: Query,
    quoted: str,
    scores: tuple[float, float, float],
    logits: NDArray[np.float32],
    row: int,
    unnamed: float = 0.0,
) -> Signs:
    """Return the features of an answer, shape ``(len(ANSWER_SIGNS),)``.

    ``scores`` are its ``score``, ``lead`` and ``share``; ``logits`` are its passage's, and its sentence is the
    ``row``-th there; ``unnamed`` is that sentence's feature.
    """
    near = logits[max(0, row - _AROUND) : row + _AROUND + 1]
    around = float(np.add.reduce(near) / len(near))  # their mean, without numpy's checks: a question has 200 of them
    missing = query.wants is not None and not shows(query.wants, quoted)
    return np.array([*scores, max(_NO, around), missing, unnamed], dtype=np.float64)


def _unnamed(query: Query, passages: Sequence[Passage]) -> dict[str, float]:
    """Return for each episode the share of the question's names missing from its ``passages`` and headings."""
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for passage in passages:
        texts[passage.hit.chunk.episode_id] += (heading_of(passage), passage.hit.episode.show, passage.hit.text)
    if not query.names:
        return dict.fromkeys(texts, 0.0)
    return {episode: len(unsaid(query.names, "\n".join(said))) / len(query.names) for episode, said in texts.items()}


def _asks(sentence: Sentence) -> bool:
    return sentence.text.rstrip("\"'”’").endswith("?")


def _words(asked: set[str], sentence: Sentence, question: bool) -> tuple[float, bool, bool]:
    shared = len(asked & stems(sentence.text)) / len(asked) if asked else 0.0
    return shared, question, word_count(sentence.text) < _FEW_WORDS


def _askers(passages: Sequence[Passage], asks: Sequence[Sequence[bool]]) -> defaultdict[tuple[str, str | None], float]:
    """Return the share of each speaker's sentences that are questions: high for a host, and a host seldom answers."""
    said: Counter[tuple[str, str | None]] = Counter()
    asked: Counter[tuple[str, str | None]] = Counter()
    for passage, questions in zip(passages, asks, strict=True):
        for sentence, question in zip(passage.sentences, questions, strict=True):
            said[passage.hit.chunk.episode_id, sentence.speaker] += 1
            asked[passage.hit.chunk.episode_id, sentence.speaker] += question
    return defaultdict(float, {who: (asked[who] + 0.5) / (said[who] + 5) for who in said})


def _episodes(passages: Sequence[Passage]) -> dict[str, float]:
    """Return for each episode the mean score of its best passages; a missing one counts 0."""
    ordered = sorted((passage.hit.chunk.episode_id, -passage.hit.score) for passage in passages)
    scores = {episode: [-score for _, score in some] for episode, some in groupby(ordered, key=lambda pair: pair[0])}
    return {episode: sum(some[:_BEST]) / _BEST for episode, some in scores.items()}
