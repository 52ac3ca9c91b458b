"""The address of the Ask page: a question, the one before, and filters. The address is the only state."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, urlencode

from ...inputs import checked_filters
from ...questions.query import MAX_QUESTION
from ...translatable import phrase
from ...types import Filters

__all__ = ["FEWEST", "GROUPS", "MOST", "AskRequest", "Chip", "Grouping", "parse_asked"]

#: Quotes that an answer shows at first, and at most after "Show more quotes".
FEWEST, MOST = 5, 80
#: How quotes can be grouped.
GROUPS = ("episode", "speaker")
_GROUP_NAMES = {"": phrase("Best first"), "episode": phrase("By episode"), "speaker": phrase("By speaker")}
#: Most shows, speakers and collections in one address.
_MOST = 20
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in words, and the address without it."""

    text: str
    without: str


@dataclass(frozen=True, slots=True)
class Grouping:
    """A way to group quotes: its name, its address, and whether it is the current one."""

    text: str
    address: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class AskRequest:
    """A question with its filters; ``after`` is the rewritten question before, ``quotes`` how many are shown.

    ``group`` is one of ``GROUPS``, or empty: the best quotes first.
    """

    question: str = ""
    after: str = ""
    shows: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    collections: tuple[str, ...] = ()
    quotes: int = FEWEST
    group: str = ""
    ads: bool = False

    @property
    def filters(self) -> Filters | None:
        """Return the filters of the search, ``None`` without any; ``UsageError`` for an invalid date."""
        found = checked_filters(self.shows, self.speakers, self.since, self.until, self.collections, self.ads)
        return found if found or found.ads else None

    @property
    def address(self) -> str:
        """Return the address of this question on this server."""
        pairs = [("q", self.question), ("after", self.after)]
        pairs += [("show", show) for show in self.shows] + [("speaker", name) for name in self.speakers]
        pairs += [("since", self.since), ("until", self.until)]
        pairs += [("collection", name) for name in self.collections]
        pairs += [("ads", "true" if self.ads else "")]
        pairs += [("quotes", str(self.quotes) if self.quotes > FEWEST else ""), ("group", self.group)]
        told = urlencode([(name, value) for name, value in pairs if value])
        return f"/?{told}" if told else "/"

    def more(self) -> AskRequest | None:
        """Return the same question with twice the quotes, ``None`` if the most are shown already."""
        return replace(self, quotes=min(MOST, 2 * self.quotes)) if self.quotes < MOST else None

    def groupings(self) -> Iterator[Grouping]:
        """Yield each way to group the quotes."""
        for group in ("", *GROUPS):
            yield Grouping(_GROUP_NAMES[group], replace(self, group=group).address, group == self.group)

    def chips(self) -> Iterator[Chip]:
        """Yield each filter with the address without it."""
        for show in self.shows:
            yield Chip(show, replace(self, shows=tuple(s for s in self.shows if s != show)).address)
        for name in self.speakers:
            yield Chip(name, replace(self, speakers=tuple(s for s in self.speakers if s != name)).address)
        if self.since or self.until:
            yield Chip(_period(self.since, self.until), replace(self, since="", until="").address)
        for name in self.collections:
            others = tuple(each for each in self.collections if each != name)
            yield Chip(phrase("episodes of %(collection)s", collection=name), replace(self, collections=others).address)
        if self.ads:
            yield Chip(phrase("with advertisements"), replace(self, ads=False).address)


def parse_asked(query: str) -> AskRequest:
    """Parse a query string (``?q=...``); unknown parameters and excess values are ignored."""
    try:
        told = parse_qs(query.removeprefix("?")[:20_000], max_num_fields=100)
    except ValueError:
        told = {}

    def first(name: str, longest: int = _LONGEST) -> str:
        return told.get(name, [""])[0].strip()[:longest]

    def several(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value[:_LONGEST] for value in told.get(name, ())))[:_MOST]

    quotes, group = first("quotes", 4), first("group", 20)
    return AskRequest(
        first("q", MAX_QUESTION),
        first("after", MAX_QUESTION),
        several("show"),
        several("speaker"),
        first("since"),
        first("until"),
        several("collection"),
        min(MOST, max(FEWEST, int(quotes))) if quotes.isascii() and quotes.isdecimal() else FEWEST,
        group if group in GROUPS else "",
        first("ads") == "true",
    )


def _period(since: str, until: str) -> str:
    if since[4:] == "-01-01" and until == f"{since[:4]}-12-31":
        return since[:4]
    if since and until:
        return phrase("%(since)s to %(until)s", since=since, until=until)
    return phrase("since %(since)s", since=since) if since else phrase("until %(until)s", until=until)
