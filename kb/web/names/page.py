"""``/names``: the list of names to expect; what it would correct and has corrected is fetched by ``expected.js``."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from ...inputs import LONGEST_NAME
from ...knowledge_base import KnowledgeBase
from ...translatable import phrase
from ..access.people import may
from ..server.document import document
from ..server.templating import render

__all__ = ["add_names"]


def add_names(app: FastAPI, kb: KnowledgeBase) -> None:
    """Add ``/names``."""

    @app.get("/names", include_in_schema=False)
    def names() -> HTMLResponse:
        body = render("names/page.html", names=kb.names.all(), may=may("editor"), longest_name=LONGEST_NAME)
        styles = ("library.css", "names.css")
        return document(phrase("Names to expect"), body, here="/library", styles=styles, scripts=("expected.js",))
