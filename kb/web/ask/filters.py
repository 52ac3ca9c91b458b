"""The filters of the Ask page as a form with counts, and as chips that can be taken away."""

from __future__ import annotations

from dataclasses import replace

from ...errors import UsageError
from ...knowledge_base import KnowledgeBase
from ...types import Filters
from .address import Asked
from .cards import escape

__all__ = ["chips_html", "filters_html", "filters_of"]

#: Speakers that the browser offers while one types; any other can be typed.
_MOST_SPEAKERS = 500


def filters_of(kb: KnowledgeBase, asked: Asked) -> Filters | None:
    """Return everything that narrows the search; a collection narrows it to the episodes that its quotes come from.

    Raises ``UsageError`` for a date that is none and a collection that is empty, ``NotFound`` for an unknown one.
    """
    if not asked.collection:
        return asked.filters
    episodes = kb.collections.episodes(asked.collection)
    if not episodes:
        raise UsageError(f"The collection {asked.collection!r} is empty; save a quote in it, or remove the filter.")
    return replace(asked.filters or Filters(), episodes=episodes)


def filters_html(kb: KnowledgeBase) -> str:
    """Return the form; ``ask.js`` keeps it and the address the same. Empty for an empty knowledge base."""
    shows = kb.catalogue.facets.shows()
    if not shows:
        return ""
    options = "".join(f'<option value="{escape(f.value)}">{escape(f.value)} ({f.episodes:,})</option>' for f in shows)
    names = "".join(
        f'<option value="{escape(f.value)}">{f.episodes:,} {"episode" if f.episodes == 1 else "episodes"}</option>'
        for f in kb.catalogue.facets.speakers()[:_MOST_SPEAKERS]
    )
    return (
        '<form class="vb-filters" id="filters" aria-label="Filters">'
        f'<label>Show <select name="show"><option value="">All shows ({len(shows)})</option>{options}</select></label>'
        '<label>Speaker <input name="speaker" list="speakers" placeholder="Anyone" autocomplete="off" maxlength="300">'
        f'</label><datalist id="speakers">{names}</datalist>'
        '<label>From <input type="date" name="since"></label><label>To <input type="date" name="until"></label>'
        f"{_collections(kb)}</form>"
    )


def _collections(kb: KnowledgeBase) -> str:
    """Return a choice of collections, nothing where there is none."""
    options = "".join(
        f'<option value="{escape(each.name)}">{escape(each.name)} ({each.quotes:,})</option>'
        for each in kb.collections.all()
        if each.quotes
    )
    label = '<label>Episodes of <select name="collection"><option value="">All collections</option>'
    return f"{label}{options}</select></label>" if options else ""


def chips_html(asked: Asked) -> str:
    """Return a link for each filter that opens the same question without it; empty without filters."""
    links = "".join(
        f'<a class="vb-chip" data-ask href="{escape(chip.without)}"><span class="vb-live">Remove the filter </span>'
        f'<span dir="auto">{escape(chip.text)}</span><span aria-hidden="true"> ×</span></a>'
        for chip in asked.chips()
    )
    return f'<div class="vb-chips">{links}</div>' if links else ""
