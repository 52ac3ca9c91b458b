"""A quote's citation in a chosen style, at ``/cite/ID``: a page, which cards also show in place."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import Response

from ...citations import STYLES, Style, cite_today, find_style, to_text
from ...knowledge_base import KnowledgeBase
from ...outputs import USUAL_STYLE
from ...translatable import phrase
from ...types import Quote
from ..ask.cards import quote_cautions
from ..server.document import document
from ..server.templating import Markup, render

__all__ = ["add_citing", "style_options"]


def add_citing(app: FastAPI, kb: KnowledgeBase) -> None:
    """Add ``/cite/ID?style=NAME``."""

    @app.get("/cite/{quote_id:path}", include_in_schema=False)
    def citation(quote_id: str, style: str = USUAL_STYLE) -> Response:
        """Show how the quote is cited."""
        body = _citation_html(kb.citable(quote_id), style)
        return document(phrase("How to cite this quote"), body, scripts=("cite.js",))


def _citation_html(quote: Quote, style_name: str) -> Markup:
    style = find_style(style_name)
    references = cite_today([quote], style)
    cited = references.citations[0]
    lines = [(phrase("Reference"), entry) for entry in references.entries]
    lines += [(phrase("In the text"), cited.in_text), (phrase("As a sentence"), cited.running)]
    shown = [(name, marked, to_text(marked)) for name, marked in lines]
    return render(
        "quotes/citing.html",
        styles=style_options(style),
        chosen=style.name,
        lines=shown,
        cautions=quote_cautions(quote),
    )


def style_options(chosen: Style) -> list[tuple[str, str]]:
    """Return the well-known styles by name and label, and the chosen one if it is not among them."""
    offered = STYLES if chosen in STYLES else (*STYLES, chosen)
    return [(each.name, each.label) for each in offered]
