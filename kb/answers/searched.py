"""What is told of a search besides its quotes: how much was searched, what occurs nowhere, and notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..catalogue import Catalogue
from ..phrasing import long_date
from ..questions.foreign import foreign_to
from ..questions.names import unsaid
from ..questions.periods import Period
from ..questions.query import MAX_QUESTION, Query, quotations
from ..retrieval.passages import heading_of
from ..retrieval.recall import period_asked
from ..text.stemming import fold_word
from ..text.stop_words import stop_words
from ..text.terms import Term
from ..translatable import phrase
from ..types import Filters, Quote, Searched
from .empty_filters import undated, why_nothing
from .finding import Found

__all__ = ["searched_of", "unmet_period"]


def searched_of(catalogue: Catalogue, found: Found, quotes: Sequence[Quote], unmet: Period | None) -> Searched:
    """Return what is told of a search that shows ``quotes``; ``unmet`` is its ``unmet_period``."""
    query, filters = found.query, found.filters
    episodes, passages = catalogue.passages.count(filters)
    foreign = foreign_to(query.text, catalogue.passages.languages())
    unknown = _unknown(catalogue, query, foreign)
    problem = None if query.terms else phrase("Your question has no word to search for.")
    return Searched(
        episodes,
        passages,
        unknown,
        tuple(name for name in _unsaid(catalogue, found, quotes) if name not in unknown),
        query.respelt,
        why_nothing(catalogue, filters) if filters and not passages else problem,
        tuple(_notes(catalogue, found, unmet, foreign)) if passages else (),
    )


def unmet_period(catalogue: Catalogue, found: Found) -> Period | None:
    """Return the period that the question names if no episode is from it, and the best passage does not speak of it."""
    period = period_asked(found.query, found.filters)
    if period is None:
        return None
    within = replace(found.filters or Filters(), since=period.since, until=period.until)
    said = found.ranked[0].passage.hit.text if found.ranked else ""
    is_spoken_of = any(year in said for year in _years(found.query))
    return None if is_spoken_of or catalogue.passages.count(within)[1] else period


def _notes(catalogue: Catalogue, found: Found, unmet: Period | None, foreign: str | None) -> Iterator[str]:
    """Yield what was cut, left out or not found, a sentence each."""
    query = found.query
    if query.is_cut:
        yield phrase("Only the first %(count)s characters of the question were read.", count=MAX_QUESTION)
    if unmet is not None:
        yield _none_from(unmet)
    if query.phrases and not found.passages:
        words = "”, “".join(quotations(query.text))
        yield phrase("No passage has exactly these words: “%(words)s”. Ask without the quotation marks.", words=words)
    if foreign:
        yield phrase("The question seems to be in another language than your library.")
    if left_out := undated(catalogue, found.filters):
        yield left_out


def _unknown(catalogue: Catalogue, query: Query, foreign: str | None) -> tuple[str, ...]:
    """Return the question's words that occur nowhere, without the common words of a ``foreign`` language."""
    common = stop_words(foreign) if foreign else ()
    told = (term for term in query.terms if not _has_sign(term, query) and fold_word(term.word) not in common)
    return catalogue.passages.unknown(told)


def _has_sign(term: Term, query: Query) -> bool:
    """Return whether a sign belongs to the word, as in "F#": the index knows only "F"."""
    return query.text.startswith(("#", "+"), term.end)


def _unsaid(catalogue: Catalogue, found: Found, quotes: Sequence[Quote]) -> tuple[str, ...]:
    """Return the question's names that no quoted episode has in its words, title or speakers."""
    episodes = {quote.episode.id for quote in quotes}
    passages = [passage for passage in found.passages if passage.hit.episode.id in episodes]
    # Most occur in the passages that were found; only the others need a search.
    respelt = {spelling for _, spelling in found.query.respelt}
    names = [name for name in found.query.names if name.word not in respelt and not _has_sign(name, found.query)]
    rest = unsaid(names, "\n".join(f"{heading_of(passage)} {passage.hit.text}" for passage in passages))
    within = Filters(episodes=tuple(sorted(episodes)))
    return tuple(name.word for name in rest if episodes and not catalogue.passages.says(name.expression, within))


def _years(query: Query) -> list[str]:
    return [term.word for term in query.clues if term.word.isdigit() and len(term.word) == len("2019")]


def _none_from(period: Period) -> str:
    since, until = period.since or "", period.until or ""
    if since and until:
        whole_year = since.endswith("-01-01") and until == f"{since[:4]}-12-31"
        if whole_year or since == until:
            return phrase("No episode here is dated %(date)s.", date=since[:4] if whole_year else long_date(since))
        return phrase(
            "No episode here is dated %(since)s to %(until)s.", since=long_date(since), until=long_date(until)
        )
    if since:
        return phrase("No episode here is dated %(since)s or later.", since=long_date(since))
    return phrase("No episode here is dated %(until)s or earlier.", until=long_date(until))
