"""Segments -> WebVTT and SubRip, such that the parsers of this package read the same segments back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ingest.formats.labels import may_begin_with_label, reads_back
from kb.errors import UsageError
from kb.text.cleaning import fold
from kb.timecode import srt_timestamp, vtt_timestamp
from kb.translatable import phrase
from kb.types import UNKNOWN_SPEAKER, Segment, Word

__all__ = ["compose_srt", "compose_vtt"]

_READING = 15.0  # characters per second: how long the last words are shown if their end is unknown
# "{\an8}" is not WebVTT markup, but subtitle editors leave it there, and readers remove it.
_VTT_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "{": "&#123;"})
# Players show "&amp;" in SubRip as it stands, so only what would be read as something else is escaped.
_SRT_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "{": "&#123;"}
_SRT_SPECIAL = re.compile(r"&(?=#?\w{1,31};)|<(?=[\w/!?])|(?<=[-–—―=])>|(?<=[-–—―=]\s)>|\{(?=\\)", re.IGNORECASE)
_BRACKETS = re.compile(r"[:：()\[\]]")
_SHORT_NAME = 50
_NEAR = 100  # characters within which the next word must follow: enough for marks between words


def compose_vtt(segments: Iterable[Segment]) -> str:
    """Return WebVTT with a cue for each segment, its speaker in a voice tag and its words' times between them.
    A note before it says that it is an advertisement.

    Reading it back gives the same segments to the millisecond (WebVTT has no place for probabilities). An unknown end
    becomes the next start; words without a time stand in one cue from the last known time to the next. Raises
    ``UsageError`` where no segment has a start.
    """
    said = list(segments)
    cues = ["WEBVTT"]
    for segment, start, end in _timed(said):
        words = _with_word_times(segment, start, end)
        if segment.advert:
            cues.append(f"NOTE Advertisement: {_vtt(segment.advert)}")
        if segment.speaker:
            words = f"<v {_vtt(segment.speaker)}>{words}</v>"
        elif may_begin_with_label(segment.text):  # "Bob: hi" would be read back as Bob's; an empty voice is nobody's
            words = f"<v>{words}</v>"
        elif words == "WEBVTT":  # alone on a line it would begin another file
            words = "&#87;EBVTT"
        cues.append(f"{vtt_timestamp(start)} --> {vtt_timestamp(end)}\n{words}")
    return "\n\n".join(cues) + "\n"


def compose_srt(segments: Iterable[Segment]) -> str:
    """Return SubRip with a cue for each segment, beginning ``Name:`` where any speaker is known.

    Reading it back gives the same times, words and speakers; SubRip has no place for words' times. A speaker who is
    not known, or whose name would not be read as one, is an ``Unknown speaker``, so that no other gets the words.
    Raises ``UsageError`` where no segment has a start.
    """
    said = list(segments)
    named = any(segment.speaker for segment in said) or any(may_begin_with_label(segment.text) for segment in said)
    cues = []
    for number, (segment, start, end) in enumerate(_timed(said), 1):
        words = (f"{_srt_name(segment.speaker)}: " if named else "") + fold(segment.text)
        words = _SRT_SPECIAL.sub(lambda match: _SRT_ESCAPES[match[0]], words)
        cues.append(f"{number}\n{srt_timestamp(start)} --> {srt_timestamp(end)}\n{words}\n")
    return "\n".join(cues)


def _timed(segments: Sequence[Segment]) -> Iterator[tuple[Segment, float, float]]:
    if all(segment.start is None for segment in segments):
        raise UsageError(phrase("This transcript has no times, and subtitles need them. Export it as text or json."))
    cues = list(_joined(segments))
    ends: list[float] = []
    following: float | None = None
    for segment, is_own in reversed(cues):
        start, end = segment.start or 0.0, segment.end
        if end is None:
            end = following if following is not None else start + len(segment.text) / _READING
        ends.append(max(start, end))
        following = start if is_own else following
    for (segment, _), end in zip(cues, reversed(ends), strict=True):
        yield segment, segment.start or 0.0, end


def _joined(segments: Iterable[Segment]) -> Iterator[tuple[Segment, bool]]:
    """Yield cues that all begin at a known time, and whether it is their own.

    Words between two known times are one cue over both, with those of the same speaker before them.
    """
    above: Segment | None = None
    is_own = True
    for segment in segments:
        if above is None or segment.start is not None:
            joined = replace(segment, start=segment.start or 0.0)
        elif above.end is None and above.speaker == segment.speaker:
            above = replace(above, end=segment.end, text=f"{above.text} {segment.text}")
            continue
        else:
            joined = replace(segment, start=above.start if above.end is None else above.end)
        if above is not None:
            yield above, is_own
        above, is_own = joined, segment.start is not None
    if above is not None:
        yield above, is_own


def _vtt(text: str) -> str:
    return _escaped(fold(text))


def _with_word_times(segment: Segment, start: float, end: float) -> str:
    """Return the text with ``<time>`` before each word that starts then, and after one that ends before the next."""
    text, written, at, stamps = fold(segment.text), [], 0, 0
    placed = list(_placed(segment.words, text))
    now: str | None = vtt_timestamp(start)  # when the next word starts, unless a time stamp changes it
    starts = [_stamp(word.start) for _, word in placed]
    for (place, word), begins, following in zip(placed, starts, [*starts[1:], vtt_timestamp(end)], strict=False):
        written.append(_escaped(text[at:place]))
        if begins and begins != now:
            written.append(f"<{begins}>")
            stamps += 1
        at, now = place + len(word.text), None
        written.append(_escaped(text[place:at]))
        if word.end is not None and _stamp(word.end) != following:
            now = vtt_timestamp(word.end)
            written.append(f"<{now}>")
            stamps += 1
    # At least one time stamp shows a reader that the words have times.
    opening = f"<{vtt_timestamp(start)}>" if placed and not stamps else ""
    return opening + "".join(written) + _escaped(text[at:])


def _placed(words: Iterable[Word], text: str) -> Iterator[tuple[int, Word]]:
    """Yield the words with their places; a word that is not in the text is skipped."""
    at = 0
    for word in words:
        place = text.find(word.text, at, at + len(word.text) + _NEAR)
        if place >= 0:
            yield place, word
            at = place + len(word.text)


def _stamp(seconds: float | None) -> str | None:
    return None if seconds is None else vtt_timestamp(seconds)


def _escaped(text: str) -> str:
    return text.translate(_VTT_ESCAPES).replace("{\\", "&#123;\\")  # SubStation's overrides begin so


def _srt_name(speaker: str | None) -> str:
    if speaker is None:
        return UNKNOWN_SPEAKER
    name = fold(speaker)
    return name if reads_back(name) else f"{UNKNOWN_SPEAKER} ({_BRACKETS.sub('', name)[:_SHORT_NAME]})"
