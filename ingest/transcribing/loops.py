"""Loops of a recogniser: one phrase many times in a row, within a segment or over many segments.

A loop is a failure as a whole: its first repetitions may have been said, but cannot be told from the
rest. So a loop is handled as one, with all its segments.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kb.types import Segment

__all__ = ["Loop", "has_length", "loops", "words_of"]

LOOP_WORDS = 12  # repeated words that make a loop, and
LOOP_TIMES = 4  # how often at least the phrase must come in a row
LONGEST_PHRASE = 100  # words
LONGEST_TEXT = 2_000  # words of a segment that are examined; no recogniser writes more

_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"  # Thai to Khmer, kana, ideographs
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")


@dataclass(frozen=True, slots=True)
class Loop:
    """The segments ``first`` to ``last`` (positions, both in it) that say ``phrase`` over and over."""

    first: int
    last: int
    phrase: str
    times: int


def words_of(text: str) -> list[str]:
    """Return the words in lower case; in scripts without spaces each character is one."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())[:LONGEST_TEXT]


def has_length(segment: Segment) -> bool:
    """Return whether the segment has a duration; true if its times are unknown."""
    return segment.start is None or segment.end is None or segment.end > segment.start


def loops(segments: Sequence[Segment]) -> tuple[Loop, ...]:
    """Return the loops in a recording's or block's segments, in order; no segment is in two of them.

    "No, no, no, no" is speech: the repeated words must be twelve at least, or one repetition took no time. A segment
    belongs to a loop that fills half of its words.
    """
    texts = [words_of(segment.text) for segment in segments]
    words = [word for text in texts for word in text]
    number = {word: index for index, word in enumerate(dict.fromkeys(words))}
    tokens = np.array([number[word] for word in words], np.int32)
    owner = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    lengthless = np.array([not has_length(segment) for segment in segments], bool)
    lengths = np.bincount(owner, minlength=len(texts))
    free = np.ones(len(texts), bool)  # segments that are not in a loop of a shorter phrase
    found = []
    for size in range(1, min(len(words) // LOOP_TIMES, LONGEST_PHRASE) + 1):
        for start, covered in _repeated(tokens, size):
            begins = owner[start]
            inside = np.bincount(owner[start : start + covered] - begins)
            filled = np.flatnonzero((inside > 0) & (inside * 2 >= lengths[begins : begins + len(inside)])) + begins
            if not len(filled) or not free[filled[0] : filled[-1] + 1].all():
                continue
            if covered >= LOOP_WORDS or lengthless[filled].any():
                free[filled[0] : filled[-1] + 1] = False
                phrase = " ".join(words[start : start + size])
                found.append(Loop(int(filled[0]), int(filled[-1]), phrase, covered // size))
    return tuple(sorted(found, key=lambda loop: loop.first))


def _repeated(tokens: NDArray[np.int32], size: int) -> Iterator[tuple[int, int]]:
    """Yield where a phrase of ``size`` words comes four times in a row or more, and how many words that covers."""
    same = np.concatenate([[False], tokens[size:] == tokens[:-size], [False]])  # as the word ``size`` before
    edges = np.flatnonzero(same[1:] != same[:-1])
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if end - start >= (LOOP_TIMES - 1) * size:
            yield start, end - start + size
