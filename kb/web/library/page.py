"""``/library``: the shows and episodes that are there, what is on its way in, and ways to add more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from ...catalogue import SORTS, Facet, Listed, ListingPage, Sort
from ...knowledge_base import KnowledgeBase
from ...phrasing import ORIGINS
from ...types import Episode
from ..background.worker import Worker
from ..server.document import document
from ..server.templating import Markup, render
from ..server.wording import counted
from .adding import add_html, feeds_html, work_html

__all__ = ["add_library", "episodes_html"]

_PER_PAGE = 50
_SORT_NAMES: dict[Sort, str] = {
    "newest": "Newest first",
    "oldest": "Oldest first",
    "added": "Last added first",
    "title": "By title",
    "show": "By show",
    "longest": "Longest first",
}
_LONGEST_SEARCH = 200


@dataclass(frozen=True, slots=True)
class View:
    """What the address asks for; ``page`` counts from 1."""

    search: str = ""
    show: str | None = None
    sort: Sort = "newest"
    page: int = 1

    @classmethod
    def of(cls, request: Request) -> View:
        """Return the view of an address; what cannot be is as if it were not said."""
        asked = request.query_params
        page = asked.get("page", "")
        return cls(
            asked.get("q", "")[:_LONGEST_SEARCH].strip(),
            asked.get("show") or None,
            next((sort for sort in SORTS if sort == asked.get("sort")), "newest"),
            max(1, int(page)) if page.isascii() and page.isdecimal() and len(page) < 7 else 1,
        )

    @property
    def address(self) -> str:
        """Return the address of the view, without what is as usual."""
        said = {"q": self.search, "show": self.show or "", "sort": self.sort, "page": str(self.page)}
        usual = {"q": "", "show": "", "sort": "newest", "page": "1"}
        query = urlencode({key: value for key, value in said.items() if value != usual[key]})
        return f"/library?{query}" if query else "/library"


@dataclass(frozen=True, slots=True)
class EpisodeRow:
    """An episode as it is listed; ``origin`` says who wrote it down, where that is not its publisher."""

    episode: Episode
    show_address: str
    origin: str


def add_library(app: FastAPI, kb: KnowledgeBase, worker: Worker) -> None:
    """Add ``/library``; ``worker`` tells what it does."""

    @app.get("/library", include_in_schema=False)
    def library(request: Request) -> HTMLResponse:
        view = View.of(request)
        listing = kb.catalogue.listing
        shows = kb.catalogue.facets.shows()
        found = listing.page(view.search, view.show, view.sort, (view.page - 1) * _PER_PAGE, _PER_PAGE)
        body = render(
            "library/page.html",
            episodes=sum(show.episodes for show in shows),
            shows=len(shows),
            parts=(add_html(), work_html(kb, worker), feeds_html(kb, worker), episodes_html(view, found, shows)),
        )
        scripts = ("library.js", "uploads.js")
        return document("Library", body, here="/library", styles=("library.css",), scripts=scripts)


def episodes_html(view: View, found: ListingPage, shows: Sequence[Facet]) -> Markup:
    """Return the episodes that were asked for, with what chooses and sorts them."""
    if found.listed:
        heading = f"{counted(found.total, 'episode')}{f' of {view.show}' if view.show else ''}"
    else:
        heading = "Nothing fits" if shows else "There are no episodes yet"
    pages = max(1, -(-found.total // _PER_PAGE))
    return render(
        "library/episodes.html",
        view=view,
        shows=[(show.value, f"{show.value} ({show.episodes:,})") for show in shows],
        sorts=tuple(_SORT_NAMES.items()),
        heading=heading,
        rows=[_row(each) for each in found.listed],
        all_address=View(sort=view.sort).address,
        pages=pages,
        place=f"Page {view.page:,} of {pages:,}",
        before=replace(view, page=view.page - 1).address if view.page > 1 else "",
        after=replace(view, page=view.page + 1).address if view.page < pages else "",
    )


def _row(listed: Listed) -> EpisodeRow:
    origin = ORIGINS[listed.origin] if listed.origin != "publisher" else ""
    return EpisodeRow(listed.episode, View(show=listed.episode.show).address, origin)
