"""The rules that turn every format's words into segments."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from kb.errors import FormatError
from kb.text.cleaning import fold
from kb.translatable import phrase
from kb.types import Origin, Segment, Transcript, Word

__all__ = ["close_ends", "decode_entities", "make_transcript", "share_time", "words_of"]

#: Words of one transcript. The longest allowed recording, a whole day, has a third of them.
MOST_WORDS = 1_000_000
# Only complete references: html.unescape alone would also read the "&copy" of "cut&copy".
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def decode_entities(text: str) -> str:
    """Return ``text`` with complete character references (``&amp;``, ``&#39;``) decoded, once."""
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text)


def words_of(text: str, start: float | None, end: float | None) -> tuple[Word, ...]:
    """Return the words of a stretch of which only the start and end are known.

    The first word starts and the last one ends with the stretch; the times between are unknown.
    """
    tokens = fold(text).split()
    last = len(tokens) - 1
    return tuple(
        Word(token, start if position == 0 else None, end if position == last else None)
        for position, token in enumerate(tokens)
    )


def share_time(segments: Sequence[Segment]) -> list[Segment]:
    """Divide one cue's time among its segments, at an even pace of speech."""
    total = sum(len(segment.text) for segment in segments) or 1
    shared, done = [], 0
    for segment in segments:
        start, end = segment.start, segment.end
        if start is None or end is None:
            return list(segments)
        times = [start + (end - start) * part / total for part in (done, done + len(segment.text))]
        done += len(segment.text)
        shared.append(replace(segment, start=round(times[0], 3), end=round(times[1], 3)))
    return shared


def close_ends(segments: Sequence[Segment], last: float | None = None) -> tuple[Segment, ...]:
    """Return the segments of a format that gives only starts, each ending where the next known start is.

    ``last`` closes the final one. An end stays unknown where the next start is earlier or there is none.
    """
    closed: list[Segment] = []
    following = last
    for segment in reversed(segments):
        end = segment.end
        if end is None and segment.start is not None and following is not None and following >= segment.start:
            end = following
        closed.append(replace(segment, end=end))
        following = segment.start
    return tuple(reversed(closed))


def make_transcript(
    path: Path,
    segments: Iterable[Segment],
    *,
    language: str | None = None,
    source: Origin = "unknown",
    engine: str | None = None,
    model: str | None = None,
) -> Transcript:
    """Return the transcript of all segments that hold words; raises ``FormatError`` when none does."""
    spoken = tuple(segment for segment in segments if segment.text)
    words = sum(1 + segment.text.count(" ") for segment in spoken)
    if words > MOST_WORDS:
        problem = phrase(
            "The file holds %(words)s words, more than %(most)s; no recording is that long.",
            words=words,
            most=MOST_WORDS,
        )
        raise FormatError(path, problem, phrase("Cut it into programmes first."))
    if not spoken:
        raise FormatError(
            path, phrase("The file holds no spoken words."), phrase("Check that it is the episode's transcript.")
        )
    return Transcript(spoken, language, source, engine, model)
