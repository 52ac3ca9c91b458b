"""A report as a table: one row per quote."""

from __future__ import annotations

from collections.abc import Iterator

from ..citations import to_text
from ..phrasing import made_by
from ..saved.hearings import told
from ..text.cleaning import visible
from .report import Report, ReportQuote

__all__ = ["COLUMNS", "rows"]

COLUMNS = (
    "number", "text", "speaker", "role", "show", "title", "date", "start", "end", "link", "url", "confidence", "status",
    "by", "checked", "remark", "note", "tags", "correction", "citation", "address",
    "earliest", "latest", "transcript", "mind", "heard_again",
)  # fmt: skip

Cell = str | float | int | None


def rows(report: Report) -> Iterator[tuple[Cell, ...]]:
    """Yield the cells of each quote under ``COLUMNS``; times in seconds, ``None`` where nothing is known."""
    for item in report.items:
        yield tuple(visible(cell) or None if isinstance(cell, str) else cell for cell in _cells(item))


def _cells(item: ReportQuote) -> tuple[Cell, ...]:
    saved, quote = item.saved, item.saved.quote
    episode = quote.episode
    last = saved.history[-1] if saved.history else None
    return (
        item.number,
        item.text,
        quote.speaker,
        episode.role_of(quote.speaker),
        episode.show,
        episode.title,
        episode.published,
        _rounded(quote.start),
        _rounded(quote.end),
        item.link,
        episode.url,
        _rounded(quote.confidence),
        saved.status,
        last.by if last else None,
        last.entered_at if last else None,
        last.remark if last else None,
        saved.note,
        ", ".join(saved.tags),
        saved.standing.told(quote),
        to_text(item.citation),
        quote.id,
        _rounded(quote.earliest),
        _rounded(quote.latest),
        made_by(quote.origin, quote.engine),
        " ".join(quote.cautions),
        " ".join(told(hearing) for hearing in saved.hearings),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
