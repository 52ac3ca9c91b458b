"""Lists of subscriptions, as every podcast app exports them: http://opml.org/spec2.opml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.parsers import expat

from ingest.feeds.types import FeedLink
from kb.cleaning import fold
from kb.errors import FeedError

__all__ = ["LARGEST_OPML", "feed_address", "looks_like_opml", "parse_opml"]

LARGEST_OPML = 8 * 1024 * 1024
_MOST_FEEDS = 5_000
_REMEDY = "Export the list of subscriptions again, as OPML."


def looks_like_opml(data: bytes) -> bool:
    """Return whether the document's first element is ``<opml>``."""
    return re.search(rb"<opml[\s>]", data[:4096], re.IGNORECASE) is not None


def parse_opml(data: bytes, name: str) -> tuple[FeedLink, ...]:
    """Return the feeds that an OPML file lists, each once, in its order; ``name`` names it in messages.

    Raises ``FeedError`` for what is no OPML, and for a list without feeds.
    """
    if len(data) > LARGEST_OPML:
        raise FeedError(name, f"is too large for a list of feeds ({len(data) / 1e6:.0f} MB).", _REMEDY)
    links: dict[str, FeedLink] = {}
    elements: list[str] = []

    def start(tag: str, attributes: Mapping[str, str]) -> None:
        elements.append(tag.lower())
        if elements[0] != "opml":
            raise FeedError(name, f"is not OPML (it begins with <{tag[:40]}>).", _REMEDY)
        link = _link(attributes) if elements[-1] == "outline" else None
        if link:
            links.setdefault(link.url, link)

    def doctype(*_: object) -> None:
        raise FeedError(name, "declares entities, which no list of feeds needs.", _REMEDY)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError) as error:  # also an encoding that is none
        raise FeedError(name, f"is not well-formed XML ({str(error)[:100]}).", _REMEDY) from error
    if not links:
        raise FeedError(name, "lists no feeds.", _REMEDY)
    if len(links) > _MOST_FEEDS:
        raise FeedError(name, f"lists {len(links):,} feeds, more than {_MOST_FEEDS:,}.", "Split it.")
    return tuple(links.values())


def feed_address(text: str) -> str | None:
    """Return the web address of a feed, also of one written ``feed://...`` for the apps that take those."""
    url = re.sub(r"^(?:feed|podcast|itpc|pcast):(?://)?(?=https?://)", "", text.strip(), flags=re.IGNORECASE)
    url = re.sub(r"^(?:feed|podcast|itpc|pcast)://", "https://", url, flags=re.IGNORECASE)
    whole = re.match(r"https?://[^\s/]", url, re.IGNORECASE) and url.isprintable()
    return url if whole else None


def _link(given: Mapping[str, str]) -> FeedLink | None:
    attributes = {key.lower(): value for key, value in given.items()}
    url = feed_address(attributes.get("xmlurl", ""))
    return FeedLink(fold(attributes.get("title") or attributes.get("text") or "")[:500], url) if url else None
