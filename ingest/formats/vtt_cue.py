"""The words of one cue: its voices, its tags, and the times written between its words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ingest.formats.canonical import decode_entities, share_time, words_of
from ingest.formats.cues import Cue, parse_time
from kb.text.cleaning import fold
from kb.types import Segment, Word

__all__ = ["Voice", "pieces", "plain", "voices_of"]

# Any tag, known or not, is left out (WebVTT's tokenizer, section 6.4); "1 < 2" and "<3" are words, although
# that tokenizer would drop them. "{\an8}" is a subtitle editor's code for a place on the screen.
_TAG = re.compile(
    r"<(?:(?P<time>[0-9]{1,3}:[0-9:.,]{1,16})"
    r"|(?P<closing>/?)(?P<name>[^\W\d_][\w-]*+)(?:\.[^\s<>]*+)?(?:\s(?P<annotation>[^<>]*+))?/?)>"
    r"|\{\\[^{}]*+\}"
)
_PARTING = frozenset(["br", "div", "li", "p"])  # tags that end a line


@dataclass(frozen=True, slots=True)
class Voice:
    """What one voice says in one cue: ``tagged`` where a voice tag opened it, ``closed`` where ``</v>`` ended it."""

    segment: Segment
    tagged: bool = False
    closed: bool = False


@dataclass(slots=True)
class _Span:
    """A voice being read: its words in pieces, each with the time written before it."""

    speaker: str | None = None
    tagged: bool = False
    closed: bool = False
    pieces: list[tuple[float | None, str]] = field(default_factory=list)
    words: tuple[Word, ...] = ()

    @property
    def text(self) -> str:
        return fold("".join(text for _, text in self.pieces))

    @property
    def start(self) -> float | None:
        return next((start for start, text in self.pieces if text.strip()), None)


def plain(line: str) -> str:
    """Return the words of a line without tags."""
    if "<" not in line and "{" not in line:
        return fold(decode_entities(line))
    return fold(decode_entities(_TAG.sub(_gap, line)))


def pieces(payload: str) -> Iterator[tuple[str, bool]]:
    """Yield the stretches of a cue's words between its tags, and whether each stands within a tag (no voice)."""
    open_, at = 0, 0
    for tag in _TAG.finditer(payload):
        yield decode_entities(payload[at : tag.start()]), open_ > 0
        at = tag.end()
        name = (tag["name"] or "").lower()
        if name not in ("", "v", "lang", "br"):
            open_ = max(0, open_ + (-1 if tag["closing"] else 1))
    yield decode_entities(payload[at:]), open_ > 0


def voices_of(cue: Cue) -> list[Voice]:
    """Return each voice's words in ``cue``, in order; at least one voice.

    With inline times every word is kept with the times written next to it. Several voices share the cue's time by
    those times, else by the length of their words. An unreadable inline time is ignored.
    """
    every, has_times = _spans(cue)
    if has_times:
        _add_words(every, cue.end)
    spans = [span for span in every if span.text] or [_Span()]
    segments = [Segment(cue.start, cue.end, span.text, span.speaker, span.words) for span in spans]
    if len(spans) > 1:
        segments = (has_times and _timed(spans, segments)) or share_time(segments)
    elif cue.words and not has_times:
        segments = [replace(segments[0], words=cue.words)]
    return [Voice(segment, span.tagged, span.closed) for segment, span in zip(segments, spans, strict=True)]


def _gap(tag: re.Match[str]) -> str:
    return " " if (tag["name"] or "").lower() in _PARTING else ""


def _timed(spans: list[_Span], segments: list[Segment]) -> list[Segment]:
    """Return the segments from their own start to the next one's; none if a voice begins at an unknown time."""
    starts = [span.start for span in spans if span.start is not None]
    if len(starts) < len(spans):
        return []
    ends = [*starts[1:], segments[-1].end]
    return [replace(segment, start=start, end=end) for segment, start, end in zip(segments, starts, ends, strict=True)]


def _spans(cue: Cue) -> tuple[list[_Span], bool]:
    """Split the cue at its voice tags and inline times; the flag says whether there were such times."""
    payload = "\n".join(cue.lines)
    spans, has_times, at = [_Span()], False, 0
    now: float | None = cue.start  # start of the next words; unknown after a change of voice without a time
    latest, words = cue.start, ""
    for tag in _TAG.finditer(payload):
        words += payload[at : tag.start()] + _gap(tag)
        at = tag.end()
        voice, time = (tag["name"] or "").lower() == "v", parse_time(tag["time"]) if tag["time"] else None
        # A time outside its cue, or running backwards, is ignored.
        timed = time is not None and latest is not None and cue.end is not None and latest <= time <= cue.end
        if voice or timed:
            spans[-1].pieces.append((now, decode_entities(words)))
            now, words = (now if not words.strip() else None), ""
        if voice:
            spans[-1].closed = bool(tag["closing"])
            spans.append(_Span(fold(decode_entities(tag["annotation"] or "")) or None, not tag["closing"]))
        elif timed:
            now = latest = time
            has_times = True
    spans[-1].pieces.append((now, decode_entities(words + payload[at:])))
    return spans, has_times


def _add_words(spans: list[_Span], end: float | None) -> None:
    """Give each span its words; a piece ends where the next one starts, the last one with the cue."""
    following = end
    for span in reversed(spans):
        pieces: list[tuple[Word, ...]] = []
        for start, text in reversed(span.pieces):
            pieces.append(words_of(text, start, following))
            if text.strip() or start is not None:
                following = start
        span.words = tuple(word for piece in reversed(pieces) for word in piece)
