"""Dates that a question names: "in July 2019", "since 2020", "between 2018 and 2020", "on 8 July 2019". Pure.

Only dates that say their year are read; "last week" depends on whose week it is.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from ..phrasing import MONTHS

__all__ = ["Period", "period_in"]

_MONTHS = [month.lower() for month in MONTHS]
_MONTH = f"(?:{'|'.join(f'{month[:3]}(?:{month[3:]})?' for month in _MONTHS)}|sept)\\.?"
_DAY = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_YEAR = r"(?:19|20)\d\d"
_DATE = (
    rf"(?:{_YEAR}-\d\d-\d\d|{_DAY}(?:\s+of)?\s+{_MONTH},?\s+{_YEAR}|{_MONTH}\s+{_DAY},?\s+{_YEAR}"
    rf"|{_MONTH},?\s+(?:of\s+)?{_YEAR}|{_YEAR})"
)
_RANGE = re.compile(rf"\b(?:between|from)\s+({_DATE})\s+(?:and|to|until|till)\s+({_DATE})\b", re.I)
_OPEN = re.compile(rf"\b(since|after|before|until|till|up to)\s+({_DATE})\b", re.I)
# A bare number of four digits is a year only where the words beside it say so.
_AT = re.compile(
    rf"\b(?:in|on|during|from|of|throughout|aired|published|broadcast)\s+(?:the\s+year\s+)?({_DATE})\b", re.I
)
_WRITTEN = re.compile(rf"\b({_DATE})\b", re.I)
_PARTS = re.compile(rf"(?P<year>{_YEAR})|(?P<month>{_MONTH})|(?P<day>\d\d?)", re.I)


@dataclass(frozen=True, slots=True)
class Period:
    """From ``since`` to ``until``, ISO dates, both inclusive; ``None``: open."""

    since: str | None
    until: str | None

    def holds(self, published: str | None) -> bool:
        """Return whether an ISO date lies in the period; a missing one does not."""
        return bool(published) and (self.since or "") <= str(published) <= (self.until or "9999")


def period_in(text: str) -> tuple[Period, int, int] | None:
    """Return the period that ``text`` names, the first if it names several, and where its words begin and end."""
    if match := _RANGE.search(text):
        first, last = _span(match[1]), _span(match[2])
        if first and last and first[0] <= last[1]:
            return Period(first[0].isoformat(), last[1].isoformat()), *match.span()
        return None
    if match := _OPEN.search(text):
        span = _span(match[2])
        return (_opened(match[1].lower(), *span), *match.span()) if span else None
    for pattern in (_WRITTEN, _AT):
        for match in pattern.finditer(text):
            if (pattern is _AT or not match[1].isdigit()) and (span := _span(match[1])):
                return Period(span[0].isoformat(), span[1].isoformat()), *match.span()
    return None


def _opened(word: str, first: date, last: date) -> Period:
    if word == "since":
        return Period(first.isoformat(), None)
    if word == "after":
        return Period((last + timedelta(days=1)).isoformat(), None)
    if word == "before":
        return Period(None, (first - timedelta(days=1)).isoformat())
    return Period(None, last.isoformat())


def _span(text: str) -> tuple[date, date] | None:
    """Return the first and the last day of a date, a month or a year; ``None`` for the 31st of June."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            return (date.fromisoformat(text),) * 2
        found = {match.lastgroup: match.group() for match in _PARTS.finditer(text)}
        year = int(found["year"])
        if "month" not in found:
            return date(year, 1, 1), date(year, 12, 31)
        month = 1 + next(n for n, name in enumerate(_MONTHS) if name.startswith(found["month"].lower()[:3]))
        if "day" in found:
            return (date(year, month, int(found["day"])),) * 2
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])
    except ValueError:
        return None
