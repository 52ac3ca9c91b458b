"""What a reader should know about a search besides its quotes, a sentence each."""

from __future__ import annotations

from dataclasses import replace

from ..catalogue import Catalogue
from ..phrasing import long_date
from ..questions.foreign import foreign_to
from ..questions.periods import Period
from ..questions.query import MAX_QUESTION, Query, quotations
from ..retrieval.recall import period_asked
from ..translatable import phrase
from ..types import Filters
from .empty_filters import undated
from .finding import Found

__all__ = ["notes_on", "unmet_period"]


def notes_on(catalogue: Catalogue, found: Found) -> tuple[str, ...]:
    """Return what was cut, left out or not found, a sentence each; why nothing was searched is told elsewhere."""
    query = found.query
    told: list[str] = []
    if query.is_cut:
        told.append(phrase("Only the first %(count)s characters of the question were read.", count=MAX_QUESTION))
    if (period := unmet_period(catalogue, found)) is not None:
        told.append(_none_from(period))
    if query.phrases and not found.passages:
        words = "”, “".join(quotations(query.text))
        told.append(
            phrase("No passage has exactly these words: “%(words)s”. Ask without the quotation marks.", words=words)
        )
    if foreign_to(query.text, catalogue.passages.languages()):
        told.append(phrase("The question seems to be in another language than your library."))
    # Where filters leave nothing, "why_nothing" says it.
    if (left_out := undated(catalogue, found.filters)) and catalogue.passages.count(found.filters)[1]:
        told.append(left_out)
    return tuple(told)


def unmet_period(catalogue: Catalogue, found: Found) -> Period | None:
    """Return the period that the question names if no episode is from it, and the best passage does not speak of it."""
    period = period_asked(found.query, found.filters)
    if period is None:
        return None
    within = replace(found.filters or Filters(), since=period.since, until=period.until)
    said = found.ranked[0].passage.hit.text if found.ranked else ""
    is_spoken_of = any(year in said for year in _years(found.query))
    return None if is_spoken_of or catalogue.passages.count(within)[1] else period


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
