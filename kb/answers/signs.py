"""What is known of a sentence that may answer, and of an answer: signs, in numbers, that ``weights`` weighs. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..embedding import Reading
from ..questions.answer_type import shows
from ..questions.query import Query
from ..retrieval.passages import Passage, Sentence
from ..text.sentences import word_count
from ..text.terms import stems

__all__ = ["ANSWER_SIGNS", "NO", "SENTENCE_SIGNS", "answer_signs", "sentence_signs"]

#: Of a sentence: the reader's logit; its cosine to the question; its passage's score; the share of the question's
#: words that it says; whether the question names its speaker; whether it follows a question like the one asked; whether
#: it is a question itself, or a few words.
SENTENCE_SIGNS = ("reader", "cosine", "passage", "words", "voice", "follows", "question", "short")
#: Of an answer: its best sentence's score, by how much it leads the best of another passage, the score of the best
#: five, the share of the question's words that no passage read has, and whether a figure is asked for and missing.
ANSWER_SIGNS = ("score", "lead", "five", "unsaid", "figure")
_FEW_WORDS = 4
#: So many sentences after a question may answer it.
_REPLY = 3
#: Below this a logit says "no"; how far below says nothing.
NO = -8.0


def sentence_signs(query: Query, passage: Passage, reading: Reading) -> NDArray[np.float64]:
    """Return the signs of each of a passage's sentences, shape ``(sentences, len(SENTENCE_SIGNS))``."""
    asked = set(map(str, query.terms))
    asks = [_asks(sentence) for sentence in passage.sentences]
    follows = _follows(passage.sentences, asks, reading.logits)
    return np.array(
        [
            (
                reading.logits[row],
                reading.cosines[row],
                passage.hit.score,
                len(asked & stems(sentence.text)) / len(asked) if asked else 0.0,
                sentence.speaker is not None and sentence.speaker in query.speakers,
                follows[row],
                asks[row],
                word_count(sentence.text) < _FEW_WORDS,
            )
            for row, sentence in enumerate(passage.sentences)
        ],
        dtype=np.float64,
    ).reshape(-1, len(SENTENCE_SIGNS))


def answer_signs(
    query: Query, quoted: str, score: float, lead: float, five: Sequence[float], unsaid: float
) -> NDArray[np.float64]:
    """Return the signs of an answer, shape ``(len(ANSWER_SIGNS),)``.

    ``lead`` is the best sentence's over other passages, ``five`` are the scores of the best five, best first.
    """
    missing = query.wants is not None and not shows(query.wants, quoted)
    return np.array([score, lead, sum(five) / max(1, len(five)), unsaid, missing], dtype=np.float64)


def _asks(sentence: Sentence) -> bool:
    return sentence.text.rstrip("\"'”’").endswith("?")


def _follows(sentences: Sequence[Sentence], asks: Sequence[bool], logits: NDArray[np.float32]) -> list[float]:
    """Return for each sentence how much the other speaker's question before it is like the one asked, in 0..1."""
    found = [0.0] * len(sentences)
    for row, (sentence, asked) in enumerate(zip(sentences, asks, strict=True)):
        if not asked:
            continue
        likeness = max(0.0, float(logits[row]) - NO) / -NO
        reply = [i for i in range(row + 1, len(sentences)) if sentences[i].turn == sentence.turn + 1][:_REPLY]
        for place in reply:
            found[place] = max(found[place], min(2.0, likeness))
    return found
