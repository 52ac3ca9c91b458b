"""Lists of subscriptions, as every podcast app exports them: http://opml.org/spec2.opml."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from xml.parsers import expat

from ingest.feeds.reader import as_utf8
from ingest.feeds.types import FeedLink, FeedList
from ingest.formats.canonical import decode_entities
from kb.errors import FeedError
from kb.text.cleaning import fold
from kb.translatable import phrase

__all__ = ["LARGEST_OPML", "feed_address", "looks_like_opml", "parse_opml"]

LARGEST_OPML = 8 * 1024 * 1024
_MOST_FEEDS = 5_000
_REMEDY = phrase("Export the list of subscriptions again, as OPML.")

# For lists that are not well-formed. A value ends before the next tag, so that parsing takes linear time.
_OUTLINE = re.compile(r"<outline(?=[\s/>])", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""[\s/]{0,9}([\w:.-]{1,40})\s{0,9}=\s{0,9}(?:"((?:[^"<]|<(?![a-z/!?])){0,8000})"|'((?:[^'<]|<(?![a-z/!?])){0,8000})')""",
    re.IGNORECASE,
)


def looks_like_opml(data: bytes) -> bool:
    """Return whether the document's first element is ``<opml>``."""
    return re.search(rb"<opml[\s>]", data[:4096], re.IGNORECASE) is not None


def parse_opml(data: bytes, name: str, charset: str | None = None) -> FeedList:
    """Return the feeds that an OPML file lists; ``name`` names it in messages, ``charset`` is what its server says.

    A list that is not well-formed, such as one with a bare ``&``, is read as well as that allows, which its ``notes``
    say. Raises ``FeedError`` for what is no OPML, and for a list without feeds.
    """
    if len(data) > LARGEST_OPML:
        raise FeedError(
            name,
            phrase("is too large for a list of feeds (%(size)s MB).", size=format(len(data) / 1e6, ".0f")),
            _REMEDY,
        )
    notes: tuple[str, ...] = ()
    document = as_utf8(data, charset)
    try:
        outlines = _strictly(document, name)
    except (expat.ExpatError, ValueError) as error:
        outlines = tuple(_loosely(document.decode("utf-8", "replace"))) if looks_like_opml(document) else ()
        if not any(map(_link, outlines)):
            raise FeedError(
                name, phrase("is not well-formed XML (%(reason)s).", reason=str(error)[:100]), _REMEDY
            ) from error
        notes = (phrase("The list of feeds is not well-formed XML; it was read as well as that allows."),)
    links: dict[str, FeedLink] = {}
    for link in filter(None, map(_link, outlines)):
        links.setdefault(link.url, link)
    if not links:
        raise FeedError(name, phrase("lists no feeds."), _REMEDY)
    if len(links) > _MOST_FEEDS:
        raise FeedError(
            name,
            phrase("lists %(feeds)s feeds, more than %(most)s.", feeds=len(links), most=_MOST_FEEDS),
            phrase("Split it."),
        )
    return FeedList(tuple(links.values()), notes)


def feed_address(text: str) -> str | None:
    """Return the web address of a feed, also of one written ``feed://...`` for the apps that take those."""
    url = re.sub(r"^(?:feed|podcast|itpc|pcast):(?://)?(?=https?://)", "", text.strip(), flags=re.IGNORECASE)
    url = re.sub(r"^(?:feed|podcast|itpc|pcast)://", "https://", url, flags=re.IGNORECASE)
    whole = re.match(r"https?://[^\s/]", url, re.IGNORECASE) and url.isprintable()
    return url if whole else None


def _strictly(document: bytes, name: str) -> tuple[Mapping[str, str], ...]:
    """Return the attributes of the outlines in well-formed XML."""
    outlines: list[Mapping[str, str]] = []
    root: list[str] = []

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        if not root:
            root.append(tag)
            if tag.lower() != "opml":
                raise FeedError(
                    name, phrase("is not OPML (it begins with %(tag)s).", tag="<" + tag[:40] + ">"), _REMEDY
                )
        if tag.lower() == "outline":
            outlines.append(attributes)

    def doctype(*_: object) -> None:
        raise FeedError(name, phrase("declares entities, which no list of feeds needs."), _REMEDY)

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = doctype
    parser.Parse(document, True)
    return tuple(outlines)


def _loosely(text: str) -> Iterator[Mapping[str, str]]:
    """Yield the attributes of whatever looks like an outline."""
    for outline in _OUTLINE.finditer(text):
        attributes: dict[str, str] = {}
        place = outline.end()
        while match := _ATTRIBUTE.match(text, place):
            attributes[match[1]] = decode_entities(match[2] if match[2] is not None else match[3])
            place = match.end()
        yield attributes


def _link(given: Mapping[str, str]) -> FeedLink | None:
    attributes = {key.lower(): value for key, value in given.items()}
    url = feed_address(attributes.get("xmlurl", ""))
    return FeedLink(fold(attributes.get("title") or attributes.get("text") or "")[:500], url) if url else None
