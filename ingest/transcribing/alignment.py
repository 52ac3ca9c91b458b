"""Give a publisher's transcript the recogniser's times, and say where the two differ.

The publisher's transcript stays letter for letter; only the times come from the recogniser. The two
word sequences are aligned globally (``linking``), and no word is matched with an advertisement that the
transcript lacks (``gaps``).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Literal

import numpy as np

from ingest.transcribing.gaps import GapPlace, clear_of_gaps
from ingest.transcribing.linking import links
from ingest.transcribing.tokens import SENTENCE_END, Side
from kb.translatable import phrase
from kb.types import Segment, Word

__all__ = ["Alignment", "Difference", "align"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A stretch where the publisher's and the recogniser's words differ; times are of the recording.

    ``kind`` is ``changed``, ``unheard`` (only written), ``unwritten`` (only heard), or ``number`` where one side has
    figures and the other none, which is usually only another spelling.
    """

    publisher: str
    heard: str
    start: float
    end: float
    kind: Literal["changed", "unheard", "unwritten", "number"]
    #: Index of the publisher's word that it begins with, or comes before.
    position: int = 0


@dataclass(frozen=True, slots=True)
class Alignment:
    """The segments with word times; a word that was not recognised as written has ``probability=None``.

    ``coverage`` is the share of the transcript's words that were recognised, in 0..1. If ``refused`` gives a reason (a
    sentence for a person), the segments are the ones given, unchanged, and there are no differences.
    """

    segments: tuple[Segment, ...]
    differences: tuple[Difference, ...]
    coverage: float
    refused: str | None = None


def align(segments: Sequence[Segment], heard: Sequence[Word], minimum_coverage: float = 0.5) -> Alignment:
    """Return ``segments`` with the times of ``heard``, the recogniser's words, in order.

    Case, punctuation, hyphens and the splitting of compounds do not count. Unrecognised words get a time between
    their neighbours at a speaker's pace. Times never go back: each word's start <= end <= the next word's start. Times
    that the segments had are replaced.
    """
    written = [word for segment in segments for word in segment.text.split()]
    publisher = Side.of(written)
    recogniser = Side.of([word.text.strip() for word in heard])
    if not publisher.tokens or not recogniser.tokens:
        why = phrase("No words were heard in the recording, so that there is nothing to align.")
        if not publisher.tokens:
            why = phrase("The transcript has no words, so that there is nothing to align.")
        return Alignment(tuple(segments), (), 0.0, why)
    found = links(publisher.tokens, recogniser.tokens)
    linked = clear_of_gaps(found, publisher.tokens, recogniser.tokens, _begins(publisher, segments))
    same = {i: j for i, j in linked.items() if publisher.tokens[i] == recogniser.tokens[j]}
    stretches = _stretches(same, len(publisher.tokens), len(recogniser.tokens))
    compounds = [stretch for stretch in stretches if _is_compound(stretch, publisher.tokens, recogniser.tokens)]
    coverage = (len(same) + sum(a1 - a0 for a0, a1, _, _ in compounds)) / len(publisher.tokens)
    if coverage < minimum_coverage:
        reason = phrase(
            "Only %(coverage)s of the transcript's words were recognised (%(needed)s are needed): it seems to "
            "belong to another recording, or the language was not recognised.",
            coverage=format(coverage, ".0%"),
            needed=format(minimum_coverage, ".0%"),
        )
        return Alignment(tuple(segments), (), coverage, reason)
    spans = _spans(heard)
    tokens = _token_times(linked, same, compounds, publisher.tokens, _heard_tokens(recogniser, spans, heard))
    times = _filled(_word_times(tokens, publisher.owner, len(written)), segments, spans[-1][1])
    probabilities = _probabilities(tokens, publisher.owner, len(written))
    words = [Word(*word) for word in zip(written, *zip(*times, strict=True), probabilities, strict=True)]
    differing = sorted(set(stretches) - set(compounds))
    differences = tuple(_differences(differing, publisher, recogniser, words, heard, spans))
    return Alignment(tuple(_refilled(segments, words)), differences, coverage)


# Differences

_Stretch = tuple[int, int, int, int]


def _stretches(same: dict[int, int], length_a: int, length_b: int) -> list[_Stretch]:
    """Return the stretches between equal tokens, with begin and end on both sides; one side may be empty."""
    corners = [(-1, -1), *sorted(same.items()), (length_a, length_b)]
    return [(i + 1, k, j + 1, m) for (i, j), (k, m) in pairwise(corners) if k - i > 1 or m - j > 1]


def _is_compound(stretch: _Stretch, a: list[str], b: list[str]) -> bool:
    """Return whether both sides have the same letters, split differently (``web site``, ``website``)."""
    a0, a1, b0, b1 = stretch
    return "".join(a[a0:a1]) == "".join(b[b0:b1])


# Times

#: Seconds per letter in calm speech (about 15 letters per second), for words that were not recognised.
_PACE = 0.065


def _spans(heard: Sequence[Word]) -> list[tuple[float, float]]:
    """Return the recogniser's times, completed and never going back."""
    spans: list[tuple[float, float]] = []
    last = 0.0
    for word in heard:
        start = float(word.start) if word.start is not None and math.isfinite(word.start) else last
        start = max(start, spans[-1][0] if spans else 0.0)
        end = float(word.end) if word.end is not None and math.isfinite(word.end) else start
        last = max(start, end)
        spans.append((start, last))
    return spans


@dataclass(frozen=True, slots=True)
class _Time:
    """The time of a token; its probability only if it was recognised as written."""

    start: float
    end: float
    probability: float | None


def _heard_tokens(recogniser: Side, spans: list[tuple[float, float]], heard: Sequence[Word]) -> list[_Time]:
    times = []
    for owner, (begin, stop) in zip(recogniser.owner, recogniser.share, strict=True):
        start, length = spans[owner][0], spans[owner][1] - spans[owner][0]
        times.append(_Time(start + length * begin, start + length * stop, heard[owner].probability))
    return times


def _token_times(
    linked: dict[int, int],
    same: dict[int, int],
    compounds: list[_Stretch],
    tokens: list[str],
    heard: list[_Time],
) -> dict[int, _Time]:
    """Return the time of each of the publisher's tokens that is linked to a recognised one, or part of a compound."""
    times = {i: heard[j] if i in same else replace(heard[j], probability=None) for i, j in linked.items()}
    for a0, a1, b0, b1 in compounds:
        letters = np.cumsum([0, *map(len, tokens[a0:a1])])
        start, length = heard[b0].start, heard[b1 - 1].end - heard[b0].start
        lowest = _lowest([part.probability for part in heard[b0:b1]])
        for i, (begin, stop) in zip(range(a0, a1), pairwise((letters / letters[-1]).tolist()), strict=True):
            times[i] = _Time(start + length * begin, start + length * stop, lowest)
    return times


def _word_times(tokens: dict[int, _Time], owner: list[int], count: int) -> list[tuple[float, float] | None]:
    times: list[tuple[float, float] | None] = [None] * count
    for i in sorted(tokens):
        known, time = times[owner[i]], tokens[i]
        times[owner[i]] = (known[0], max(known[1], time.end)) if known else (time.start, time.end)
    return times


def _probabilities(tokens: dict[int, _Time], owner: list[int], count: int) -> list[float | None]:
    """Return for each word the lowest probability of its parts, ``None`` if one was not recognised as written."""
    parts: list[list[float | None]] = [[] for _ in range(count)]
    for i, word in enumerate(owner):
        parts[word].append(tokens[i].probability if i in tokens else None)
    return [_lowest(known) for known in parts]


def _lowest(probabilities: list[float | None]) -> float | None:
    known = [probability for probability in probabilities if probability is not None]
    return min(known) if known and len(known) == len(probabilities) else None


def _filled(
    times: list[tuple[float, float] | None], segments: Sequence[Segment], last: float
) -> list[tuple[float, float]]:
    """Give unrecognised words times between their neighbours, and make all times increase."""
    lengths = [_PACE * (len(word) + 1) for segment in segments for word in segment.text.split()]
    begins = _sentence_begins(segments)
    filled: list[tuple[float, float]] = []
    while len(filled) < len(times):
        known = times[len(filled)]
        if known is None:
            first = len(filled)
            stop = next((k for k in range(first, len(times)) if times[k] is not None), len(times))
            after = times[stop] if stop < len(times) else None
            room = (filled[-1][1] if filled else 0.0, after[0] if after else last)
            # The rest of a sentence goes right after it; a new sentence goes right before the next known word.
            turn = next((k for k in range(first, stop) if begins[k]), stop)
            filled += _placed(lengths[first:turn], lengths[turn:stop], room)
        else:
            filled.append(known)
    starts = list(accumulate((start for start, _ in filled), max, initial=0.0))[1:]
    return [
        (start, max(start, min(end, following)))
        for start, (_, end), following in zip(starts, filled, [*starts[1:], math.inf], strict=True)
    ]


def _begins(side: Side, segments: Sequence[Segment]) -> list[GapPlace]:
    """Return for each token whether it begins a sentence, lies within one, or continues a word."""
    begins = _sentence_begins(segments)
    places: list[GapPlace] = []
    told = -1  # the last word examined; words without tokens, such as a dash, may begin a sentence too
    for owner, (begin, _) in zip(side.owner, side.share, strict=True):
        starts = any(begins[told + 1 : owner + 1])
        places.append("word" if begin > 0 else "sentence" if starts else "within")
        told = owner
    return places


def _sentence_begins(segments: Sequence[Segment]) -> list[bool]:
    begins = []
    for segment in segments:
        ended = True
        for word in segment.text.split():
            begins.append(ended)
            ended = SENTENCE_END.search(word) is not None
    return begins


def _placed(before: list[float], after: list[float], room: tuple[float, float]) -> Iterator[tuple[float, float]]:
    """Place words of these lengths at the left and the right end of the gap, shortened if it is too small."""
    start, end = room[0], max(room)
    needed = sum(before) + sum(after)
    scale = min(1.0, (end - start) / needed)
    for lengths, mark in ((before, start), (after, end - scale * sum(after))):
        for length in lengths:
            yield mark, (mark := mark + scale * length)


# Results


def _refilled(segments: Sequence[Segment], words: list[Word]) -> Iterator[Segment]:
    position = 0
    for segment in segments:
        own = tuple(words[position : position + len(segment.text.split())])
        position += len(own)
        yield replace(segment, words=own, start=own[0].start if own else None, end=own[-1].end if own else None)


def _differences(
    stretches: list[_Stretch],
    publisher: Side,
    recogniser: Side,
    words: list[Word],
    heard: Sequence[Word],
    spans: list[tuple[float, float]],
) -> Iterator[Difference]:
    for a0, a1, b0, b1 in stretches:
        here = sorted({publisher.owner[i] for i in range(a0, a1)})
        there = sorted({recogniser.owner[j] for j in range(b0, b1)})
        figures = [any(map(str.isnumeric, tokens)) for tokens in (publisher.tokens[a0:a1], recogniser.tokens[b0:b1])]
        kind: Literal["changed", "unheard", "unwritten", "number"] = "number" if figures[0] != figures[1] else "changed"
        if not here or not there:
            kind = "unheard" if here else "unwritten"
        times = [spans[j] for j in there] or [(words[i].start or 0.0, words[i].end or 0.0) for i in here]
        yield Difference(
            " ".join(words[i].text for i in here),
            " ".join(heard[j].text.strip() for j in there),
            round(times[0][0], 3),
            round(times[-1][1], 3),
            kind,
            publisher.owner[a0] if a0 < len(publisher.owner) else len(words),
        )
