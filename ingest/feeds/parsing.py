"""A feed's document -> ``Feed``: texts without markup, addresses that can be fetched, people with their roles."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from ingest.feeds.chapters import make_chapters, parse_clock
from ingest.feeds.days import own_day
from ingest.feeds.reader import Document, Unreadable, read_document
from ingest.feeds.transcript_links import best_first
from ingest.feeds.types import UNTITLED, Enclosure, Feed, FeedItem, TranscriptLink
from ingest.formats.canonical import decode_entities
from ingest.metadata import AUDIO_SUFFIXES
from kb.errors import FeedError, without_password
from kb.text.cleaning import fold
from kb.translatable import phrase
from kb.types import Chapter, Person

__all__ = ["LARGEST_FEED", "parse_feed"]

#: The longest-running daily shows are at 20 MB.
LARGEST_FEED = 32 * 1024 * 1024
_MOST_ITEMS = 20_000
_MOST_LINKS = 20  # transcripts of an item
_MOST_PEOPLE = 100
_LONGEST_TEXT = 1_000
_LONGEST_URL = 4_000

_TAG = re.compile(r"<[^<>]*>")
_HTML = re.compile(rb"\s*(?:<!doctype html|<html\b)", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{1,8})*", re.IGNORECASE)
_SOUND = ("audio/", "video/")
# What an enclosure can be besides a recording; "application/octet-stream", "mp3" or no type decide nothing.
_DOCUMENT_TYPE = re.compile(
    r"(?:text|image|font|model|message|multipart)/|application/(?:[\w.-]*(?:pdf|epub|zip|json|xml|html|rss|atom|msword|"
    r"javascript|mpegurl|bittorrent|flash)|vnd\.|rtf|gzip|postscript)"
)
_DOCUMENT_ENDINGS = frozenset(
    ".pdf .epub .zip .gz .jpg .jpeg .png .gif .webp .svg .htm .html .txt .md .rtf .doc .docx .ppt .pptx .xls .xlsx "
    ".json .xml .rss .vtt .srt .torrent .m3u .m3u8 .pls .swf .exe".split()
)


def parse_feed(data: bytes, url: str, charset: str | None = None) -> Feed:
    """Return the feed in ``data`` (RSS or Atom, with iTunes', Podlove's and Podcasting 2.0's elements).

    ``url`` is where it was fetched from: addresses in it are resolved against it. ``charset`` is what its server says
    it is written in. Nothing is fetched. Readable faults are described in the feed's ``notes``.
    Raises ``FeedError`` for other documents.
    """
    _check_bytes(data, url)
    try:
        document = read_document(data, url, charset)
    except Unreadable as error:
        raise FeedError(
            url,
            phrase("cannot be read as a feed: %(reason)s.", reason=str(error)),
            phrase("Open it in a feed validator."),
        ) from error
    if not document.version and not document.entries:
        raise FeedError(url, phrase("is not a feed (no RSS and no Atom in it)."), phrase("Check the address."))
    language = _language(document.feed)
    people = _people(document.feed)
    items = tuple(_item(entry, url, people, language) for entry in document.entries[:_MOST_ITEMS])
    return Feed(
        title=_plain(document.feed, "title") or "Untitled show",
        publisher=_publisher(document.feed),
        language=language,
        link=_shown(_address(document.feed.get("link"), url)),
        items=items,
        people=people,
        notes=tuple(_notes(document)),
    )


def _check_bytes(data: bytes, url: str) -> None:
    if not data.strip():
        raise FeedError(url, phrase("is empty."), phrase("Check the address."))
    if len(data) > LARGEST_FEED:
        raise FeedError(
            url,
            phrase("is too large for a feed (%(size)s MB).", size=format(len(data) / 1e6, ".0f")),
            phrase("Check the address."),
        )
    if _HTML.match(data[:1000]):
        raise FeedError(
            url, phrase("is a web page, not a feed."), phrase("Look on that page for the address of its RSS feed.")
        )


def _notes(document: Document) -> Iterator[str]:
    if not document.well_formed:
        yield phrase("The feed is not well-formed XML; it was read as well as that allows.")
    if len(document.entries) > _MOST_ITEMS:
        yield phrase(
            "The feed has %(items)s items; only the first %(most)s are read.",
            items=len(document.entries),
            most=_MOST_ITEMS,
        )


def _item(entry: Mapping[str, Any], base: str, hosts: tuple[Person, ...], language: str | None) -> FeedItem:
    links = [
        TranscriptLink(address, _word(link.get("type")), _language(link), _word(link.get("rel")))
        for link in entry.get("podcast_transcripts", ())[:_MOST_LINKS]
        if (address := _address(link.get("url"), base))
    ]
    return FeedItem(
        title=_plain(entry, "title") or _text(entry.get("itunes_title")) or UNTITLED,
        guid=_text(entry.get("id")) or None,
        published_at=_instant(entry),
        season=_text(entry.get("podcast_season")) or _text(entry.get("itunes_season")) or None,
        number=_text(entry.get("podcast_episode")) or _text(entry.get("itunes_episode")) or None,
        link=_shown(_address(entry.get("link") or _web(entry.get("id")), base)),
        enclosure=_enclosure(entry, base),
        transcripts=best_first(links, language),
        people=_people(entry) or hosts,
        chapters_url=_address(_attribute(entry.get("podcast_chapters"), "url"), base),
        chapters=_podlove(entry),
        day=own_day(_text(entry.get("published") or entry.get("updated")), _instant(entry)),
    )


def _enclosure(entry: Mapping[str, Any], base: str) -> Enclosure | None:
    """Return an item's recording: first by its type or name, then one without either, as podcast apps do.

    ``media:content`` (https://www.rssboard.org/media-rss) counts where no enclosure is a recording, and only if it says
    that it is one: most of it is pictures.
    """
    found = [link for link in entry.get("links", ()) if link.get("rel") == "enclosure"]
    media = [{**content, "href": content.get("url")} for content in entry.get("media_content", ())]
    sure = [link for link in found if _is_sound(link)] or [link for link in found if _may_be_sound(link)]
    for link in sure or [content for content in media if _is_sound(content)]:
        if address := _address(link.get("href"), base):
            length = str(link.get("length") or link.get("filesize") or "")
            size = int(length) if re.fullmatch("[1-9][0-9]{0,14}", length) else None
            return Enclosure(address, _word(link.get("type")), size)
    return None


def _is_sound(link: Mapping[str, Any]) -> bool:
    """Return whether a link says by its type, medium or name that it is sound or video."""
    said = (_word(link.get("type")) or "").startswith(_SOUND) or _word(link.get("medium")) in ("audio", "video")
    return (said and not _is_document(link)) or _ending(link) in AUDIO_SUFFIXES


def _may_be_sound(link: Mapping[str, Any]) -> bool:
    """Return whether nothing in a link says that it is not sound."""
    return not _is_document(link) and _ending(link) not in _DOCUMENT_ENDINGS


def _is_document(link: Mapping[str, Any]) -> bool:
    return _DOCUMENT_TYPE.match(_word(link.get("type")) or "") is not None


def _ending(link: Mapping[str, Any]) -> str:
    try:
        return PurePosixPath(unquote(urlsplit(str(link.get("href") or "")).path)).suffix.lower()
    except ValueError:  # http://[
        return ""


def _people(context: Mapping[str, Any]) -> tuple[Person, ...]:
    """Return who is named by ``podcast:person``; its specification has "host" as the role where none is given."""
    people = (
        Person(_text(person.get("name")), (_word(person.get("role")) or "host"))
        for person in context.get("podcast_people", ())[:_MOST_PEOPLE]
    )
    return tuple(dict.fromkeys(person for person in people if person.name))


def _publisher(feed: Mapping[str, Any]) -> str | None:
    owner = feed.get("publisher_detail") or {}
    author = feed.get("author_detail") or {}
    names = (_text(owner.get("name")), _text(author.get("name")), _text(feed.get("author")))
    return next(filter(None, names), None)


def _instant(entry: Mapping[str, Any]) -> str | None:
    parsed = entry.get("published_parsed") or entry.get("updated_parsed")
    try:
        instant = datetime(*parsed[:6]) if parsed else None
    except (ValueError, TypeError, OverflowError):
        return None
    # Other values are numbers that feedparser took for dates.
    return f"{instant.isoformat()}Z" if instant and 1900 <= instant.year <= 2100 else None


def _podlove(entry: Mapping[str, Any]) -> tuple[Chapter, ...]:
    """Return the chapters of https://podlove.org/simple-chapters."""
    listed = (entry.get("psc_chapters") or {}).get("chapters", ())
    return make_chapters((parse_clock(chapter.get("start")), _text(chapter.get("title"))) for chapter in listed)


def _language(context: Mapping[str, Any]) -> str | None:
    found = _LANGUAGE.match(_text(context.get("language")).replace("_", "-"))
    return found[0].lower() if found else None


def _attribute(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, Mapping) else None


def _address(value: object, base: str) -> str | None:
    """Return what may be fetched or linked to, in full; nothing for ``javascript:`` and the like."""
    if not isinstance(value, str) or not value.strip():
        return None
    try:
        text = urljoin(base, value.strip())
    except ValueError:  # http://[
        return None
    whole = re.match(r"https?://[^\s/]", text, re.IGNORECASE) and len(text) <= _LONGEST_URL and text.isprintable()
    return text if whole else None


def _shown(address: str | None) -> str | None:
    """Return an address that is safe to show: a relative one has inherited the feed's name and password."""
    return without_password(address) if address else None


def _web(guid: object) -> object:
    """Return a guid that is an address; it replaces a missing link of an item."""
    return guid if isinstance(guid, str) and guid.startswith(("http://", "https://")) else None


def _word(value: object) -> str | None:
    return _text(value).lower() or None


def _plain(context: Mapping[str, Any], key: str) -> str:
    """Return an element's text without its markup."""
    text = context.get(key)
    if not isinstance(text, str):
        return ""
    if "html" in str((context.get(f"{key}_detail") or {}).get("type")):
        text = decode_entities(_TAG.sub(" ", text[: 10 * _LONGEST_TEXT]))
    return _text(text)


def _text(value: object) -> str:
    return fold(value[: 10 * _LONGEST_TEXT])[:_LONGEST_TEXT].rstrip() if isinstance(value, str) else ""
