"""Why filters leave nothing to search, in a sentence: unknown names, empty collections, dates in the wrong order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from string import ascii_lowercase, ascii_uppercase

from rapidfuzz import fuzz, process, utils

from ..catalogue import Catalogue
from ..text.terms import fold_word, words_of
from ..translatable import joined, phrase, phrases
from ..types import Filters

__all__ = ["undated", "why_nothing"]

_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
#: Least similarity of a suggested name (per cent), and the most names that are suggested.
_ALIKE, _OFFERED = 60, 3
_FIRST_DAY = "0001-01-01"


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
    if not told and len(_set(filters)) > 1:
        told.append(phrase("Your filters leave no passage to search; remove one of them."))
    elif not told:
        told.append(phrase("Your filter leaves no passage to search; remove it."))
    if left_out := undated(catalogue, filters):
        told.append(left_out)
    return joined(" ", told)


def undated(catalogue: Catalogue, filters: Filters | None) -> str | None:
    """Return how many episodes a filter by date leaves out for want of a date; ``None`` if it leaves out none."""
    if not filters or not (filters.since or filters.until):
        return None
    anywhen = catalogue.passages.count(replace(filters, since=None, until=None))[0]
    dated = catalogue.passages.count(replace(filters, since=_FIRST_DAY, until=None))[0]
    if anywhen == dated:
        return None
    return phrases(
        "%(count)s episode without a date was left out.",
        "%(count)s episodes without a date were left out.",
        anywhen - dated,
    )


def _set(filters: Filters) -> list[object]:
    """Return the filters that are set; the two ends of a period are one."""
    each = (filters.shows, filters.speakers, filters.since or filters.until, filters.episodes, filters.collections)
    return [value for value in each if value]


def _unknown(asked: Sequence[str], known: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each unknown name with the known ones that are like it."""
    there = set(map(_folded, known))
    for name in asked:
        if _folded(name) not in there:
            if of_it := [other for other in known if _is_part(name, other)]:
                yield name, of_it[:_OFFERED]
                continue
            found = process.extract(
                name, known, scorer=fuzz.WRatio, processor=utils.default_process, limit=_OFFERED, score_cutoff=_ALIKE
            )
            yield name, [other for other, _, _ in found]


def _is_part(name: str, whole: str) -> bool:
    """Return whether every word of a name is one of the whole name: "Ann" is a part of "Ann Lee"."""
    words = {fold_word(word) for word in words_of(name)}
    return bool(words) and words <= {fold_word(word) for word in words_of(whole)}


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
