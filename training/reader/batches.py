"""Batches of passages that are hard to tell apart: a few seeds, each with its nearest neighbours by words."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from .material import SPOKEN, Passage, Question

__all__ = ["Settings", "batches"]

_PERSON = re.compile(
    r"\b(?:the|this) (?:original )?(?:poster|op|author|writer|reviewer|user|customer|narrator|speaker|redditor"
    r"|commenter|buyer|person|guy)\b|\bOP\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][\w'’.-]+(?: (?:of |the )?[A-Z][\w'’.-]+)*")
_NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
#: Passages among which neighbours are looked for; the time grows with its square.
_COMPARED = 2_000


@dataclass(frozen=True, slots=True)
class Settings:
    """How batches are made."""

    passages: int = 16
    #: Each seed's neighbours in the batch.
    near: int = 3
    #: Questions of one passage in one batch at most.
    questions: int = 8
    #: The shares of passages that are read under their title, and of spoken ones under a speaker's name.
    titled: float = 0.5
    named: float = 0.8
    #: The share of questions that become near misses: another name or number, or the answer cut out.
    swapped: float = 0.08
    cut: float = 0.06


def batches(
    passages: Sequence[Passage], names: Sequence[str], settings: Settings, rng: random.Random
) -> Iterator[list[Passage]]:
    """Yield batches for ever, each time through in another order."""
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for index, passage in enumerate(passages):
        groups[passage.source].append(index)
    while True:
        clusters = []
        for ids in groups.values():
            ids = rng.sample(ids, len(ids))
            for start in range(0, len(ids), _COMPARED):
                clusters += _clusters(passages, ids[start : start + _COMPARED], settings.near, rng)
        rng.shuffle(clusters)
        batch: list[Passage] = []
        for cluster in clusters:
            batch += [_varied(passages[index], names, settings, rng) for index in cluster]
            if len(batch) >= settings.passages:
                if any(passage.questions for passage in batch[: settings.passages]):
                    yield batch[: settings.passages]
                batch = []


def _clusters(passages: Sequence[Passage], ids: list[int], near: int, rng: random.Random) -> Iterator[list[int]]:
    """Yield each passage once, in clusters of a seed and those nearest to it; the same document counts as nearer."""
    vectors = TfidfVectorizer(sublinear_tf=True, stop_words="english", max_df=0.2, max_features=30_000)
    matrix = vectors.fit_transform([" ".join(passages[index].sentences) for index in ids]).astype(np.float32)
    documents = np.unique([passages[index].document for index in ids], return_inverse=True)[1]
    left = np.ones(len(ids), dtype=bool)
    noise = np.random.default_rng(rng.randrange(2**32))
    for place in range(len(ids)):
        if not left[place]:
            continue
        left[place] = False
        likeness = (matrix @ matrix[place].T).toarray()[:, 0] + 0.15 * (documents == documents[place])
        likeness += 0.02 * noise.random(len(ids))
        likeness[~left] = -1
        count = min(near, len(ids) - 1)
        nearest = [int(j) for j in np.argpartition(-likeness, count)[:count] if left[j]] if count else []
        left[nearest] = False
        yield [ids[place], *(ids[j] for j in nearest)]


def _varied(passage: Passage, names: Sequence[str], settings: Settings, rng: random.Random) -> Passage:
    """Return a passage with some of its questions, near misses among them, and perhaps a heading."""
    questions = rng.sample(passage.questions, min(len(passage.questions), settings.questions))
    sentences = passage.sentences
    if questions and len(sentences) > 2 and rng.random() < settings.cut:
        sentences, questions = _without_answer(sentences, questions)
    questions = [
        _swapped(question, sentences, rng) if rng.random() < settings.swapped else question for question in questions
    ]
    heading = f"{passage.title}." if passage.title and rng.random() < settings.titled else ""
    if passage.source in SPOKEN and rng.random() < settings.named:
        speaker = rng.choice(names)
        questions = [replace(question, text=_PERSON.sub(speaker, question.text)) for question in questions]
        heading = f"{heading} {speaker}:".strip()
    return replace(passage, sentences=sentences, questions=tuple(questions), heading=heading)


def _without_answer(sentences: tuple[str, ...], questions: list[Question]) -> tuple[tuple[str, ...], list[Question]]:
    """Take the first question's answer out of the passage, so that nothing answers it there."""
    asked, *others = questions
    kept = [index for index in range(len(sentences)) if index not in asked.gold]
    if not kept:
        return sentences, questions
    place = {old: new for new, old in enumerate(kept)}
    others = [
        replace(other, gold=tuple(place[index] for index in other.gold))
        for other in others
        if all(index in place for index in other.gold)
    ]
    return tuple(sentences[index] for index in kept), [replace(asked, gold=()), *others]


def _swapped(question: Question, sentences: Sequence[str], rng: random.Random) -> Question:
    """Return a question for another name or number than the passage tells of, as far as it asks for one."""
    told = " ".join(sentences)
    asked = [name for name in _NAME.findall(question.text) if name in told]
    if asked:
        name = rng.choice(asked)
        others = [other for other in _NAME.findall(told) if other not in question.text and name not in other]
        if others:
            return Question(question.text.replace(name, rng.choice(others), 1), ())
    elif (number := _NUMBER.search(question.text)) and number[0] in told:
        return Question(question.text.replace(number[0], str(rng.randint(2, 2020)), 1), ())
    return question
