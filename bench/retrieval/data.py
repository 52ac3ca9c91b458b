"""The questions and where their answers stand: QMSum's meetings, and our own set over podcast episodes."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb.addresses import slug
from kb.catalogue import Source
from kb.knowledge_base import KnowledgeBase
from kb.text.cleaning import fold
from kb.text.terms import content_stems

from ..common import ROOT
from .homes import spoken

__all__ = [
    "QUESTIONS",
    "SETS",
    "Question",
    "Span",
    "Unanswerable",
    "asked_about",
    "files_asked_about",
    "meeting_notes",
    "meeting_questions",
    "overlap",
    "own_questions",
    "pool",
    "split_of",
    "unanswerable",
]

QUESTIONS = ROOT / "bench" / "questions"
#: Sets of questions, each by a different author, and the files that hold them.
SETS = {
    "own": ("paraphrases.jsonl", "unanswerable.jsonl"),
    "hard": ("hard.jsonl",),
    "fresh": ("fresh.jsonl",),
}
CORPUS = ROOT / "corpus"
_SEED = 20190708
#: Shorter sentences ("Yeah, exactly.") are not looked for in other episodes: they occur everywhere.
_TELLING = 40
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
    #: The share of its content words that the gold holds; ``None`` where it was not computed.
    overlap: float | None = None
    #: Which of ``SETS`` it is of.
    set: str = ""


@dataclass(frozen=True, slots=True)
class Unanswerable:
    """A question that nothing answers: ``near`` to what an episode is about, or ``off`` every topic."""

    text: str
    kind: str
    split: str
    #: The transcript that a near miss is about, empty if none, and which of ``SETS`` it is of.
    episode: str = ""
    set: str = ""


def split_of(identifier: str) -> str:
    """Return ``test`` for a fixed third of all ids, and otherwise ``dev``."""
    return "test" if int(hashlib.sha256(identifier.encode()).hexdigest(), 16) % 3 == 0 else "dev"


# -- QMSum (Zhong et al., NAACL 2021)


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


def meeting_notes(kb: KnowledgeBase) -> Iterator[Question | Unanswerable]:
    """Yield our own questions about QMSum's meetings, ``meetings.jsonl``."""
    for line in _lines("meetings.jsonl"):
        file = Path(line["episode"])
        if not line.get("gold"):
            yield Unanswerable(line["question"], line["kind"], "", f"{file.parent.name}/{file.name}", "meetings")
            continue
        own = slug(file.stem)
        text = {own: kb.text(own).translate(_STRAIGHT)}
        gold = tuple(span for sentence in line["gold"] for span in _spans(text, own, sentence))
        yield Question(line["question"], own, gold, "", overlap(line["question"], line["gold"]), "meetings")


def _turn_places(text: str, turns: Sequence[dict[str, str]]) -> Iterator[tuple[int, int]]:
    """Yield where each turn stands in the canonical text, which joins turns of one speaker; nowhere if it is empty."""
    end = 0
    for turn in turns:
        words = fold(spoken(turn))
        start = text.index(words, end)
        end = start + len(words)
        yield start, end


# -- our own set


def files_asked_about(data: Path) -> list[Path]:
    """Return the example episode and the transcripts that any question is about."""
    return pool(data, 1 + len({line["episode"] for line in _every_line() if "/" in (line.get("episode") or "")}))


def pool(data: Path, size: int, written: Sequence[dict[str, Any]] = ()) -> list[Path]:
    """Return ``size`` transcripts: the example episode, those with questions, and a seeded choice of others."""
    shows = data / "changelog"
    named = sorted({shows / line["episode"] for line in written or _every_line() if "/" in (line.get("episode") or "")})
    rest = [path for path in sorted(shows.glob("*/*.md")) if path.parent.name != "bigtent" and path not in set(named)]
    others = random.Random(_SEED).sample(rest, max(0, min(len(rest), size - 1 - len(named))))
    return [*CORPUS.glob("*.vtt"), *named[: size - 1], *sorted(others)]


def asked_about(data: Path) -> list[dict[str, Any]]:
    """Return those of our own questions whose transcript is in ``data``."""
    return [line for line in _lines("paraphrases.jsonl") if (data / "changelog" / line["episode"]).is_file()]


def own_questions(kb: KnowledgeBase, files: Iterable[Path]) -> Iterator[Question]:
    """Yield our questions about ``files``; gold are the sentences, wherever in the base they were said or repeated."""
    episodes = {
        _name(file): episode.id for file in files if (episode := kb.intake.find(Source(file.resolve().as_uri(), "")))
    }
    texts = {episode: kb.text(episode).translate(_STRAIGHT) for episode in episodes.values()}
    for name, line in _named_lines():
        if line.get("gold") and line["episode"] in episodes:
            own = episodes[line["episode"]]
            gold = tuple(span for sentence in line["gold"] for span in _spans(texts, own, sentence))
            split = line.get("split") or split_of(line["id"])
            yield Question(line["question"], own, gold, split, overlap(line["question"], line["gold"]), name)


def overlap(question: str, gold: Iterable[str]) -> float:
    """Return the share of a question's content words whose stems occur in the gold sentences."""
    asked = set(content_stems(question))
    return len(asked & set(content_stems(" ".join(gold)))) / len(asked)


def unanswerable() -> Iterator[Unanswerable]:
    """Yield our questions without an answer."""
    for name, line in _named_lines():
        if not line.get("gold"):
            split = line.get("split") or split_of(line["id"])
            yield Unanswerable(line["question"], line["kind"], split, line.get("episode") or "", name)


def _named_lines() -> Iterator[tuple[str, dict[str, Any]]]:
    return ((name, line) for name, files in SETS.items() for file in files for line in _lines(file))


def _every_line() -> list[dict[str, Any]]:
    return [line for _, line in _named_lines()]


def _spans(texts: dict[str, str], own: str, sentence: str) -> Iterator[Span]:
    """Yield where a gold sentence stands in its own episode, and in those that rebroadcast or quote it."""
    words = sentence.translate(_STRAIGHT)
    for episode, text in texts.items():
        if episode == own or len(words) >= _TELLING:
            start = text.find(words)
            if start >= 0:
                yield Span(episode, start, start + len(words))
            elif episode == own:
                raise SystemExit(f"A gold sentence does not stand in {own}: {sentence}")


def _name(file: Path) -> str:
    return file.stem if file.parent == CORPUS else f"{file.parent.name}/{file.name}"


def _lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (QUESTIONS / name).read_text("utf-8").splitlines()]
