"""JSON transcripts: loading a file, and checked access to the values that all shapes share."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest.formats.canonical import words_of
from kb.errors import FormatError
from kb.text.cleaning import fold
from kb.timecode import parse_timecode
from kb.translatable import joined, phrase
from kb.types import Remark, Word

__all__ = ["JsonSource", "load", "number_of", "objects_in", "seconds_of", "text_of", "timed_words"]

_LONGEST = 3_600_000  # seconds: a thousand hours, as for subtitles
_MOST_LISTED = 5  # faulty segments that the remark lists


class JsonSource:
    """One JSON file being read: checked access to its values, and a list of the faulty segments."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._faults: dict[int, str] = {}

    def error(self, problem: str) -> FormatError:
        """Return the error for a value that the format does not allow."""
        return FormatError(self.path, problem, phrase("Correct it, or export the transcript again."))

    def segments(self, value: object, name: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """Yield the objects of a list with their numbers, from 1; anything else is a faulty segment."""
        if value is not None and not isinstance(value, list):
            raise self.error(phrase("The value of %(name)s is not a list of objects.", name=repr(name)))
        for number, item in enumerate(value or (), 1):
            if isinstance(item, dict):
                yield number, item
            else:
                self.fault(number, phrase("is %(value)s, which is not an object, and was left out", value=_shown(item)))

    def span(self, number: int, start: object, end: object) -> tuple[float | None, float | None]:
        """Return a segment's start and end in seconds, each ``None`` where absent or faulty."""
        times = self._time(number, start), self._time(number, end)
        if times[0] is not None and times[1] is not None and times[1] < times[0]:
            problem = phrase(
                "ends (%(end)s s) before it starts (%(start)s s)",
                end=format(times[1], "g"),
                start=format(times[0], "g"),
            )
            self.fault(number, problem)
            return None, None
        return times

    def fault(self, number: int, problem: str) -> None:
        """Note what is wrong with a segment; the first fault of each counts."""
        self._faults.setdefault(number, problem)

    def remarks(self, total: int) -> tuple[Remark, ...]:
        """Return a remark that counts the faulty ones of ``total`` segments.

        Raises ``FormatError`` where all are faulty: then the file is something else.
        """
        if not self._faults:
            return ()
        listed = list(self._faults.items())[:_MOST_LISTED]
        if len(self._faults) == total:
            first, problem = listed[0]
            raise self.error(phrase("Segment %(number)s %(problem)s.", number=str(first), problem=problem))
        told = [phrase("segment %(number)s %(problem)s", number=str(number), problem=why) for number, why in listed]
        if more := len(self._faults) - len(listed):
            told.append(phrase("and %(number)s more", number=str(more)))
        note = phrase(
            "%(number)s of %(segments)s segments are faulty; what words they have is kept, "
            "without a time (%(faults)s).",
            number=str(len(self._faults)),
            segments=str(total),
            faults=joined("; ", told),
        )
        return (Remark("note", None, None, "", note),)

    def _time(self, number: int, value: object) -> float | None:
        if value is None or value == "":
            return None
        seconds = seconds_of(value)
        if seconds is None:
            problem = phrase("has the time %(value)s, which is not a number of seconds", value=_shown(value))
            self.fault(number, problem)
        return seconds


def objects_in(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a list of words or tokens; anything else is skipped, and the segment keeps its text."""
    if isinstance(value, list):
        yield from (item for item in value if isinstance(item, dict))


def load(path: Path, text: str) -> object:
    """Return the JSON value in ``text``, of JSON Lines their list; raises ``FormatError`` with the line for others."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and (lines := _json_lines(text)):
            return lines
        problem = phrase(
            "This is not JSON (%(reason)s at column %(column)s).", reason=error.msg, column=str(error.colno)
        )
        raise FormatError(path, problem, phrase("Export or download the transcript again."), error.lineno) from error
    except (ValueError, RecursionError) as error:  # a number with thousands of digits, or deeply nested lists
        problem = phrase("The JSON holds a number or a nesting that no transcript has.")
        raise FormatError(path, problem, phrase("Export or download the transcript again.")) from error


def _json_lines(text: str) -> list[object]:
    """Return the objects, one per line; an empty list if a line holds something else."""
    objects: list[object] = []
    for line in text.split("\n"):
        if line.strip():
            try:
                objects.append(json.loads(line))
            except (ValueError, RecursionError):
                return []
    return objects if all(isinstance(item, dict) for item in objects) else []


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


def _shown(value: object) -> str:
    return repr(value)[:40] if isinstance(value, str | int | float | None) else f"a {type(value).__name__}"
