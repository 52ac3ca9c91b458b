"""The Changelog's podcast transcripts (CC BY-SA 4.0), some of them held out for measuring."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from ingest.formats import parse_markdown
from kb.errors import FormatError
from kb.transcripts.canonical import canonicalise
from kb.types import Transcript

from .texts import Pair, Text, passages_of, sentences_of

__all__ = ["held_out", "read_changelog"]

_QUESTIONS = Path(__file__).parents[2] / "bench" / "questions"
#: Another owner's licence.
_NOT_OURS = frozenset({"bigtent"})
_SHORTEST_QUESTION, _LONGEST_QUESTION = 6, 60
_SHORTEST_ANSWER, _LONGEST_ANSWER = 25, 150
#: A question of fewer words is read together with the sentence before it ("Why is that?").
_ALONE = 12


def held_out(episode: str) -> bool:
    """Return whether an episode, called by its file's name without suffix, is kept from training.

    One in ten is, and every one that ``bench/questions`` asks about.
    """
    return hashlib.sha256(episode.encode()).digest()[0] < 26 or episode in _asked_about()


@cache
def _asked_about() -> frozenset[str]:
    lines = (line for file in sorted(_QUESTIONS.glob("*.jsonl")) for line in file.read_text("utf-8").splitlines())
    return frozenset(Path(episode).stem for line in lines if (episode := json.loads(line).get("episode")))


def read_changelog(folder: Path) -> Iterator[Text]:
    """Yield each episode below ``folder`` with its questions and answers, those held out excepted."""
    for path in sorted(folder.glob("*/*.md")):
        if path.parent.name in _NOT_OURS or held_out(path.stem):
            continue
        try:
            transcript = parse_markdown(path, path.read_bytes())
        except FormatError:
            continue  # a few files have only a heading
        yield Text("changelog", tuple(passages_of(transcript)), tuple(_answered(transcript)))


def _answered(transcript: Transcript) -> Iterator[Pair]:
    """Yield each turn's last question with what the next speaker says."""
    canonical = canonicalise(transcript)
    turns = [canonical.text[turn.char_start : turn.char_end] for turn in canonical.turns]
    for number, turn in enumerate(turns[:-1]):
        question = _last_question(sentences_of(turn))
        answer = turns[number + 1]
        if len(answer.split()) < _ALONE:  # "Yeah." "So how did you ..." "Well, ..."
            answer = " ".join(turns[number + 1 : number + 3])
        words = answer.split()[:_LONGEST_ANSWER]
        if question and len(words) >= _SHORTEST_ANSWER:
            yield Pair("answer", question, " ".join(words))


def _last_question(sentences: Sequence[str]) -> str | None:
    asked = [
        index
        for index, sentence in enumerate(sentences)
        if sentence.endswith("?") and len(sentence.split()) >= _SHORTEST_QUESTION
    ]
    if not asked:
        return None
    question = sentences[asked[-1]]
    if len(question.split()) < _ALONE and asked[-1]:
        question = f"{sentences[asked[-1] - 1]} {question}"
    return question if len(question.split()) <= _LONGEST_QUESTION else None
