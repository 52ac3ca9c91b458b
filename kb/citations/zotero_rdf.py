"""Zotero RDF: the one format in which Zotero takes in a podcast as a podcast and a broadcast as a radio broadcast.

After Zotero's own translators "Zotero RDF" and "RDF": roles as ``z:...s`` lists of ``foaf:Person``, fields without a
standard vocabulary in the ``z`` namespace under Zotero's name, notes as ``bib:Memo``.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element, SubElement

from ..timecode import clock
from .names import Name
from .work import CitedWork, ContributorRole, Work, iso_date, note

__all__ = ["to_zotero_rdf"]

_SPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "z": "http://www.zotero.org/namespaces/export#",
    "bib": "http://purl.org/net/biblio#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
}
# Zotero's creator types; each item type knows few. Its NPR translator makes the reporter a broadcast's "director".
_RADIO: dict[ContributorRole, str] = {
    "reporter": "z:directors", "director": "z:directors", "guest": "z:guests", "writer": "z:scriptwriters",
    "producer": "z:producers", "executive-producer": "z:producers",
}  # fmt: skip
_PODCAST: dict[ContributorRole, str] = {"host": "z:podcasters", "reporter": "z:podcasters", "guest": "z:guests"}


def to_zotero_rdf(cited: Sequence[CitedWork]) -> str:
    """Return an RDF/XML document with one item a work and one note a quote."""
    root = Element(_tag("rdf:RDF"))
    for number, one in enumerate(cited, start=1):
        _add_item(root, one, number)
    for prefix, uri in _SPACES.items():
        ET.register_namespace(prefix, uri)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _add_item(root: Element, cited: CitedWork, number: int) -> None:
    work = cited.work
    item = SubElement(root, _tag("bib:Recording"), {_tag("rdf:about"): f"#item_{number}"})
    radio = work.medium == "radio"
    fields = (
        ("z:itemType", "radioBroadcast" if radio else "podcast"),
        ("dc:title", work.title),
        ("z:programTitle" if radio else "z:seriesTitle", work.show),
        ("z:episodeNumber", work.number),
        ("dc:date", iso_date(work)),
        ("z:network" if radio else "z:publisher", work.publisher),
        ("z:runningTime", clock(work.duration) if work.duration else ""),
        ("z:language", work.language),
        ("dcterms:dateSubmitted", work.accessed.isoformat() if work.accessed and work.url else ""),
        ("z:extra", "\n".join(_extra(work))),
    )
    for tag, value in fields:
        if value:
            SubElement(item, _tag(tag)).text = value
    _add_people(item, work)
    if work.url:
        uri = SubElement(SubElement(item, _tag("dc:identifier")), _tag("dcterms:URI"))
        SubElement(uri, _tag("rdf:value")).text = work.url
    for n, quote in enumerate(cited.quotes, start=1):
        about = f"#item_{number}_note_{n}"
        SubElement(item, _tag("dcterms:isReferencedBy"), {_tag("rdf:resource"): about})
        memo = SubElement(root, _tag("bib:Memo"), {_tag("rdf:about"): about})
        # Zotero's notes are HTML.
        SubElement(memo, _tag("rdf:value")).text = f"<p>{html.escape(note(quote))}</p>"


def _extra(work: Work) -> Iterator[str]:
    """Yield the lines of "Extra" in which Zotero's own styles find a reporter's host."""
    if work.medium == "radio" and work.named("reporter"):
        yield from (f"host: {name.surname} || {name.given}" for name in work.named("host") if name.given)


def _add_people(item: Element, work: Work) -> None:
    roles = dict(_RADIO if work.medium == "radio" else _PODCAST)
    if work.medium == "radio" and not work.named("reporter"):
        roles["host"] = "z:directors"
    lists: dict[str, Element] = {}
    for credit in work.credits:
        tag = roles.get(credit.role, "bib:contributors")
        if tag not in lists:
            lists[tag] = SubElement(SubElement(item, _tag(tag)), _tag("rdf:Seq"))
        _add_person(SubElement(lists[tag], _tag("rdf:li")), credit.name)


def _add_person(parent: Element, name: Name) -> None:
    person = SubElement(parent, _tag("foaf:Person"))
    given = " ".join(part for part in (name.given, name.suffix) if part)
    SubElement(person, _tag("foaf:surname")).text = name.surname
    if given:
        SubElement(person, _tag("foaf:givenName")).text = given


def _tag(name: str) -> str:
    prefix, local = name.split(":")
    return f"{{{_SPACES[prefix]}}}{local}"
