"""Speakers in captions that write ``Sarah: Hi`` where the speaker changes (SubRip, some WebVTT)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from ingest.formats.canonical import share_time
from ingest.formats.habit import LineReading, with_full_names
from ingest.formats.labels import Line
from ingest.formats.naming import is_unknown
from ingest.formats.within import read_parted
from kb.text.cleaning import fold
from kb.types import Attribution, Segment, Word

__all__ = ["label_cues"]

_PAUSE = 1.5  # seconds without a caption after which the speaker may have changed
_NEAR = 3  # cues that a label covers if labels are rare: about a sentence


@dataclass(slots=True)
class _Part:
    """Lines of one speaker in one cue; ``dropped`` counts the words of the label."""

    speaker: str | None
    attribution: Attribution = "given"
    new_voice: bool = False
    dropped: int = 0
    lines: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Speaker:
    """The current speaker, and for how many more cues; ``reach`` is ``None`` for no limit."""

    name: str | None = None
    attribution: Attribution = "given"
    reach: int | None = None
    left: int | None = None
    end: float | None = None

    def begin(self, name: str | None) -> None:
        self.name, self.left = name, self.reach
        self.attribution = "label" if name else "given"

    def carry(self, cue: Segment) -> None:
        """Carry the speaker to another cue, or stop if it is too far from the label."""
        paused = self.end is not None and cue.start is not None and cue.start - self.end > _PAUSE
        self.end = cue.end
        if self.left is None or self.name is None:
            return
        self.left = 0 if paused else self.left - 1
        self.attribution = "carried"
        if self.left <= 0:
            self.begin(None)


def label_cues(cues: Sequence[tuple[Sequence[str], Segment]]) -> list[Segment]:
    """Return the segments of captions with the speakers that their labels name.

    Each cue comes as its lines (without tags) and as the segment of all of them, with its words where known. Where
    labels mark the changes of speaker, a label holds until the next one, as the Podcasting 2.0 transcript
    specification has it; where only a few cues have one, it holds until the next pause, at most ``_NEAR`` cues.
    Captions without reliable labels keep all their words, without a speaker.
    """
    spoken = [([fold(line) for line in lines if fold(line)], segment) for lines, segment in cues if segment.text]
    lines = [Line(line, first=not place) for lines, _ in spoken for place, line in enumerate(lines)]
    parted, readings = read_parted(lines, captions=True)
    if not any(reading.kind == "label" for reading in readings):
        return [segment for _, segment in spoken]
    speaker = _Speaker(reach=_reach(readings, len(spoken)))
    segments: list[Segment] = []
    rest = iter(with_full_names(readings))
    parts = iter(parted)
    for own, segment in spoken:
        speaker.carry(segment)
        texts = [part.text for _ in own for part in next(parts)]
        segments += _split(segment, list(_parts(texts, rest, speaker)))
    return segments


def _reach(readings: Sequence[LineReading], cues: int) -> int | None:
    """Return for how many cues a label holds: until the next one (``None``) if labels mark the changes of speaker."""
    marks = [reading for reading in readings if reading.kind != "words"]
    changes = sum(a.name.casefold() != b.name.casefold() for a, b in pairwise(marks))
    opens = readings[0].kind == "label"
    if len(marks) * 4 >= cues:
        return None
    return None if opens and len(marks) * 40 >= cues and changes * 10 >= len(marks) * 8 and changes else _NEAR + 1


def _parts(lines: Sequence[str], readings: Iterator[LineReading], speaker: _Speaker) -> Iterator[_Part]:
    part = _Part(speaker.name, speaker.attribution)
    for line in lines:
        reading = next(readings)
        if reading.kind == "words":
            part.lines.append(line)
            continue
        yield part
        speaker.begin(None if is_unknown(reading.name) else reading.name or None)
        dropped = len(line.split()) - len(reading.words.split())
        part = _Part(speaker.name, speaker.attribution, speaker.name is None, dropped, [reading.words])
    yield part


def _split(segment: Segment, parts: list[_Part]) -> list[Segment]:
    """Return each part as a segment; word times are kept if they match the text one to one."""
    one_to_one = len(segment.words) == len(segment.text.split())
    pieces: list[Segment] = []
    at = 0
    for part in parts:
        text = fold(" ".join(part.lines))
        first, at = at + part.dropped, at + part.dropped + len(text.split())
        words: tuple[Word, ...] = segment.words[first:at] if one_to_one else ()
        if text:
            piece = replace(segment, text=text, words=words, speaker=part.speaker, attribution=part.attribution)
            pieces.append(replace(piece, new_voice=part.new_voice))
    return share_time(pieces) if len(pieces) > 1 else pieces
