"""From a transcript to its canonical text: the one string that every turn, passage and quote is a slice of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..text.cleaning import fold
from ..text.sentences import split_sentences, word_count
from ..types import Attribution, Segment, Transcript, Turn, Word
from .timings import TimedSpan, Timings

__all__ = ["TURN_BREAK", "Canonical", "canonicalise", "segments_of"]

#: The separator of two turns. Speakers' names are not part of the text, since they were not spoken.
TURN_BREAK = "\n\n"

# No recording is longer (1,000 hours). Damaged sources have such times, and times before 0, and "not a number".
_LONGEST = 3_599_999.0
# How far beyond the last word found the next one is searched, so that one wrong word cannot lose the rest.
_WORD_REACH = 80


@dataclass(frozen=True, slots=True)
class Canonical:
    """A revision's text with the turns and times that point into it."""

    text: str
    turns: tuple[Turn, ...]
    timings: Timings


def canonicalise(transcript: Transcript) -> Canonical:
    """Join the segments into turns of one speaker each; white space folded, every other character kept.

    Consecutive segments of the same speaker make one turn, and so do those of nobody known, up to another voice. An
    advertisement is a turn by itself.
    Empty segments vanish.
    """
    parts: list[str] = []
    turns: list[Turn] = []
    spans: list[TimedSpan] = []
    length = 0
    for speaker, segments in _by_speaker(transcript.segments):
        if parts:
            parts.append(TURN_BREAK)
            length += len(TURN_BREAK)
        begin = length
        carried: int | None = None
        read_out: list[tuple[int, int]] = []
        for index, (text, segment) in enumerate(segments):
            if index:
                parts.append(" ")
                length += 1
            parts.append(text)
            if carried is None and segment.attribution == "carried" and speaker is not None:
                carried = length - begin
            if segment.read_out:
                read_out.append((length - begin, length + len(text) - begin))
            spans.extend(_spans(text, segment, length))
            length += len(text)
        # A later time is not the time of the turn's beginning.
        start, end = _time(segments[0][1].start), _time(segments[-1][1].end)
        known, advert = _known(segments[0][1], carried), segments[0][1].advert
        turns.append(Turn(speaker, start, end, begin, length, *known, advert, tuple(read_out)))
    return Canonical("".join(parts), tuple(turns), Timings.from_spans(spans))


def segments_of(canonical: Canonical) -> Iterator[Segment]:
    """Yield a canonical text sentence by sentence, with speakers and times."""
    text, timings = canonical.text, canonical.timings
    for turn in canonical.turns:
        for start, end in split_sentences(text, turn.char_start, turn.char_end):
            spans = timings.within(start, end)
            words = tuple(Word(text[s.char_start : s.char_end], s.start, s.end, s.probability) for s in spans)
            # One span of many words is a cue, whose words have no times of their own.
            timed_words = words if len(words) > 1 or word_count(text[start:end]) == 1 else ()
            yield Segment(
                timings.start_at(start),
                timings.end_at(end),
                text[start:end],
                turn.speaker,
                timed_words,
                attribution=_attribution(turn, start),
                new_voice=turn.speaker is None and start == turn.char_start,
                advert=turn.advert,
                read_out=bool(turn.reads_out(start, end)),
            )


def _by_speaker(segments: tuple[Segment, ...]) -> Iterator[tuple[str | None, list[tuple[str, Segment]]]]:
    group: list[tuple[str, Segment]] = []
    speaker: str | None = None
    for segment in segments:
        text = fold(segment.text)
        if not text:
            continue
        name = fold(segment.speaker) or None if segment.speaker else None
        another = name != speaker or (name is None and segment.new_voice)
        if group and (another or segment.advert != group[0][1].advert):
            yield speaker, group
            group = []
        speaker = name
        group.append((text, segment))
    if group:
        yield speaker, group


def _known(first: Segment, carried: int | None) -> tuple[Attribution, int | None]:
    """Return how a turn's speaker is known; a label after words without one counts again."""
    return (first.attribution if first.speaker else "given"), carried


def _spans(text: str, segment: Segment, offset: int) -> Iterator[TimedSpan]:
    """Yield the segment's timed words, or the segment as one span where its words have no times.

    A start without an end, or an end without a start, is a mark: it bounds the words beside it.
    """
    timed = list(_word_spans(text, segment, offset))
    start, end = _time(segment.start), _time(segment.end)
    if not timed and start is not None and end is not None:
        yield TimedSpan(offset, offset + len(text), start, max(start, end))
        return
    first = timed[0] if timed else None
    if start is not None and (first is None or (first.char_start > offset and start <= first.start)):
        yield _mark(offset, start)
    yield from timed
    last = timed[-1] if timed else None
    if end is not None and (last is None or (last.char_end < offset + len(text) and last.end <= end)):
        yield _mark(offset + len(text), end)


def _word_spans(text: str, segment: Segment, offset: int) -> Iterator[TimedSpan]:
    cursor = 0
    begun: tuple[int, float] | None = None  # a phrase with one time: its first word has the start, its last the end
    for word in segment.words:
        token = fold(word.text)
        found = text.find(token, cursor, cursor + len(token) + _WORD_REACH) if token else -1
        if found < 0:
            continue
        cursor = found + len(token)
        start, end = _time(word.start), _time(word.end)
        if start is not None:
            if begun is not None:
                yield _mark(offset + begun[0], begun[1])
            begun = found, start
        if begun is not None and end is not None:
            yield TimedSpan(offset + begun[0], offset + cursor, begun[1], max(begun[1], end), word.probability)
            begun = None
    if begun is not None:
        yield _mark(offset + begun[0], begun[1])


def _mark(place: int, seconds: float) -> TimedSpan:
    return TimedSpan(place, place, seconds, seconds)


def _time(seconds: float | None) -> float | None:
    """Return ``seconds`` if a recording can have such a time."""
    return seconds if seconds is not None and 0 <= seconds <= _LONGEST else None


def _attribution(turn: Turn, char_start: int) -> Attribution:
    """Return how the speaker of a turn's words is known where they begin."""
    carried = turn.carried_after is not None and char_start >= turn.char_start + turn.carried_after
    return "carried" if carried else turn.attribution
