"""Questions with the sentences that answer them, from ``DATA/reading``, cut to passages of the program's length."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

__all__ = ["SHARES", "SPOKEN", "Passage", "Question", "read_passages", "read_talk"]

#: The share of each source's passages that is used; the rest of a large one is much like what is used.
SHARES = {
    "shifts_reddit": 1.0,
    "shifts_amazon_reviews": 1.0,
    "shifts_new_wiki": 1.0,
    "squad_nqg": 0.5,
    "squad_reqa": 0.6,
    "squad_para": 1.0,
    "xquad_en": 1.0,
    "selqa": 1.0,
    "qed_nq": 1.0,
    "clapnq": 1.0,
    "molweni": 1.0,
    "covidqa": 0.4,
    "qamr": 0.4,
    "qmsum_train": 1.0,
}
#: Sources in which somebody speaks or writes of himself: they get a speaker's name, as passages of the program have.
SPOKEN = frozenset({"shifts_reddit", "shifts_amazon_reviews", "qmsum_train", "talk"})
#: A window is closed at so many words, and one shorter than this joins the one before it.
_WINDOW, _LEAST = 110, 30
_MOST_WINDOWS = 30
#: The share of windows without a question that are kept, as passages that answer nothing.
_SILENT = 0.3

_TURN = re.compile(r"^\*\*([^*\n]{2,60}?):\*\*\s*", re.M)
_MARKUP = re.compile(r"\\?\[[^\]\n]{0,80}\\?\](?:\([^)\s]*\))?|[*_`]+|\\(?=[\[\]*_#>-])")
_SENTENCE = re.compile(r"(?<=[.?!…])[\"”’)]?\s+(?=[\"“‘(]?[A-Z0-9])")


@dataclass(frozen=True, slots=True)
class Question:
    """A question and the indices of its passage's sentences that answer; none where nothing does."""

    text: str
    gold: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A few sentences of one document with the questions that are asked of them."""

    source: str
    document: str
    sentences: tuple[str, ...]
    questions: tuple[Question, ...]
    #: What stands before its words when it is read, as the program does it: a title, a speaker.
    heading: str = ""

    @property
    def title(self) -> str:
        """Return its document's title in words, empty where its name says nothing ("reqatrain:117")."""
        words = self.document.rpartition(":")[2].rpartition("/")[2].removesuffix(".md")
        return re.sub(r"[_-]+", " ", words) if re.search(r"[^\W\d]{3}", words) else ""


def read_passages(folder: Path, seed: int) -> list[Passage]:
    """Read all of ``SHARES`` from ``folder``, each file as its README describes."""
    rng = random.Random(seed)
    found: list[Passage] = []
    for source, share in SHARES.items():
        asked: defaultdict[tuple[str, tuple[str, ...]], list[Question]] = defaultdict(list)
        with gzip.open(folder / f"{source}.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in map(json.loads, lines):
                asked[line["doc"], tuple(line["s"])].append(Question(line["q"], tuple(line["g"])))
        for (document, sentences), questions in asked.items():
            if rng.random() <= share:
                found += _windows(source, document, sentences, questions, rng)
    return found


def read_talk(folder: Path, episodes: Collection[str]) -> Iterator[Passage]:
    """Yield what one speaker asked and the next one answered, in the Changelog's transcripts called ``episodes``.

    Every sentence of an answer's first window counts as gold, as far as the training knows.
    """
    for name in sorted(episodes):
        path = folder / name
        if not path.is_file():
            continue
        turns = list(_turns(path.read_text("utf-8")))
        for (asker, before), (speaker, after) in pairwise(turns):
            question = _question(before)
            answer = [sentence for sentence in _SENTENCE.split(after) if sentence.strip()]
            if question and asker != speaker and len(after.split()) >= 25:
                window = _packed(answer)[0][:6]
                gold = tuple(range(len(window)))
                yield Passage("talk", name, tuple(answer[i] for i in window), (Question(question, gold),))


def _turns(markdown: str) -> Iterator[tuple[str, str]]:
    marks = list(_TURN.finditer(markdown))
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        words = markdown[mark.end() : following.start() if following else len(markdown)]
        yield mark[1], " ".join(_MARKUP.sub("", words).split())


def _question(words: str) -> str:
    """Return the question that a turn ends with, empty if it ends with none that can stand alone."""
    sentences = [sentence for sentence in _SENTENCE.split(words) if sentence.strip()]
    asked = next((s for s in reversed(sentences[-3:]) if s.rstrip('"” ').endswith("?")), "")
    return asked if 6 <= len(asked.split()) <= 40 else ""


def _windows(
    source: str, document: str, sentences: tuple[str, ...], questions: list[Question], rng: random.Random
) -> Iterator[Passage]:
    windows = _packed(sentences)
    for window in windows[:_MOST_WINDOWS]:
        first, last = window[0], window[-1]
        here = []
        for question in questions:
            gold = tuple(g - first for g in question.gold if first <= g <= last)
            if gold or not question.gold:
                here.append(Question(question.text, gold))
        if here or (len(windows) > 1 and rng.random() < _SILENT):
            yield Passage(source, document, sentences[first : last + 1], tuple(here))


def _packed(sentences: tuple[str, ...] | list[str]) -> list[list[int]]:
    packed: list[list[int]] = []
    current: list[int] = []
    words = 0
    for index, sentence in enumerate(sentences):
        current.append(index)
        words += len(sentence.split())
        if words > _WINDOW:
            packed.append(current)
            current, words = [], 0
    if current and (words > _LEAST or not packed):
        packed.append(current)
    elif current:
        packed[-1] += current
    return packed
