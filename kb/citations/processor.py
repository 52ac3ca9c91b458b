"""Works through the CSL processor (citeproc-py) and the styles in ``styles/``; the one module that knows either.

citeproc-py does not do all of CSL: what stands in for a missing author is printed twice, ``initialize="false"`` and
``disambiguate`` are ignored, and the official Chicago style takes it up to a tenth of a second a work. So our styles
are cut from the official ones to what it does well, and ``seams`` mends the rest. Italics come back from it as marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from threading import Lock
from types import SimpleNamespace
from typing import Any, NamedTuple

from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, Locator
from citeproc.source import BibliographySource, Date, Reference
from citeproc.source import Name as CSLName
from citeproc.string import String

from .markup import Marked, Span
from .names import Name
from .seams import ITALIC, ROMAN, joined, sealed
from .styles import Style
from .titles import headline, main_title, requoted
from .work import Work

__all__ = ["Place", "entry", "in_text"]

_FOLDER = Path(__file__).parent / "styles"
_KEY = "work"
# What the publisher wrote; the rest is the style's, or an address.
_OWN = frozenset(("title", "title_short", "container_title", "publisher", "number", "volume"))
# The processor keeps what it is doing in the parsed style.
_ONE_AT_A_TIME = Lock()


class Place(NamedTuple):
    """Where in a document a work is cited, and what tells it from the others cited there."""

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


def entry(style: Style, work: Work, place: Place) -> Marked:
    """Return the work's entry in the list of references."""
    with _ONE_AT_A_TIME:
        shelf = _shelf(style, work, place)
        shelf.register(_citation(place))
        return _finished(str(shelf.bibliography()[0]), style, work)


def in_text(style: Style, work: Work, place: Place) -> Marked:
    """Return what refers to the work in the text: a parenthesis, a number, or a note."""
    with _ONE_AT_A_TIME:
        shelf = _shelf(style, work, place)
        for _ in range(2 if place.again else 1):  # the second note of a work is the short one
            citation = _citation(place)
            shelf.register(citation)
            cited = shelf.cite(citation, str)
        return _finished(str(cited), style, work)


class _Item(CitationItem):  # type: ignore[misc]
    """A work in a list that is longer than the processor sees."""

    @property
    def number(self) -> int:
        return int(self["place"])


def _citation(place: Place) -> Any:
    item = _Item(_KEY, **({"locator": Locator("timestamp", place.time)} if place.time else {}))
    item["place"] = place.number
    return Citation([item])


def _shelf(style: Style, work: Work, place: Place) -> Any:
    """Return a bibliography of one work, as the processor wants it."""
    # The reference's constructor warns of variables newer than CSL 1.0.1, among them the host.
    reference = Reference(_KEY, "broadcast")
    reference.update({key: value for key, value in _variables(style, work, place).items() if value})
    source = BibliographySource()
    source.add(reference)
    return CitationStylesBibliography(_parsed(style.name), source, _MARKS)


@cache
def _parsed(name: str) -> Any:
    return CitationStylesStyle(str(_FOLDER / f"{name}.csl"), validate=False)


def _variables(style: Style, work: Work, place: Place) -> dict[str, Any]:
    """Return the work's CSL variables, as our styles expect them."""
    title = requoted(_title(style, work), style.inner) if style.inner else _title(style, work)
    show = headline(work.show, work.language) if work.show and style.capitals else work.show
    texts = {
        "title": title,
        "container_title": show,
        "genre": style.podcast if work.medium == "podcast" else style.radio,
        # Tells our styles radio from podcasts, which have one CSL type.
        "medium": "radio" if work.medium == "radio" else None,
        "number": work.number,
        "volume": work.season if work.number else None,
        "publisher": None if work.publisher == work.show else work.publisher,
        "URL": work.url,
        "year_suffix": place.year_suffix,
        "title_short": _short_title(style, work, place),
        "annote": "named" if place.narrative else None,
    }
    people = {"author": work.named("reporter"), "host": work.named("host"), "guest": work.named("guest")}
    day = work.accessed
    return (
        {key: String(sealed(text) if key in _OWN else text) for key, text in texts.items() if text}
        | {role: [_name(name) for name in names] for role, names in people.items()}
        | {"issued": _date(*work.issued), "accessed": _date(day.year, day.month, day.day) if day and work.url else None}
    )


def _title(style: Style, work: Work) -> str:
    return headline(work.title, work.language) if style.capitals else work.title


def _short_title(style: Style, work: Work, place: Place) -> str | None:
    """Return the title as text and short notes give it, in quotation marks everywhere."""
    if style.name == "mla" and work.creators and not place.ambiguous:
        return None
    if style.name == "harvard":
        return requoted(work.title, ("“", "”"))
    return requoted(main_title(headline(work.title, work.language)), ("‘", "’"))


def _name(name: Name) -> Any:
    if not name.given:
        return CSLName(literal=sealed(name.family))
    return CSLName(family=name.surname, given=name.given, **({"suffix": name.suffix} if name.suffix else {}))


def _date(*parts: int) -> Any:
    return Date(**dict(zip(("year", "month", "day"), parts, strict=False))) if parts else None


def _italic(text: object) -> str:
    return f"{ITALIC}{text}{ROMAN}"


_MARKS = SimpleNamespace(
    preformat=str, Italic=_italic, Oblique=_italic, Bold=str, Light=str, Underline=str, Superscript=str,
    Subscript=str, SmallCaps=str,
)  # fmt: skip


def _finished(text: str, style: Style, work: Work) -> Marked:
    return tuple(_spans(joined(text, american=style.name != "harvard"), work.url))


def _spans(text: str, url: str | None) -> Iterator[Span]:
    """Cut at the italics, and at the address, which is the last thing that a style prints of a work."""
    before, found, after = text.rpartition(url) if url else (text, "", "")
    for part, is_url in ((before, False), (found, True), (after, False)):
        for n, piece in enumerate(re.split(f"[{ITALIC}{ROMAN}]", part)):
            if piece:
                yield Span(piece, "link" if is_url else "italic" if n % 2 else "plain")
