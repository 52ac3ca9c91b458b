"""Why filters leave nothing to search, in a sentence: a name that nobody has, dates the wrong way round."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz, process, utils

from ..catalogue import Catalogue
from ..types import Filters

__all__ = ["why_nothing"]

#: Names less alike than this (per cent) are not offered, and so many are at most.
_ALIKE, _OFFERED = 60, 3


def why_nothing(catalogue: Catalogue, filters: Filters) -> str:
    """Return what is wrong with filters that no passage passes, and the nearest names."""
    episodes = catalogue.episodes
    if not catalogue.passages.count()[1]:
        return "Your library is empty."
    told = [
        *_unknown("Nobody in your library is called", filters.speakers, episodes.speakers()),
        *_unknown("No show in your library is called", filters.shows, episodes.shows()),
    ]
    if filters.since and filters.until and filters.since > filters.until:
        told.append(f"{filters.since} is after {filters.until}; exchange the two dates.")
    return " ".join(told) or "Your filters leave no passage to search; take one of them away."


def _unknown(sentence: str, asked: Sequence[str], known: Sequence[str]) -> list[str]:
    there = {name.casefold() for name in known}
    return [f"{sentence} “{name}”.{_offer(name, known)}" for name in asked if name.casefold() not in there]


def _offer(name: str, known: Sequence[str]) -> str:
    found = process.extract(
        name, known, scorer=fuzz.WRatio, processor=utils.default_process, limit=_OFFERED, score_cutoff=_ALIKE
    )
    near = [f"“{other}”" for other, _, _ in found]
    return f" Did you mean {' or '.join(near)}?" if near else ""
