"""RIS, as Zotero writes podcasts and radio: type ``SOUND``, the programme in ``T2``, quotes in notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .text import clean
from .work import CitedWork, Work, note

__all__ = ["to_ris"]


def to_ris(cited: Sequence[CitedWork]) -> str:
    """Return one record a work. Every value is one clean line, so that none can begin a tag of its own."""
    return "".join(f"{tag}  - {value}\r\n" for one in cited for tag, value in _record(one))


def _record(cited: CitedWork) -> Iterator[tuple[str, str]]:
    work = cited.work
    yield "TY", "SOUND"
    yield "ID", clean(work.id)
    yield "TI", work.title
    for tag, names in _people(work):
        for name in names:
            yield tag, name
    known = (
        ("T2", work.show),
        ("PB", work.publisher),
        ("PY", f"{work.issued[0]:04}" if work.issued else None),
        ("DA", _date(work.issued) if work.issued else None),
        ("M1", work.number),
        ("M3", "Radio broadcast" if work.medium == "radio" else "Audio podcast episode"),
        ("LA", work.language),
        ("UR", work.url),
        ("Y2", work.accessed.strftime("%Y/%m/%d/") if work.accessed and work.url else None),
    )
    yield from ((tag, value) for tag, value in known if value)
    for quote in cited.quotes:
        yield "N1", note(quote)
    yield "ER", ""


def _people(work: Work) -> Iterator[tuple[str, list[str]]]:
    """Yield the creators as authors, and the others in the tags that reference managers show as contributors."""
    creators = set(work.creators)
    yield "AU", [name.inverted for name in work.creators]
    yield "A2", [name.inverted for name in work.named("host") if name not in creators]
    yield "A3", [name.inverted for name in work.named("guest")]


def _date(issued: tuple[int, ...]) -> str:
    """Return ``YYYY/MM/DD/`` with what is unknown left out between the slashes, as RIS writes dates."""
    year, month, day = (*issued, 0, 0)[:3]
    return f"{year:04}/{month:02}/{day:02}/" if day else f"{year:04}/{month:02}//" if month else f"{year:04}///"
