"""Quotes in running text: the sentence that names the speaker, and the credit that journalists give (AP)."""

from __future__ import annotations

import re

from ..phrasing import MONTHS, READ_OUT
from ..types import Quote
from .markup import Marked, Span
from .names import parse_name
from .styles import Style
from .text import clean
from .work import Work

__all__ = ["credit", "is_narrated", "sentence"]

_NOBODY = "An unidentified speaker"
# The AP abbreviates months beside a day, except the five shortest.
_AP_MONTHS = "Jan. Feb. March April May June July Aug. Sept. Oct. Nov. Dec.".split()
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
# A full stop that ends a sentence, and not an ellipsis.
_STOP = re.compile(r"(?<![.…])\.$")


def is_narrated(style: Style, work: Work, quote: Quote) -> bool:
    """Return whether the quote's speaker is the person whom the citation names, so that one name is enough."""
    return style.system in ("author-date", "author") and work.creators == (parse_name(quote.speaker),)


def sentence(style: Style, work: Work, quote: Quote, cited: Marked, number: int) -> Marked:
    """Return ``Alvaro Bedoya said, “...” (Shahani, 2019, 2:41).``

    The words are the quote's own, except that a final full stop moves behind the citation, as the guides require.
    ``cited`` is the style's citation of the quote, ``number`` the quote's among the notes. Somebody else's text is
    not said but "read out".
    """
    if style.system == "credit":
        return _ap_sentence(work, quote)
    name = parse_name(quote.speaker)
    speaker = name.full if name else _NOBODY
    words = clean(quote.text)
    opening, closing = style.quotes
    verb = _verb(quote)
    if style.system == "note":
        return (Span(f"{speaker} {verb}, {opening}{words}{closing}{str(number).translate(_RAISED)}"),)
    if name and style.system == "author-date" and is_narrated(style, work, quote):
        return (Span(f"{name.surname} "), *cited, Span(f" {verb}, {opening}{words}{closing}"))
    return (Span(f"{speaker} {verb}, {opening}{_STOP.sub('', words)}{closing} "), *cited, Span("."))


def credit(work: Work, quote: Quote | None = None) -> Marked:
    """Return ``Alvaro Bedoya, on NPR's “All Things Considered,” July 8, 2019`` as the AP credits a broadcast."""
    where, day = _where(work), _day(work)
    dated = f"{_comma_inside(where)} {day}" if day else where
    if quote is None:
        return (Span(dated),)
    name = parse_name(quote.speaker)
    speaker = name.full if name else _NOBODY
    return (Span(f"{f'read out by {speaker}' if READ_OUT in quote.cautions else speaker}, on {dated}"),)


def _verb(quote: Quote) -> str:
    return "read out" if READ_OUT in quote.cautions else "said"


def _ap_sentence(work: Work, quote: Quote) -> Marked:
    """Return ``“...,” Bedoya said July 8, 2019, on NPR's “All Things Considered.”``."""
    name = parse_name(quote.speaker)
    words = _STOP.sub("", clean(quote.text))
    comma = "" if words.endswith(("?", "!", "…", ",")) else ","
    day = f" {_day(work)}," if _day(work) else ""
    where = re.sub("”$", ".”", _where(work)) if _where(work).endswith("”") else f"{_where(work)}."
    return (Span(f"“{words}{comma}” {name.full if name else _NOBODY.lower()} {_verb(quote)}{day} on {where}"),)


def _where(work: Work) -> str:
    """Return ``NPR's “All Things Considered”``; a title goes into quotation marks.

    A podcast is called one, after its publisher or the article: ``the “Serial” podcast``.
    """
    show = (work.show or work.title).replace("“", "‘").replace("”", "’")
    owner = work.publisher if work.publisher and work.publisher != work.show else None
    owned = "'" if owner and owner.endswith("s") else "'s"
    kind = " podcast" if work.medium == "podcast" and not show.lower().endswith("podcast") else ""
    has_article = show.lower().startswith("the ")
    whose = f"{owner}{owned} " if owner else "the " if kind and not has_article else ""
    return f"{whose}“{show}”{kind}"


def _comma_inside(text: str) -> str:
    return f"{text[:-1]},”" if text.endswith("”") else f"{text},"


def _day(work: Work) -> str:
    match work.issued:
        case (year, month, day):
            return f"{_AP_MONTHS[month - 1]} {day}, {year}"
        case (year, month):
            return f"{MONTHS[month - 1]} {year}"
        case (year,):
            return str(year)
    return ""
