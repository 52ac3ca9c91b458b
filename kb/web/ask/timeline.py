"""Where and when: the passages that match a question by year or month, by show, and by who speaks in them.

The answer's own search and one aggregate make it. Each bar is a link that filters; its number stands beside it as text.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ...answers.finding import MOST_PASSAGES
from ...knowledge_base import KnowledgeBase
from ...types import Hit
from ..server.wording import MONTHS, counted
from .address import Asked
from .cards import escape

__all__ = ["Bar", "bars_by_show", "bars_by_speaker", "bars_by_time", "timeline_html"]

#: Passages that match less than this share of the best one are not counted.
_CLOSE = 0.02
#: Longer lists tell nothing more.
_MOST_BARS = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """``count`` of something called ``name``, with the address that asks for it alone, if there is one."""

    name: str
    count: int
    told: str
    address: str | None = None
    short: str = ""


def timeline_html(kb: KnowledgeBase, asked: Asked, hits: Sequence[Hit]) -> str:
    """Return the section under an answer; empty where there are too few matches to compare.

    ``hits`` are what was found for ``asked``, best first.
    """
    close = [hit for hit in hits if hit.lexical_rank and hit.score >= _CLOSE * hits[0].score]
    if len(close) < 2:
        return ""
    times, shows = bars_by_time(close, asked), bars_by_show(close, asked)
    speakers = bars_by_speaker(kb.catalogue.facets.spoken([hit.chunk.id for hit in close]), asked)
    parts = [
        _columns("When", times) if len(times) > 1 else "",
        _rows("Shows", shows) if len(shows) > 1 else "",
        _rows("Who speaks there", speakers) if len(speakers) > 1 else "",
    ]
    if not any(parts):
        return ""
    return (
        '<section class="vb-where" aria-labelledby="vb-where"><h2 class="vb-count" id="vb-where">Where and when: '
        f"{'the ' if len(close) == MOST_PASSAGES else ''}{len(close)} closest passages</h2>{''.join(parts)}</section>"
    )


def bars_by_time(hits: Iterable[Hit], asked: Asked) -> tuple[Bar, ...]:
    """Return a bar a year, or a month where all are of one or two years; none is left out between first and last."""
    days = [hit.episode.published for hit in hits if hit.episode.published]
    years = sorted({int(day[:4]) for day in days if day[:4].isdigit()})
    if not years:
        return ()
    if years[-1] - years[0] > 1:
        counts = Counter(day[:4] for day in days)
        periods = [str(year) for year in range(years[0], years[-1] + 1)][-60:]
    else:
        counts = Counter(day[:7] for day in days if len(day) >= 7)
        every = [f"{year}-{month:02d}" for year in range(years[0], years[-1] + 1) for month in range(1, 13)]
        found = [n for n, month in enumerate(every) if month in counts] or [0]
        periods = every[found[0] : found[-1] + 1]
    return tuple(_period_bar(period, counts[period], asked) for period in periods)


def bars_by_show(hits: Iterable[Hit], asked: Asked) -> tuple[Bar, ...]:
    """Return a bar a show, most passages first."""
    counts = Counter(hit.episode.show for hit in hits)
    return tuple(
        Bar(show, n, counted(n, "passage"), replace(asked, shows=(show,)).address)
        for show, n in counts.most_common(_MOST_BARS)
    )


def bars_by_speaker(spoken: Sequence[tuple[str | None, int]], asked: Asked) -> tuple[Bar, ...]:
    """Return a bar a speaker from their numbers of characters, as shares of all that is said there."""
    total = sum(n for _, n in spoken) or 1
    return tuple(
        Bar(
            name or "Unknown speaker",
            n,
            f"{n / total:.0%}",
            replace(asked, speakers=(name,)).address if name else None,
        )
        for name, n in spoken[:_MOST_BARS]
    )


def _period_bar(period: str, count: int, asked: Asked) -> Bar:
    year, _, month = period.partition("-")
    if month:
        name, short = f"{MONTHS[int(month) - 1]} {year}", f"{MONTHS[int(month) - 1][:3]} {year[2:]}"
        since, until = f"{period}-01", f"{period}-{monthrange(int(year), int(month))[1]}"
    else:
        name, short, since, until = year, year, f"{year}-01-01", f"{year}-12-31"
    address = replace(asked, since=since, until=until).address if count else None
    return Bar(name, count, counted(count, "passage"), address, short)


def _columns(title: str, bars: Sequence[Bar]) -> str:
    highest = max(bar.count for bar in bars)
    items = "".join(f"<li>{_linked(bar, _column(bar, highest))}</li>" for bar in bars)
    return f'<h3>{title}</h3><ol class="vb-columns">{items}</ol>'


def _rows(title: str, bars: Sequence[Bar]) -> str:
    highest = max(bar.count for bar in bars)
    items = "".join(f"<li>{_linked(bar, _row(bar, highest))}</li>" for bar in bars)
    return f'<h3>{title}</h3><ul class="vb-rows">{items}</ul>'


def _column(bar: Bar, highest: int) -> str:
    return (
        f'<span class="vb-bar-count">{bar.count or ""}</span>{_svg(bar.count / highest, upright=True)}'
        f'<span class="vb-bar-name">{bar.short}</span>'
    )


def _row(bar: Bar, highest: int) -> str:
    return (
        f'<span class="vb-bar-name" dir="auto">{escape(bar.name)}</span>{_svg(bar.count / highest, upright=False)}'
        f'<span class="vb-bar-count">{bar.told}</span>'
    )


def _linked(bar: Bar, inside: str) -> str:
    told = f'title="{escape(bar.name)}: {bar.told}"'
    if bar.address is None:
        return f'<span class="vb-bar" role="img" aria-label="{escape(bar.name)}: {bar.told}" {told}>{inside}</span>'
    label = f'aria-label="{escape(bar.name)}: {bar.told}; show these alone"'
    return f'<a class="vb-bar" data-ask href="{escape(bar.address)}" {label} {told}>{inside}</a>'


def _svg(share: float, *, upright: bool) -> str:
    """Return a bar of ``share`` of its place, drawn by attributes alone."""
    size = max(2.0, 100 * share) if share else 0.0
    place = f'x="0" y="{100 - size:.1f}" width="100" height="{size:.1f}"' if upright else (
        f'x="0" y="0" width="{size:.1f}" height="100"'
    )  # fmt: skip
    return (
        '<svg viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f"<rect {place}></rect></svg>"
    )
