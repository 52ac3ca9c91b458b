"""Assigns a diarizer's spans to a transcript: each word gets a speaker; if that fails, the words are kept."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, chain, groupby
from typing import Any, cast

from kb.errors import VerbatimError
from kb.translatable import phrase
from kb.types import Segment, Word

from .types import Diarizer, SampleBlock, SpeakerSpan

__all__ = ["add_speakers", "assign_speakers"]


def add_speakers(
    segments: Sequence[Segment],
    blocks: Iterable[SampleBlock],
    diarizer: Diarizer,
    names: Mapping[str, str] | None = None,
) -> tuple[tuple[Segment, ...], str | None]:
    """Return the segments with speakers and ``None``, or the unchanged segments and a warning.

    Whatever fails in a diarizer, the transcript that is already there is kept.
    """
    try:
        spans = diarizer(blocks)
    except VerbatimError as error:
        return tuple(segments), phrase("The speakers were not told apart: %(problem)s", problem=error.sentence)
    except Exception as error:  # third-party code may raise anything; the transcript must survive
        problem = f"{type(error).__name__}: {error}"[:300]
        return tuple(segments), phrase(
            "The speakers were not told apart (%(problem)s); the transcript is complete without them.", problem=problem
        )
    if not spans:
        return tuple(segments), phrase("The speakers were not told apart: no two voices could be distinguished.")
    return assign_speakers(segments, spans, names), None


def assign_speakers(
    segments: Sequence[Segment], spans: Sequence[SpeakerSpan], names: Mapping[str, str] | None = None
) -> tuple[Segment, ...]:
    """Give each word the speaker whose spans overlap it most, and split segments where the speaker changes.

    Text and word times stay: the texts of a segment's parts, put together, are its text. A segment that has a speaker
    already keeps it whole. ``names`` maps a diarizer's labels to names; the others become "Speaker 1", "Speaker 2", in
    order of appearance. A word that no span overlaps gets the speaker of its neighbours in the segment.
    """
    timeline = _Timeline(spans)
    parts = list(chain.from_iterable(_parts(segment, timeline) for segment in segments))
    taken = {segment.speaker for segment in segments} | set((names or {}).values())
    free = (name for number in range(1, 10**9) if (name := f"Speaker {number}") not in taken)
    known = dict(names or {})
    assigned = []
    for segment, label in parts:
        if label is not None and label not in known:
            known[label] = next(free)
        assigned.append(segment if label is None else replace(segment, speaker=known[label], attribution="diarization"))
    return tuple(assigned)


class _Timeline:
    """Answers which speaker overlaps a stretch of time most."""

    def __init__(self, spans: Sequence[SpeakerSpan]) -> None:
        self._spans = sorted(spans, key=lambda span: (span.start, span.end))
        self._starts = [span.start for span in self._spans]
        # Spans may overlap: the latest end so far tells how far back to look.
        self._reach = list(accumulate((span.end for span in self._spans), max))

    def speaker(self, start: float | None, end: float | None) -> str | None:
        if start is None or end is None:
            return None
        heard: Counter[str] = Counter()
        index = bisect_left(self._starts, end) - 1
        while index >= 0 and self._reach[index] > start:
            span = self._spans[index]
            if (overlap := min(end, span.end) - max(start, span.start)) > 0:
                heard[span.speaker] += overlap  # type: ignore[assignment]
            index -= 1
        # If the overlaps are equal, the speaker who began first; the loop went backwards.
        return max(reversed(heard), key=heard.__getitem__) if heard else None


def _parts(segment: Segment, timeline: _Timeline) -> Iterator[tuple[Segment, str | None]]:
    """Yield the parts of a segment, each with its speaker's label (``None`` leaves the speaker as it is)."""
    if segment.speaker is not None:
        yield segment, None
        return
    cuts = _word_places(segment)
    labels = _word_labels(segment.words, timeline)
    if cuts is None or len(set(labels)) < 2:
        yield segment, labels[0] if labels and cuts else timeline.speaker(segment.start, segment.end)
        return
    runs = [list(run) for _, run in groupby(range(len(labels)), key=labels.__getitem__)]
    for number, run in enumerate(runs):
        first, last = number == 0, number == len(runs) - 1
        begin, stop = 0 if first else cuts[run[0]], len(segment.text) if last else cuts[run[-1] + 1]
        words = segment.words[run[0] : run[-1] + 1]
        times = {
            "start": segment.start if first else words[0].start,
            "end": segment.end if last else words[-1].end,
        }
        yield replace(segment, text=segment.text[begin:stop], words=words, **cast(Any, times)), labels[run[0]]


def _word_places(segment: Segment) -> list[int] | None:
    """Return where each word begins in the text (the space before it belongs to it), ``None`` if they don't match."""
    places, position = [], 0
    for word in segment.words:
        text = word.text.strip()
        found = segment.text.find(text, position)
        if not text or found < 0 or segment.text[position:found].strip():
            return None
        places.append(position)
        position = found + len(text)
    return places or None


def _word_labels(words: Sequence[Word], timeline: _Timeline) -> list[str | None]:
    labels = [timeline.speaker(word.start, word.end) for word in words]
    known = [index for index, label in enumerate(labels) if label is not None]
    return [labels[min(known, key=lambda k: abs(k - index))] if known else None for index in range(len(labels))]
