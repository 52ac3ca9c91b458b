"""Detects words that a recogniser may have invented: each segment is kept, marked doubtful or dropped, with a reason.

Pure, and applied after decoding, so a better rule needs no new decoding. A segment is dropped only if no voice is
heard, if two signs say that nobody said it, or if nobody could have; one sign alone makes it doubtful. Nothing
within a segment is changed.

The signs: no voice detected; loops, a typical failure of Whisper (Radford et al. 2022, arXiv:2212.04356,
section 4.5, with its thresholds for log-probability and no-speech); words faster than anybody speaks; and
the subtitlers' credits that Whisper has learnt to write for silence.
"""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from ingest.transcribing.loops import Loop, has_length, loops, words_of
from kb.timecode import clock
from kb.translatable import joined, phrase
from kb.types import Segment

__all__ = ["Doubt", "Review", "log_probability", "review", "unheard"]

Sign = Literal["silence", "no words", "no length", "loop", "unsure", "too fast", "credit", "language"]

MARGIN = 0.5  # seconds of error in a recogniser's times before its words count as spoken in silence
UNSURE = -1.0  # mean log-probability below which Whisper itself would decode again
NO_SPEECH = 0.6  # probability of no speech above which Whisper itself would skip, were it also unsure
FAST = 30.0  # characters per second; a quick speaker reaches 22
IMPOSSIBLE = 50.0  # and an auctioneer 35
SHORT = 1.0  # seconds; shorter times of a recogniser are too inexact for a speed
BLIP = 0.4  # seconds; and so is less voice
UNHEARD = 2.0  # seconds of voice without words that are reported

_CREDITS = re.compile(
    r"amara\.?org|untertitel(ung)? (im auftrag des|der|von|des) |sous-titr(es|age) (réalisés|par|st|société|fr)"
    r"|sottotitoli (creati|e revisione|a cura)|subtítulos (realizados|por la comunidad)|legendas pela comunidade"
    r"|subtitles by |subtitled by |captions? by |transcription by |napisy stworzone|ondertitel(d|s|ing) door"
    r"|субтитры (сделал|создавал|подогнал)|редактор субтитров|字幕由|字幕by|ご視聴ありがとうございました"
    r"|thanks? (you )?for watching"
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why something may not have been said: one segment, or all segments of a loop.

    ``reason`` is a sentence for a person that names all signs.
    """

    segments: tuple[Segment, ...]
    signs: tuple[Sign, ...]
    reason: str
    dropped: bool

    @property
    def start(self) -> float | None:
        """Return the second at which it begins, where that is known."""
        return self.segments[0].start

    @property
    def end(self) -> float | None:
        """Return the second at which it ends, where that is known."""
        return self.segments[-1].end

    @property
    def text(self) -> str:
        """Return all that was recognised there."""
        return " ".join(segment.text.strip() for segment in self.segments)


@dataclass(frozen=True, slots=True)
class Review:
    """``kept`` segments in order, and at most one doubt per segment; a dropped one has a ``dropped`` doubt."""

    kept: tuple[Segment, ...]
    doubts: tuple[Doubt, ...]

    @property
    def dropped(self) -> tuple[Doubt, ...]:
        """Return the doubts on the segments that were left out."""
        return tuple(doubt for doubt in self.doubts if doubt.dropped)


def review(
    segments: Sequence[Segment],
    speech: Sequence[tuple[float, float]],
    guesses: Sequence[tuple[float, float, str]] = (),
) -> Review:
    """Judge a recording's segments, in order; ``speech`` are the seconds with speech, ordered and disjoint.

    ``guesses`` are stretches whose language is in doubt, from and to which second, and why.
    """
    doubts: dict[int, Doubt] = {}  # by the position of their first segment
    kept = _without_loops(range(len(segments)), segments, doubts)
    for position in kept:
        segment = segments[position]
        if found := [*_signs(segment, speech), *_language_finding(segment, guesses)]:
            doubts[position] = _doubt((segment,), found)
    kept = [position for position in kept if position not in doubts or not doubts[position].dropped]
    kept = _without_loops(kept, segments, doubts)  # segments between two repetitions may be gone
    return Review(tuple(segments[position] for position in kept), tuple(doubts[place] for place in sorted(doubts)))


def _without_loops(positions: Sequence[int], segments: Sequence[Segment], doubts: dict[int, Doubt]) -> list[int]:
    """Return the positions that no loop fills; each loop becomes one doubt."""
    kept = list(positions)
    while found := loops([segments[position] for position in kept]):
        for loop in reversed(found):
            inside = kept[loop.first : loop.last + 1]
            for position in inside:
                doubts.pop(position, None)  # the loop's doubt replaces that of a single repetition
            doubts[inside[0]] = _doubt([segments[position] for position in inside], [_looping(loop)])
            del kept[loop.first : loop.last + 1]
    return kept


def _looping(loop: Loop) -> _Finding:
    return _Finding("loop", _repeated(loop), fatal=True)


def _repeated(loop: Loop) -> str:
    said, times = loop.phrase, str(loop.times)
    return phrase("the recogniser says “%(words)s” %(times)s times in a row", words=said, times=times)


def unheard(segments: Sequence[Segment], speech: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Return the stretches, in seconds, of at least 2 s with a voice but without words."""
    spans = _merged(sorted(span for segment in segments for span in _times(segment)))
    found = []
    for start, end in speech:
        silent_from = start
        for word_start, word_end in spans[bisect_left(spans, start, key=lambda span: span[1]) :]:
            if word_start > end:
                break
            if word_start - silent_from >= UNHEARD:
                found.append((silent_from, word_start))
            silent_from = max(silent_from, word_end)
        if end - silent_from >= UNHEARD:
            found.append((silent_from, end))
    return tuple(found)


def log_probability(segment: Segment) -> float | None:
    """Return the mean log-probability of the segment's words; the recogniser's own where it gave no words.

    Whisper's own is one number for a whole block, which hides a bad sentence among good ones.
    """
    known = [word.probability for word in segment.words if word.probability is not None]
    if not known:
        return segment.avg_logprob
    return sum(math.log(max(probability, 1e-6)) for probability in known) / len(known)


@dataclass(frozen=True, slots=True)
class _Finding:
    sign: Sign
    why: str
    fatal: bool


def _signs(segment: Segment, speech: Sequence[tuple[float, float]]) -> Iterator[_Finding]:
    spoken = _spoken(segment, speech)
    if spoken == 0:
        yield _Finding("silence", phrase("no voice is heard there"), fatal=True)
    elif spoken < 0.5:
        yield _Finding("silence", phrase("no voice is heard under most of its words"), fatal=False)
    if not words_of(segment.text):
        yield _Finding("no words", phrase("it has no words"), fatal=True)
    yield from _confidence(segment)
    if not has_length(segment):  # Whisper's own programs remove these too
        yield _Finding("no length", phrase("it takes no time at all"), fatal=True)
    yield from _speed(segment, speech)
    if _CREDITS.search(unicodedata.normalize("NFKC", segment.text).casefold()):
        sure = spoken >= 0.5 and (segment.no_speech_prob or 0.0) < NO_SPEECH / 2
        yield _Finding("credit", phrase("recognisers put this phrase where nobody speaks"), fatal=not sure)


def _confidence(segment: Segment) -> Iterator[_Finding]:
    score = log_probability(segment)
    if score is None or score >= UNSURE:
        return
    if (segment.no_speech_prob or 0.0) > NO_SPEECH:
        reason = phrase("the recogniser is unsure of the words and that it hears a voice")
        yield _Finding("unsure", reason, fatal=True)
    else:
        certain = f"{100 * math.exp(score):.0f} %"
        reason = phrase("the recogniser is only %(percent)s sure of the words", percent=certain)
        yield _Finding("unsure", reason, fatal=False)


def _speed(segment: Segment, speech: Sequence[tuple[float, float]]) -> Iterator[_Finding]:
    """Compare the text with its time and the voice in it: a short sound in a jingle cannot be a sentence."""
    if segment.start is None or segment.end is None:
        return
    characters = len("".join(segment.text.split()))
    voice = _voice(segment.start - MARGIN, segment.end + MARGIN, speech)
    seconds = min(max(segment.end - segment.start, SHORT), max(voice, BLIP))
    speed = characters / seconds
    if speed > FAST:
        reason = phrase(
            "%(characters)s characters in %(seconds)s s of voice are too many",
            characters=str(characters),
            seconds=format(seconds, ".1f"),
        )
        yield _Finding("too fast", reason, fatal=speed > IMPOSSIBLE)


def _language_finding(segment: Segment, guesses: Sequence[tuple[float, float, str]]) -> Iterator[_Finding]:
    if segment.start is not None:
        for start, end, why in guesses:
            if start <= segment.start < end:
                yield _Finding("language", why, fatal=False)


def _doubt(segments: Sequence[Segment], findings: Sequence[_Finding]) -> Doubt:
    start, text = segments[0].start, segments[0].text
    text = text if len(text) <= 60 else text[:57].rstrip() + "…"
    dropped = any(finding.fatal for finding in findings)
    reasons = joined("; ", [finding.why for finding in findings])
    time = None if start is None else clock(max(start, 0.0))
    signs = tuple(dict.fromkeys(finding.sign for finding in findings))
    return Doubt(tuple(segments), signs, _outcome(text, time, reasons, dropped), dropped)


def _outcome(text: str, time: str | None, reasons: str, dropped: bool) -> str:
    if time is None and dropped:
        return phrase("“%(words)s” was left out: %(reasons)s.", words=text, reasons=reasons)
    if time is None:
        return phrase("“%(words)s” is doubtful: %(reasons)s.", words=text, reasons=reasons)
    if dropped:
        return phrase("“%(words)s” at %(time)s was left out: %(reasons)s.", words=text, time=time, reasons=reasons)
    return phrase("“%(words)s” at %(time)s is doubtful: %(reasons)s.", words=text, time=time, reasons=reasons)


def _spoken(segment: Segment, speech: Sequence[tuple[float, float]]) -> float:
    """Return which part of the segment's words, in 0..1, lies within ``MARGIN`` of speech."""
    known = _times(segment)
    if not known:
        return 1.0  # no data
    return sum(_near_speech(start, end, speech) for start, end in known) / len(known)


def _times(segment: Segment) -> list[tuple[float, float]]:
    """Return the times of the segment's words, or its own where it has none."""
    times = [(word.start, word.end) for word in segment.words] or [(segment.start, segment.end)]
    return [(start, end) for start, end in times if start is not None and end is not None]


def _voice(start: float, end: float, speech: Sequence[tuple[float, float]]) -> float:
    """Return how many seconds of speech lie between two moments."""
    total = 0.0
    for voice_start, voice_end in speech[bisect_left(speech, start, key=lambda stretch: stretch[1]) :]:
        if voice_start >= end:
            break
        total += min(end, voice_end) - max(start, voice_start)
    return total


def _merged(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _near_speech(start: float, end: float, speech: Sequence[tuple[float, float]]) -> bool:
    index = bisect_right(speech, end + MARGIN, key=lambda stretch: stretch[0]) - 1  # the last that begins before
    return index >= 0 and speech[index][1] > start - MARGIN
