"""Why filters leave nothing to search, in a sentence: unknown names, empty collections, dates in the wrong order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import ascii_lowercase, ascii_uppercase

from rapidfuzz import fuzz, process, utils

from ..catalogue import Catalogue
from ..types import Filters

__all__ = ["why_nothing"]

_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
#: Least similarity of a suggested name (per cent), and the most names that are suggested.
_ALIKE, _OFFERED = 60, 3


def why_nothing(catalogue: Catalogue, filters: Filters) -> str:
    """Return why no passage matches the filters, with the nearest names."""
    episodes, collections = catalogue.episodes, catalogue.collections.all()
    if not catalogue.passages.count()[1]:
        return "Your library is empty."
    told = [
        *_unknown("Nobody in your library is called", filters.speakers, episodes.speakers()),
        *_unknown("No show in your library is called", filters.shows, episodes.shows()),
        *_unknown("No collection is called", filters.collections, [each.name for each in collections]),
        *_without_episodes(catalogue, filters.collections, {_folded(each.name): each.quotes for each in collections}),
    ]
    if filters.since and filters.until and filters.since > filters.until:
        told.append(f"{filters.since} is after {filters.until}; swap the two dates.")
    return " ".join(told) or "Your filters leave no passage to search; remove one of them."


def _unknown(sentence: str, asked: Sequence[str], known: Sequence[str]) -> list[str]:
    there = set(map(_folded, known))
    return [f"{sentence} “{name}”.{_offer(name, known)}" for name in asked if _folded(name) not in there]


def _without_episodes(catalogue: Catalogue, asked: Sequence[str], quotes: Mapping[str, int]) -> list[str]:
    """Return a sentence for each collection that names no episode of the library."""
    told = []
    for name in asked:
        if quotes.get(_folded(name)) == 0:
            told.append(f"The collection “{name}” is empty; save a quote in it first.")
        elif _folded(name) in quotes and not catalogue.passages.count(Filters(collections=(name,)))[1]:
            told.append(f"The episodes of the collection “{name}” are no longer in your library.")
    return told


def _folded(name: str) -> str:
    """Return a name as filters compare it: SQLite's NOCASE knows the case of ASCII letters alone."""
    return name.translate(_LOWER)


def _offer(name: str, known: Sequence[str]) -> str:
    found = process.extract(
        name, known, scorer=fuzz.WRatio, processor=utils.default_process, limit=_OFFERED, score_cutoff=_ALIKE
    )
    near = [f"“{other}”" for other, _, _ in found]
    return f" Did you mean {' or '.join(near)}?" if near else ""
