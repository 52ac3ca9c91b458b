"""Plain routes beside the page: an episode's sound, and a quote at its own address."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

from ..citations import page_tags
from ..errors import UsageError, VerbatimError
from ..knowledge_base import KnowledgeBase
from .cards import escape, quote_html

__all__ = ["add_routes"]

_HERE = Path(__file__).parent
mimetypes.add_type("audio/ogg", ".opus")  # unknown to many a system's table


def add_routes(app: FastAPI, kb: KnowledgeBase) -> None:
    """Add ``/audio/EPISODE``, ``/quote/ID`` and the two files they need."""

    @app.get("/audio/{episode_id}", include_in_schema=False)
    def audio(episode_id: str) -> Response:
        """Send the sound; the path comes from the catalogue alone, ranges are answered with 206."""
        try:
            path = kb.catalogue.episodes.get(episode_id).audio
        except VerbatimError as error:
            return PlainTextResponse(str(error), 404)
        if path is None or not Path(path).is_file():
            return PlainTextResponse("The audio of this episode is not where it was.", 404)
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        return FileResponse(path, media_type=kind, headers={"X-Content-Type-Options": "nosniff"})

    @app.get("/quote/{quote_id:path}", include_in_schema=False)
    def quote(quote_id: str) -> Response:
        """Show one quote, letter for letter as long as its transcript exists."""
        try:
            found = kb.quote(quote_id)
        except UsageError as error:
            return _document("No quote", f'<p class="vb-problem">{escape(str(error))}</p>', 400)
        except VerbatimError as error:
            return _document("No quote", f'<p class="vb-problem">{escape(str(error))}</p>', 404)
        tags = page_tags(found)
        return _document(found.text[:80], quote_html(found, kb.context(found)) + tags.body, 200, tags.head)

    @app.get("/verbatim.css", include_in_schema=False)
    def style() -> Response:
        return FileResponse(_HERE / "style.css", media_type="text/css")

    @app.get("/verbatim.js", include_in_schema=False)
    def script() -> Response:
        return FileResponse(_HERE / "player.js", media_type="text/javascript")


def _document(title: str, body: str, status: int, head: str = "") -> HTMLResponse:
    """Return a page that may run our own script and nothing else; ``head`` describes it to machines."""
    policy = "default-src 'none'; script-src 'self'; style-src 'self'; media-src 'self'; base-uri 'none'"
    return HTMLResponse(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} - Verbatim</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="/verbatim.css">{head}</head><body class="vb-plain"><main class="vb-page">'
        f'<header class="vb-head"><h1><a href="/">Verbatim</a></h1></header>{body}</main>'
        '<script src="/verbatim.js"></script></body></html>',
        status,
        {"Content-Security-Policy": policy, "X-Content-Type-Options": "nosniff"},
    )
