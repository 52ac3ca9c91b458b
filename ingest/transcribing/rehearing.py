"""Decodes a block again with other settings if the recogniser repeated itself or was unsure.

A decoder that fails in a loop often succeeds with other settings (Radford et al. 2022,
arXiv:2212.04356, section 4.5). The better result is kept, with a remark that there were two.
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
    """A block was decoded twice: the reason, and whether the second result is kept."""

    trouble: Trouble
    second: bool


def hear_again(
    engine: LoadedEngine, block: Block, language: str, first: tuple[Segment, ...]
) -> tuple[tuple[Segment, ...], Again | None]:
    """Return the better result for ``block``, and what happened if ``first`` was decoded again."""
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
    """Compare the probable number of right words and, without a loop, the mean log-probability."""
    kept = [review(heard, block.speech).kept for heard in (second, first)]
    right = [sum(_right(segment) for segment in segments) for segments in kept]
    if right[0] <= right[1] or loops(first):
        return right[0] > right[1]
    sure = [_certainty(segments) for segments in kept]
    return sure[1] is None or (sure[0] is not None and sure[0] > sure[1])


def _right(segment: Segment) -> float:
    """Return the expected number of right words in the segment, by the recogniser's own probabilities."""
    score = log_probability(segment)
    return 0.0 if score is None else len(words_of(segment.text)) * math.exp(score)
