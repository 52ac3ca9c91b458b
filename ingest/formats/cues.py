"""Timed cues, as WebVTT and SubRip share them: times on one line, the words on the lines below."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kb.errors import FormatError
from kb.timecode import parse_timecode

__all__ = ["Cue", "parse_time", "read_cues"]

# webvtt-py, pysubs2 and srt were tried first. None tells the line of a bad cue; webvtt-py and pysubs2 drop or merge
# a malformed one without a word, and srt backtracks over the rest of the file for each.

_TIME_LIKE = re.compile(r"[0-9][:.,][0-9]")


@dataclass(frozen=True, slots=True)
class Cue:
    """The lines shown from ``start`` to ``end`` (seconds); ``line`` is the number of the line with the times."""

    line: int
    start: float
    end: float
    lines: tuple[str, ...]


def read_cues(path: Path, lines: list[str], is_identifier: Callable[[str, bool], bool]) -> Iterator[Cue]:
    """Yield the cues of a file's ``lines`` in order; what stands before the first line of times is skipped.

    ``is_identifier(line, after_blank)`` tells whether the line just above a cue's times is its number or name.
    Blank lines do not end a cue's words, because editors leave them inside cues; the next times do.
    Raises ``FormatError`` with the line for times that cannot be read or that run backwards.
    """
    opened: tuple[int, float, float] | None = None
    below: list[str] = []
    for number, line in enumerate(lines, 1):
        if not _is_timing(line):
            below.append(line)
            continue
        if opened:
            if below and is_identifier(below[-1], len(below) > 1 and not below[-2].strip()):
                below.pop()
            yield Cue(*opened, _spoken(below))
        opened, below = (number, *_times(path, number, line)), []
    if opened:
        yield Cue(*opened, _spoken(below))


def _spoken(lines: list[str]) -> tuple[str, ...]:
    return tuple(line for line in lines if line.strip())


def _is_timing(line: str) -> bool:
    """Tell a line of times, even a malformed one, from words that hold an arrow (``step 1 --> step 2``)."""
    if "-->" not in line:
        return False
    left, _, right = line.partition("-->")
    timed = [bool(_TIME_LIKE.search(left[-40:])), bool(_TIME_LIKE.search(right[:40]))]
    return all(timed) or (any(timed) and len(left.split()) <= 1)


def _times(path: Path, number: int, line: str) -> tuple[float, float]:
    left, _, right = line.partition("-->")
    texts = left.strip(), (right.split() or [""])[0]  # what follows the end time are settings: align, position
    start, end = (parse_time(path, number, text) for text in texts)
    if end < start:
        problem = f"The cue ends ({texts[1]}) before it starts ({texts[0]})."
        raise FormatError(path, problem, "Correct the two times.", number)
    return start, end


def parse_time(path: Path, number: int, text: str) -> float:
    """Return the seconds of a time as subtitles write it; raises ``FormatError`` with the line."""
    try:
        return round(parse_timecode(text), 3)  # the sum of its parts may end on ...9998
    except ValueError as error:
        problem = f"{text[:40]!r} is not a time."
        raise FormatError(path, problem, "Write hours:minutes:seconds, such as 00:01:02.500.", number) from error
