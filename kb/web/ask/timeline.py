"""Where and when: the passages that match a question, by year or month, by show, and by speaker. It needs the
answer's own search and one aggregate query. Each bar is a link that filters; its number is beside it as text.
"""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ...answers.finding import MOST_PASSAGES
from ...knowledge_base import KnowledgeBase
from ...phrasing import NO_NAME, counted
from ...types import Hit
from ..server.languages import month_name, short_month_name
from ..server.templating import NOTHING, Markup, render
from .address import AskRequest

__all__ = ["Bar", "bars_by_show", "bars_by_speaker", "bars_by_time", "timeline_html"]

#: Passages whose best quote is less likely than this share of the best one are not counted.
_CLOSE = 0.02
#: Most bars in a list.
_MOST_BARS = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar: ``count`` for ``name``, with the address that filters by it, if there is one."""

    name: str
    count: int
    told: str
    address: str | None = None
    short: str = ""


def timeline_html(kb: KnowledgeBase, asked: AskRequest, hits: Sequence[Hit]) -> Markup:
    """Return the section under an answer; empty if there are too few matches to compare. ``hits`` are the passages
    found for ``asked``, best first.
    """
    close = [hit for hit in hits if hit.lexical_rank and hit.score >= _CLOSE * hits[0].score]
    if len(close) < 2:
        return NOTHING
    times, shows = bars_by_time(close, asked), bars_by_show(close, asked)
    speakers = bars_by_speaker(kb.facets.spoken([hit.chunk.id for hit in close]), asked)
    drawn = {"times": _drawn(times), "shows": _drawn(shows), "speakers": _drawn(speakers)}
    if not any(drawn.values()):
        return NOTHING
    return render("ask/timeline.html", excerpts=len(close), cut_off=len(close) == MOST_PASSAGES, **drawn)


def bars_by_time(hits: Iterable[Hit], asked: AskRequest) -> tuple[Bar, ...]:
    """Return one bar for each year, or each month if there are only one or two years, without gaps."""
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


def bars_by_show(hits: Iterable[Hit], asked: AskRequest) -> tuple[Bar, ...]:
    """Return one bar for each show, most passages first."""
    counts = Counter(hit.episode.show for hit in hits)
    return tuple(
        Bar(show, n, counted(n, "excerpt"), replace(asked, shows=(show,)).address)
        for show, n in counts.most_common(_MOST_BARS)
    )


def bars_by_speaker(spoken: Sequence[tuple[str | None, int]], asked: AskRequest) -> tuple[Bar, ...]:
    """Return one bar for each speaker: the share of characters in these passages."""
    total = sum(n for _, n in spoken) or 1
    return tuple(
        Bar(
            name or NO_NAME,
            n,
            f"{n / total:.0%}",
            replace(asked, speakers=(name,)).address if name else None,
        )
        for name, n in spoken[:_MOST_BARS]
    )


def _period_bar(period: str, count: int, asked: AskRequest) -> Bar:
    year, _, month = period.partition("-")
    if month:
        name, short = month_name(int(year), int(month)), short_month_name(int(year), int(month))
        since, until = f"{period}-01", f"{period}-{monthrange(int(year), int(month))[1]}"
    else:
        name, short, since, until = year, year, f"{year}-01-01", f"{year}-12-31"
    address = replace(asked, since=since, until=until).address if count else None
    return Bar(name, count, counted(count, "excerpt"), address, short)


def _drawn(bars: Sequence[Bar]) -> list[tuple[Bar, float]]:
    """Return each bar with its width in percent, none if there is nothing to compare."""
    if len(bars) < 2:
        return []
    highest = max(bar.count for bar in bars)
    return [(bar, max(2.0, 100 * bar.count / highest) if bar.count else 0.0) for bar in bars]
