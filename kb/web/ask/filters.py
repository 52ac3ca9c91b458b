"""The filters of the Ask page: buttons that add one, and chips that remove one."""

from __future__ import annotations

from ...knowledge_base import KnowledgeBase
from ..server.templating import NOTHING, Markup, render
from .address import AskRequest

__all__ = ["chips_html", "filters_html"]


def filters_html(kb: KnowledgeBase) -> Markup:
    """Return the buttons that add a filter; ``filters.js`` asks for suggestions. Empty for an empty knowledge base."""
    if not kb.facets.shows():
        return NOTHING
    return render("ask/filters.html", collections=len(kb.facets.collections()), adverts=kb.facets.has_adverts())


def chips_html(asked: AskRequest) -> Markup:
    """Return a link for each filter that opens the same question without it; empty without filters."""
    return render("ask/chips.html", chips=tuple(asked.chips()))
