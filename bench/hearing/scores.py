"""How accurate a transcription is: substituted, inserted and deleted words (by jiwer), and the error of its times."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from statistics import median

from bench.hearing.material import Reading
from bench.hearing.systems import Heard

__all__ = ["Score", "score"]


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of words over all recordings of a set; ``off`` are seconds, how far each cue's beginning is off."""

    words: int
    wrong: int
    invented: int
    dropped: int
    off: tuple[float, ...]

    @property
    def rate(self) -> float:
        """Return the word error rate, in 0..1, or above 1 where many words were inserted."""
        return (self.wrong + self.invented + self.dropped) / self.words

    @property
    def median_off(self) -> float | None:
        """Return the median of ``off``; ``None`` where no reference has times."""
        return median(self.off) if self.off else None


def score(readings: Sequence[Reading], heard: Sequence[Heard], english: bool = True) -> Score:
    """Compare what was heard with what was said, both in the form in which Whisper's own papers compare them."""
    import jiwer
    from whisper.normalizers import BasicTextNormalizer, EnglishTextNormalizer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves its own list of spellings open
        plain = EnglishTextNormalizer() if english else BasicTextNormalizer()
    pairs = [(plain(reading.words), plain(each.text)) for reading, each in zip(readings, heard, strict=True)]
    found = jiwer.process_words([said for said, _ in pairs], [told for _, told in pairs])
    words = found.hits + found.substitutions + found.deletions
    off = [seconds for reading, each in zip(readings, heard, strict=True) for seconds in _off(reading, each)]
    return Score(words, found.substitutions, found.insertions, found.deletions, tuple(off))


def _off(reading: Reading, heard: Heard) -> list[float]:
    """Return the time error of each cue's first word, for those cues whose first word was recognised."""
    said = [
        (_bare(word), start if n == 0 else None) for start, text in reading.cues for n, word in enumerate(text.split())
    ]
    told = [(_bare(word), start) for word, start in heard.words]
    matcher = SequenceMatcher(None, [word for word, _ in said], [word for word, _ in told], autojunk=False)
    found = []
    for block in matcher.get_matching_blocks():
        for step in range(block.size):
            start = said[block.a + step][1]
            if start is not None:
                found.append(abs(start - told[block.b + step][1]))
    return found


def _bare(word: str) -> str:
    return re.sub(r"\W+", "", word).casefold()
