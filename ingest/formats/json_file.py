"""JSON transcripts: which of the known shapes a file has, and the values that all of them hold."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.formats.canonical import words_of
from ingest.formats.encoding import decode
from kb.cleaning import fold
from kb.errors import FormatError
from kb.timecode import parse_timecode
from kb.types import Word

__all__ = ["Source", "load", "number_of", "seconds_of", "text_of", "timed_words"]

_LONGEST = 3_600_000  # seconds: a thousand hours, as for subtitles


class Source:
    """One JSON file being read: its path for messages, and checked access to its times."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def error(self, problem: str) -> FormatError:
        """Return the error of a value that is not what the format has there."""
        return FormatError(self.path, problem, "Correct it, or export the transcript again.")

    def objects(self, value: object, name: str) -> Sequence[Mapping[str, Any]]:
        """Return a list of objects, an absent one as empty."""
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise self.error(f"The value of {name!r} is not a list of objects.")
        return value

    def span(self, number: int, start: object, end: object) -> tuple[float | None, float | None]:
        """Return a segment's start and end in seconds, each ``None`` where absent; ``number`` counts from 1."""
        times = self._time(number, start), self._time(number, end)
        if times[0] is not None and times[1] is not None and times[1] < times[0]:
            raise self.error(f"Segment {number} ends ({times[1]:g} s) before it starts ({times[0]:g} s).")
        return times

    def _time(self, number: int, value: object) -> float | None:
        if value is None or value == "":
            return None
        seconds = seconds_of(value)
        if seconds is None:
            raise self.error(f"Segment {number} has the time {repr(value)[:40]}, which is no number of seconds.")
        return seconds


def load(path: Path, data: bytes) -> object:
    """Return the JSON value in ``data``; raises ``FormatError`` with the line where it is not JSON."""
    text = decode(path, data)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        problem = f"This is not JSON ({error.msg} at column {error.colno})."
        raise FormatError(path, problem, "Export or download the transcript again.", error.lineno) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, lists in lists in lists
        problem = "The JSON holds a number or a nesting that no transcript has."
        raise FormatError(path, problem, "Export or download the transcript again.") from error


def seconds_of(value: object) -> float | None:
    """Return a time written as a number, or as text such as ``"12.5"`` or ``"00:00:12.500"``; ``None`` for others."""
    if isinstance(value, str):
        try:
            value = round(parse_timecode(value), 3) if ":" in value else float(value)
        except ValueError:
            return None
    seconds = number_of(value)
    return seconds if seconds is not None and 0 <= seconds < _LONGEST else None


def number_of(value: object) -> float | None:
    """Return a finite JSON number as a float, ``None`` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int) and abs(value) > 2**53:
        return None
    return float(value) if math.isfinite(value) else None


def text_of(value: object) -> str:
    """Return folded text, empty where the value is not text."""
    return fold(value) if isinstance(value, str) else ""


def timed_words(text: object, start: object, end: object, probability: object) -> Iterator[Word]:
    """Yield the word of a JSON object, none where it is blank.

    Recognisers leave out the times of numbers and write some backwards; such times are unknown, the word stays.
    """
    times = seconds_of(start), seconds_of(end)
    if times[0] is not None and times[1] is not None and times[1] < times[0]:
        times = None, None
    certain = number_of(probability)
    certain = certain if certain is not None and 0 <= certain <= 1 else None
    for word in words_of(text_of(text), *times):
        yield replace(word, probability=certain)
