"""The filters of the Ask page as a form with counts, and as chips that can be taken away."""

from __future__ import annotations

from ..knowledge_base import KnowledgeBase
from .asked import Asked
from .cards import escape

__all__ = ["chips_html", "filters_html"]

#: Speakers that the browser offers while one types; any other can be typed.
_MOST_SPEAKERS = 500


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
        '<label>From <input type="date" name="since"></label><label>To <input type="date" name="until"></label></form>'
    )


def chips_html(asked: Asked) -> str:
    """Return a link for each filter that opens the same question without it; empty without filters."""
    links = "".join(
        f'<a class="vb-chip" data-ask href="{escape(chip.without)}"><span class="vb-live">Remove the filter </span>'
        f'<span dir="auto">{escape(chip.text)}</span><span aria-hidden="true"> ×</span></a>'
        for chip in asked.chips()
    )
    return f'<div class="vb-chips">{links}</div>' if links else ""
