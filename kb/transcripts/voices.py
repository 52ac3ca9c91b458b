"""Split turns where another voice speaks; the text and its times do not change. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..types import Segment, Turn, Word
from .canonical import Canonical

__all__ = ["recut", "turns_as_segments"]


def turns_as_segments(canonical: Canonical, again: bool = False) -> tuple[Segment, ...]:
    """Return each turn as one segment of timed words, for diarization.

    With ``again``, speakers from an earlier diarization are removed.
    """
    found = []
    for turn in canonical.turns:
        speaker = None if again and turn.attribution == "diarization" else turn.speaker
        text = canonical.text[turn.char_start : turn.char_end]
        spans = canonical.timings.within(turn.char_start, turn.char_end)
        words = tuple(Word(canonical.text[span.char_start : span.char_end], span.start, span.end) for span in spans)
        found.append(Segment(turn.start, turn.end, text, speaker, words, attribution=turn.attribution))
    return tuple(found)


def recut(canonical: Canonical, parts: Sequence[Segment]) -> Canonical:
    """Return the canonical text with the speakers of ``parts``, whose texts put together are those of its turns."""
    rest = iter(parts)
    turns: list[Turn] = []
    for turn in canonical.turns:
        for part in _cut(canonical, turn, rest):
            if turns and _goes_on(canonical, turns[-1], part):
                shift = part.char_start - turns[-1].char_start
                read_out = (*turns[-1].read_out, *((start + shift, end + shift) for start, end in part.read_out))
                turns[-1] = replace(turns[-1], end=part.end, char_end=part.char_end, read_out=read_out)
            else:
                turns.append(part)
    return replace(canonical, turns=tuple(turns))


def _goes_on(canonical: Canonical, before: Turn, turn: Turn) -> bool:
    """Return whether a part continues the one before it: the same identified voice in the same paragraph."""
    same = before.speaker == turn.speaker and before.attribution == turn.attribution == "diarization"
    return same and canonical.text[before.char_end : turn.char_start] in ("", " ")


def _cut(canonical: Canonical, turn: Turn, parts: Iterator[Segment]) -> Iterator[Turn]:
    place = turn.char_start
    whole = True
    while place < turn.char_end:
        part = next(parts)
        end = place + len(part.text)
        whole = whole and place == turn.char_start and end == turn.char_end
        if whole and part.speaker == turn.speaker:
            yield turn
        elif part.text.strip():
            first = end - len(part.text.lstrip())
            last = first + len(part.text.strip())
            start = turn.start if first == turn.char_start else canonical.timings.start_at(first)
            stop = turn.end if last == turn.char_end else canonical.timings.end_at(last)
            attribution = part.attribution if part.speaker else "given"
            read_out = turn.reads_out(first, last)
            yield Turn(part.speaker, start, stop, first, last, attribution, advert=turn.advert, read_out=read_out)
        place = end
