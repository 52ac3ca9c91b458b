"""In which language each block is heard, and how sure that is.

Whisper forced into one language does not stumble over another: it translates, in silence. So each block tells its
own language. A block that is sure of it is heard in it. One that is not is heard in the language of the last block
that was sure, and a doubt says so where the two do not agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from ingest.sound.blocks import Block
from ingest.transcribing.loading import LoadedEngine

__all__ = ["SURE", "SpokenLanguage", "first_guess", "guesses", "main_language", "other_languages", "spoken_in"]

SURE = 0.5  # probability from which a block is heard in the language that it tells
CERTAIN = 0.8  # which one block at least must be of a language that the rest is not in; music has a taste for rare ones
LISTEN = 3  # blocks that are asked where the first is not sure
LEAST = 1.0  # seconds of speech from which a block may change the language; an "mm" is of none


@dataclass(frozen=True, slots=True)
class SpokenLanguage:
    """The language that a block is heard in, and the one that the recogniser takes it for, with its probability."""

    language: str
    guess: str
    probability: float


Stretch = tuple[float, float]  # seconds of the recording


def first_guess(engine: LoadedEngine, first: Sequence[Block]) -> str:
    """Return the language of a recording's first block, or of the first three where that one is not sure."""
    votes: dict[str, float] = {}
    for asked, block in enumerate(first[:LISTEN], start=1):
        language, probability = engine.detect_language(block.samples)
        votes[language] = votes.get(language, 0.0) + probability
        if max(votes.values()) / asked >= SURE:
            break
    return max(votes, key=votes.__getitem__)


def spoken_in(engine: LoadedEngine, block: Block, before: str) -> SpokenLanguage:
    """Return the language to hear ``block`` in; ``before`` is that of the blocks before it."""
    guess, probability = engine.detect_language(block.samples)
    voice = sum(end - start for start, end in block.speech)
    changes = probability >= SURE and voice >= LEAST
    return SpokenLanguage(guess if changes else before, guess, round(probability, 4))


def main_language(spoken: Sequence[SpokenLanguage], places: Sequence[Stretch]) -> tuple[str, float]:
    """Return the language that most of the recording is heard in, and how sure its surest block is of it."""
    seconds: dict[str, float] = {}
    for block, (start, end) in zip(spoken, places, strict=True):
        seconds[block.language] = seconds.get(block.language, 0.0) + end - start
    language = max(seconds, key=seconds.__getitem__)
    return language, _surest(spoken, language)


def other_languages(
    spoken: Sequence[SpokenLanguage], places: Sequence[Stretch]
) -> tuple[tuple[float, float, str], ...]:
    """Return where another language than the main one is heard; neighbouring blocks are one stretch."""
    if not spoken:
        return ()
    main, _ = main_language(spoken, places)
    found = []
    for language, blocks in groupby(zip(spoken, places, strict=True), key=lambda each: each[0].language):
        if language != main:
            stretches = [place for _, place in blocks]
            found.append((stretches[0][0], stretches[-1][1], language))
    return tuple(found)


def guesses(spoken: Sequence[SpokenLanguage], places: Sequence[Stretch]) -> tuple[tuple[float, float, str], ...]:
    """Return the blocks whose language is in doubt, from and to which second, and why.

    A block that is less sure of a language that another block is sure of needs no doubt.
    """
    found = []
    main = main_language(spoken, places)[0] if spoken else None
    for block, (start, end) in zip(spoken, places, strict=True):
        percent = f"{100 * block.probability:.0f} %"
        if block.guess != block.language:
            why = f"it is heard as {block.language!r}, and may be {block.guess!r} ({percent})"
            found.append((start, end, why))
        elif _surest(spoken, block.language) < (SURE if block.language == main else CERTAIN):
            found.append((start, end, f"its language is only guessed ({block.language!r}, {percent})"))
    return tuple(found)


def _surest(spoken: Sequence[SpokenLanguage], language: str) -> float:
    return max((block.probability for block in spoken if block.guess == block.language == language), default=0.0)
