"""Labels in the middle of a line, where a line break was forgotten: ``Was it late? Omar Said: Yes.``"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from ingest.formats.habit import LineReading, read_lines
from ingest.formats.labels import Line, line_of
from ingest.formats.naming import Likeness, likeness, tidy

__all__ = ["lines_of", "read_parted"]

_SENTENCE_END = tuple('.?!…。？！"”’»)]')
_MOST_NAMES = 200  # to search for within lines: limits the work on a hostile file
_SHORTEST = 3  # letters of a name to search for


def lines_of(pieces: Iterable[tuple[str, bool]], *, heading: bool = False, quoted: bool = False) -> list[Line]:
    """Return the lines that pieces of text make, each given with whether it is bold: ``So. <b>Jane Doe:</b> Yes.``

    A bold name with a colon after the end of a sentence begins a line.
    """
    runs = [("".join(text for text, _ in run), bold) for bold, run in groupby(pieces, key=lambda piece: piece[1])]
    lines: list[list[tuple[str, bool]]] = [[]]
    for place, (text, bold) in enumerate(runs):
        after = runs[place + 1][0] if place + 1 < len(runs) else ""
        above = next((said for said, _ in reversed(lines[-1]) if said.strip()), "").rstrip()
        named = bold and (text.rstrip().endswith((":", "：")) or after.lstrip()[:1] in (":", "："))
        if named and above.endswith(_SENTENCE_END) and likeness(tidy(text)) >= Likeness.LIKELY:
            lines.append([])
        lines[-1].append((text, bold))
    return [replace(line_of(line, heading=heading), quoted=quoted) for line in lines]


def read_parted(lines: Sequence[Line], *, captions: bool) -> tuple[list[list[Line]], list[LineReading]]:
    """Return each line split before labels, mostly into one part, and the reading of each part.

    Within a line, a label counts only if the file has labels with the same name and a colon, and it follows the end of
    a sentence. Captions that all have a label were written by a program, which forgets no line break.
    """
    readings = read_lines(lines, captions=captions)
    names = {reading.name for reading in readings if reading.form == "colon" and len(reading.name) >= _SHORTEST}
    complete = captions and all(reading.kind == "label" for reading in readings)
    if complete or not 0 < len(names) <= _MOST_NAMES:
        return [[line] for line in lines], readings
    either = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    label = re.compile(rf"(?<=[{re.escape(''.join(_SENTENCE_END))}])\s(?=(?:{either}):\s)")
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
