"""Collections as HTML: their list, and a collection's quotes with notes, tags and status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote as url_quote

from ...answers.context import Context
from ...catalogue import STATUSES, Collection
from ...citations import Marked, Style
from ...inputs import LONGEST_NAME
from ...phrasing import OLDER_SOUND
from ...saved.hearings import told
from ...saved.quotes import SavedQuote
from ...translatable import phrase
from ..ask.cards import quote_html
from ..quotes.citing import style_options
from ..server.templating import Markup, render
from .choosing import EXPORT_NAMES, STATUS_NAMES, Choice, PlacedQuote, offered

__all__ = ["COLLECTIONS_STYLES", "collection_html", "collections_html"]

#: The style sheets of pages whose quotes can be saved; their script is ``collections.js``.
COLLECTIONS_STYLES = ("collections.css",)


@dataclass(frozen=True, slots=True)
class Card:
    """A saved quote as shown; ``standing`` says what has happened to its words, ``stands`` whether they are still
    there.

    ``corrected`` is the address of the corrected words, ``exchange`` the button's text to use them. ``caution`` is
    about its sound, ``heard_again`` has second transcriptions, each after whether it agrees. ``up`` and ``down`` are
    places, 0 where there is none.
    """

    saved: SavedQuote
    place: int
    up: int
    down: int
    quote: Markup
    citation: Marked
    standing: str
    stands: bool
    corrected: str
    exchange: str
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
    choice: Choice,
    whose: str = "",
) -> Markup:
    """Return the chosen quotes of a collection in order, each with its citation, note, tags, status and place.

    ``saved`` are all its quotes, ``contexts`` and ``citations`` those of the chosen ones by id. ``whose`` names its
    owner to a person who may only read it.
    """
    shown = choice.placed(saved)
    forms, no_subtitles = offered([each.saved for each in shown])
    address = f"/collections/{url_quote(collection.name, safe='')}/export"
    return render(
        "collections/one.html",
        collection=collection,
        whose=whose,
        cards=[_card(each, contexts[each.saved.quote.id], citations[each.saved.quote.id]) for each in shown],
        choice=choice,
        tags=choice.tags(saved),
        found=choice.statuses(saved),
        styles=style_options(style),
        chosen=style.name,
        downloads=[
            (EXPORT_NAMES.get(form, form.label), f"{address}?{choice.query(format=form.value, style=style.name)}")
            for form in forms
        ],
        no_subtitles=no_subtitles,
        statuses=[(each, STATUS_NAMES[each]) for each in STATUSES],
        status_names=STATUS_NAMES,
        longest_name=LONGEST_NAME,
    )


def _card(placed: PlacedQuote, context: Context, citation: Marked) -> Card:
    saved = placed.saved
    quote, kind = saved.quote, saved.standing.kind
    is_old = kind in ("unchanged", "changed", "deleted")
    corrected = saved.standing.corrected(quote)
    return Card(
        saved,
        placed.place,
        placed.up,
        placed.down,
        quote_html(quote, context, placed.place, is_there=kind != "gone"),
        citation,
        saved.standing.told(quote),
        kind in ("current", "unchanged"),
        corrected.id if corrected else "",
        phrase("Use the corrected words") if kind == "changed" else phrase("Use the corrected speaker"),
        OLDER_SOUND if is_old and quote.episode.audio else "",
        ", ".join(saved.tags),
        tuple((hearing.agrees, told(hearing)) for hearing in saved.hearings),
    )
