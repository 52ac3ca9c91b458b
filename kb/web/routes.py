"""Plain routes beside the page: an episode's sound, and a quote at its own address."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles

from ..citations import page_tags
from ..knowledge_base import KnowledgeBase
from .cards import quote_html
from .citing import add_citing
from .collection_cards import COLLECTIONS_HEAD
from .document import document
from .reading import add_reader

__all__ = ["add_routes"]

_HERE = Path(__file__).parent
mimetypes.add_type("audio/ogg", ".opus")  # unknown to many a system's table


def add_routes(app: FastAPI, kb: KnowledgeBase) -> None:
    """Add ``/audio/EPISODE``, ``/quote/ID``, its citation, the reader and the files they need."""

    @app.get("/audio/{episode_id}", include_in_schema=False)
    def audio(episode_id: str) -> Response:
        """Send the sound; the path comes from the catalogue alone, ranges are answered with 206."""
        path = kb.catalogue.episodes.get(episode_id).audio
        if path is None or not Path(path).is_file():
            return PlainTextResponse("The audio of this episode is not where it was.", 404)
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        return FileResponse(path, media_type=kind, headers={"X-Content-Type-Options": "nosniff"})

    @app.get("/quote/{quote_id:path}", include_in_schema=False)
    def quote(quote_id: str) -> Response:
        """Show one quote, letter for letter as long as its transcript exists."""
        found = kb.quote(quote_id)
        tags = page_tags(found)
        body = quote_html(found, kb.context(found)) + tags.body
        head = tags.head + COLLECTIONS_HEAD
        return document(found.text[:80], body, head=head, scripts=("cite.js", "collections.js"))

    add_reader(app, kb)
    add_citing(app, kb)
    app.mount("/vb", StaticFiles(directory=_HERE / "static"))
