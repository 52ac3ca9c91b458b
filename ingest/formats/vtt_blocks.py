"""The parts of a WebVTT file besides cues: headers (several, where files were joined), comments and styles."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.formats.cues import Cue, is_timing
from kb.translatable import joined, phrase
from kb.types import Remark

__all__ = ["JoinedFile", "on_one_clock", "without_blocks"]

_HEADER = re.compile(r"\ufeff?WEBVTT(?:[ \t].*)?")
_CLOCK = re.compile(r"X-TIMESTAMP-MAP\s*=(.*)")
_MPEG = re.compile(r"MPEGTS:([0-9]{1,10})")
_LOCAL = re.compile(r"LOCAL:([0-9]{1,3}):([0-9]{2}):([0-9]{2})\.([0-9]{3})")
_STYLE = re.compile(r"STYLE\s*")
_REGION = re.compile(r"REGION\s*")
_COMMENT = re.compile(r"NOTE(?:\s.*)?")
_SPOKEN = re.compile(r"NOTE\s.*[.?!…]\s*")
_TICKS = 90_000  # of an MPEG clock, in a second
_WRAP = 2**33  # at which that clock restarts
_BACK = 1.0  # seconds that cues may overlap


@dataclass(frozen=True, slots=True)
class JoinedFile:
    """One of the joined files: the line of its header, and the offset of its clock, if stated."""

    line: int
    ahead: float | None = None


def without_blocks(lines: Sequence[str]) -> tuple[list[str], list[JoinedFile]]:
    """Blank the headers, comments, styles and regions, so that the numbers of the other lines stay.

    Words that only look like one are kept: ``STYLE WAS NEVER THE POINT.``, and ``NOTE WHAT HE SAID.`` if all speech
    is in capitals. After the first cue, a style or region counts only if it has the syntax of one.
    """
    shouts = _is_in_capitals(lines)
    kept: list[str] = []
    parts: list[JoinedFile] = []
    inside, after_blank, after_times, in_cues = "", True, False, False
    for number, line in enumerate(lines, 1):
        blank, timing = not line.strip(), is_timing(line)
        if _HEADER.fullmatch(line) and (after_blank or (line.strip("\ufeff \t") == "WEBVTT" and not after_times)):
            inside, in_cues = "header", False
            parts.append(JoinedFile(number))
        elif blank or timing or (inside and "-->" in line):
            inside = ""
        elif after_blank and not inside:
            inside = _block(line, lines[number] if number < len(lines) else "", in_cues, shouts)
        in_cues = in_cues or timing
        if inside == "header" and parts and (clock := _CLOCK.match(line)):
            parts[-1] = replace(parts[-1], ahead=_ahead(clock[1]))
        kept.append("" if inside else line)
        after_blank, after_times = blank, timing
    return kept, parts


def on_one_clock(cues: Sequence[Cue], parts: Sequence[JoinedFile]) -> tuple[list[Cue], tuple[Remark, ...]]:
    """Return the cues of joined files on the first one's clock, each once, and a remark where that is impossible.

    The segments of a stream (HLS) state their clock in ``X-TIMESTAMP-MAP``, and repeat a cue that goes on.
    If the clock restarts in a part by an unknown amount, the part's times are unknown.
    """
    if len(parts) < 2:
        return list(cues), ()
    seen: set[tuple[float | None, float | None, tuple[str, ...]]] = set()
    together: list[Cue] = []
    restarted: list[int] = []
    latest = 0.0
    for part, own in zip(parts, _by_part(cues, parts), strict=True):
        fresh = [cue for cue in (_shifted(cue, parts[0], part) for cue in own) if _key(cue) not in seen]
        starts = [cue.start for cue in fresh if cue.start is not None]
        if starts and starts[0] < latest - _BACK:
            restarted.append(part.line)
            fresh = [replace(cue, start=None, end=None, words=()) for cue in fresh]
        else:
            latest = max([latest, *starts])
            seen.update(map(_key, fresh))
        together += fresh
    if not restarted:
        return together, ()
    where: str = joined(", ", [phrase("line %(line)s", line=str(line)) for line in restarted[:5]])
    if len(restarted) > 5:
        where = phrase("%(places)s and others", places=where)
    note = phrase(
        "The file was joined from %(files)s files, and the clock restarts at %(places)s: times there are unknown.",
        files=str(len(parts)),
        places=where,
    )
    return together, (Remark("note", None, None, "", note),)


def _block(line: str, following: str, in_cues: bool, shouts: bool) -> str:
    """Return the kind of block that a line after a blank one begins, an empty text for words."""
    if _STYLE.fullmatch(line):
        return "style" if not in_cues or "::" in following or "{" in following else ""
    if _REGION.fullmatch(line):
        return "region" if not in_cues or ":" in following or "=" in following else ""
    if _COMMENT.fullmatch(line):
        return "" if in_cues and shouts and line.isupper() and _SPOKEN.fullmatch(line) else "comment"
    return ""


def _is_in_capitals(lines: Sequence[str]) -> bool:
    shouted = spoken = 0
    for line in lines:
        if not _HEADER.fullmatch(line) and not _COMMENT.fullmatch(line) and "-->" not in line:
            spoken += line.isupper() or line.islower() or line.lower() != line
            shouted += line.isupper()
    return shouted * 10 >= spoken * 9 > 0


def _ahead(clock: str) -> float | None:
    ticks, local = _MPEG.search(clock), _LOCAL.search(clock)
    if ticks is None or local is None:
        return None
    hours, minutes, seconds, milliseconds = map(int, local.groups())
    return int(ticks[1]) % _WRAP / _TICKS - (hours * 3600 + minutes * 60 + seconds + milliseconds / 1000)


def _by_part(cues: Sequence[Cue], parts: Sequence[JoinedFile]) -> list[list[Cue]]:
    """Return each part's cues; those before the first header are the first part's."""
    own: list[list[Cue]] = [[] for _ in parts]
    at = 0
    for cue in cues:
        while at + 1 < len(parts) and parts[at + 1].line < cue.line:
            at += 1
        own[at].append(cue)
    return own


def _shifted(cue: Cue, first: JoinedFile, part: JoinedFile) -> Cue:
    if first.ahead is None or part.ahead is None or cue.start is None or cue.end is None or first.ahead == part.ahead:
        return cue
    shift = part.ahead - first.ahead
    if shift < -_WRAP / _TICKS / 2:  # the clock of the stream has restarted in between
        shift += _WRAP / _TICKS
    start, end = round(cue.start + shift, 3), round(cue.end + shift, 3)
    return replace(cue, start=start, end=end) if start >= 0 else replace(cue, start=None, end=None)


def _key(cue: Cue) -> tuple[float | None, float | None, tuple[str, ...]]:
    return cue.start, cue.end, cue.lines
