"""Rolling captions, as YouTube exports them: each cue repeats the line above, and 10 ms cues hold it still."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from ingest.formats.cues import Cue

__all__ = ["without_repeats"]

_INLINE_TIME = re.compile(r"<[0-9]")
_STILL = 0.02  # seconds: a cue this short only holds a line on screen
_GAP = 0.05  # seconds between a line and its repetition


def without_repeats(cues: Sequence[Cue], plain: Callable[[str], str]) -> list[Cue]:
    """Return the cues with every line only where it was first shown, if the file rolls; else all as they are.

    ``plain`` gives a line's words. Two speakers who both say "Yeah." stay two: a file counts as rolling only where
    cues repeat a line above a new one, and either still cues stand between them or most cues do so.
    """
    shown = [[plain(line) for line in cue.lines] for cue in cues]
    overlaps = [0, *(_overlap(*pair, *lines) for pair, lines in zip(pairwise(cues), pairwise(shown), strict=True))]
    if not _is_rolling(cues, overlaps):
        return list(cues)
    return [replace(cue, lines=cue.lines[repeated:]) for cue, repeated in zip(cues, overlaps, strict=True)]


def _is_rolling(cues: Sequence[Cue], overlaps: list[int]) -> bool:
    repeats = list(zip(cues, overlaps, strict=True))
    rolled = sum(0 < repeated < len(cue.lines) for cue, repeated in repeats)
    still = any(repeated == len(cue.lines) and _is_still(cue) for cue, repeated in repeats if repeated)
    return rolled > 0 and (still or (rolled >= 3 and rolled * 2 > len(cues)))


def _is_still(cue: Cue) -> bool:
    return cue.start is not None and cue.end is not None and cue.end - cue.start <= _STILL


def _overlap(above: Cue, cue: Cue, shown_above: list[str], shown: list[str]) -> int:
    """Return how many of the cue's first lines are the last lines of the cue above."""
    if cue.start is None or above.end is None or cue.start - above.end > _GAP:
        return 0
    # A line with times between its words is new speech. Captions roll two to four lines.
    fresh = next((index for index, line in enumerate(cue.lines) if _INLINE_TIME.search(line)), len(shown))
    most = min(len(shown_above), fresh, 4)
    return next((count for count in range(most, 0, -1) if shown_above[-count:] == shown[:count]), 0)
