"""Collections as HTML: their list, and a collection's quotes with what people say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...answers.context import Context
from ...catalogue import STATUSES, Collection
from ...citations import Marked, Style
from ...inputs import LONGEST_NAME
from ...outputs import ExportFormat
from ...phrasing import OLDER_SOUND
from ...saved.hearings import told
from ...saved.quotes import SavedQuote
from ..ask.cards import quote_html
from ..quotes.citing import style_options
from ..server.templating import Markup, render

__all__ = ["COLLECTIONS_STYLES", "collection_html", "collections_html"]

#: What a page whose quotes can be saved needs as style sheets; its script is ``collections.js``.
COLLECTIONS_STYLES = ("collections.css",)


@dataclass(frozen=True, slots=True)
class Card:
    """A saved quote as it is shown; ``standing`` tells what became of its words, and ``stands`` whether they still are.

    ``caution`` is what to mind about its sound, ``heard_again`` what other recognisers make of it, after whether
    they agree.
    """

    saved: SavedQuote
    quote: Markup
    citation: Marked
    standing: str
    stands: bool
    caution: str
    tags: str
    heard_again: tuple[tuple[bool, str], ...]


def collections_html(collections: Sequence[Collection]) -> Markup:
    """Return the list of collections, or how to begin."""
    return render("collections/list.html", collections=collections)


def collection_html(
    collection: Collection,
    saved: Sequence[SavedQuote],
    contexts: Mapping[str, Context],
    citations: Mapping[str, Marked],
    style: Style,
    whose: str = "",
) -> Markup:
    """Return a collection's quotes in order, each with its citation, note, tags, status and place.

    ``whose`` says whose it is to somebody who may read it and not change it.
    """
    return render(
        "collections/one.html",
        collection=collection,
        whose=whose,
        cards=[_card(each, contexts[each.quote.id], citations[each.quote.id], n) for n, each in enumerate(saved, 1)],
        styles=style_options(style),
        chosen=style.name,
        formats=[(form.value, form.label) for form in ExportFormat],
        statuses=STATUSES,
        longest_name=LONGEST_NAME,
    )


def _card(saved: SavedQuote, context: Context, citation: Marked, place: int) -> Card:
    quote, kind = saved.quote, saved.standing.kind
    is_old = kind in ("unchanged", "changed", "deleted")
    return Card(
        saved,
        quote_html(quote, context, place),
        citation,
        saved.standing.told(quote),
        kind in ("current", "unchanged"),
        OLDER_SOUND if is_old and quote.episode.audio else "",
        ", ".join(saved.tags),
        tuple((hearing.agrees, told(hearing)) for hearing in saved.hearings),
    )
