"""Several transcript files of one recording in a folder are one episode, read from the richest of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kb.catalogue import Source
from kb.knowledge_base import KnowledgeBase
from kb.transcripts.canonical import Canonical, canonicalise
from kb.types import Episode, Transcript

from ..formats import SUFFIXES
from ..metadata import recording_stems

__all__ = ["Siblings", "find_sibling"]

_WORD = re.compile(r"\w+")
_SAME = 0.9  # the share of common words in two outputs of one run; they differ in numbers and labels


@dataclass(frozen=True, slots=True)
class Siblings:
    """An episode with the same words that was read from the file ``source`` beside this one.

    ``richer`` says that this file has all that the episode has and more, ``poorer`` that it lacks something.
    """

    episode: Episode
    source: Path
    richer: bool
    poorer: bool


def find_sibling(kb: KnowledgeBase, path: Path, transcript: Transcript) -> Siblings | None:
    """Return the episode of another output of the run that wrote ``path``, ``None`` if there is none.

    Outputs of one run lie in one folder, are named after one recording and have the same words. What a person has
    corrected is poorer than nothing.
    """
    ours: Canonical | None = None
    for other in _beside(path):
        episode = kb.intake.find(Source(other.resolve().as_uri(), ""))
        if episode is None:
            continue
        ours, theirs = ours or canonicalise(transcript), kb.canonical(episode.id)
        if _share(ours.text, theirs.text) >= _SAME:
            pairs = list(zip(_richness(ours), _richness(theirs), strict=True))
            corrected = kb.revisions.corrected_by(episode.id) is not None
            poorer = corrected or any(own < other * _SAME for own, other in pairs)
            return Siblings(episode, other, not poorer and any(own > other for own, other in pairs), poorer)
    return None


def _beside(path: Path) -> Iterator[Path]:
    """Yield possible names of the run's other outputs: ``talk.srt``, ``talk.json``, ``talk.wav.json``."""
    names = (f"{stem}{suffix}" for stem in recording_stems(path) for suffix in sorted(SUFFIXES))
    yield from (other for name in dict.fromkeys(names) if (other := path.with_name(name)) != path)


def _share(ours: str, theirs: str) -> float:
    """Return which share of their words two texts have in common, in any order."""
    counts = [Counter(_WORD.findall(text.casefold())) for text in (ours, theirs)]
    most = max(count.total() for count in counts)
    return (counts[0] & counts[1]).total() / most if most else 1.0


def _richness(canonical: Canonical) -> tuple[int, int]:
    """Return how many words have a known speaker, and how many stretches have times of their own."""
    named = sum(
        len(_WORD.findall(canonical.text[turn.char_start : turn.char_end])) for turn in canonical.turns if turn.speaker
    )
    return named, len(canonical.timings)
