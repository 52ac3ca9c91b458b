"""A quote's page for machines: tags that reference managers' browser buttons and search engines read.

Highwire and Dublin Core ``meta`` tags with Zotero's own item type (its "Embedded Metadata" translator reads all three),
a COinS span, and schema.org's ``Quotation`` as JSON-LD.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from ..phrasing import READ_OUT
from ..types import Quote
from .names import parse_name
from .text import clean
from .work import Work, describe, iso_date

__all__ = ["PageTags", "page_tags"]


@dataclass(frozen=True, slots=True)
class PageTags:
    """Tags for a page's head and, as ``coins``, for the title of an empty span of class ``Z3988``.

    ``metas`` are names and contents, ``json_ld`` is a data block. All of it is text from outside, to be escaped.
    """

    metas: tuple[tuple[str, str], ...]
    json_ld: dict[str, Any]
    coins: str


def page_tags(quote: Quote) -> PageTags:
    """Return the tags for the page of one quote; they describe the episode, and the JSON-LD the quote as well."""
    work = describe(quote.episode)
    return PageTags(tuple(_metas(work)), _json_ld(work, quote), _coins(work))


def _metas(work: Work) -> Iterator[tuple[str, str]]:
    radio = work.medium == "radio"
    known = (
        ("z:itemType", "radioBroadcast" if radio else "podcast"),
        ("citation_title", work.title),
        ("DC.title", work.title),
        ("z:programTitle" if radio else "z:seriesTitle", work.show),
        ("z:episodeNumber", work.number),
        ("citation_publication_date", iso_date(work).replace("-", "/")),
        ("DC.date", iso_date(work)),
        ("z:network" if radio else "z:publisher", work.publisher),
        ("DC.publisher", work.publisher),
        ("citation_language", work.language),
        ("DC.language", work.language),
        ("citation_public_url", work.url),
        ("DC.identifier", work.url),
        ("DC.type", "Sound"),
    )
    yield from ((name, value) for name, value in known if value)
    for name in work.creators:
        yield "citation_author", name.inverted
        yield "DC.creator", name.inverted
    for credit in work.credits:
        if credit.name not in work.creators:
            yield "DC.contributor", credit.name.inverted


def _coins(work: Work) -> str:
    """Return an OpenURL ContextObject (COinS), which JabRef, Mendeley and Zotero read."""
    first = work.creators[0] if work.creators else None
    keys = [
        ("ctx_ver", "Z39.88-2004"),
        ("rft_val_fmt", "info:ofi/fmt:kev:mtx:dc"),
        ("rfr_id", "info:sid/verbatim"),
        ("rft.type", "radioBroadcast" if work.medium == "radio" else "podcast"),
        ("rft.title", work.title),
        ("rft.source", work.show),
        ("rft.publisher", work.publisher),
        ("rft.identifier", work.url),
        ("rft.aufirst", first.given if first else None),
        ("rft.aulast", first.surname if first else None),
        *(("rft.au", name.full) for name in work.creators),
        ("rft.date", iso_date(work)),
        ("rft.language", work.language),
    ]
    return urlencode([(key, value) for key, value in keys if value])


def _json_ld(work: Work, quote: Quote) -> dict[str, Any]:
    kind = "Radio" if work.medium == "radio" else "Podcast"
    speaker = parse_name(quote.speaker)
    episode = {
        "@type": f"{kind}Episode",
        "name": work.title,
        "url": work.url,
        "datePublished": iso_date(work),
        "inLanguage": work.language,
        "episodeNumber": work.number,
        "partOfSeries": {"@type": f"{kind}Series", "name": work.show} if work.show else None,
        "publisher": {"@type": "Organization", "name": work.publisher} if work.publisher else None,
        "author": [_person(name.full) for name in work.named("reporter")],
        "contributor": [
            {"@type": "Role", "roleName": credit.role, "contributor": _person(credit.name.full)}
            for credit in work.credits
            if credit.role != "reporter"
        ],
    }
    clip = {
        "@type": "Clip",
        "startOffset": quote.start,
        "endOffset": quote.end,
        "partOfEpisode": {key: value for key, value in episode.items() if value},
    }
    return {
        "@context": "https://schema.org",
        "@type": "Quotation",
        "identifier": quote.id,
        "text": clean(quote.text),
        **({"creator": _person(speaker.full)} if speaker and READ_OUT not in quote.cautions else {}),
        "isPartOf": {key: value for key, value in clip.items() if value is not None},
    }


def _person(name: str) -> dict[str, str]:
    return {"@type": "Person", "name": name}
