"""Plain routes beside the page: an episode's sound, and a quote at its own address."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote as url_quote

from fastapi import FastAPI
from fastapi.responses import FileResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles

from ...addresses import Address
from ...catalogue.question_log import QuestionLog
from ...citations import page_tags
from ...errors import NotFound, UsageError
from ...knowledge_base import KnowledgeBase
from ...phrasing import OLDER_SOUND
from ...translatable import phrase
from ...types import Quote
from ..ask.cards import quote_html
from ..collections.cards import COLLECTIONS_STYLES
from ..reader.routes import add_reader
from ..server.document import document
from ..server.templating import NOTHING, Markup, render
from .citing import add_citing
from .marking import add_marking

__all__ = ["add_routes"]

#: Most turns whose quotes one page shows.
_MOST_PARTS = 50
_HERE = Path(__file__).parents[1]
mimetypes.add_type("audio/ogg", ".opus")  # missing in many systems' tables


def add_routes(app: FastAPI, kb: KnowledgeBase, questions: QuestionLog) -> None:
    """Add ``/audio/EPISODE``, ``/quote/ID``, its citation, the reader and the files they need."""

    @app.get("/audio/{episode_id}", include_in_schema=False)
    def audio(episode_id: str) -> Response:
        """Send the sound; the path comes from the catalogue alone, ranges are answered with 206."""
        path = kb.episode(episode_id).audio
        if path is None or not Path(path).is_file():
            raise NotFound(phrase("The sound of this episode is missing; its transcript is still here."))
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        return FileResponse(path, media_type=kind, headers={"X-Content-Type-Options": "nosniff"})

    @app.get("/quote/{quote_id:path}", include_in_schema=False)
    def quote(quote_id: str) -> Response:
        """Show one quote, letter for letter as long as its transcript exists."""
        found = kb.quote(quote_id)
        parts = kb.marked(quote_id)
        if len(parts) > 1:
            return _several(kb, parts)
        tags = page_tags(found)
        cards = [quote_html(found, kb.context(found))]
        body = render("quotes/page.html", note="", cards=cards, caution=_caution(kb, found), coins=tags.coins)
        return _page(found.text[:80], body, head=render("quotes/tags.html", tags=tags))

    @app.get("/marked/{quote_id:path}", include_in_schema=False)
    def marks(quote_id: str) -> Response:
        """Show the quotes for selected words: whole words, and one quote for each speaker."""
        parts = kb.marked(quote_id)
        if len(parts) > 1:
            return _several(kb, parts)
        return RedirectResponse(f"/quote/{url_quote(str(parts[0]))}", 303)

    add_reader(app, kb, questions)
    add_citing(app, kb)
    add_marking(app, kb)
    app.mount("/vb", StaticFiles(directory=_HERE / "static"))


def _caution(kb: KnowledgeBase, quote: Quote) -> str:
    """Return a caution about the sound of a quote of an older revision."""
    is_old = quote.revision != kb.revisions.latest(quote.episode.id)
    return OLDER_SOUND if is_old and quote.episode.audio else ""


def _several(kb: KnowledgeBase, parts: Sequence[Address]) -> Response:
    """Return a page with a card for each speaker's part of the selected words."""
    if len(parts) > _MOST_PARTS:
        raise UsageError(
            phrase(
                "These words are of %(turns)s turns; mark fewer of them, at most %(most)s.",
                turns=len(parts),
                most=_MOST_PARTS,
            )
        )
    quotes = [kb.quote(str(part)) for part in parts]
    cards = [quote_html(quote, kb.context(quote), number) for number, quote in enumerate(quotes, 1)]
    note = phrase("These words are of %(turns)s turns: a quote for each.", turns=len(parts))
    return _page(phrase("Quotes"), render("quotes/page.html", note=note, cards=cards, caution="", coins=""))


def _page(title: str, body: Markup, head: Markup = NOTHING) -> Response:
    return document(title, body, styles=COLLECTIONS_STYLES, scripts=("cite.js", "collections.js"), head=head)
