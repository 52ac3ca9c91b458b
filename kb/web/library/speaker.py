"""``/speaker/NAME``: the episodes in which somebody speaks, when first and last, and a box to ask what they say."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from ...errors import NotFound
from ...knowledge_base import KnowledgeBase
from ...translatable import phrase
from ..server.document import document
from ..server.templating import render
from .rows import PER_PAGE, listed_rows, page_number, pages_of

__all__ = ["add_speakers"]


def add_speakers(app: FastAPI, kb: KnowledgeBase) -> None:
    """Add ``/speaker/NAME``."""

    @app.get("/speaker/{name:path}", include_in_schema=False)
    def speaker(name: str, page: str = "") -> HTMLResponse:
        number, listing = page_number(page), kb.listing
        found = listing.page(offset=(number - 1) * PER_PAGE, limit=PER_PAGE, speaker=name)
        if not found.total:
            raise NotFound(
                phrase(
                    "Nobody in your library is called %(name)s. Speakers of removed "
                    "episodes are not listed; search for a part of the name.",
                    name=repr(name[:100]),
                )
            )
        # Episodes without a date come last in both orders.
        ends = [listing.page(sort=sort, limit=1, speaker=name).listed[0].episode for sort in ("oldest", "newest")]
        address = f"/speaker/{quote(name, safe='')}"
        body = render(
            "library/speaker.html",
            speaker=name,
            episodes=found.total,
            ends=ends if ends[0].published else (),
            rows=listed_rows(found, _show_address, frozenset({name})),
            pages=pages_of(found.total, number, lambda beside: f"{address}?page={beside}"),
        )
        return document(name, body, styles=("library.css",))


def _show_address(show: str) -> str:
    return f"/library?{urlencode({'show': show})}"
