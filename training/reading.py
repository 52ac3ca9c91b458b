"""The reading's transcript: WebVTT with a cue a sentence, voice tags and a timestamp before each word.

Only what this package writes is read back; users' WebVTT files are the business of ``ingest.formats``.
Source: https://www.w3.org/TR/webvtt1/#webvtt-timestamp-object
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from kb.errors import FormatError
from kb.timecode import parse_timecode, vtt_timestamp
from kb.types import Segment, Word

__all__ = ["compose_reading", "read_reading", "split_words"]

_VOICE = re.compile(r"<v ([^>]+)>(.+)")
_TIMESTAMP = re.compile(r" <([\d:.]+)>")


def split_words(sentence: str) -> list[str]:
    """Return the words of a sentence; a dash that stands alone belongs to the word before it."""
    words: list[str] = []
    for token in sentence.split():
        if token == "-" and words:
            words[-1] += " -"
        else:
            words.append(token)
    return words


def compose_reading(segments: Sequence[Segment], note: str) -> str:
    """Return the WebVTT text of ``segments``, whose words all have times; ``note`` is its comment."""
    blocks = ["WEBVTT", f"NOTE\n{note}"]
    for segment in segments:
        first, *rest = segment.words
        payload = first.text + "".join(f" <{_stamp(word.start)}>{word.text}" for word in rest)
        times = f"{_stamp(segment.start)} --> {_stamp(segment.end)}"
        blocks.append(f"{times}\n<v {segment.speaker}>{payload}")
    return "\n\n".join(blocks) + "\n"


def _stamp(seconds: float | None) -> str:
    if seconds is None:
        raise ValueError("a word of the reading has no time")
    return vtt_timestamp(seconds)


def read_reading(path: Path) -> tuple[Segment, ...]:
    """Return the cues of a reading's WebVTT file; raises ``FormatError``.

    A word ends where the next one starts, the last one where its cue ends.
    """
    return tuple(_cues(path, path.read_text(encoding="utf-8")))


def _cues(path: Path, text: str) -> Iterator[Segment]:
    for block in text.split("\n\n"):
        times, _, payload = block.partition("\n")
        if " --> " not in times:
            continue
        voice = _VOICE.fullmatch(payload.strip())
        if voice is None:
            raise FormatError(path, f"the cue at {times} has no voice tag.", "Write <v Name> before its words.")
        start, end = (parse_timecode(time) for time in times.split(" --> "))
        first, *rest = _TIMESTAMP.split(voice[2])
        texts = [first, *rest[1::2]]
        bounds = [start, *(parse_timecode(time) for time in rest[::2]), end]
        words = tuple(Word(text, begin, finish) for text, (begin, finish) in zip(texts, pairwise(bounds), strict=True))
        yield Segment(start, end, " ".join(texts), voice[1], words)
