"""Speakers as recognisers print them before the words: WhisperX's ``[SPEAKER_00]:``, whisper.cpp's ``(speaker 0)``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.formats.canonical import share_time
from kb.text.cleaning import fold
from kb.types import UNKNOWN_SPEAKER, Segment

__all__ = ["diarized_cues", "split_machine_label"]

_NUMBERED = r"speaker[ _]?(?:[0-9]{1,4}|[a-z]|\?|unknown)"
_LABEL = re.compile(
    rf"(?:\[(?P<square>{_NUMBERED})\]|\((?P<round>{_NUMBERED})\))\s*:?(?:\s+|$)",
    re.IGNORECASE,
)
# Such a label after somebody has replaced the number with a name.
_BARE = re.compile(rf"(?P<name>{_NUMBERED}):\s+", re.IGNORECASE)
_RENAMED = re.compile(r"\[(?P<name>[^\W\d_][^\[\]:]{1,60})\]:\s+")
_TURN_MARK = re.compile(r"\[SPEAKER[ _]TURN\]")


def split_machine_label(text: str) -> tuple[str | None, str] | None:
    """Return the speaker and the words of a line that a recogniser labelled; ``None`` where it has no such label.

    The speaker is as printed, without brackets, and ``None`` where the recogniser itself did not know (``?``).
    """
    found = _LABEL.match(text)
    if found is None:
        return None
    name = found["square"] or found["round"]
    unknown = name.endswith("?") or name.casefold().endswith("unknown")
    return None if unknown else name, text[found.end() :]


def diarized_cues(cues: Sequence[tuple[Sequence[str], Segment]]) -> list[Segment] | None:
    """Return the segments of captions with a diarizer's labels; ``None`` where most cues have no label.

    Each cue comes as its lines (without tags) and as the segment of all of them. A cue without a label is nobody's:
    recognisers repeat the label in each. ``[SPEAKER_TURN]``, which whisper.cpp writes where the voice changes, begins
    a new voice.
    """
    labelled = sum(any(split_machine_label(line) for line in lines) for lines, _ in cues)
    turns = any("[SPEAKER" in segment.text and _TURN_MARK.search(segment.text) for _, segment in cues)
    if labelled * 2 < len(cues) and not turns:
        return None
    segments: list[Segment] = []
    new_voice = False
    for lines, segment in cues:
        parts = list(_parts(lines, segment)) if labelled else [segment]
        if len(parts) > 1:
            parts = share_time(parts)
        for part in parts:
            text = fold(_TURN_MARK.sub(" ", part.text)) if turns else part.text
            words = part.words if text == part.text else ()
            if text:
                segments.append(replace(part, text=text, words=words, new_voice=part.new_voice or new_voice))
            new_voice = _TURN_MARK.search(part.text) is not None if turns else False
    return segments


def _parts(lines: Sequence[str], segment: Segment) -> Iterator[Segment]:
    """Yield what each label of a cue covers; word times are kept if they match the text one to one."""
    one_to_one = len(segment.words) == len(segment.text.split())
    open_: list[str] = []
    speaker: str | None = None
    at = first = 0

    def part() -> Segment:
        words = segment.words[first:at] if one_to_one else ()
        attribution = segment.attribution if speaker is None else "diarization"
        return replace(segment, text=" ".join(open_), speaker=speaker, words=words, attribution=attribution)

    for line in lines:
        label = split_machine_label(line)
        if label is None and (renamed := _RENAMED.match(line) or _BARE.match(line)):
            label = renamed["name"], line[renamed.end() :]
        if label is None and line.startswith(f"{UNKNOWN_SPEAKER}: "):  # written by us, between cues that have a label
            label = None, line[len(UNKNOWN_SPEAKER) + 2 :]
        if label is None:
            at += len(line.split())
            open_ += [line] if line else []
            continue
        if open_:
            yield part()
        speaker, rest = label
        first = at + len(line.split()) - len(rest.split())
        at += len(line.split())
        open_ = [fold(rest)] if rest.strip() else []
    if open_:
        yield part()
