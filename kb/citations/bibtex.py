"""BibTeX and BibLaTeX: podcasts and radio as ``@misc``, in BibLaTeX podcasts as ``@audio``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from ..addresses import slug
from .names import Name
from .work import CitedWork, Work, iso_date, note

__all__ = ["to_biblatex", "to_bibtex"]

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
# Braces by name: BibTeX counts them even behind a backslash.
_ESCAPES = str.maketrans(
    {
        "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "$": r"\$", "&": r"\&",
        "#": r"\#", "%": r"\%", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    }
)  # fmt: skip


def to_bibtex(cited: Sequence[CitedWork]) -> str:
    """Return one ``@misc`` a work, with what plain BibTeX styles print in ``howpublished`` and ``note``."""
    return "".join(_entry("misc", key, _bibtex(one)) for key, one in _keyed(cited))


def to_biblatex(cited: Sequence[CitedWork]) -> str:
    """Return one ``@audio`` a podcast and one ``@misc`` a broadcast."""
    return "".join(
        _entry("audio" if one.work.medium == "podcast" else "misc", key, _biblatex(one)) for key, one in _keyed(cited)
    )


def _bibtex(cited: CitedWork) -> Iterator[tuple[str, str]]:
    work = cited.work
    yield from _creators(work)
    yield "title", f"{{{_tex(work.title)}}}"
    yield "howpublished", ", ".join([*_published(work), *([_tex(work.publisher)] if work.publisher else [])])
    if work.issued:
        yield "year", f"{work.issued[0]:04}"
    if work.issued[1:]:
        yield "month", _MONTHS[work.issued[1] - 1]
    if work.issued[2:]:
        yield "day", str(work.issued[2])
    if work.url:
        yield "url", work.url
    if cited.quotes:
        yield "annote", _notes(cited)


def _biblatex(cited: CitedWork) -> Iterator[tuple[str, str]]:
    work = cited.work
    yield from _creators(work)
    if work.named("reporter") and work.named("host"):
        yield "editor", _names(work.named("host"))
        yield "editortype", "host"
    yield "title", f"{{{_tex(work.title)}}}"
    if work.show:
        yield "maintitle", f"{{{_tex(work.show)}}}"
    yield "howpublished", ", ".join(_published(work))
    known = (
        ("organization", _tex(work.publisher or "")),
        ("number", _tex(work.number or "")),
        ("date", iso_date(work)),
        ("url", work.url or ""),
        ("urldate", work.accessed.isoformat() if work.accessed and work.url else ""),
        ("annotation", _notes(cited)),
    )
    yield from ((field, value) for field, value in known if value)


def _creators(work: Work) -> Iterator[tuple[str, str]]:
    if work.creators:
        yield "author", _names(work.creators)


def _published(work: Work) -> list[str]:
    """Return what the work is and where it ran: styles for books print it, and would drop a programme's own field."""
    kind = "Radio broadcast" if work.medium == "radio" else "Audio podcast episode"
    return [kind, *([rf"\emph{{{_tex(work.show)}}}"] if work.show else [])]


def _notes(cited: CitedWork) -> str:
    return r" \par ".join(_tex(note(quote)) for quote in cited.quotes)


def _names(names: Sequence[Name]) -> str:
    return " and ".join(map(_bib_name, names))


def _bib_name(name: Name) -> str:
    """Return ``von Last, Jr, First``; a name that is one piece, and a part that holds a separator, stand in braces."""
    if not name.given:
        return f"{{{_tex(name.family)}}}"
    parts = (name.surname, name.suffix, name.given)
    return ", ".join(
        f"{{{_tex(part)}}}" if re.search(r",|\band\b", part, re.IGNORECASE) else _tex(part) for part in parts if part
    )


def _keyed(cited: Sequence[CitedWork]) -> Iterator[tuple[str, CitedWork]]:
    """Yield each work with a key such as ``shahani2019``, with a number behind it where it would repeat."""
    seen: Counter[str] = Counter()
    for one in cited:
        creator = one.work.creators[0].surname if one.work.creators else one.work.show or one.work.title
        plain = re.sub(r"[^a-z0-9]", "", slug(creator).encode("ascii", "ignore").decode())
        stem = f"{plain[:40] or 'episode'}{one.work.issued[0] if one.work.issued else ''}"
        seen[stem] += 1
        yield f"{stem}-{seen[stem]}" if seen[stem] > 1 else stem, one


def _entry(kind: str, key: str, fields: Iterator[tuple[str, str]]) -> str:
    # A month is a macro of BibTeX, not text.
    lines = [f"  {field} = {value if field == 'month' else f'{{{value}}}'}" for field, value in fields]
    return f"@{kind}{{{key},\n" + ",\n".join(lines) + "\n}\n\n"


def _tex(text: str) -> str:
    # Separate neighbouring characters that TeX would join into a dash or a quotation mark.
    return re.sub(r"([-`'])(?=\1)|([?!])(?=`)", r"\g<0>{}", text.translate(_ESCAPES))
