"""The filters of the Ask page: buttons that add one, and chips that remove one."""

from __future__ import annotations

from dataclasses import replace

from ...errors import UsageError
from ...knowledge_base import KnowledgeBase
from ...translatable import phrase
from ...types import Filters
from ..server.templating import NOTHING, Markup, render
from .address import AskRequest

__all__ = ["chips_html", "filters_html", "filters_of"]


def filters_of(kb: KnowledgeBase, asked: AskRequest) -> Filters | None:
    """Return all filters of the search; a collection restricts it to the episodes of its quotes. Raises ``UsageError``
    for an invalid date or an empty collection, ``NotFound`` for an unknown one.
    """
    if not asked.collection:
        return asked.filters
    episodes = kb.collections.episodes(asked.collection)
    if not episodes:
        raise UsageError(
            phrase(
                "The collection %(name)s is empty; save a quote in it, or remove the filter.",
                name=repr(asked.collection),
            )
        )
    return replace(asked.filters or Filters(), episodes=episodes)


def filters_html(kb: KnowledgeBase) -> Markup:
    """Return the buttons that add a filter; ``filters.js`` asks for suggestions. Empty for an empty knowledge base."""
    if not kb.facets.shows():
        return NOTHING
    return render("ask/filters.html", collections=sum(1 for each in kb.collections.all() if each.quotes))


def chips_html(asked: AskRequest) -> Markup:
    """Return a link for each filter that opens the same question without it; empty without filters."""
    return render("ask/chips.html", chips=tuple(asked.chips()))
