"""What every document prints: quotes with their sources, citations, notes and checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote as url_quote

from ..citations import Marked, Style, cite_today
from ..phrasing import attribution, made_by
from ..saved.hearings import told
from ..saved.quotes import SavedQuote
from ..text.cleaning import visible

__all__ = ["Report", "ReportQuote", "report_of"]


@dataclass(frozen=True, slots=True)
class ReportQuote:
    """One quote of a report; ``text`` may have several lines, ``link`` is its page, empty without a server."""

    number: int
    saved: SavedQuote
    text: str
    source: str
    #: The style's note, parenthesis or credit, with the quote's time.
    citation: Marked
    link: str
    #: What is printed below the quote: labels and texts, of one line or several.
    details: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Quotes in order, each with its citation, and the list of references under its heading."""

    title: str
    style: Style
    items: tuple[ReportQuote, ...]
    references: tuple[Marked, ...]

    @property
    def heading(self) -> str:
        """Return the heading of the list of references."""
        return self.style.heading


def report_of(title: str, quotes: Sequence[SavedQuote], style: Style, server: str = "") -> Report:
    """Return a report; each quote is in it once.

    ``server`` is the address under which the knowledge base is served, for the links to quotes; styles that ask when
    an address was looked at print today.
    """
    references = cite_today([saved.quote for saved in quotes], style)
    items = tuple(
        _item(number, saved, citation.in_text, server)
        for number, (saved, citation) in enumerate(zip(quotes, references.citations, strict=True), 1)
    )
    return Report(visible(title), style, items, references.entries)


def _item(number: int, saved: SavedQuote, citation: Marked, server: str) -> ReportQuote:
    quote = saved.quote
    link = f"{server.rstrip('/')}/quote/{url_quote(quote.id, safe='@:')}" if server else ""
    details = tuple((label, visible(text)) for label, text in _details(saved) if text)
    return ReportQuote(number, saved, visible(quote.text), _source(saved), citation, link, details)


def _source(saved: SavedQuote) -> str:
    return " ".join(visible(attribution(saved.quote)).split())


def _details(saved: SavedQuote) -> tuple[tuple[str, str], ...]:
    quote = saved.quote
    sure = f", the recogniser's mean confidence {quote.confidence:.0%}" if quote.confidence is not None else ""
    last = saved.history[-1] if saved.history else None
    judged = f" ({last.by}, {last.entered_at[:10]}{f': {last.remark}' if last.remark else ''})" if last else ""
    return (
        ("Status", f"{saved.status}{judged}"),
        ("Correction", saved.standing.told(quote)),
        ("Note", saved.note),
        ("Tags", ", ".join(saved.tags)),
        ("Transcript", f"{made_by(quote.origin, quote.engine)}{sure}"),
        ("Caution", " ".join(quote.cautions)),
        *(("Heard again", told(hearing)) for hearing in saved.hearings),
        *((f"{each.label}, of the passage with the quote", each.text) for each in saved.translations),
        ("Audio", quote.episode.audio_note or ""),
        ("Address", quote.id),
    )
