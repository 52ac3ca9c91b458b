"""Find a quote's words in another version of its transcript: the same words, changed words, or none. Pure.

The common beginning and end of the two versions decide most cases. The rest is aligned word by word (longest
common subsequence), so that of several equal sentences the one with the same neighbours is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os.path import commonprefix
from typing import Literal

from rapidfuzz.distance import LCSseq

__all__ = ["Anchor", "anchor"]

#: How many words on either side of a quote are aligned: about an hour of speech. The cost is quadratic.
_REACH = 8_000
#: Words in other languages, and signs each by itself: "dragnet." and "dragnet" differ by a sign.
_TOKEN = re.compile(r"\w+|[^\w\s]")

CharSpan = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a quote stands now: ``new[char_start:char_end]``, empty where its words were taken out."""

    kind: Literal["same", "changed", "deleted"]
    char_start: int
    char_end: int


def anchor(old: str, start: int, end: int, new: str) -> Anchor:
    """Return where the words ``old[start:end]`` stand in ``new``.

    ``same`` promises that the new span is equal letter for letter, ``changed`` that it differs.
    """
    text = old[start:end]
    shared = _shared_start(old, new)
    if end <= shared:
        return Anchor("same", start, end)
    shift = len(new) - len(old)
    shared_end = _shared_start(old[shared:][::-1], new[shared:][::-1])
    if start >= len(old) - shared_end:
        return Anchor("same", start + shift, end + shift)
    first, last = _aligned(old, start, end, new)
    place = _equal_at(new, text, first, last)
    if place is None and old.count(text) == new.count(text) == 1:
        place = new.index(text)  # the passage was moved, or its neighbours are new
    if place is not None:
        return Anchor("same", place, place + len(text))
    # If only a full stop was aligned, the words are gone.
    if not re.search(r"\w", new[first:last]) and re.search(r"\w", text):
        return Anchor("deleted", first, first)
    return Anchor("changed" if first < last else "deleted", first, last)


def _aligned(old: str, start: int, end: int, new: str) -> CharSpan:
    """Return the span of ``new`` that stands for ``old[start:end]``, empty where nothing does."""
    before, quoted, after = _tokens(old, 0, start), _tokens(old, start, end), _tokens(old, end, len(old))
    lead = before[-_REACH:]
    ours = [*lead, *quoted, *after[:_REACH]]
    theirs = _tokens(new, 0, len(new))
    skipped = len(before) - len(lead)
    # The same place in the new version, give or take what was put in or taken out before it.
    slack = abs(len(theirs) - len(before) - len(quoted) - len(after))
    base = max(0, skipped - slack)
    theirs = theirs[base : skipped + len(ours) + slack + _REACH]
    if not quoted:
        return 0, 0
    first, last = _mapped(
        [old[a:b] for a, b in ours], [new[a:b] for a, b in theirs], len(lead), len(lead) + len(quoted)
    )
    if first < last:
        return theirs[first][0], theirs[last - 1][1]
    place = theirs[first - 1][1] if 0 < first <= len(theirs) else 0
    return place, place


def _mapped(ours: Sequence[str], theirs: Sequence[str], start: int, end: int) -> CharSpan:
    """Return the words of ``theirs`` for ``ours[start:end]``; of a replaced run, all the new words."""
    first = last = None
    for same, a, b, c, d in _blocks(ours, theirs):
        if b <= start and not (a == b == start):
            continue
        if a >= end:
            break
        if a == b:  # inserted: part of the quote only if inside it
            if not start < a < end:
                continue
            begin, finish = c, d
        elif same:
            begin, finish = c + max(start, a) - a, c + min(end, b) - a
        else:
            begin, finish = c, d
        first = begin if first is None else first
        last = finish
    return (first, last) if first is not None and last is not None else (0, 0)


def _blocks(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[bool, int, int, int, int]]:
    """Yield ``same, a, b, c, d``: ``ours[a:b]`` became ``theirs[c:d]``; neighbouring changes are one."""
    changed: tuple[int, int, int, int] | None = None
    for op in LCSseq.opcodes(ours, theirs):
        span = op.src_start, op.src_end, op.dest_start, op.dest_end
        if op.tag == "equal":
            if changed is not None:
                yield (False, *changed)
                changed = None
            yield (True, *span)
        else:
            changed = span if changed is None else (changed[0], span[1], changed[2], span[3])
    if changed is not None:
        yield (False, *changed)


def _equal_at(new: str, text: str, first: int, last: int) -> int | None:
    """Return where ``text`` stands within or across a span of ``new``, nearest to the span's beginning."""
    margin = len(text)
    found = [
        match.start() for match in re.finditer(f"(?={re.escape(text)})", new[max(0, first - margin) : last + margin])
    ]
    places = [max(0, first - margin) + place for place in found]
    touching = [place for place in places if place < last and place + len(text) > first]
    return min(touching, key=lambda place: abs(place - first), default=None)


def _tokens(text: str, start: int, end: int) -> list[CharSpan]:
    return [match.span() for match in _TOKEN.finditer(text, start, end)]


def _shared_start(one: str, other: str) -> int:
    return len(commonprefix([one, other]))  # noqa: RUF071  (any strings will do, the name of its module misleads)
