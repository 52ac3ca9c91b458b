"""Numbers and dates in words, as every page says them."""

from __future__ import annotations

from datetime import date

from ...phrasing import counted

__all__ = ["MONTHS", "counted", "long_date"]

#: Not ``strftime``'s, which speaks the server's language.
MONTHS = "January February March April May June July August September October November December".split()


def long_date(published: str) -> str:
    """Return an ISO date as ``8 July 2019``; what is none comes back as it is."""
    try:
        day = date.fromisoformat(published)
    except ValueError:
        return published
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
