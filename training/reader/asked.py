"""Questions about talk, written by those who read a stretch of a transcript, with the sentences that answer.

A line of ``asked.jsonl`` is a stretch of one of the Changelog's episodes or of QMSum's meetings: ``first``, the number
of its first passage, of ``LENGTH``; ``questions`` with the places of their gold, passage and sentence (a near miss has
none); ``others``, passages from elsewhere in the episode, mostly those that the reader before took for answers. Whoever
wrote the questions saw nothing but the stretch, and asked in other words than the speaker's.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from bench.retrieval.homes import meeting
from ingest.formats import parse
from kb.retrieval.passages import sentences_of
from kb.transcripts.canonical import canonicalise
from kb.transcripts.chunking import chunk

from .material import Passage, Question

__all__ = ["FILE", "LENGTH", "Stretch", "is_kept_apart", "read_asked", "stretch_batches", "transcript_passages"]

FILE = Path(__file__).parent / "asked.jsonl"
#: Passages of a stretch.
LENGTH = 5
#: One in so many episodes is never trained on.
_KEPT_APART = 12
#: Stretches in a batch, passages from elsewhere in the episode with each, and the share that is read with its title.
_STRETCHES, _OTHERS, _TITLED = 2, 3, 0.7


@dataclass(frozen=True, slots=True)
class Stretch:
    """Passages that follow one another, with what is asked of them, and others of the same episode."""

    episode: str
    passages: tuple[Passage, ...]
    others: tuple[Passage, ...]


def is_kept_apart(episode: str) -> bool:
    """Return whether an episode's questions are for measuring only."""
    return int(hashlib.sha256(episode.encode()).hexdigest(), 16) % _KEPT_APART == 0


def read_asked(data: Path) -> list[Stretch]:
    """Read every stretch; ``data`` holds ``changelog/`` and ``qmsum/train/``.

    Ends with a sentence where a transcript is not cut into the passages that the questions were written for.
    """
    told = [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]
    passages = lru_cache(4)(transcript_passages)  # stretches of one episode follow one another
    return [_stretch(each, passages(data, each["episode"])) for each in told]


def stretch_batches(stretches: Sequence[Stretch], rng: random.Random) -> Iterator[list[Passage]]:
    """Yield batches for ever, each time through in another order."""
    while True:
        order = rng.sample(stretches, len(stretches))
        for start in range(0, len(order) - _STRETCHES + 1, _STRETCHES):
            batch: list[Passage] = []
            for stretch in order[start : start + _STRETCHES]:
                others = rng.sample(stretch.others, min(_OTHERS, len(stretch.others)))
                titled = rng.random() < _TITLED
                batch += [headed(passage, titled) for passage in (*stretch.passages, *others)]
            yield batch


def headed(passage: Passage, titled: bool = True) -> Passage:
    """Return a passage under the heading that the program gives it: its title, if wanted, and its speakers."""
    title = f"{passage.title}. " if titled else ""
    return replace(passage, heading=f"{title}{passage.heading}:")


def transcript_passages(data: Path, episode: str) -> list[Passage]:
    """Return a transcript's passages as the program cuts them; their heading is their speakers."""
    path = data / (episode if episode.startswith("qmsum/") else f"changelog/{episode}")
    canonical = canonicalise(meeting(path) if path.suffix == ".json" else parse(path, path.read_bytes()))
    found = []
    for part in chunk(canonical, path.stem, 1):
        cut = sentences_of(part, canonical.text[part.char_start : part.char_end], canonical.turns)
        sentences = tuple(sentence.text for sentence in cut)
        found.append(Passage("asked", path.name, sentences, (), ", ".join(part.speakers)))
    return found


def _stretch(told: dict[str, Any], passages: Sequence[Passage]) -> Stretch:
    own = passages[told["first"] : told["first"] + LENGTH]
    if _digest(own) != told["digest"]:
        raise SystemExit(f"{told['episode']} is not the text that its questions were written for.")
    asked: list[list[Question]] = [[] for _ in own]
    for question in told["questions"]:
        # A near miss is asked of the whole stretch; an answer that goes over a border, of the part it begins in.
        home = question["gold"][0][0] if question["gold"] else 0
        gold = tuple(index for passage, index in question["gold"] if passage == home)
        asked[home].append(Question(question["q"], gold))
    here = tuple(replace(passage, questions=tuple(some)) for passage, some in zip(own, asked, strict=True))
    return Stretch(told["episode"], here, tuple(passages[number] for number in told["others"]))


def _digest(passages: Sequence[Passage]) -> str:
    words = json.dumps([sentence for passage in passages for sentence in passage.sentences])
    return hashlib.sha256(words.encode()).hexdigest()[:8]
