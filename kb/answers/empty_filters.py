"""Why filters leave nothing to search, in a sentence: unknown names, empty collections, dates in the wrong order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from string import ascii_lowercase, ascii_uppercase

from rapidfuzz import fuzz, process, utils

from ..catalogue import Catalogue
from ..translatable import joined, phrase
from ..types import Filters

__all__ = ["why_nothing"]

_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
#: Least similarity of a suggested name (per cent), and the most names that are suggested.
_ALIKE, _OFFERED = 60, 3


def why_nothing(catalogue: Catalogue, filters: Filters) -> str:
    """Return why no passage matches the filters, with the nearest names."""
    episodes, collections = catalogue.episodes, catalogue.collections.all()
    if not catalogue.passages.count()[1]:
        return phrase("Your library is empty.")
    told: list[str] = []
    for name, near in _unknown(filters.speakers, episodes.speakers()):
        told += [phrase("Nobody in your library is called “%(name)s”.", name=name), *_offer(near)]
    for name, near in _unknown(filters.shows, episodes.shows()):
        told += [phrase("No show in your library is called “%(name)s”.", name=name), *_offer(near)]
    for name, near in _unknown(filters.collections, [each.name for each in collections]):
        told += [phrase("No collection is called “%(name)s”.", name=name), *_offer(near)]
    quotes = {_folded(each.name): each.quotes for each in collections}
    told += _without_episodes(catalogue, filters.collections, quotes)
    if filters.since and filters.until and filters.since > filters.until:
        told.append(
            phrase("%(since)s is after %(until)s; swap the two dates.", since=filters.since, until=filters.until)
        )
    return joined(" ", told) or phrase("Your filters leave no passage to search; remove one of them.")


def _unknown(asked: Sequence[str], known: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each unknown name with the known ones that are like it."""
    there = set(map(_folded, known))
    for name in asked:
        if _folded(name) not in there:
            found = process.extract(
                name, known, scorer=fuzz.WRatio, processor=utils.default_process, limit=_OFFERED, score_cutoff=_ALIKE
            )
            yield name, [other for other, _, _ in found]


def _without_episodes(catalogue: Catalogue, asked: Sequence[str], quotes: Mapping[str, int]) -> list[str]:
    """Return a sentence for each collection that names no episode of the library."""
    told: list[str] = []
    for name in asked:
        if quotes.get(_folded(name)) == 0:
            told.append(phrase("The collection “%(name)s” is empty; save a quote in it first.", name=name))
        elif _folded(name) in quotes and not catalogue.passages.count(Filters(collections=(name,)))[1]:
            told.append(phrase("The episodes of the collection “%(name)s” are no longer in your library.", name=name))
    return told


def _folded(name: str) -> str:
    """Return a name as filters compare it: SQLite's NOCASE knows the case of ASCII letters alone."""
    return name.translate(_LOWER)


def _offer(near: Sequence[str]) -> list[str]:
    match near:
        case [one]:
            return [phrase("Did you mean “%(one)s”?", one=one)]
        case [one, two]:
            return [phrase("Did you mean “%(one)s” or “%(two)s”?", one=one, two=two)]
        case [one, two, three]:
            return [phrase("Did you mean “%(one)s” or “%(two)s” or “%(three)s”?", one=one, two=two, three=three)]
    return []
