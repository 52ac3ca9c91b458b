"""Segments -> WebVTT and SubRip, such that the parsers of this package read the same segments back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ingest.formats.labels import UNKNOWN, may_begin_with_label, reads_back
from kb.cleaning import fold
from kb.errors import UsageError
from kb.timecode import srt_timestamp, vtt_timestamp
from kb.types import Segment, Word

__all__ = ["compose_srt", "compose_vtt"]

_READING = 15.0  # characters a second: how long the last words are shown where nobody knows their end
# "{\an8}" is no markup in WebVTT, but subtitle editors leave it there, and readers take it out.
_VTT_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "{": "&#123;"})
_VTT_HEADER = "WEBVTT"  # a line of this alone begins another file, where several were joined
# Players show "&amp;" in SubRip as it stands, so only what would be read as something else is escaped.
_SRT_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "{": "&#123;"}
_SRT_SPECIAL = re.compile(r"&(?=#?\w{1,31};)|<(?=/?[^\W\d_]|[0-9]{1,3}:)|(?<=--)>|\{(?=\\)", re.IGNORECASE)
_BRACKETS = re.compile(r"[:：()\[\]]")
_SHORT_NAME = 50
_NEAR = 100  # characters in which the text must hold the next word: enough for marks between words


def compose_vtt(segments: Iterable[Segment]) -> str:
    """Return WebVTT with a cue for each segment, its speaker in a voice tag and its words' times between them.

    Reading it back gives the same segments to the millisecond (WebVTT has no place for probabilities). An unknown end
    becomes the next start. Raises ``UsageError`` where a segment has no start.
    """
    said = list(segments)
    # Without any voice tag, words such as "Bob: hi" would be read back as Bob's; an empty voice is nobody's.
    ambiguous = not any(segment.speaker for segment in said) and any(
        may_begin_with_label(segment.text) for segment in said
    )
    cues = ["WEBVTT"]
    for segment, start, end in _timed(said):
        words = _with_word_times(segment, start, end)
        if segment.speaker:
            words = f"<v {_vtt(segment.speaker)}>{words}</v>"
        elif ambiguous:
            words = f"<v>{words}</v>"
        elif words == _VTT_HEADER:
            words = f"&#{ord(words[0])};{words[1:]}"
        cues.append(f"{vtt_timestamp(start)} --> {vtt_timestamp(end)}\n{words}")
    return "\n\n".join(cues) + "\n"


def compose_srt(segments: Iterable[Segment]) -> str:
    """Return SubRip with a cue for each segment, beginning ``Name:`` where any speaker is known.

    Reading it back gives the same times, words and speakers; SubRip has no place for words' times. A speaker who is
    not known, or whose name would not be read as one, is an ``Unknown speaker``, lest his words become another's.
    Raises ``UsageError`` where a segment has no start.
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
    starts = [segment.start for segment in segments]
    for segment, following in zip(segments, [*starts[1:], None], strict=True):
        start, end = segment.start, segment.end
        if start is None:
            problem = "This transcript has no times, and subtitles need them."
            raise UsageError(f"{problem} Export it as text or json.")
        if end is None:
            end = following if following is not None else start + len(segment.text) / _READING
        yield segment, start, max(start, end)


def _vtt(text: str) -> str:
    return fold(text).translate(_VTT_ESCAPES)


def _with_word_times(segment: Segment, start: float, end: float) -> str:
    """Return the text with ``<time>`` before each word that starts then, and after one that ends before the next."""
    text, written, at, stamps = fold(segment.text), [], 0, 0
    placed = list(_placed(segment.words, text))
    now: str | None = vtt_timestamp(start)  # when the next word starts unless a stamp says otherwise
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
    # One stamp at least tells a reader that there are words' times at all.
    opening = f"<{vtt_timestamp(start)}>" if placed and not stamps else ""
    return opening + "".join(written) + _escaped(text[at:])


def _placed(words: Iterable[Word], text: str) -> Iterator[tuple[int, Word]]:
    """Yield the words with their places; one that the text lacks is passed over, for the text is what was said."""
    at = 0
    for word in words:
        place = text.find(word.text, at, at + len(word.text) + _NEAR)
        if place >= 0:
            yield place, word
            at = place + len(word.text)


def _stamp(seconds: float | None) -> str | None:
    return None if seconds is None else vtt_timestamp(seconds)


def _escaped(text: str) -> str:
    return text.translate(_VTT_ESCAPES)


def _srt_name(speaker: str | None) -> str:
    if speaker is None:
        return UNKNOWN
    name = fold(speaker)
    return name if reads_back(name) else f"{UNKNOWN} ({_BRACKETS.sub('', name)[:_SHORT_NAME]})"
