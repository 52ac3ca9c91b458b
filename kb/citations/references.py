"""A list of references, and each quote's citation: for a report's last page and its quotations."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from ..phrasing import between
from ..timecode import clock
from ..types import Quote
from .markup import Marked, to_text
from .processor import Place, entry, in_text
from .running import credit, is_narrated, sentence
from .styles import Style
from .work import Citable, Work, gather

__all__ = ["Citation", "References", "cite", "cite_today"]

#: Styles whose guides allow a range of times (MLA Handbook 6.56); the others want the time where the words begin.
_RANGES = frozenset({"mla"})
_ARTICLES = ("the ", "a ", "an ")


@dataclass(frozen=True, slots=True)
class Citation:
    """How one quote is cited."""

    quote: Quote
    #: The parenthesis, the number, the note or the credit.
    in_text: Marked
    #: A sentence with the speaker, the words and the citation.
    running: Marked


@dataclass(frozen=True, slots=True)
class References:
    """A list of references, sorted as its style wants it, and the quotes in the order in which they were given."""

    style: Style
    entries: tuple[Marked, ...]
    citations: tuple[Citation, ...]


def cite(sources: Sequence[Citable], style: Style, accessed: date | None = None) -> References:
    """Cite quotes and whole episodes; an episode stands in the list once, however many quotes are from it.

    ``accessed`` is the day on which the addresses were looked at, for the styles that print it.
    """
    found = gather(sources, accessed)
    works = {cited.work.id: cited.work for cited in found}
    quotes = tuple({source.id: source for source in sources if isinstance(source, Quote)}.values())
    if style.system == "credit":
        alone = (credit(work) for work, taken in found if not taken)
        return References(style, tuple(alone), tuple(_credited(style, works[q.episode.id], q) for q in quotes))
    places = _places(style, tuple(works.values()))
    entries = (entry(style, works[work_id], place) for work_id, place in places.items())
    return References(style, tuple(filter(None, entries)), tuple(_citations(style, works, places, quotes)))


def cite_today(sources: Sequence[Citable], style: Style) -> References:
    """Cite quotes and whole episodes whose addresses were looked at today, where the style asks for that day."""
    return cite(sources, style, date.today() if style.accessed else None)


def _citations(
    style: Style, works: Mapping[str, Work], places: Mapping[str, Place], quotes: Sequence[Quote]
) -> list[Citation]:
    noted: set[str] = set()
    citations = []
    for number, quote in enumerate(quotes, start=1):
        work = works[quote.episode.id]
        time = clock(quote.start) if quote.start is not None else _range(style, quote)
        again = work.id in noted
        noted.add(work.id)
        place = places[work.id]._replace(time=time, again=again)
        cited = in_text(style, work, place)
        within = in_text(style, work, place._replace(narrative=True)) if is_narrated(style, work, quote) else cited
        citations.append(Citation(quote, cited, sentence(style, work, quote, within, number)))
    return citations


def _range(style: Style, quote: Quote) -> str | None:
    """Return the known times around a quote whose own is not known, if the style allows a range."""
    return (between(quote) or None) if style.name in _RANGES else None


def _credited(style: Style, work: Work, quote: Quote) -> Citation:
    return Citation(quote, credit(work, quote), sentence(style, work, quote, (), 0))


def _places(style: Style, works: Sequence[Work]) -> dict[str, Place]:
    """Return the works' ids in the order of the list, each with what distinguishes it from works cited alike."""
    if style.system == "number":
        return {work.id: Place(number=number) for number, work in enumerate(works, start=1)}
    ordered = sorted(works, key=lambda work: _sort_key(style, work))
    if len(ordered) < 2 or style.system == "note":
        return {work.id: Place() for work in ordered}
    labels = {work.id: to_text(in_text(style, work, Place())) for work in ordered}
    shared = Counter(labels.values())
    seen: defaultdict[str, int] = defaultdict(int)
    places = {}
    for work in ordered:
        label = labels[work.id]
        alike = shared[label] > 1
        suffix = _letters(seen[label]) if alike and style.system == "author-date" else ""
        seen[label] += 1
        places[work.id] = Place(year_suffix=suffix, ambiguous=alike)
    return places


def _sort_key(style: Style, work: Work) -> tuple[str, tuple[int, ...], str, str]:
    """Order by creator, otherwise by the beginning of the entry; then by date where dates distinguish works."""
    first = " ".join(name.inverted for name in work.creators) or to_text(entry(style, work, Place())) or work.title
    dated = work.issued if style.system == "author-date" else ()
    return _folded(first), dated, _folded(work.title), work.id


def _folded(text: str) -> str:
    """Return text for alphabetical order: without accents, quotation marks and a leading article."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(c for c in plain if c.isalnum() or c.isspace()).strip()
    return next((plain.removeprefix(article) for article in _ARTICLES if plain.startswith(article)), plain)


def _letters(number: int) -> str:
    """Return a, b, ... z, aa, ab, ... for 0, 1, ..."""
    text = ""
    while True:
        number, rest = divmod(number, 26)
        text = chr(ord("a") + rest) + text
        if number == 0:
            return text
        number -= 1
