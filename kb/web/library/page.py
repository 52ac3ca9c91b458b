"""``/library``: the episodes with a search, the queue, and ways to add more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from ...catalogue import SORTS, Facet, ListingPage, Sort
from ...knowledge_base import KnowledgeBase
from ...phrasing import counted
from ...translatable import phrase
from ..background.worker import Worker
from ..server.document import document
from ..server.templating import Markup, render
from .adding import add_html, example_button, feeds_html, queue_html
from .rows import PER_PAGE, listed_rows, page_number, pages_of
from .speech import speech_parts

__all__ = ["add_library", "episodes_html"]

_SORT_NAMES: dict[Sort, str] = {
    "newest": phrase("Newest first"),
    "oldest": phrase("Oldest first"),
    "added": phrase("Last added first"),
    "title": phrase("By title"),
    "show": phrase("By show"),
    "longest": phrase("Longest first"),
}
_LONGEST_SEARCH = 200
#: Most people whose names match the search, shown as links to their pages.
_MOST_PEOPLE = 5


@dataclass(frozen=True, slots=True)
class View:
    """The parameters of the address; ``page`` counts from 1."""

    search: str = ""
    show: str | None = None
    sort: Sort = "newest"
    page: int = 1

    @classmethod
    def of(cls, request: Request) -> View:
        """Return the view of an address; invalid values are ignored."""
        asked = request.query_params
        return cls(
            asked.get("q", "")[:_LONGEST_SEARCH].strip(),
            asked.get("show") or None,
            next((sort for sort in SORTS if sort == asked.get("sort")), "newest"),
            page_number(asked.get("page", "")),
        )

    @property
    def address(self) -> str:
        """Return the address of the view, without default values."""
        said = {"q": self.search, "show": self.show or "", "sort": self.sort, "page": str(self.page)}
        usual = {"q": "", "show": "", "sort": "newest", "page": "1"}
        query = urlencode({key: value for key, value in said.items() if value != usual[key]})
        return f"/library?{query}" if query else "/library"


def add_library(app: FastAPI, kb: KnowledgeBase, worker: Worker) -> None:
    """Add ``/library``; ``worker`` knows the background work."""

    @app.get("/library", include_in_schema=False)
    def library(request: Request) -> HTMLResponse:
        view = View.of(request)
        shows, speech = kb.facets.shows(), speech_parts(kb, worker)
        found = kb.listing.page(view.search, view.show, view.sort, (view.page - 1) * PER_PAGE, PER_PAGE)
        body = render(
            "library/page.html",
            episodes=sum(show.episodes for show in shows),
            shows=len(shows),
            example=None if shows else example_button(),
            adding=add_html(speech, not shows),
            queue=queue_html(kb, worker),
            list=episodes_html(view, found, shows, kb.facets.named(view.search)),
            feeds=feeds_html(kb, worker, speech.hearing),
        )
        scripts = ("library.js", "uploads.js", "feeds.js", "speech.js")
        return document(phrase("Library"), body, here="/library", styles=("library.css",), scripts=scripts)


def episodes_html(view: View, found: ListingPage, shows: Sequence[Facet], people: Sequence[Facet] = ()) -> Markup:
    """Return the episodes, with the form to search and sort them; ``people`` are those who match the search."""
    if found.listed:
        heading: str = counted(found.total, "episode")
        if view.show:
            heading = phrase("%(episodes)s of %(show)s", episodes=heading, show=view.show)
    elif view.search:
        heading = phrase("No episode has all of these words in its title, show or people.")
    else:
        heading = phrase("No episodes.")
    return render(
        "library/episodes.html",
        view=view,
        shows=[(show.value, f"{show.value} ({show.episodes:,})") for show in shows],
        sorts=tuple(_SORT_NAMES.items()),
        heading=heading,
        people=people[:_MOST_PEOPLE],
        rows=listed_rows(found, lambda show: View(show=show).address, frozenset(one.value for one in people)),
        all_address=View(sort=view.sort).address,
        pages=pages_of(found.total, view.page, lambda page: replace(view, page=page).address),
    )
