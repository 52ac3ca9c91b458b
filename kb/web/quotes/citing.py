"""A quote's citation in a style that one picks, at ``/cite/ID``: a page of its own, which cards also show in place."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import Response

from ...citations import STYLES, Style, cite_today, find_style, to_html, to_text
from ...citations.markup import Marked
from ...knowledge_base import KnowledgeBase
from ...outputs import USUAL_STYLE
from ...types import Quote
from ..ask.cards import escape
from ..server.document import document

__all__ = ["add_citing", "style_options"]


def add_citing(app: FastAPI, kb: KnowledgeBase) -> None:
    """Add ``/cite/ID?style=NAME``."""

    @app.get("/cite/{quote_id:path}", include_in_schema=False)
    def citation(quote_id: str, style: str = USUAL_STYLE) -> Response:
        """Show how the quote is cited."""
        body = _citation_html(kb.citable(quote_id), style)
        return document("How to cite this quote", body, scripts=("cite.js",))


def _citation_html(quote: Quote, style_name: str) -> str:
    style = find_style(style_name)
    references = cite_today([quote], style)
    cited = references.citations[0]
    lines = [("Reference", entry) for entry in references.entries]
    lines += [("In the text", cited.in_text), ("As a sentence", cited.running)]
    return (
        '<div class="vb-citing"><h1 class="vb-count">How to cite this quote</h1>'
        '<form class="vb-style" method="get">'
        f'<label>Style <select name="style">{style_options(style)}</select></label> '
        '<button class="vb-tiny">Show</button></form>'
        f"{''.join(_line(name, marked) for name, marked in lines)}</div>"
    )


def style_options(chosen: Style) -> str:
    """Return the well-known styles as options of a select, and the chosen one where it is another."""
    offered = STYLES if chosen in STYLES else (*STYLES, chosen)
    return "".join(
        f'<option value="{escape(each.name)}"{" selected" if each == chosen else ""}>{escape(each.label)}</option>'
        for each in offered
    )


def _line(name: str, marked: Marked) -> str:
    return (
        f'<div class="vb-cited-as"><p class="vb-cited-name">{name}</p><p dir="auto">{to_html(marked)}</p>'
        f'<button type="button" class="vb-tiny vb-copy" data-copy="{escape(to_text(marked))}">Copy</button></div>'
    )
