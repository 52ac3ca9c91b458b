"""Timed cues, as WebVTT and SubRip share them: times on one line, the words on the lines below."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kb.errors import FormatError
from kb.text.cleaning import fold
from kb.translatable import joined, phrase
from kb.types import Remark, Word

__all__ = ["Cue", "is_timing", "parse_time", "read_cues"]

# webvtt-py, pysubs2 and srt were tried first. None reports the line of a bad cue; webvtt-py and pysubs2 drop or merge
# it silently, and srt backtracks over the rest of the file for each.

# Translators and word processors put blanks inside the times, and other arrows between them.
_CLOCK = r"[0-9]{1,3}\s?[:：]\s?[0-9]{1,3}(?:\s?[:：]\s?[0-9]{1,3})?(?:\s?[.,:，．]\s?[0-9]{1,9})?(?![0-9])"
_ARROW = r"-\s?-\s?>"
_OTHER_ARROW = r"(?:-|---|[–—―]+|=)\s?>"
# May be words in a file whose times have other arrows; our own writers escape words with "&gt;".
_RARE_ARROWS = str.maketrans({"→": "->", "⟶": "->", "➔": "->"})
_TIMING = re.compile(
    rf"\s*(?:[0-9]{{1,6}}\s+)?(?P<start>{_CLOCK})\s*(?:(?P<arrow>{_ARROW})|{_OTHER_ARROW})\s*(?P<end>{_CLOCK})"
    r"(?:(?P<rest>\s.*)|\s*)"
)
_SETTING = re.compile(r"\s*(?:vertical|line|position|size|align|region|[XxYy][12])\s?:\s?[0-9A-Za-z.,%:-]+(?:\s+|$)")
_VOICE = re.compile(r'[0-9]{1,6} "([^"<>]{1,80})" \([^()]{0,40}\)')  # Webex: 12 "Jane Doe" (1234567)
_PARTS = re.compile(r"([0-9]+)\s?[:：]\s?([0-9]+)(?:\s?[:：]\s?([0-9]+))?(?:\s?([.,:，．])\s?([0-9]+))?")
_CLOCK_LIKE = re.compile(r"[0-9]:[0-9]|:[^:\s]{1,9}:")
_SENTENCE_END = (".", "?", "!", "…", ",")
_LONGEST_LINE = 1_000  # characters
_MOST_LISTED = 5  # places of bad cues that the remark lists


@dataclass(frozen=True, slots=True)
class Cue:
    """The lines shown from ``start`` to ``end`` (seconds, ``None`` where they cannot be read).

    ``line`` is the number of the line with the times; ``words`` have times where a moving highlight gave them.
    """

    line: int
    start: float | None
    end: float | None
    lines: tuple[str, ...]
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class _Timing:
    """A line of times: the times, the words after them on the same line, and any problem."""

    line: int
    start: float | None
    end: float | None
    rest: str = ""
    problem: str = ""


def read_cues(path: Path, lines: Sequence[str], *, named: bool) -> tuple[list[Cue], tuple[Remark, ...]]:
    """Return the cues of a file's ``lines`` in order, and a remark that counts those whose times cannot be read.

    Such a cue keeps its words, without a time. Lines before the first line of times are skipped. The line just
    above a cue's times is not part of the cue before if it is a number or, in files with ``named`` cues, a name.
    Blank lines do not end a cue's words, because editors leave them inside cues; the next times do.
    Webex names who speaks above the times: there a cue's words come in a voice tag.
    Raises ``FormatError`` where no cue has times that can be read.
    """
    timings = _timings(lines)
    if not timings:
        timings = _timings([line.translate(_RARE_ARROWS).replace("&gt;", ">") for line in lines])
    if not timings:
        return [], ()
    if all(timing.problem for timing in timings):
        first = timings[0]
        raise FormatError(path, first.problem, "Write hours:minutes:seconds, such as 00:01:02.500.", first.line)
    above = [_above(lines, timing.line - 1) for timing in timings]
    numbered = sum(text.isdecimal() for text, _ in above) * 2 > len(timings)
    habit = named and sum(bool(text) and apart for text, apart in above) * 2 > len(timings)
    cues: list[Cue] = []
    for position, timing in enumerate(timings):
        last = len(lines)
        if position + 1 < len(timings):
            last = timings[position + 1].line - 1
            text, apart = above[position + 1]
            if last > timing.line and _is_identifier(text, apart, numbered, named, habit):
                last -= 1
        spoken = tuple(line for line in (timing.rest, *lines[timing.line : last]) if fold(line))
        if named and spoken and (voice := _VOICE.fullmatch(above[position][0])):
            opening, *others = spoken
            spoken = (f"<v {voice[1]}>{opening}", *others, "</v>")
        cues.append(Cue(timing.line, timing.start, timing.end, spoken))
    return cues, _bad_times_remark(timings, cues)


def is_timing(line: str) -> bool:
    """Tell whether a line holds a cue's times, written as they should be or nearly so."""
    timing = _timing(1, line.translate(_RARE_ARROWS).replace("&gt;", ">"))
    return timing is not None and not timing.problem


def parse_time(text: str) -> float | None:
    """Return the seconds of a subtitle time, ``None`` for other text."""
    found = _PARTS.fullmatch(text.strip())
    if found is None:
        return None
    first, second, third, mark, fraction = found.groups()
    if mark == ":" and (third is None or len(fraction) != 3):  # frames, whose length is unknown
        return None
    hours, minutes, seconds = (int(first), int(second), int(third)) if third else (0, int(first), int(second))
    if seconds > 59 or (third and minutes > 59):
        return None
    return round(hours * 3600 + minutes * 60 + seconds + float(f"0.{fraction or 0}"), 3)


def _above(lines: Sequence[str], index: int) -> tuple[str, bool]:
    """Return the line above a line of times, and whether a blank one stands above that."""
    text = fold(lines[index - 1]) if index else ""
    return text, index < 2 or not lines[index - 2].strip()


def _is_identifier(text: str, apart: bool, numbered: bool, named: bool, habit: bool) -> bool:
    if text.isdecimal():
        return numbered or apart
    if not (named and apart and text):
        return False
    return habit or (" " not in text and not text.endswith(_SENTENCE_END))


def _timings(lines: Sequence[str]) -> list[_Timing]:
    return [timing for number, line in enumerate(lines, 1) if (timing := _timing(number, line)) is not None]


def _timing(number: int, line: str) -> _Timing | None:
    """Return what a line of times says, even a malformed one; ``None`` for words, even with an arrow in them."""
    if ">" not in line or len(line) > _LONGEST_LINE:
        return None
    found = _TIMING.fullmatch(line.strip("\ufeff"))
    if found is not None:
        rest = found["rest"] or ""
        if found["arrow"] or not rest.strip():
            return _with_times(number, found["start"], found["end"], _without_settings(rest))
    left, arrow, right = line.partition("-->")
    left, following = left.strip(), right.split(maxsplit=1)
    first = following[0] if following else ""
    if not arrow or len(left.split()) > 1 or not (_CLOCK_LIKE.search(left) or _CLOCK_LIKE.search(first)):
        return None
    return _with_times(number, left, first, _without_settings(following[1]) if len(following) > 1 else "")


def _with_times(number: int, first: str, second: str, rest: str) -> _Timing:
    start, end = parse_time(first), parse_time(second)
    if start is None:
        return _Timing(number, None, None, rest, phrase("%(time)s is not a time.", time=repr(first[:40])))
    if end is None:
        return _Timing(number, start, None, rest, phrase("%(time)s is not a time.", time=repr(second[:40])))
    if end < start:
        return _Timing(
            number,
            None,
            None,
            rest,
            phrase("The cue ends (%(end)s) before it starts (%(start)s).", end=second, start=first),
        )
    return _Timing(number, start, end, rest)


def _without_settings(rest: str) -> str:
    """Return the words that follow times on their line; a cue's position settings are not words."""
    at = 0
    while setting := _SETTING.match(rest, at):
        at = setting.end()
    return rest[at:].strip()


def _bad_times_remark(timings: Sequence[_Timing], cues: Sequence[Cue]) -> tuple[Remark, ...]:
    """Return a remark that counts the cues with bad times and says where they are."""
    bad = [(timing, cue) for timing, cue in zip(timings, cues, strict=True) if timing.problem]
    if not bad:
        return ()
    places = [
        phrase(
            "line %(line)s: %(problem)s, “%(words)s”",
            line=str(timing.line),
            problem=timing.problem.rstrip("."),
            words=fold(" ".join(cue.lines))[:60],
        )
        for timing, cue in bad[:_MOST_LISTED]
    ]
    more = [phrase("and %(number)s more", number=str(len(bad) - _MOST_LISTED))] if len(bad) > _MOST_LISTED else []
    faults, cues_told = joined("; ", [*places, *more]), str(len(cues))
    note = phrase(
        "%(number)s of %(cues)s cues have times that cannot be read; the words are kept (%(faults)s).",
        number=str(len(bad)),
        cues=cues_told,
        faults=faults,
    )
    if len(bad) == 1:
        note = phrase(
            "1 of %(cues)s cues has a time that cannot be read; the words are kept (%(faults)s).",
            cues=cues_told,
            faults=faults,
        )
    return (Remark("note", None, None, "", note),)
