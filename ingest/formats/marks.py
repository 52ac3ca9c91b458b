"""Times as people and services write them into text: ``[00:01:02]``, ``0:03``, ``0 minutes 3 seconds``."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["Mark", "leading_mark", "parted_at_marks", "trailing_mark"]

# "1:04", "01:02:03.5", "00:04:01:06" (the last part a fraction, mistyped, or frames).
_CLOCK = (
    r"(?:[0-9]{1,3}:)?[0-9]{1,3}:[0-5][0-9](?:[.,:;][0-9]{1,3})?(?![0-9:])"
    r"|[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}\.[0-9]{1,7}(?![0-9:])"  # Microsoft Teams: "0:0:3.4"
)
_RANGE = rf"({_CLOCK})(?:\s*(?:-{{1,2}}>|→|–|—|-|to)\s*({_CLOCK}))?"
_GAP = r"\s*(?:[-–—|:,]+(?=\s|$))?\s*"
_LEADING = re.compile(rf"\s*(?:[\[({{<]\\*\s*{_RANGE}\s*\\*[\])}}>]|#((?:{_CLOCK})(?:-[0-9]{{1,3}})?)#){_GAP}")
_LEADING_BARE = re.compile(rf"\s*{_RANGE}(?=[\s:,–—-]|$)(?![-–—][^\s]){_GAP}")
_TRAILING = re.compile(
    rf"(?:^|(?<=\S))\s*(?:[-–—|:,]\s*)?(?:[\[({{<]\\*\s*{_RANGE}\s*\\*[\])}}>]|#((?:{_CLOCK})(?:-[0-9]{{1,3}})?)#)\s*[:：]?\s*$"
)
_TRAILING_BARE = re.compile(rf"(?:^|\s)\s*(?:[-–—|,]\s*)?{_RANGE}\s*[:：]?\s*$")
_UNIT = r"\s?(?:{})\b[\s,]*(?:and\s+)?"
_SPELLED = (
    rf"(?=[0-9])(?:([0-9]{{1,3}}){_UNIT.format('hours?|hrs?|h')})?(?:([0-9]{{1,3}}){_UNIT.format('minutes?|mins?|m')})?"
    rf"(?:([0-9]{{1,3}}){_UNIT.format('seconds?|secs?|s')})?"
)
_ONLY_SPELLED = re.compile(rf"\s*{_SPELLED}\s*$")
_TRAILING_SPELLED = re.compile(rf"\s(?:[-–—|,]\s*)?{_SPELLED}\s*$")
# In square brackets a time may stand anywhere; backslashes are typing errors ("[\04:01\]").
_INSIDE = re.compile(rf"\[\\*({_CLOCK})\\*\]|#((?:{_CLOCK})(?:-[0-9]{{1,3}})?)#")
_PARTS = re.compile(r"[-:;.,]")
_LONGEST = 100  # characters: no mark is longer, and searching back from the end of a long line is quadratic


@dataclass(frozen=True, slots=True)
class Mark:
    """A time at the edge of a line: seconds, the text without it, and whether it was set off in brackets."""

    start: float
    end: float | None
    rest: str
    bracketed: bool


def leading_mark(text: str) -> Mark | None:
    """Return the time that ``text`` begins with; without brackets it may be a spoken time of day."""
    for pattern, bracketed in ((_LEADING, True), (_LEADING_BARE, False)):
        found = pattern.match(text, 0, _LONGEST)
        if found and (times := _times(found)):
            return Mark(*times, text[found.end() :].lstrip(), bracketed)
    spelled = _ONLY_SPELLED.match(text) if len(text) <= _LONGEST else None
    seconds = _spelled(spelled) if spelled else None
    return Mark(seconds, None, "", True) if seconds is not None else None


def trailing_mark(text: str) -> Mark | None:
    """Return the time that a short ``text`` ends with: ``Jane Doe (00:03)``, ``Jane Doe  0:03``."""
    if not text or len(text) > _LONGEST:
        return None
    for pattern, bracketed in ((_TRAILING, True), (_TRAILING_BARE, False)):
        found = pattern.search(text)
        if found and (times := _times(found)):
            rest = text[: found.start()].rstrip()
            # Some services print the time twice, in words and in figures.
            again = trailing_mark(rest) if len(rest) < len(text) else None
            return Mark(*times, again.rest if again else rest, bracketed)
    spelled = _TRAILING_SPELLED.search(text)
    seconds = _spelled(spelled) if spelled else None
    return Mark(seconds, None, text[: spelled.start()].rstrip(), True) if spelled and seconds is not None else None


def parted_at_marks(text: str) -> list[tuple[float | None, str]]:
    """Return the words before, between and after the times in square brackets, each with the time before it."""
    parts: list[tuple[float | None, str]] = []
    start, at = None, 0
    for found in _INSIDE.finditer(text):
        seconds = _seconds(found[1] or found[2])
        if seconds is None:
            continue
        parts.append((start, text[at : found.start()]))
        start, at = seconds, found.end()
    return [*parts, (start, text[at:])]


def _times(found: re.Match[str]) -> tuple[float, float | None] | None:
    start, end, *other = found.groups()
    start = start or (other[0] if other else None)
    first = _seconds(start) if start else None
    last = _seconds(end) if end else None
    if first is None:
        return None
    return first, last if last is not None and last >= first else None


def _seconds(clock: str) -> float | None:
    """Return the seconds of a clock time; ``None`` where its minutes or seconds are too many."""
    parts = _PARTS.split(clock)
    fraction = "0"
    if any(mark in clock for mark in ".,;-") or len(parts) == 4:
        fraction = parts.pop()
    numbers = [int(part) for part in parts]
    if (len(numbers) == 3 and numbers[1] > 59) or numbers[-1] > 59:
        return None
    whole = 0
    for number in numbers:
        whole = whole * 60 + number
    return round(float(f"{whole}.{fraction}"), 3)


def _spelled(found: re.Match[str]) -> float | None:
    hours, minutes, seconds = found.groups()
    if not (minutes or (hours and seconds) or (found[0].strip() and seconds)):
        return None
    return float(int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0))
