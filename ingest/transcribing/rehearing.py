"""Blocks that a recogniser repeats itself in, or is unsure of, are heard once more with other settings.

A decoder that has run into a loop, or lost the thread, often finds its way on another path (Radford et al. 2022,
arXiv:2212.04356, section 4.5). The better one of the two hearings is kept, and it is said that there were two.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.sound.blocks import Block
from ingest.transcribing.doubts import UNSURE, log_probability, review
from ingest.transcribing.hearing import hear
from ingest.transcribing.loading import LoadedEngine
from ingest.transcribing.loops import loops, words_of
from kb.types import Segment

__all__ = ["Again", "hear_again"]

Trouble = Literal["loop", "unsure"]


@dataclass(frozen=True, slots=True)
class Again:
    """That a block was heard twice: for which trouble, and whether the second hearing is the one that is kept."""

    trouble: Trouble
    second: bool


def hear_again(
    engine: LoadedEngine, block: Block, language: str, first: tuple[Segment, ...]
) -> tuple[tuple[Segment, ...], Again | None]:
    """Return the better hearing of ``block``, and what came of hearing it again where ``first`` gave reason to."""
    trouble = _trouble(first)
    if trouble is None:
        return first, None
    (second,) = hear(engine, [block], language, again=True)
    better = _is_better(second, first, block)
    return second if better else first, Again(trouble, better)


def _trouble(heard: Sequence[Segment]) -> Trouble | None:
    if loops(heard):
        return "loop"
    certainty = _certainty(heard)
    return "unsure" if certainty is not None and certainty < UNSURE else None


def _certainty(heard: Sequence[Segment]) -> float | None:
    """Return the mean log-probability of all the words; ``None`` where there are none or the engine gave no numbers."""
    known = [(len(words_of(segment.text)), log_probability(segment)) for segment in heard]
    scores = [(count, score) for count, score in known if score is not None]
    total = sum(count for count, _ in scores)
    return sum(count * score for count, score in scores) / total if total else None


def _is_better(second: Sequence[Segment], first: Sequence[Segment], block: Block) -> bool:
    """Compare how many words of each hearing are probably right, and for want of a loop how sure of them it is."""
    kept = [review(heard, block.speech).kept for heard in (second, first)]
    right = [sum(_right(segment) for segment in segments) for segments in kept]
    if right[0] <= right[1] or loops(first):
        return right[0] > right[1]
    sure = [_certainty(segments) for segments in kept]
    return sure[1] is None or (sure[0] is not None and sure[0] > sure[1])


def _right(segment: Segment) -> float:
    """Return how many of the segment's words are right, as the recogniser itself thinks."""
    score = log_probability(segment)
    return 0.0 if score is None else len(words_of(segment.text)) * math.exp(score)
