"""``/library``: the shows and episodes that are there, what is on its way in, and ways to add more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from ...catalogue import SORTS, Facet, Listed, ListingPage, Sort
from ...knowledge_base import KnowledgeBase
from ...phrasing import ORIGINS
from ...timecode import clock
from ..background.worker import Worker
from ..server.document import document
from ..server.templating import escape
from ..server.wording import counted, long_date
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


def add_library(app: FastAPI, kb: KnowledgeBase, worker: Worker) -> None:
    """Add ``/library``; ``worker`` tells what it does."""

    @app.get("/library", include_in_schema=False)
    def library(request: Request) -> HTMLResponse:
        view = View.of(request)
        listing = kb.catalogue.listing
        shows = kb.catalogue.facets.shows()
        found = listing.page(view.search, view.show, view.sort, (view.page - 1) * _PER_PAGE, _PER_PAGE)
        total = sum(show.episodes for show in shows)
        body = (
            f'<div class="vb-head"><h1>Library</h1><p data-live="count">{counted(total, "episode")} of '
            f"{counted(len(shows), 'show')}</p></div>"
            + add_html()
            + work_html(kb, worker)
            + feeds_html(kb, worker)
            + episodes_html(view, found, shows)
        )
        scripts = ("library.js", "uploads.js")
        return document("Library", body, here="/library", styles=("library.css",), scripts=scripts)


def episodes_html(view: View, found: ListingPage, shows: Sequence[Facet]) -> str:
    """Return the episodes that were asked for, with what chooses and sorts them."""
    rows = "".join(map(_row, found.listed))
    if rows:
        heading = f"{counted(found.total, 'episode')}{f' of {view.show}' if view.show else ''}"
    else:
        heading = "Nothing fits" if shows else "There are no episodes yet"
        rows = f'<li class="vb-none">{_none(view, bool(shows))}</li>'
    return (
        '<section class="vb-part" aria-labelledby="episodes"><h2 id="episodes">Episodes</h2>'
        f"{_chooser(view, shows) if shows else ''}"
        f'<p class="vb-note" role="status" data-live="found">{escape(heading)}</p>'
        f'<ul class="vb-rows" data-live="episodes">{rows}</ul>{_pager(view, found.total)}</section>'
    )


def _row(listed: Listed) -> str:
    episode = listed.episode
    told = [
        f'<a class="vb-inline" href="{escape(View(show=episode.show).address)}">{escape(episode.show)}</a>',
        f"<span>{escape(long_date(episode.published or 'undated'))}</span>",
        f'<span class="vb-time">{clock(episode.duration)}</span>' if episode.duration else "",
        f"<span>{ORIGINS[listed.origin]}</span>" if listed.origin != "publisher" else "",
        "" if episode.audio else "<span>no sound</span>",
    ]
    return (
        f'<li data-key="{escape(episode.id)}"><a class="vb-row-title" dir="auto" '
        f'href="/episode/{quote(episode.id, safe="")}">{escape(episode.title)}</a>'
        f'<p class="vb-told">{"".join(filter(None, told))}</p></li>'
    )


def _chooser(view: View, shows: Sequence[Facet]) -> str:
    options = "".join(_option(show.value, f"{show.value} ({show.episodes:,})", view.show) for show in shows)
    sorts = "".join(_option(sort, name, view.sort) for sort, name in _SORT_NAMES.items())
    return (
        '<form class="vb-choose" action="/library" role="search" id="choose">'
        '<div class="vb-field vb-grow"><label for="choose-q">Search</label><input type="search" id="choose-q" name="q" '
        f'maxlength="200" placeholder="Title, show or person" value="{escape(view.search)}"></div>'
        '<div class="vb-field"><label for="choose-show">Show</label><select id="choose-show" name="show">'
        f'<option value="">All shows</option>{options}</select></div>'
        '<div class="vb-field"><label for="choose-sort">Order</label>'
        f'<select id="choose-sort" name="sort">{sorts}</select></div>'
        '<button class="vb-button vb-quiet">Search</button></form>'
    )


def _option(value: str, name: str, chosen: str | None) -> str:
    selected = " selected" if value == chosen else ""
    return f'<option value="{escape(value)}"{selected}>{escape(name)}</option>'


def _pager(view: View, total: int) -> str:
    last = max(1, -(-total // _PER_PAGE))
    if last == 1:
        return '<nav data-live="pages" aria-label="Pages" hidden></nav>'
    before = _page_link(view, view.page - 1, "Previous", "prev") if view.page > 1 else ""
    after = _page_link(view, view.page + 1, "Next", "next") if view.page < last else ""
    middle = f"<span>Page {view.page:,} of {last:,}</span>"
    return f'<nav class="vb-pages" data-live="pages" aria-label="Pages">{before}{middle}{after}</nav>'


def _page_link(view: View, page: int, name: str, rel: str) -> str:
    address = escape(replace(view, page=page).address)
    return f'<a class="vb-button vb-quiet" rel="{rel}" href="{address}">{name}</a>'


def _none(view: View, any_at_all: bool) -> str:
    if any_at_all:
        return f'<a class="vb-inline" href="{View(sort=view.sort).address}">Show all episodes</a>'
    return "Drop transcripts or recordings above, or follow a feed; they can be asked about as soon as they are in."
