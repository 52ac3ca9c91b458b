"""What a recogniser may have made up: each segment is kept, kept with a doubt, or dropped, and always with the reason.

Pure, and applied after decoding, so a better rule needs no new decoding. A segment is dropped only where nobody is
heard, where two signs agree that nobody said it, or where nobody could have; one bad sign alone is a doubt. Nothing
is changed within a segment.

The signs: where the detector heard no voice; loops, Whisper's way to fail (Radford et al. 2022, arXiv:2212.04356,
section 4.5, whose thresholds for log-probability and no-speech are used here); words faster than anybody speaks; and
the subtitlers' credits that Whisper learnt to put under silence.
"""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from kb.timecode import clock
from kb.types import Segment

__all__ = ["Doubt", "Review", "log_probability", "review", "unheard"]

Sign = Literal["silence", "no words", "loop", "unsure", "too fast", "credit"]

MARGIN = 0.5  # seconds that a recogniser's times may be off before its words count as spoken in silence
UNSURE = -1.0  # mean log-probability below which Whisper itself would decode again
NO_SPEECH = 0.6  # probability of no speech above which Whisper itself would skip, were it also unsure
FAST = 30.0  # characters a second; a quick speaker reaches 22
IMPOSSIBLE = 50.0  # and an auctioneer 35
SHORT = 1.0  # seconds; shorter times of a recogniser are too coarse to tell a speed from
BLIP = 0.4  # seconds; and so is less voice
LOOP_WORDS = 12  # repeated words that make a loop, and
LOOP_TIMES = 4  # how often at least the phrase, or the segment, must come in a row
UNHEARD = 2.0  # seconds of voice without words that are worth a look
LONGEST_TEXT = 2_000  # words; more are not looked at, they come from no recogniser

_CREDITS = re.compile(
    r"amara\.?org|untertitel(ung)? (im auftrag des|der|von|des) |sous-titr(es|age) (réalisés|par|st|société|fr)"
    r"|sottotitoli (creati|e revisione|a cura)|subtítulos (realizados|por la comunidad)|legendas pela comunidade"
    r"|subtitles by |subtitled by |captions? by |transcription by |napisy stworzone|ondertitel(d|s|ing) door"
    r"|субтитры (сделал|создавал|подогнал)|редактор субтитров|字幕由|字幕by|ご視聴ありがとうございました"
    r"|thanks? (you )?for watching"
)

_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"  # Thai to Khmer, kana, ideographs
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why one segment may not have been said; ``reason`` is a sentence for a person that names all signs."""

    segment: Segment
    signs: tuple[Sign, ...]
    reason: str
    dropped: bool


@dataclass(frozen=True, slots=True)
class Review:
    """``kept`` segments in order, and at most one doubt on each segment; what is not kept has a dropped doubt."""

    kept: tuple[Segment, ...]
    doubts: tuple[Doubt, ...]

    @property
    def dropped(self) -> tuple[Doubt, ...]:
        """Return the doubts on the segments that were left out."""
        return tuple(doubt for doubt in self.doubts if doubt.dropped)


def review(segments: Sequence[Segment], speech: Sequence[tuple[float, float]]) -> Review:
    """Judge a recording's segments, in order; ``speech`` are the seconds with speech, ordered and disjoint."""
    kept: list[Segment] = []
    doubts: list[Doubt] = []
    echoes = 0  # how many kept segments before the last kept one say the same
    for segment in segments:
        words = _words(segment.text)
        now = echoes + 1 if words and kept and words == _words(kept[-1].text) else 0
        found = list(_signs(segment, speech))
        if now + 1 >= LOOP_TIMES and (now + 1) * len(words) >= LOOP_WORDS:
            found.append(_Finding("loop", "the recogniser repeats one sentence over and over", fatal=True))
        if found:
            doubts.append(_doubt(segment, found))
        if not any(finding.fatal for finding in found):
            kept.append(segment)
            echoes = now
    return Review(tuple(kept), tuple(doubts))


def unheard(segments: Sequence[Segment], speech: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Return the stretches, in seconds, of at least 2 s in which a voice is heard and no words were made of it."""
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

    Whisper's own is one number for a whole block, in which a bad sentence hides among good ones.
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
        yield _Finding("silence", "no voice is heard there", fatal=True)
    elif spoken < 0.5:
        yield _Finding("silence", "no voice is heard under most of its words", fatal=False)
    words = _words(segment.text)
    if not words:
        yield _Finding("no words", "it has no words", fatal=True)
    yield from _confidence(segment)
    phrase, times = _loop(words)
    if times:
        yield _Finding("loop", f"the recogniser says “{phrase}” {times} times in a row", fatal=True)
    yield from _speed(segment, speech)
    if _CREDITS.search(unicodedata.normalize("NFKC", segment.text).casefold()):
        sure = spoken >= 0.5 and (segment.no_speech_prob or 0.0) < NO_SPEECH / 2
        yield _Finding("credit", "recognisers put this phrase where nobody speaks", fatal=not sure)


def _confidence(segment: Segment) -> Iterator[_Finding]:
    score = log_probability(segment)
    if score is None or score >= UNSURE:
        return
    if (segment.no_speech_prob or 0.0) > NO_SPEECH:
        yield _Finding("unsure", "the recogniser is unsure of the words and that it hears a voice", fatal=True)
    else:
        certain = f"{100 * math.exp(score):.0f} %"
        yield _Finding("unsure", f"the recogniser is only {certain} sure of the words", fatal=False)


def _speed(segment: Segment, speech: Sequence[tuple[float, float]]) -> Iterator[_Finding]:
    """Compare the text with its time, and with the voice heard in it: a jingle's blip cannot be a sentence."""
    if segment.start is None or segment.end is None:
        return
    characters = len("".join(segment.text.split()))
    voice = _voice(segment.start - MARGIN, segment.end + MARGIN, speech)
    seconds = min(max(segment.end - segment.start, SHORT), max(voice, BLIP))
    speed = characters / seconds
    if speed > FAST:
        reason = f"{characters} characters in {seconds:.1f} s of voice are too many"
        yield _Finding("too fast", reason, fatal=speed > IMPOSSIBLE)


def _doubt(segment: Segment, findings: Sequence[_Finding]) -> Doubt:
    where = "" if segment.start is None else f" at {clock(max(segment.start, 0.0))}"
    text = segment.text if len(segment.text) <= 60 else segment.text[:57].rstrip() + "…"
    dropped = any(finding.fatal for finding in findings)
    outcome = "was left out" if dropped else "is doubtful"
    reasons = "; ".join(finding.why for finding in findings)
    signs = tuple(dict.fromkeys(finding.sign for finding in findings))
    return Doubt(segment, signs, f"“{text}”{where} {outcome}: {reasons}.", dropped)


def _spoken(segment: Segment, speech: Sequence[tuple[float, float]]) -> float:
    """Return which part of the segment's words, in 0..1, lies within ``MARGIN`` of speech."""
    known = _times(segment)
    if not known:
        return 1.0  # nothing to tell from
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


def _words(text: str) -> list[str]:
    """Return the words in lower case; in scripts without spaces each character is one."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())[:LONGEST_TEXT]


def _loop(words: Sequence[str]) -> tuple[str, int]:
    """Return the phrase that comes at least four times in a row and how often, ``("", 0)`` where none fills a loop.

    "No, no, no, no" is speech: the repeated words must be twelve at least, and most of the segment.
    """
    for size in range(1, len(words) // LOOP_TIMES + 1):
        run = 0  # words in a row that equal the one ``size`` before
        for index in range(size, len(words) + 1):
            if index < len(words) and words[index] == words[index - size]:
                run += 1
                continue
            times, covered = run // size + 1, run + size
            if times >= LOOP_TIMES and covered >= max(LOOP_WORDS, len(words) / 2):
                return " ".join(words[index - covered : index - covered + size]), times
            run = 0
    return "", 0
