"""Labels that stand within a line, where a new line was forgotten: ``Was it late? Omar Said: Yes.``"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ingest.formats.habit import Reading, read_lines
from ingest.formats.labels import Line

__all__ = ["read_parted"]

_MOST_NAMES = 200  # looked for within lines: bounds the work on a hostile file
_SHORTEST = 3  # letters of a name that is looked for


def read_parted(lines: Sequence[Line], *, captions: bool) -> tuple[list[list[Line]], list[Reading]]:
    """Return each line in parts that begin with a label, mostly one part, and what each of all the parts is.

    Within a line only a name counts that the file's labels print before a colon, printed the same, behind the end of
    a sentence. Captions that all have a label were written by a program, ours too, which forgets none.
    """
    readings = read_lines(lines, captions=captions)
    names = {reading.name for reading in readings if reading.form == "colon" and len(reading.name) >= _SHORTEST}
    complete = captions and all(reading.kind == "label" for reading in readings)
    if complete or not 0 < len(names) <= _MOST_NAMES:
        return [[line] for line in lines], readings
    either = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    label = re.compile(rf"(?<=[.?!…。？！\"”’»)\]])\s(?=(?:{either}):\s)")
    parted = [_parted(line, label) for line in lines]
    if all(len(parts) == 1 for parts in parted):
        return parted, readings
    return parted, read_lines([part for parts in parted for part in parts], captions=captions)


def _parted(line: Line, label: re.Pattern[str]) -> list[Line]:
    edges = [0, *(found.end() for found in label.finditer(line.text)), len(line.text)]
    parts = [line.text[start:end].strip() for start, end in pairwise(edges)]
    bold = [max(0, line.bold - start) for start in edges[:-1]]
    return [replace(line, text=parts[0], bold=min(bold[0], len(parts[0])))] + [
        replace(line, text=part, bold=min(own, len(part)), first=False)
        for part, own in zip(parts[1:], bold[1:], strict=True)
    ]
