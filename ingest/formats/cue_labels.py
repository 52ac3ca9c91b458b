"""Speakers in captions that write ``Sarah: Hi`` where the speaker changes (SubRip, some WebVTT)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ingest.formats.canonical import share_time
from ingest.formats.labels import Label, are_labels, is_unknown, split_label
from kb.cleaning import fold
from kb.types import Segment, Word

__all__ = ["label_cues"]


@dataclass(slots=True)
class _Part:
    """Lines of one speaker in one cue; ``dropped`` counts the words of the label."""

    speaker: str | None
    dropped: int = 0
    lines: list[str] = field(default_factory=list)


def label_cues(cues: Sequence[tuple[Sequence[str], Segment]]) -> list[Segment]:
    """Return the segments of captions with the speakers that their labels name.

    Each cue comes as its lines (without tags) and as the segment of all of them, with its words where known. A
    speaker goes on until the next label, as the Podcasting 2.0 transcript specification has it. Captions without
    labels that can be trusted keep their words whole, and no speaker.
    """
    spoken = [([fold(line) for line in lines if fold(line)], segment) for lines, segment in cues if segment.text]
    opening = [split_label(lines[0]) for lines, _ in spoken]
    if not are_labels(opening, opening_suffices=True):
        return [segment for _, segment in spoken]
    names = {label.name for label in opening if label}
    segments: list[Segment] = []
    speaker: str | None = None
    for lines, segment in spoken:
        parts = list(_parts(lines, speaker, names))
        speaker = parts[-1].speaker
        segments += _split(segment, parts)
    return segments


def _parts(lines: Sequence[str], speaker: str | None, names: set[str]) -> Iterator[_Part]:
    part = _Part(speaker)
    for line in lines:
        label = split_label(line)
        if (label and label.name in names) or line.startswith(">>"):  # ">>": another speaker, perhaps without a name
            yield part
            named = label if label and label.name in names else None
            part = _begin(line, named)
        else:
            part.lines.append(line)
    yield part


def _begin(line: str, label: Label | None) -> _Part:
    if label is None:
        return _Part(None, 0, [line])
    speaker = None if is_unknown(label.name) else label.name
    return _Part(speaker, len(line.split()) - len(label.rest.split()), [label.rest])


def _split(segment: Segment, parts: list[_Part]) -> list[Segment]:
    """Return what each part says; words go along where they are one to one with the text's."""
    one_to_one = len(segment.words) == len(segment.text.split())
    pieces: list[Segment] = []
    at = 0
    for part in parts:
        text = fold(" ".join(part.lines))
        first, at = at + part.dropped, at + part.dropped + len(text.split())
        words: tuple[Word, ...] = segment.words[first:at] if one_to_one else ()
        if text:
            pieces.append(replace(segment, text=text, speaker=part.speaker, words=words))
    return share_time(pieces) if len(pieces) > 1 else pieces
