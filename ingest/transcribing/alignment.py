"""Give a publisher's transcript the recogniser's times, and say where the two differ.

The transcript stays letter for letter what the publisher wrote; only times are taken from what was heard. The two
word sequences are aligned globally: word groups that occur exactly once on both sides anchor the alignment (as in
patience diff), and the short stretches between anchors are aligned cell by cell (Needleman and Wunsch 1970). Then
links that stand alone go, so that an advertisement that is missing from the transcript attracts no word of it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain, pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from kb.types import Segment, Word

__all__ = ["Alignment", "Difference", "align"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A stretch where "the publisher says" something else than "we hear"; times are of the recording.

    ``kind`` is ``changed``, ``unheard`` (only written), ``unwritten`` (only heard), or ``number`` where one side has
    figures and the other none, which is most often only another spelling.
    """

    publisher: str
    heard: str
    start: float
    end: float
    kind: Literal["changed", "unheard", "unwritten", "number"]


@dataclass(frozen=True, slots=True)
class Alignment:
    """The segments with word times; a word that was not heard as written has ``probability=None``.

    ``coverage`` is the share of the transcript's words that were heard, in 0..1. When ``refused`` gives a reason (a
    sentence for a person), the segments are the ones given, unchanged, and there are no differences.
    """

    segments: tuple[Segment, ...]
    differences: tuple[Difference, ...]
    coverage: float
    refused: str | None = None


def align(segments: Sequence[Segment], heard: Sequence[Word], minimum_coverage: float = 0.5) -> Alignment:
    """Return ``segments`` with the times of ``heard``, the recogniser's words, in order.

    Case, punctuation, hyphens and the parting of compounds do not count. Words that were not heard get a time between
    their neighbours at a speaker's pace. Times never go back: each word's start <= end <= the next word's start. Times
    that the segments had are replaced.
    """
    written = [word for segment in segments for word in segment.text.split()]
    publisher = _Side.of(written)
    recogniser = _Side.of([word.text.strip() for word in heard])
    if not publisher.tokens or not recogniser.tokens:
        which = "The transcript has no words" if not publisher.tokens else "No words were heard in the recording"
        return Alignment(tuple(segments), (), 0.0, f"{which}, so that there is nothing to align.")
    links = _links(publisher.tokens, recogniser.tokens)
    same = {i: j for i, j in links.items() if publisher.tokens[i] == recogniser.tokens[j]}
    stretches = _stretches(same, len(publisher.tokens), len(recogniser.tokens))
    compounds = [stretch for stretch in stretches if _is_compound(stretch, publisher.tokens, recogniser.tokens)]
    coverage = (len(same) + sum(a1 - a0 for a0, a1, _, _ in compounds)) / len(publisher.tokens)
    if coverage < minimum_coverage:
        reason = (
            f"Only {coverage:.0%} of the transcript's words were heard ({minimum_coverage:.0%} are needed): "
            "it seems to belong to another recording, or the language was not recognised."
        )
        return Alignment(tuple(segments), (), coverage, reason)
    spans = _spans(heard)
    tokens = _token_times(links, same, compounds, publisher.tokens, _heard_tokens(recogniser, spans, heard))
    times = _filled(_word_times(tokens, publisher.owner, len(written)), segments, spans[-1][1])
    probabilities = _probabilities(tokens, publisher.owner, len(written))
    words = [Word(*word) for word in zip(written, *zip(*times, strict=True), probabilities, strict=True)]
    differing = sorted(set(stretches) - set(compounds))
    differences = tuple(_differences(differing, publisher, recogniser, words, heard, spans))
    return Alignment(tuple(_refilled(segments, words)), differences, coverage)


# Words as they are compared

#: Chinese and Japanese are written without spaces, so that each character is compared by itself.
_UNSPACED = "\u3040-\u30ff\u3400-\u9fff"
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_APOSTROPHES = str.maketrans("", "", "'’‘ʼ`")


@dataclass(frozen=True, slots=True)
class _Side:
    """One side's tokens, the word that each belongs to, and where in that word it lies (in 0..1)."""

    tokens: list[str]
    owner: list[int]
    share: list[tuple[float, float]]

    @classmethod
    def of(cls, words: Sequence[str]) -> _Side:
        side = cls([], [], [])
        for position, word in enumerate(words):
            tokens = _TOKEN.findall(unicodedata.normalize("NFKC", word).casefold().translate(_APOSTROPHES))
            side.tokens.extend(tokens)
            side.owner.extend([position] * len(tokens))
            side.share.extend((k / len(tokens), (k + 1) / len(tokens)) for k in range(len(tokens)))
        return side


# The alignment of two token sequences

#: The largest stretch that is aligned cell by cell (some 30 MB); a larger one is parted at anchors first.
_CELLS = 1_000_000
#: What a link of the same or of similar words is worth; other words are never linked, as leaving both out costs less.
_SAME, _SIMILAR, _OTHER, _LEFT_OUT = 20, 2, -10, 1
#: How many words that only one side has part a link from the next, and how many links are no coincidence.
_FAR, _COMPANY = 10, 3


def _links(a: list[str], b: list[str]) -> dict[int, int]:
    """Return which position of ``b`` stands for which of ``a``: the same token, or another in its place."""
    links: dict[int, int] = {}
    regions = [(0, len(a), 0, len(b))]
    while regions:
        a0, a1, b0, b1 = regions.pop()
        if (a1 - a0) * (b1 - b0) <= _CELLS:
            links.update((a0 + i, b0 + j) for i, j in _aligned(a[a0:a1], b[b0:b1]))
            continue
        anchors = _anchors(a[a0:a1], b[b0:b1])
        for i, j in anchors:
            links[a0 + i] = b0 + j
        if anchors:  # without any, the two stretches have nothing in common
            corners = [(-1, -1), *anchors, (a1 - a0, b1 - b0)]
            regions += [(a0 + i + 1, a0 + k, b0 + j + 1, b0 + m) for (i, j), (k, m) in pairwise(corners)]
    return _without_strays(links, len(a), len(b))


def _without_strays(links: dict[int, int], length_a: int, length_b: int) -> dict[int, int]:
    """Drop links that stand alone in something long that only one side has: "the" occurs in every advertisement."""
    groups: list[list[tuple[int, int]]] = [[(-1, -1)]]
    for i, j in [*sorted(links.items()), (length_a, length_b)]:
        before = groups[-1][-1]
        if (j - before[1]) - (i - before[0]) > _FAR:
            groups.append([])
        groups[-1].append((i, j))
    ends = groups[0], groups[-1]
    kept = chain.from_iterable(group for group in groups if len(group) >= _COMPANY or group in ends)
    return {i: j for i, j in kept if 0 <= i < length_a}


def _anchors(a: list[str], b: list[str]) -> list[tuple[int, int]]:
    """Return the rising pairs of positions at which a group of words begins that is unique on both sides."""
    for length in (4, 3, 2, 1):
        here, there = _unique_groups(a, length), _unique_groups(b, length)
        pairs = sorted((here[group], there[group]) for group in here.keys() & there.keys())
        if pairs:
            return _longest_rise(pairs)
    return []


def _unique_groups(tokens: list[str], length: int) -> dict[tuple[str, ...], int]:
    found: dict[tuple[str, ...], int] = {}
    repeated = set()
    for position, group in enumerate(zip(*(tokens[k:] for k in range(length)), strict=False)):
        if found.setdefault(group, position) != position:
            repeated.add(group)
    return {group: position for group, position in found.items() if group not in repeated}


def _longest_rise(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest part of ``pairs`` (sorted by the first) that rises in the second too."""
    tails: list[int] = []  # the smallest end of a rise of each length, and which pair that is
    which: list[int] = []
    before: list[int] = []
    for index, (_, second) in enumerate(pairs):
        place = bisect_left(tails, second)
        before.append(which[place - 1] if place else -1)
        tails[place : place + 1] = [second]
        which[place : place + 1] = [index]
    rise = []
    index = which[-1]
    while index >= 0:
        rise.append(pairs[index])
        index = before[index]
    return rise[::-1]


def _aligned(a: list[str], b: list[str]) -> Iterator[tuple[int, int]]:
    """Yield the links of the best alignment, last first; memory is proportional to len(a) * len(b)."""
    score = _scores(a, b)
    left_out = np.arange(len(b) + 1, dtype=np.int32) * _LEFT_OUT
    best = np.empty((len(a) + 1, len(b) + 1), np.int32)
    best[0] = -left_out
    for i in range(1, len(a) + 1):
        row = best[i - 1] - _LEFT_OUT
        np.maximum(row[1:], best[i - 1, :-1] + score[i - 1], out=row[1:])
        # Leaving out tokens of ``b`` after any earlier column, for the whole row at once.
        best[i] = np.maximum.accumulate(row + left_out) - left_out
    i, j = len(a), len(b)
    while i and j:
        if best[i, j] == best[i - 1, j - 1] + score[i - 1, j - 1]:
            i, j = i - 1, j - 1
            yield i, j
        elif best[i, j] == best[i - 1, j] - _LEFT_OUT:
            i -= 1
        else:
            j -= 1


def _scores(a: list[str], b: list[str]) -> NDArray[np.int32]:
    """Return what it is worth to set each token of ``a`` against each of ``b``; a common beginning is similar."""

    def equal(left: list[str], right: list[str]) -> NDArray[np.bool_]:
        number = {text: index for index, text in enumerate({*left, *right})}
        return np.equal.outer([number[text] for text in left], [number[text] for text in right])

    similar = equal([token[:3] for token in a], [token[:3] for token in b])
    return np.where(equal(a, b), _SAME, np.where(similar, _SIMILAR, _OTHER)).astype(np.int32)


_Stretch = tuple[int, int, int, int]


def _stretches(same: dict[int, int], length_a: int, length_b: int) -> list[_Stretch]:
    """Return the stretches between the same tokens, as begin and end on both sides, one of them possibly empty."""
    corners = [(-1, -1), *sorted(same.items()), (length_a, length_b)]
    return [(i + 1, k, j + 1, m) for (i, j), (k, m) in pairwise(corners) if k - i > 1 or m - j > 1]


def _is_compound(stretch: _Stretch, a: list[str], b: list[str]) -> bool:
    """Tell whether both sides have the same letters, parted in another way (``web site``, ``website``)."""
    a0, a1, b0, b1 = stretch
    return "".join(a[a0:a1]) == "".join(b[b0:b1])


# Times

#: Seconds that a letter takes in unhurried speech (about 15 letters a second), for words that were not heard.
_PACE = 0.065
_SENTENCE_END = re.compile(r"[.?!…。？！]\W*$")


def _spans(heard: Sequence[Word]) -> list[tuple[float, float]]:
    """Return the recogniser's times made whole: none missing, none going back."""
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
    """When a token was heard; a probability is given only where it was heard as it is written."""

    start: float
    end: float
    probability: float | None


def _heard_tokens(recogniser: _Side, spans: list[tuple[float, float]], heard: Sequence[Word]) -> list[_Time]:
    times = []
    for owner, (begin, stop) in zip(recogniser.owner, recogniser.share, strict=True):
        start, length = spans[owner][0], spans[owner][1] - spans[owner][0]
        times.append(_Time(start + length * begin, start + length * stop, heard[owner].probability))
    return times


def _token_times(
    links: dict[int, int],
    same: dict[int, int],
    compounds: list[_Stretch],
    tokens: list[str],
    heard: list[_Time],
) -> dict[int, _Time]:
    """Return the time of each of the publisher's tokens that is linked to one heard, or is part of a compound."""
    times = {i: heard[j] if i in same else replace(heard[j], probability=None) for i, j in links.items()}
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
    """Return for each word the lowest probability of its parts, ``None`` if one was not heard as it is written."""
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
    """Give the words that were not heard a place between their neighbours, and make all times rise."""
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
            # What belongs to the sentence before follows it; a new sentence leads up to what comes after it.
            turn = next((k for k in range(first, stop) if begins[k]), stop)
            filled += _placed(lengths[first:turn], lengths[turn:stop], room)
        else:
            filled.append(known)
    starts = list(accumulate((start for start, _ in filled), max, initial=0.0))[1:]
    return [
        (start, max(start, min(end, following)))
        for start, (_, end), following in zip(starts, filled, [*starts[1:], math.inf], strict=True)
    ]


def _sentence_begins(segments: Sequence[Segment]) -> list[bool]:
    begins = []
    for segment in segments:
        ended = True
        for word in segment.text.split():
            begins.append(ended)
            ended = _SENTENCE_END.search(word) is not None
    return begins


def _placed(before: list[float], after: list[float], room: tuple[float, float]) -> Iterator[tuple[float, float]]:
    """Set words of these lengths from the left and from the right end of the room, shortened if it is too small."""
    start, end = room[0], max(room)
    needed = sum(before) + sum(after)
    scale = min(1.0, (end - start) / needed)
    for lengths, mark in ((before, start), (after, end - scale * sum(after))):
        for length in lengths:
            yield mark, (mark := mark + scale * length)


# What comes out


def _refilled(segments: Sequence[Segment], words: list[Word]) -> Iterator[Segment]:
    position = 0
    for segment in segments:
        own = tuple(words[position : position + len(segment.text.split())])
        position += len(own)
        yield replace(segment, words=own, start=own[0].start if own else None, end=own[-1].end if own else None)


def _differences(
    stretches: list[_Stretch],
    publisher: _Side,
    recogniser: _Side,
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
        )
