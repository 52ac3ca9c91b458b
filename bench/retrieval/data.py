"""The questions and where their answers stand: QMSum's meetings, and our own set over podcast episodes."""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.batch import ingest
from kb.addresses import slug
from kb.canonical import fold
from kb.catalogue import Source
from kb.knowledge_base import KnowledgeBase
from kb.types import Episode, Segment, Transcript

from ..common import ROOT

__all__ = [
    "QUESTIONS",
    "Question",
    "Span",
    "Unanswerable",
    "add_meetings",
    "add_pool",
    "meeting_questions",
    "own_questions",
    "pool",
    "split_of",
    "unanswerable",
]

QUESTIONS = ROOT / "bench" / "questions"
CORPUS = ROOT / "corpus"
_SEED = 20190708
#: Shorter sentences ("Yeah, exactly.") are not looked for in other episodes: everybody says them.
_TELLING = 40
# Annotators' marks such as {vocalsound}; nobody said them.
_MARK = re.compile(r"\{\w+\}")
# QMSum's tokens are parted by blanks; a sentence splitter expects "course." and "don't".
_BEFORE_PUNCTUATION = re.compile(r"\s+(?=[.,;:?!]|'(?:s|m|re|ve|ll|d)\b|n't\b)")
_STRAIGHT = str.maketrans("‘’“”", "''\"\"")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of an episode's canonical text."""

    episode: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the episode it was asked about, and everywhere that its answer stands."""

    text: str
    episode: str
    gold: tuple[Span, ...]
    split: str


@dataclass(frozen=True, slots=True)
class Unanswerable:
    """A question that nothing answers: ``near`` to what an episode is about, or ``off`` every topic."""

    text: str
    kind: str
    split: str


def split_of(identifier: str) -> str:
    """Return ``test`` for a third of all ids, for ever the same ones, and otherwise ``dev``."""
    return "test" if int(hashlib.sha256(identifier.encode()).hexdigest(), 16) % 3 == 0 else "dev"


# -- QMSum (Zhong et al., NAACL 2021)


def add_meetings(kb: KnowledgeBase, files: Iterable[Path]) -> None:
    """Take QMSum's meetings in as episodes: a turn a segment, no times."""
    for file in files:
        turns = json.loads(file.read_text("utf-8"))["meeting_transcripts"]
        segments = tuple(Segment(None, None, _spoken(turn), turn["speaker"]) for turn in turns)
        source = Source(file.resolve().as_uri(), hashlib.sha256(file.read_bytes()).hexdigest())
        kb.add(Episode(slug(file.stem), "QMSum", file.stem, language="en"), Transcript(segments, "en"), source)
    kb.sync()


def meeting_questions(kb: KnowledgeBase, files: Iterable[Path]) -> Iterator[Question]:
    """Yield the specific queries; gold are the characters of the turns in their ``relevant_text_span``."""
    for file in files:
        meeting = json.loads(file.read_text("utf-8"))
        episode = slug(file.stem)
        places = list(_turn_places(kb.text(episode), meeting["meeting_transcripts"]))
        for query in meeting["specific_query_list"]:
            turns = [places[int(first) : int(last) + 1] for first, last in query["relevant_text_span"]]
            gold = tuple(Span(episode, run[0][0], run[-1][1]) for run in turns if run and run[0][0] < run[-1][1])
            if gold:
                yield Question(query["query"], episode, gold, file.parent.name)


def _turn_places(text: str, turns: Sequence[dict[str, str]]) -> Iterator[tuple[int, int]]:
    """Yield where each turn stands in the canonical text, which joins turns of one speaker; nowhere if it is empty."""
    end = 0
    for turn in turns:
        words = fold(_spoken(turn))
        start = text.index(words, end)
        end = start + len(words)
        yield start, end


def _spoken(turn: dict[str, str]) -> str:
    return _BEFORE_PUNCTUATION.sub("", _MARK.sub("", turn["content"]))


# -- our own set


def pool(data: Path, size: int, written: Sequence[dict[str, Any]] = ()) -> list[Path]:
    """Return ``size`` transcripts: the example episode, those with questions, and a seeded choice of others."""
    shows = data / "changelog"
    named = sorted(
        {shows / line["episode"] for line in written or _lines("paraphrases.jsonl") if "/" in line["episode"]}
    )
    rest = [path for path in sorted(shows.glob("*/*.md")) if path.parent.name != "bigtent" and path not in set(named)]
    others = random.Random(_SEED).sample(rest, max(0, min(len(rest), size - 1 - len(named))))
    return [*CORPUS.glob("*.vtt"), *named[: size - 1], *sorted(others)]


def add_pool(kb: KnowledgeBase, files: Iterable[Path]) -> None:
    """Take transcripts in as ``kb ingest`` does."""
    failed = [result.error for result in ingest(kb, files) if result.status == "failed"]
    if failed:
        raise SystemExit(f"The pool is not complete: {failed[0]}")


def own_questions(kb: KnowledgeBase, files: Iterable[Path]) -> Iterator[Question]:
    """Yield our questions about ``files``; gold are the sentences, wherever in the base they were said or repeated."""
    episodes = {_name(file): episode.id for file in files if (episode := kb.find(Source(file.resolve().as_uri(), "")))}
    texts = {episode: kb.text(episode).translate(_STRAIGHT) for episode in episodes.values()}
    for line in _lines("paraphrases.jsonl"):
        if line["episode"] in episodes:
            own = episodes[line["episode"]]
            gold = tuple(span for sentence in line["gold"] for span in _spans(texts, own, sentence))
            yield Question(line["question"], own, gold, line["split"])


def unanswerable() -> Iterator[Unanswerable]:
    """Yield our questions without an answer."""
    for line in _lines("unanswerable.jsonl"):
        yield Unanswerable(line["question"], line["kind"], line["split"])


def _spans(texts: dict[str, str], own: str, sentence: str) -> Iterator[Span]:
    """Yield where a gold sentence stands in its own episode, and in those that rebroadcast or quote it."""
    words = sentence.translate(_STRAIGHT)
    for episode, text in texts.items():
        if episode == own or len(words) >= _TELLING:
            start = text.find(words)
            if start >= 0:
                yield Span(episode, start, start + len(words))


def _name(file: Path) -> str:
    return file.stem if file.parent == CORPUS else f"{file.parent.name}/{file.name}"


def _lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (QUESTIONS / name).read_text("utf-8").splitlines()]
