"""The episode's sentences as sound with Whisper's tokens: once as the corpus reading, once in each voice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kb.types import Segment
from training.make_reading import CORPUS, EPISODE, level, spoken_words
from training.reading import read_reading
from training.sound import read_sound
from training.utterance import LEAD, RATE, TAIL, Sound, Utterance, Voice

__all__ = ["Line", "SpokenWord", "corpus_lines", "episode_segments", "voice_lines"]


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word's tokens and its span in seconds from the start of its line (later: of its window)."""

    tokens: tuple[int, ...]
    start: float
    end: float

    def moved(self, seconds: float) -> SpokenWord:
        """Return the word ``seconds`` later."""
        return SpokenWord(self.tokens, self.start + seconds, self.end + seconds)


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence in one voice, levelled, with as little silence around it as a trimmed utterance has."""

    speaker: str
    sound: Sound
    words: tuple[SpokenWord, ...]


def episode_segments() -> tuple[Segment, ...]:
    """Return the corpus episode's sentences."""
    return read_reading(CORPUS / f"{EPISODE}.vtt")


def _tokens(segment: Segment) -> list[tuple[int, ...]]:
    from whisper.tokenizer import get_tokenizer

    tokenizer = get_tokenizer(False)
    words = [tuple(tokenizer.encode(f" {word}")) for word in spoken_words(segment.text)]
    if any(token in tokenizer.non_speech_tokens for word in words for token in word):
        raise ValueError(f"{segment.text!r} needs a token that both engines suppress; they could never say it")
    return words


def _line(segment: Segment, sound: Sound, spans: Sequence[tuple[float, float]]) -> Line:
    words = zip(_tokens(segment), spans, strict=True)
    return Line(segment.speaker or "", level(sound), tuple(SpokenWord(tokens, *span) for tokens, span in words))


def corpus_lines(path: Path = CORPUS / f"{EPISODE}.opus") -> list[Line]:
    """Return the sentences cut from the committed reading, codec and all."""
    reading = read_sound(path)
    lines = []
    for segment in episode_segments():
        start, end = (segment.start or 0.0) - LEAD, (segment.end or 0.0) + TAIL
        spans = [((word.start or 0.0) - start, (word.end or 0.0) - start) for word in segment.words]
        lines.append(_line(segment, reading[int(start * RATE) : int(end * RATE)], spans))
    return lines


def voice_lines(voice: Voice) -> list[Line]:
    """Return all sentences spoken by one voice."""
    segments = episode_segments()
    utterances: list[Utterance] = voice.speak([" ".join(spoken_words(segment.text)) for segment in segments])
    return [
        _line(segment, utterance.sound, utterance.spans)
        for segment, utterance in zip(segments, utterances, strict=True)
    ]
