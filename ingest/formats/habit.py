"""How a file names its speakers, decided from the whole file before any line is read.

A colon after two words is a label in one file and a sentence in the next. So for every line, the labels that it may
begin with are found (``labels``), and then how often each form occurs, whether its names recur, and how much these look
like names. Only the forms that the file really uses are read. A possible label of such a form that is not
understood ends the current speaker, because the speaker may have changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from ingest.formats.forms import TimedLine, forms_of
from ingest.formats.labels import LabelForm, Line, heads_of
from ingest.formats.marks import Mark, leading_mark
from ingest.formats.names import full_names
from ingest.formats.naming import Likeness, is_titled
from kb.text.cleaning import fold

__all__ = ["LineReading", "read_lines", "with_full_names"]


@dataclass(frozen=True, slots=True)
class LineReading:
    """The reading of one line.

    ``label``: a speaker begins, called ``name``, or a voice without a name. ``doubt``: somebody else may have
    begun, and ``words`` hold all that was printed. ``words``: the speech goes on.
    """

    kind: Literal["label", "doubt", "words"]
    words: str
    name: str = ""
    form: LabelForm | None = None
    role: bool = False
    start: float | None = None
    end: float | None = None


def read_lines(lines: Sequence[Line], *, captions: bool) -> list[LineReading]:
    """Return the reading of each line, in order. In ``captions``, only cues have times, not lines."""
    marks = [None] * len(lines) if captions else _marks(lines)
    seen = [
        TimedLine(line, mark, {head.form: head for head in heads_of(line, mark, captions=captions)})
        for line, mark in zip(lines, marks, strict=True)
    ]
    found = forms_of(seen, captions)
    # In a file with bold labels, a colon in plain text is mostly part of the speech.
    bold = any(item.has_bold_label for item in seen)
    doubted = frozenset(found) & ({"header", "column"} if bold else {"header", "column", "colon"})
    names = _wherever_they_stand(found, seen, captions)
    readings = [_reading(item, names, doubted) for item in seen]
    readings = readings if captions else _with_times(readings)
    if "colon" not in doubted or not _is_dense(seen, readings):
        return readings
    return [_doubted(item, reading) for item, reading in zip(seen, readings, strict=True)]


def _with_times(readings: list[LineReading]) -> list[LineReading]:
    """Read times without brackets after labels as times if nearly all labels have one: ``Speaker 1:  00:07  So``."""
    labels = [reading for reading in readings if reading.kind == "label" and reading.start is None and reading.words]
    timed = {id(reading): mark for reading in labels if (mark := leading_mark(reading.words)) and mark.rest}
    if len(timed) < 2 or len(timed) * 10 < len(labels) * 9:
        return readings
    marked = [(reading, timed.get(id(reading))) for reading in readings]
    return [replace(r, words=mark.rest, start=mark.start, end=mark.end) if mark else r for r, mark in marked]


def _is_dense(seen: Sequence[TimedLine], readings: Sequence[LineReading]) -> bool:
    """Tell whether most paragraphs or cues begin with a label."""
    first = [reading.kind == "label" for item, reading in zip(seen, readings, strict=True) if item.line.first]
    return sum(first) * 5 >= len(first) * 3


def _doubted(seen: TimedLine, reading: LineReading) -> LineReading:
    """Return a reading as a doubt if, among many labels, it may be a label that was not recognised."""
    head = seen.heads.get("colon")
    if reading.kind != "words" or head is None or not seen.line.first:
        return reading
    return replace(reading, kind="doubt") if head.likeness or is_titled(head.name) else reading


def with_full_names(readings: Sequence[LineReading]) -> list[LineReading]:
    """Return the readings with each label's name as it is spelled in full, see ``names``."""
    labels = [reading.name for reading in readings if reading.name]
    names = full_names(labels, " ".join(reading.words for reading in readings))
    return [replace(reading, name=next(names)) if reading.name else reading for reading in readings]


def _reading(seen: TimedLine, names: dict[LabelForm, frozenset[str]], doubted: frozenset[str]) -> LineReading:
    words = fold(seen.timed.rest if seen.timed else seen.line.text)
    start, end = (seen.timed.start, seen.timed.end) if seen.timed else (None, None)
    for form, head in seen.heads.items():
        if form in names and (head.key in names[form] or not head.name):
            return LineReading("label", head.rest, head.name, form, head.role, head.start, head.end)
    colon = seen.heads.get("colon")
    if seen.has_bold_label and not seen.line.item and colon and not colon.rest:
        return LineReading("doubt", "", start=start, end=end)  # a heading, not speech
    doubtful = (seen.has_bold_label and not seen.line.item) or any(
        form in doubted and head.likeness >= Likeness.LIKELY for form, head in seen.heads.items()
    )
    return LineReading("doubt" if doubtful else "words", words, start=start, end=end)


def _marks(lines: Sequence[Line]) -> list[Mark | None]:
    """Return the time before each line; without brackets only where the file's lines begin with rising times."""
    marks = [leading_mark(line.text) for line in lines]
    bare = [mark for mark in marks if mark and not mark.bracketed and mark.rest and mark.end is None]
    falls = sum(later.start < earlier.start for earlier, later in pairwise(bare))
    paragraphs = sum(line.first for line in lines)
    habit = len(bare) > 1 and falls * 10 <= len(bare) and len(bare) * 4 >= paragraphs
    return [
        mark if mark and (habit or mark.bracketed or not mark.rest or mark.end is not None) else None for mark in marks
    ]


def _wherever_they_stand(
    found: dict[LabelForm, frozenset[str]], seen: Sequence[TimedLine], captions: bool
) -> dict[LabelForm, frozenset[str]]:
    """Return the forms and names to read by: a known name counts in any form, so no slip loses a speaker."""
    every = frozenset[str]().union(*found.values())
    names: dict[LabelForm, frozenset[str]] = dict.fromkeys(found, every)
    if every:
        names.setdefault("colon", every)
    if every and any(item.has_bold_label for item in seen):
        names.setdefault("bold", every)
    if "header" in names:
        names.setdefault("alone", every)
    names["arrow"] = frozenset()
    if _has_dashes(seen, captions):
        names["dash"] = frozenset()
    return names


def _has_dashes(seen: Sequence[TimedLine], captions: bool) -> bool:
    dashes = sum("dash" in item.heads for item in seen)
    return dashes > 1 and (captions or dashes * 2 >= sum(item.line.first for item in seen))
