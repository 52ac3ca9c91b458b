"""Collections as HTML: their list, and a collection's quotes with what people say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote as url_quote

from ...answers.context import Context
from ...catalogue import STATUSES, Collection
from ...citations import Marked, Style, to_html
from ...inputs import LONGEST_NAME
from ...phrasing import OLDER_SOUND
from ...saved.quotes import SavedQuote
from ..ask.cards import escape, quote_html
from ..quotes.citing import style_options

__all__ = ["COLLECTIONS_HEAD", "collection_html", "collections_html"]

#: What a page whose quotes can be saved needs in its head; its script is ``collections.js``.
COLLECTIONS_HEAD = '<link rel="stylesheet" href="/vb/collections.css">'

_FORMATS = (
    ("docx", "Word"), ("md", "Markdown"), ("html", "HTML"), ("xlsx", "Excel"), ("csv", "CSV"), ("vtt", "WebVTT"),
    ("srt", "SubRip"), ("zip", "Evidence package"),
)  # fmt: skip


def collections_html(collections: Sequence[Collection]) -> str:
    """Return the list of collections, or how to begin."""
    items = "".join(
        f'<li><a href="{_address(each.name)}" dir="auto">{escape(each.name)}</a> '
        f'<span class="vb-soft">{each.quotes} {"quote" if each.quotes == 1 else "quotes"}</span></li>'
        for each in collections
    )
    empty = "<p>There are no collections yet. Save a quote, or begin one here.</p>"
    return (
        f"<h1>Collections</h1>{f'<ul class=vb-list>{items}</ul>' if items else empty}"
        '<form class="vb-form" data-new><label>A new collection <input name="name" required maxlength="80"></label>'
        '<button class="vb-button">Begin</button></form>'
    )


def collection_html(
    collection: Collection,
    saved: Sequence[SavedQuote],
    contexts: Mapping[str, Context],
    citations: Mapping[str, Marked],
    style: Style,
) -> str:
    """Return a collection's quotes in order, each with its citation, note, tags, status and place."""
    cards = "".join(
        _card(each, contexts[each.quote.id], citations[each.quote.id], place, len(saved))
        for place, each in enumerate(saved, 1)
    )
    return (
        f'<div data-collection="{escape(collection.name)}"><h1 dir="auto">{escape(collection.name)}</h1>'
        f"{_downloads(collection, style) if saved else ''}"
        f"{cards or '<p>Nothing is saved here yet: press Save beside a quote.</p>'}"
        '<p class="vb-actions"><button type="button" class="vb-button vb-quiet" data-rename>Rename</button>'
        '<button type="button" class="vb-button vb-quiet" data-delete>Delete the collection</button></p></div>'
    )


def _downloads(collection: Collection, style: Style) -> str:
    links = "".join(
        f'<a class="vb-button vb-quiet" download href="{_address(collection.name)}/export?format={form}'
        f'&amp;style={escape(style.name)}">{name}</a>'
        for form, name in _FORMATS
    )
    return (
        '<form class="vb-form" method="get"><label>Citation style '
        f'<select name="style" data-submits>{style_options(style)}</select>'
        '</label><noscript><button class="vb-button">Show</button></noscript></form>'
        f'<nav class="vb-actions" aria-label="Download">{links}</nav>'
    )


def _card(saved: SavedQuote, context: Context, citation: Marked, place: int, places: int) -> str:
    quote = saved.quote
    told = saved.standing.told(quote)
    kind = "vb-note" if saved.standing.kind in ("current", "unchanged") else "vb-problem"
    flag = f'<p class="{kind}" dir="auto">{escape(told)}</p>' if told else ""
    is_old = saved.standing.kind in ("unchanged", "changed", "deleted")
    flag += f'<p class="vb-note">{OLDER_SOUND}</p>' if is_old and quote.episode.audio else ""
    return (
        f'<section class="vb-saved" data-quote="{escape(quote.id)}" aria-label="Saved quote {place}">'
        f"{quote_html(quote, context, place)}{flag}"
        f'<p class="vb-citation" dir="auto">{to_html(citation)}</p>'
        f"{_status(saved)}"
        '<form class="vb-form" data-notes>'
        '<label>Note <textarea name="note" rows="2" maxlength="10000" dir="auto">'
        f"\n{escape(saved.note)}</textarea></label>"
        f'<label>Tags, with commas between them <input name="tags" dir="auto" value="{escape(", ".join(saved.tags))}">'
        "</label></form>"
        f'<p class="vb-actions">{_mover("Up", place - 1, place > 1)}{_mover("Down", place + 1, place < places)}'
        '<button type="button" class="vb-button vb-quiet" data-remove>Remove</button></p></section>'
    )


def _mover(name: str, place: int, possible: bool) -> str:
    disabled = "" if possible else " disabled"
    return f'<button type="button" class="vb-button vb-quiet" data-move="{place}"{disabled}>{name}</button>'


def _status(saved: SavedQuote) -> str:
    """Return the ledger's entries, and a form for another one."""
    entries = "".join(
        f'<li dir="auto"><time>{escape(entry.entered_at[:10])}</time> <strong>{entry.status}</strong> by '
        f"{escape(entry.by)}{f': {escape(entry.remark)}' if entry.remark else ''}</li>"
        for entry in saved.history
    )
    options = "".join(f"<option{' selected' if each == saved.status else ''}>{each}</option>" for each in STATUSES)
    return (
        f'<details class="vb-ledger"><summary>Status: <strong>{saved.status}</strong></summary><ol>{entries}</ol>'
        f'<form class="vb-form" data-status><label>Status <select name="status">{options}</select></label>'
        f'<label>Your name <input name="by" required maxlength="{LONGEST_NAME}" autocomplete="name"></label>'
        '<label>Remark <input name="remark" maxlength="2000"></label>'
        '<button class="vb-button">Enter</button></form></details>'
    )


def _address(name: str) -> str:
    return f"/collections/{url_quote(name, safe='')}"
