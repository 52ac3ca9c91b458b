"""The language of each block, and how sure it is.

If Whisper is forced into one language, it silently translates another one. So the language is detected for each
block. A block with a sure language is decoded in it, an unsure one in the language of the last sure block,
with a doubt if the two differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from ingest.sound.blocks import Block
from ingest.transcribing.loading import LoadedEngine
from kb.translatable import phrase

__all__ = ["SURE", "SpokenLanguage", "first_guess", "guesses", "main_language", "other_languages", "spoken_in"]

SURE = 0.5  # probability from which a block is decoded in its detected language
CERTAIN = 0.8  # that one block at least must reach for a second language; music is often taken for a rare one
LISTEN = 3  # blocks to detect the language from, if the first is not sure
LEAST = 1.0  # seconds of speech from which a block may change the language; an "mm" has none


@dataclass(frozen=True, slots=True)
class SpokenLanguage:
    """The language that a block is decoded in, and the detected one with its probability."""

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
    """Return the language to decode ``block`` in; ``before`` is that of the blocks before it."""
    guess, probability = engine.detect_language(block.samples)
    voice = sum(end - start for start, end in block.speech)
    changes = probability >= SURE and voice >= LEAST
    return SpokenLanguage(guess if changes else before, guess, round(probability, 4))


def main_language(spoken: Sequence[SpokenLanguage], places: Sequence[Stretch]) -> tuple[str, float]:
    """Return the language of most of the recording, and its highest probability in a block."""
    seconds: dict[str, float] = {}
    for block, (start, end) in zip(spoken, places, strict=True):
        seconds[block.language] = seconds.get(block.language, 0.0) + end - start
    language = max(seconds, key=seconds.__getitem__)
    return language, _surest(spoken, language)


def other_languages(
    spoken: Sequence[SpokenLanguage], places: Sequence[Stretch]
) -> tuple[tuple[float, float, str], ...]:
    """Return where another language than the main one is spoken; adjacent blocks are one stretch."""
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

    No doubt is needed if another block is sure of the same language.
    """
    found = []
    main = main_language(spoken, places)[0] if spoken else None
    for block, (start, end) in zip(spoken, places, strict=True):
        percent = f"{100 * block.probability:.0f} %"
        if block.guess != block.language:
            why: str = phrase(
                "it is heard as %(language)s, and may be %(other)s (%(percent)s)",
                language=repr(block.language),
                other=repr(block.guess),
                percent=percent,
            )
            found.append((start, end, why))
        elif _surest(spoken, block.language) < (SURE if block.language == main else CERTAIN):
            why = phrase(
                "its language is only guessed (%(language)s, %(percent)s)",
                language=repr(block.language),
                percent=percent,
            )
            found.append((start, end, why))
    return tuple(found)


def _surest(spoken: Sequence[SpokenLanguage], language: str) -> float:
    return max((block.probability for block in spoken if block.guess == block.language == language), default=0.0)
