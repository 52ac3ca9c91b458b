"""What is cited: an episode with its people in their roles and its dates, cleaned, and the quotes taken from it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from ..phrasing import READ_OUT, made_by, said_when
from ..types import Episode, Quote
from .names import Name, parse_name
from .text import clean, line

__all__ = ["Citable", "CitedWork", "ContributorRole", "Credit", "Work", "describe", "gather", "iso_date", "note"]

#: What can be cited.
Citable = Quote | Episode

ContributorRole = Literal[
    "reporter", "host", "guest", "executive-producer", "producer", "narrator", "director", "writer", "editor",
    "contributor",
]  # fmt: skip

# In free text the first match counts: a guest host is a host.
_ROLES: tuple[tuple[str, ContributorRole], ...] = (
    (r"\bco-?hosts?\b|\bhost(s|ed by)?\b|presenter|\banchor|moderator|interviewer|newscaster|newsreader", "host"),
    (r"report|correspondent|journalist|byline", "reporter"),
    (r"\bguest|interviewee|expert|panell?ist", "guest"),
    (r"executive.producer", "executive-producer"),
    (r"producer", "producer"),
    (r"narrat", "narrator"),
    (r"director", "director"),
    (r"writer|script|\bauthor", "writer"),
    (r"editor", "editor"),
)
_DAY = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:$|[T ])", re.ASCII)
_ADDRESS = re.compile(r"https?://[^/\s]", re.IGNORECASE)
_LONGEST_ADDRESS = 2_000


class Credit(NamedTuple):
    """Somebody's part in a work."""

    role: ContributorRole
    name: Name


@dataclass(frozen=True, slots=True)
class Work:
    """An episode as citations need it; every text is one clean line, ``None`` where nothing is known."""

    id: str
    medium: Literal["radio", "podcast"]
    title: str
    show: str | None
    publisher: str | None
    season: str | None
    number: str | None
    credits: tuple[Credit, ...]
    #: Year, or year and month, or year, month and day; empty where the date is unknown.
    issued: tuple[int, ...]
    accessed: date | None
    #: An ``http`` or ``https`` address.
    url: str | None
    language: str | None
    #: In seconds.
    duration: float | None

    def named(self, *roles: ContributorRole) -> tuple[Name, ...]:
        """Return the people with these roles, in the publisher's order."""
        return tuple(credit.name for credit in self.credits if credit.role in roles)

    @property
    def creators(self) -> tuple[Name, ...]:
        """Return the people whom a citation names first: the reporters, otherwise the hosts, otherwise nobody."""
        return self.named("reporter") or self.named("host")


class CitedWork(NamedTuple):
    """A work with the quotes that were taken from it."""

    work: Work
    quotes: tuple[Quote, ...]


def gather(sources: Iterable[Citable], accessed: date | None = None) -> tuple[CitedWork, ...]:
    """Return each work once, in the order of its first appearance, with its quotes in order."""
    found: dict[str, tuple[Episode, dict[str, Quote]]] = {}
    for source in sources:
        episode = source.episode if isinstance(source, Quote) else source
        _, quotes = found.setdefault(episode.id, (episode, {}))
        if isinstance(source, Quote):
            quotes.setdefault(source.id, source)
    return tuple(CitedWork(describe(episode, accessed), tuple(quotes.values())) for episode, quotes in found.values())


def describe(episode: Episode, accessed: date | None = None) -> Work:
    """Return an episode as a work; ``accessed`` is the date of access."""
    show = line(episode.show)
    return Work(
        id=episode.id,
        medium=episode.medium,
        title=line(episode.title) or show or line(episode.id) or "Untitled",
        show=show,
        publisher=line(episode.publisher),
        season=line(episode.season),
        number=line(episode.number),
        credits=_credits(episode),
        issued=_parse_day(episode.published),
        accessed=accessed,
        url=_address(episode.url),
        language=line(episode.language),
        duration=episode.duration,
    )


def iso_date(work: Work) -> str:
    """Return the date in ISO 8601 as far as it is known: ``2019-07-08``, ``2019-07``, ``2019`` or nothing."""
    return "-".join(f"{part:0{width}}" for part, width in zip(work.issued, (4, 2, 2), strict=False))


def note(quote: Quote) -> str:
    """Return a quote in one line for a reference manager's note: when, who, what, and its address."""
    when = said_when(quote)
    at = f"{when[0].upper()}{when[1:]}, " if when else ""
    speaker = parse_name(quote.speaker)
    made = clean(made_by(quote.origin, quote.engine))
    who = f"{speaker.full if speaker else 'unknown speaker'}{' reads out' if READ_OUT in quote.cautions else ''}"
    return f"{at}{who}: “{clean(quote.text)}” ({made}) [{clean(quote.id)}]"


def _credits(episode: Episode) -> tuple[Credit, ...]:
    """Return the named people once in each role; a host who also reports is the host."""
    found: dict[Credit, None] = {}
    for person in episode.people:
        name = parse_name(person.name)
        if name:
            found[Credit(_role(person.role), name)] = None
    hosts = {credit.name for credit in found if credit.role == "host"}
    return tuple(credit for credit in found if credit.role != "reporter" or credit.name not in hosts)


def _role(text: str) -> ContributorRole:
    plain = (line(text) or "").lower().replace("_", " ")
    return next((role for pattern, role in _ROLES if re.search(pattern, plain)), "contributor")


def _parse_day(text: str | None) -> tuple[int, ...]:
    """Return the valid parts of an ISO date, e.g. ``(2019, 7)``."""
    match = _DAY.match(clean(text))
    parts = [int(part) for part in match.groups() if part] if match else []
    try:
        date(*[*parts, 1, 1][:3])
    except (TypeError, ValueError):
        return ()
    return tuple(parts)


def _address(url: str | None) -> str | None:
    """Return a web address without the characters that an address cannot have; no other kind of address."""
    plain = clean(url)
    if not _ADDRESS.match(plain) or len(plain) > _LONGEST_ADDRESS:
        return None
    return re.sub(r"[\s<>\"{}|\\^`]", lambda found: f"%{ord(found[0]):02X}", plain)
