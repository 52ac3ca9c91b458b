"""Episodes as rows of a list, and the links between its pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ...catalogue import Listed, ListingPage
from ...phrasing import ORIGINS
from ...translatable import phrase
from ...types import Episode

__all__ = ["PER_PAGE", "Pages", "Row", "listed_rows", "page_number", "pages_of"]

PER_PAGE = 50
#: Most speakers in a row; a meeting may have forty.
_MOST_SPEAKERS = 4


@dataclass(frozen=True, slots=True)
class Row:
    """An episode as it is listed.

    ``more`` counts the speakers who are not named. ``origin`` says who made the transcript, if not its publisher.
    """

    episode: Episode
    show_address: str
    speakers: tuple[str, ...]
    more: int
    origin: str


@dataclass(frozen=True, slots=True)
class Pages:
    """The number of this page, and the addresses of its neighbours; empty if there is none."""

    place: str
    before: str
    after: str


def listed_rows(
    found: ListingPage, show_address: Callable[[str], str], first: frozenset[str] = frozenset()
) -> tuple[Row, ...]:
    """Return the rows of a page; ``first`` are speakers to name before the others, because the search names them."""
    return tuple(_row(each, show_address, first) for each in found.listed)


def _row(listed: Listed, show_address: Callable[[str], str], first: frozenset[str]) -> Row:
    names = sorted(listed.speakers, key=lambda name: name not in first)  # a stable sort
    origin = ORIGINS[listed.origin] if listed.origin != "publisher" else ""
    shown = tuple(names[:_MOST_SPEAKERS])
    return Row(listed.episode, show_address(listed.episode.show), shown, len(names) - len(shown), origin)


def page_number(asked: str) -> int:
    """Return the page number in an address, 1 if it is invalid."""
    return max(1, int(asked)) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 1


def pages_of(total: int, page: int, address: Callable[[int], str]) -> Pages | None:
    """Return the links between the pages of ``total`` episodes, ``None`` if there is only one page."""
    count = -(-total // PER_PAGE)
    if count < 2:
        return None
    before = address(page - 1) if page > 1 else ""
    return Pages(
        phrase("Page %(page)s of %(count)s", page=page, count=count), before, address(page + 1) if page < count else ""
    )
