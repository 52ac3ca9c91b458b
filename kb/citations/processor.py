"""Works in styles: an episode as CSL variables, handed to the CSL processor (``csl``), and its output corrected and
marked up.

Loading a style takes 1 to 20 ms and citing a work in Chicago, the largest, about 15; so styles and citations are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import lru_cache
from threading import Lock
from typing import Any, NamedTuple

from .csl import Csl, CslDate, CslItem, CslName, CslText, print_entry, print_in_text
from .markup import Marked, Span, to_text
from .names import Name
from .seams import ITALIC, ROMAN, joined, sealed
from .styles.official import official_xml
from .styles.style import Style
from .titles import main_title
from .work import Credit, Work

__all__ = ["Place", "entry", "in_text", "why_not_usable"]

# What the publisher wrote; the rest is the style's, or an address.
_OWN = frozenset(("title", "title_short", "container_title", "publisher", "number", "season"))
# The processor keeps what it is doing in the style's tree.
_ONE_AT_A_TIME = Lock()


class Place(NamedTuple):
    """Where in a document a work is cited, and what distinguishes it from the others cited there."""

    #: ``2:41``; ``None`` cites the whole.
    time: str | None = None
    #: The work's number in the list, from 1.
    number: int = 1
    #: ``a``, ``b``, where an author has several works of a year.
    year_suffix: str = ""
    #: Whether the author alone does not say which work is meant.
    ambiguous: bool = False
    #: Whether the sentence has named the author already.
    narrative: bool = False
    #: Whether an earlier note has cited the work in full.
    again: bool = False


@lru_cache(maxsize=1024)
def entry(style: Style, work: Work, place: Place) -> Marked:
    """Return the work's entry in the list of references; nothing where the style has no list."""
    with _ONE_AT_A_TIME:
        text = print_entry(_loaded(style), _variables(style, work, place), CslItem(place.number))
    return _finished(text, style, work)


@lru_cache(maxsize=1024)
def in_text(style: Style, work: Work, place: Place) -> Marked:
    """Return what refers to the work in the text: a parenthesis, a number, or a note."""
    items = [CslItem(place.number, place.time, place.narrative) for _ in range(2 if place.again else 1)]
    with _ONE_AT_A_TIME:
        text = print_in_text(_loaded(style), _variables(style, work, place), items)
    return _finished(text, style, work)


def why_not_usable(style: Style) -> str | None:
    """Return why citeproc-py cannot set the style, tried out on a few works; ``None`` where it can."""
    for work in _SAMPLES:
        try:
            listed, cited = entry(style, work, Place("2:41")), in_text(style, work, Place("2:41"))
        except Exception as error:
            return f"citeproc-py cannot set it ({type(error).__name__}: {str(error)[:120]})"
        if not any(c.isalnum() for c in to_text(cited)):
            return "it prints nothing where a text cites a broadcast"
        if style.system == "number" and not listed:
            return "its numbers lead to no list of references"
    return None


@lru_cache(maxsize=16)
def _loaded(style: Style) -> Csl:
    return Csl(style.xml or official_xml(style.csl), style.corrections, style.language)


def _variables(style: Style, work: Work, place: Place) -> dict[str, Any]:
    """Return the work's CSL variables, and those of our corrections: ``radio``, ``season``, ``ambiguous``."""
    texts = {
        "title": work.title,
        "title_short": main_title(work.title),
        "container_title": work.show,
        "genre": style.podcast if work.medium == "podcast" else style.radio,
        "radio": work.medium if work.medium == "radio" else None,
        "number": work.number,
        "season": work.season if work.number else None,
        "publisher": None if work.publisher == work.show else work.publisher,
        "URL": work.url,
        "language": work.language,
        "year_suffix": place.year_suffix,
        "ambiguous": "ambiguous" if place.ambiguous else None,
    }
    people = {"author": work.named("reporter"), "host": work.named("host"), "guest": work.named("guest")}
    day = work.accessed
    return (
        # A number must show its digits to the processor; sealing would hide them.
        {
            key: CslText(sealed(text) if key in _OWN and not text.isdecimal() else text)
            for key, text in texts.items()
            if text
        }
        | {role: [_name(name) for name in names] for role, names in people.items()}
        | {"issued": _date(*work.issued), "accessed": _date(day.year, day.month, day.day) if day and work.url else None}
    )


def _name(name: Name) -> Any:
    if not name.given:
        return CslName(literal=sealed(name.family))
    return CslName(family=name.surname, given=name.given, **({"suffix": name.suffix} if name.suffix else {}))


def _date(*parts: int) -> Any:
    return CslDate(**dict(zip(("year", "month", "day"), parts, strict=False))) if parts else None


def _finished(text: str, style: Style, work: Work) -> Marked:
    return tuple(_spans(joined(text, american=style.stops_inside), work.url))


def _spans(text: str, url: str | None) -> Iterator[Span]:
    """Cut at the italics, and at the web address, which styles print last."""
    before, found, after = text.rpartition(url) if url else (text, "", "")
    for part, is_url in ((before, False), (found, True), (after, False)):
        for n, piece in enumerate(re.split(f"[{ITALIC}{ROMAN}]", part)):
            if piece:
                yield Span(piece, "link" if is_url else "italic" if n % 2 else "plain")


_PODCAST = Work(
    id="sample", medium="podcast", title="A title", show="A show", publisher="A publisher", season="1", number="2",
    credits=(Credit("host", Name("Lee", "Ann")),), issued=(2025, 11, 3), accessed=date(2026, 1, 5),
    url="https://example.org/a", language="en", duration=60.0,
)  # fmt: skip
_SAMPLES = (
    _PODCAST,
    replace(_PODCAST, medium="radio", credits=(Credit("reporter", Name("Lee", "Ann")),), number=None, url=None),
    replace(_PODCAST, credits=(), issued=(), show=None, publisher=None, number=None),
)
