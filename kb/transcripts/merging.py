"""Find turns of an older revision in a newer one, to merge two people's corrections. Pure.

A correction changes neighbouring turns. The turns before and after them are found by comparing from both ends, so that
a "Yes." is never confused with another "Yes.".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from .canonical import Canonical

__all__ = ["Placed", "changed_turns", "placed"]


@dataclass(frozen=True, slots=True)
class Placed:
    """Some turns of a revision; ``same`` unless their words changed since the older one."""

    first: int
    count: int
    same: bool = True


def placed(revisions: Sequence[Canonical], first: int, count: int = 1) -> Placed:
    """Return where turns of the first of these successive revisions stand in the last."""
    found = Placed(first, count)
    for old, new in pairwise(revisions):
        found = _followed(old, new, found)
    return found


def changed_turns(old: Canonical, new: Canonical) -> tuple[Placed, Placed]:
    """Return the turns of ``old`` that differ from those of ``new``, and the new ones for them."""
    before, after = ([(turn.speaker, said) for turn, said in zip(c.turns, _said(c), strict=True)] for c in (old, new))
    prefix, suffix = _ends(before, after)
    suffix = min(suffix, len(before) - prefix, len(after) - prefix)
    if prefix + suffix == min(len(before), len(after)):  # turns were only added: with the one beside them
        prefix, suffix = (prefix - 1, suffix) if prefix else (prefix, suffix - 1)
    return Placed(prefix, len(before) - suffix - prefix), Placed(prefix, len(after) - suffix - prefix)


def _said(canonical: Canonical) -> list[tuple[str, float | None, float | None]]:
    """Return the words of each turn, and its times, which distinguish a "Yes." from the next one."""
    return [(canonical.text[turn.char_start : turn.char_end], turn.start, turn.end) for turn in canonical.turns]


def _ends(old: Sequence[object], new: Sequence[object]) -> tuple[int, int]:
    """Return how many are the same from the beginning on, and how many from the end on."""
    most = min(len(old), len(new))
    prefix = next((n for n in range(most) if old[n] != new[n]), most)
    return prefix, next((n for n in range(most) if old[-1 - n] != new[-1 - n]), most)


def _followed(old: Canonical, new: Canonical, at: Placed) -> Placed:
    before, after = _said(old), _said(new)
    shift, last = len(after) - len(before), at.first + at.count
    if not shift:  # as many turns: each in its place
        was, became = ([words for words, *_ in said[at.first : last]] for said in (before, after))
        return replace(at, same=at.same and was == became)
    # Times tell a "Yes." from the next one; where they were moved, the words alone tell as much.
    for mine, their in (([words for words, *_ in before], [words for words, *_ in after]), (before, after)):
        prefix, suffix = _ends(mine, their)
        # Where both ends meet in equal turns, they cannot be distinguished.
        sure, rest = sorted((prefix, len(before) - suffix))
        if last <= sure:
            return at
        if at.first >= rest:
            return replace(at, first=at.first + shift)
    begin, finish = min(at.first, sure), max(last, rest) + shift
    return Placed(begin, max(1, finish - begin), same=False)
