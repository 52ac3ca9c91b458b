"""Why filters leave nothing to search, in a sentence: an unknown name, or dates in the wrong order."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz, process, utils

from ..catalogue import Catalogue
from ..types import Filters

__all__ = ["why_nothing"]

#: Least similarity of a suggested name (per cent), and the most names that are suggested.
_ALIKE, _OFFERED = 60, 3


def why_nothing(catalogue: Catalogue, filters: Filters) -> str:
    """Return why no passage matches the filters, with the nearest names."""
    episodes = catalogue.episodes
    if not catalogue.passages.count()[1]:
        return "Your library is empty."
    told = [
        *_unknown("Nobody in your library is called", filters.speakers, episodes.speakers()),
        *_unknown("No show in your library is called", filters.shows, episodes.shows()),
    ]
    if filters.since and filters.until and filters.since > filters.until:
        told.append(f"{filters.since} is after {filters.until}; swap the two dates.")
    return " ".join(told) or "Your filters leave no passage to search; remove one of them."


def _unknown(sentence: str, asked: Sequence[str], known: Sequence[str]) -> list[str]:
    there = {name.casefold() for name in known}
    return [f"{sentence} “{name}”.{_offer(name, known)}" for name in asked if name.casefold() not in there]


def _offer(name: str, known: Sequence[str]) -> str:
    found = process.extract(
        name, known, scorer=fuzz.WRatio, processor=utils.default_process, limit=_OFFERED, score_cutoff=_ALIKE
    )
    near = [f"“{other}”" for other, _, _ in found]
    return f" Did you mean {' or '.join(near)}?" if near else ""
