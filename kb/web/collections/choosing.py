"""Filter a collection's quotes by tag and status, and count them for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from ...catalogue import STATUSES, HearingStatus
from ...exports.gathering import may_be_subtitle
from ...outputs import ExportFormat
from ...saved.quotes import SavedQuote
from ...translatable import joined, phrase

__all__ = ["EXPORT_NAMES", "STATUS_NAMES", "Choice", "PlacedQuote", "offered"]

#: The names of statuses, which are stored in English.
STATUS_NAMES: dict[HearingStatus, str] = {
    "unheard": phrase("unheard"),
    "heard": phrase("heard"),
    "corrected": phrase("corrected"),
    "disputed": phrase("disputed"),
}
#: The names of formats, where they are not the same in every language.
EXPORT_NAMES: dict[ExportFormat, str] = {
    ExportFormat.HTML: phrase("Web page (HTML)"),
    ExportFormat.CSV: phrase("Table (CSV)"),
    ExportFormat.VTT: phrase("Subtitles (WebVTT)"),
    ExportFormat.SRT: phrase("Subtitles (SRT)"),
    ExportFormat.PACKAGE: phrase("Fact-check file with sound (ZIP)"),
}
_SUBTITLES = (ExportFormat.VTT, ExportFormat.SRT)
#: The most used formats first.
_ORDER = (ExportFormat.WORD, *(form for form in ExportFormat if form != ExportFormat.WORD))


@dataclass(frozen=True, slots=True)
class PlacedQuote:
    """A saved quote with its place in the whole collection, from 1, and where "Up" and "Down" put it among those shown.

    0 is nowhere.
    """

    saved: SavedQuote
    place: int
    up: int = 0
    down: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """The tag and the status of the quotes to show; empty: all."""

    tag: str = ""
    status: str = ""

    def __bool__(self) -> bool:
        """Return whether there is a filter."""
        return bool(self.tag or self.status)

    def has(self, saved: SavedQuote) -> bool:
        """Return whether a quote is shown."""
        return (not self.tag or self.tag in saved.tags) and (not self.status or self.status == saved.status)

    def placed(self, saved: Sequence[SavedQuote]) -> list[PlacedQuote]:
        """Return the quotes that are shown, in the collection's order."""
        shown = [(each, place) for place, each in enumerate(saved, 1) if self.has(each)]
        places = [0, *(place for _, place in shown), 0]
        return [PlacedQuote(each, place, places[n], places[n + 2]) for n, (each, place) in enumerate(shown)]

    def tags(self, saved: Sequence[SavedQuote]) -> list[tuple[str, str]]:
        """Return the tags by value and name with their counts, in alphabetical order."""
        counts = Counter(tag for each in saved for tag in each.tags)
        counts[self.tag] += 0  # the chosen tag stays in the list, even if no quote has it any more
        return [(tag, f"{tag} ({counts[tag]})") for tag in sorted(counts, key=str.casefold) if tag]

    def statuses(self, saved: Sequence[SavedQuote]) -> list[tuple[str, str]]:
        """Return the statuses that there are by value and name, with their counts."""
        counts = Counter(each.status for each in saved)
        return [
            (each, joined("", (STATUS_NAMES[each], f" ({counts[each]})")))
            for each in STATUSES
            if counts[each] or each == self.status
        ]

    def query(self, **more: str) -> str:
        """Return this choice as an address's query, with ``more`` in it."""
        return urlencode(
            {name: value for name, value in {**more, "tag": self.tag, "status": self.status}.items() if value}
        )


def offered(saved: Sequence[SavedQuote]) -> tuple[list[ExportFormat], str]:
    """Return the download formats of some quotes, and why subtitles are missing, if they are."""
    quotes = [each.quote for each in saved]
    if len({quote.episode.id for quote in quotes}) > 1:
        why: str = phrase("Subtitles need quotes of one recording only.")
    elif not all(map(may_be_subtitle, quotes)):
        why = phrase("Subtitles need the second at which each quote begins and ends.")
    else:
        return list(_ORDER), ""
    return [form for form in _ORDER if form not in _SUBTITLES], why
