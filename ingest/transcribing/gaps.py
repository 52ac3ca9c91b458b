"""Removes wrong links of words into recognised speech that the transcript lacks, such as an advertisement.

An advertisement has words like "the" and "and", so an alignment links single words of the transcript
to it. A link is kept if it has links beside it. Next to a long stretch without a match, a few links are not
enough: links that this stretch separates from their own sentence, or that lie inside it, are removed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, pairwise, takewhile
from typing import Literal

__all__ = ["GapPlace", "clear_of_gaps"]

#: Words on one side only that separate a link from the next, and links in a row that are not a coincidence.
FAR, COMPANY = 10, 3
#: Words between two links that are more than a repetition.
LEAP = 3

#: A token's place: it begins a sentence, lies within one, or continues a word ("five" of "twenty-five").
GapPlace = Literal["sentence", "within", "word"]
_Link = tuple[int, int]


def clear_of_gaps(
    links: dict[int, int], a: Sequence[str], b: Sequence[str], places: Sequence[GapPlace]
) -> dict[int, int]:
    """Return the links without those from ``a`` into a stretch that only ``b`` has.

    ``links`` maps positions of ``a`` to positions of ``b``, both increasing; ``places`` are those of ``a``'s tokens.
    """
    kept = sorted(_without_strays(links, len(a), len(b)).items())
    while True:
        corners = [(-1, -1), *kept, (len(a), len(b))]
        loose: set[_Link] = set()
        for n, (before, after) in enumerate(pairwise(corners)):
            if _excess(before, after) > FAR:
                loose.update(_loose(corners, n, a, b, places))
        if not loose:
            return dict(kept)
        kept = [link for link in kept if link not in loose]


def _without_strays(links: dict[int, int], length_a: int, length_b: int) -> dict[int, int]:
    """Drop isolated links in a long stretch that only one side has: "the" occurs in every advertisement."""
    groups: list[list[_Link]] = [[(-1, -1)]]
    for link in [*sorted(links.items()), (length_a, length_b)]:
        if _excess(groups[-1][-1], link) > FAR:
            groups.append([])
        groups[-1].append(link)
    ends = groups[0], groups[-1]
    kept = chain.from_iterable(group for group in groups if len(group) >= COMPANY or group in ends)
    return {i: j for i, j in kept if 0 <= i < length_a}


def _excess(before: _Link, after: _Link) -> int:
    """Return how many more tokens ``b`` has between two links than ``a`` has."""
    return (after[1] - before[1]) - (after[0] - before[0])


def _loose(
    corners: list[_Link], n: int, a: Sequence[str], b: Sequence[str], places: Sequence[GapPlace]
) -> Iterator[_Link]:
    """Yield the links on both sides of the gap after ``corners[n]`` that do not belong there."""
    before, after = corners[n::-1], corners[n + 1 :]  # both go away from the gap
    skipping = [*_skipping(before, a, b), *_skipping(after, a, b)]
    (last, _), (first, _) = before[0], after[0]
    if skipping or last < 0 or first == len(a):
        yield from skipping
        return
    between = places[last + 1 : first + 1]
    if "sentence" in between:
        return
    # The gap splits a sentence. If one side has only a few words of it, the gap is probably at its border.
    begins = next(i for i in range(last, -1, -1) if places[i] == "sentence" or i == 0)
    ends = next((i for i in range(first, len(a)) if places[i] == "sentence"), len(a))
    head = list(takewhile(lambda link: link[0] >= begins, before))
    tail = list(takewhile(lambda link: link[0] < ends, after))
    weaker = min(head, tail, key=lambda part: sum(a[i] == b[j] for i, j in part))
    if _longest_run(weaker, a, b) < COMPANY:
        yield from weaker
    if all(place == "word" for place in between):  # the gap splits a word
        yield from takewhile(lambda link: link[0] < len(a) and places[link[0]] == "word", after)


def _skipping(links: Sequence[_Link], a: Sequence[str], b: Sequence[str]) -> Sequence[_Link]:
    """Return the few links at a gap that skip other words and point into it; ``links`` go away from the gap."""
    for count, (link, following) in enumerate(pairwise(links[: COMPANY + 1]), start=1):
        if count == 1 and a[link[0]] != b[link[1]]:
            return [link]  # only a similar word
        if _is_next(link, following):
            continue
        return links[:count] if count < COMPANY and _excess(*sorted((link, following))) >= LEAP else ()
    return ()


def _longest_run(part: Sequence[_Link], a: Sequence[str], b: Sequence[str]) -> int:
    """Return the longest run of links between equal words that are adjacent on both sides."""
    longest = run = 0
    for before, link in pairwise([(-2, -2), *part]):
        same = a[link[0]] == b[link[1]]
        run = (run + 1 if _is_next(before, link) else 1) if same else 0
        longest = max(longest, run)
    return longest


def _is_next(link: _Link, other: _Link) -> bool:
    return abs(link[0] - other[0]) == abs(link[1] - other[1]) == 1
