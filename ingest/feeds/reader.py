"""Bytes -> what feedparser finds in them, with what it would lose: only this module imports ``feedparser``.

feedparser reads every dialect of RSS and Atom, well-formed or not, but of equal elements in an item it keeps the last
one. Items have several ``podcast:transcript`` and ``podcast:person``, so its two parsers get handlers for these. That
is why they are called here and not by ``feedparser.parse``, which would also open files and addresses it is given.
"""

from __future__ import annotations

import codecs
import io
import re
import xml.sax
from dataclasses import dataclass
from typing import Any, ClassVar

from feedparser.api import LooseFeedParser, StrictFeedParser
from feedparser.sanitizer import replace_doctype

from kb.translatable import phrase

__all__ = ["Document", "Unreadable", "as_utf8", "read_document"]

#: A show of 10,000 episodes has as many; reading them takes up to half a minute.
MOST_ELEMENTS = 500_000
#: Of one element; reading them takes quadratic time.
MOST_ATTRIBUTES = 2_000
_TAG = re.compile(rb"""<[a-zA-Z](?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+""")
# Both are in use: https://github.com/Podcastindex-org/podcast-namespace
_PODCASTING_20 = {
    "https://podcastindex.org/namespace/1.0": "podcast",
    "https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md": "podcast",
}


# The encodings of feeds. Some of Python's other codecs take quadratic time.
_ENCODINGS = re.compile(
    r"utf-?(?:8|16|32)|ascii|iso8859-\d+|cp\d+|koi8-[rut]|mac-\w+|tis-620|gb\w+|big5\w*|euc_\w+|shift_jis\w*|hz|johab"
)
_BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"<\0?\0": "utf-16-le",
    b"\0<\0?": "utf-16-be",
}
_DECLARATION = re.compile(
    rb"""\s*<\?xml\b(?:[^>]{0,200}?\bencoding\s*=\s*["']([\w.:-]{1,40})["'])?[^>]{0,200}>""", re.ASCII
)


class Unreadable(Exception):
    """The document cannot be read; the text says why, in a few words."""


@dataclass(frozen=True, slots=True)
class Document:
    """feedparser's dicts of a feed and its items; ``version`` is empty if the document is not a feed."""

    version: str
    well_formed: bool
    feed: dict[str, Any]
    entries: list[dict[str, Any]]


def read_document(data: bytes, url: str, charset: str | None = None) -> Document:
    """Return what is in ``data``, relative addresses resolved against ``url``; ``charset`` is what its server says.

    No network is used and no external entity is read. Raises ``Unreadable``.
    """
    data = as_utf8(data, charset)
    if any(tag[0].count(b"=") > MOST_ATTRIBUTES for tag in _TAG.finditer(data)):
        raise Unreadable(phrase("it has an element with more than %(count)s attributes", count=MOST_ATTRIBUTES))
    version, text, entities = replace_doctype(data)  # which also drops entities that name other ones
    parser: _Strict | _Loose | None = _strictly(text, url)
    well_formed = parser is not None
    if parser is None:
        parser = _Loose(url, None, "utf-8", entities)
        parser.sanitize_html = parser.resolve_relative_uris = False
        try:
            parser.feed(text.decode("utf-8", "replace"))
        except Unreadable:
            raise
        except Exception as error:  # a hostile document may make feedparser raise anything
            raise Unreadable(
                phrase(
                    "it is not well-formed XML, and reading it all the same failed: %(reason)s",
                    reason=repr(error)[:100],
                )
            ) from error
    # Plain dicts: feedparser's own claim to have keys that are missing, with a warning.
    entries = [dict(entry) for entry in parser.entries]
    return Document(version or parser.version, well_formed, dict(parser.feeddata), entries)


def as_utf8(data: bytes, charset: str | None = None) -> bytes:
    """Return the document in UTF-8, without declaration; with a wrong declaration it is read as UTF-8.

    The byte order mark counts first, then the server's charset, then the declaration (RFC 7303, 3). But servers send
    the same charset for every file: valid UTF-8 that declares UTF-8, or nothing, is read as UTF-8.
    """
    mark = next((name for mark, name in _BOMS.items() if data.startswith(mark)), None)
    declaration = None if mark else _DECLARATION.match(data)
    declared = declaration[1].decode("ascii") if declaration and declaration[1] else None
    if _is_utf8_name(declared or "utf-8") and _is_utf8(data):
        charset = None
    for name in filter(None, (mark, charset, declared, "utf-8", "cp1252")):
        try:
            known = codecs.lookup(name).name
            if _ENCODINGS.match(known):
                # On the web, Latin 1 means Windows-1252 (https://encoding.spec.whatwg.org).
                text = data.decode("cp1252" if known == "iso8859-1" else known)
                break
        except (LookupError, UnicodeError, ValueError):  # also a name with a NUL in it
            continue
    else:
        text = data.decode("utf-8", "replace")
    return _DECLARATION.sub(b"", text.lstrip("\ufeff").encode("utf-8", "replace"), count=1)


def _is_utf8_name(name: str) -> bool:
    return name.lower().replace("_", "-") in ("utf-8", "utf8")


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeError:
        return False
    return True


def _strictly(text: bytes, url: str) -> _Strict | None:
    """Return the parser that has read a well-formed document, ``None`` if it is not well-formed."""
    parser = _Strict(url, None, "utf-8")
    # Only plain text is taken from the markup in titles and summaries.
    parser.sanitize_html = parser.resolve_relative_uris = False
    reader = xml.sax.make_parser()  # noqa: S317 (the document's entities were dropped, external ones are off)
    reader.setFeature(xml.sax.handler.feature_namespaces, True)
    reader.setFeature(xml.sax.handler.feature_external_ges, False)
    reader.setContentHandler(parser)
    reader.setErrorHandler(parser)
    try:
        reader.parse(io.BytesIO(text))
    except Unreadable:
        raise
    except Exception:  # not well-formed, or something that feedparser does not expect in it
        return None
    return parser


class _Podcasting20:
    """Handlers that feedparser's parsers call at the tags of https://podcastindex.org/namespace/1.0."""

    namespaces: ClassVar = {**StrictFeedParser.namespaces, **_PODCASTING_20}
    _matchnamespaces: ClassVar[dict[str, str]] = {}  # made from these; feedparser shares its own
    _elements = 0
    _aside = 0
    _person: dict[str, str]

    def unknown_starttag(self, tag: str, attrs: Any) -> None:
        """Handle an element, except within ``podcast:liveItem``, whose title is not the show's."""
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            raise Unreadable(phrase("it has more than %(count)s elements", count=MOST_ELEMENTS))
        if self._aside or self._is_live(tag):
            self._aside += self._is_live(tag)
        else:
            super().unknown_starttag(tag, attrs)  # type: ignore[misc]

    def unknown_endtag(self, tag: str) -> None:
        """End an element."""
        if self._aside:
            self._aside -= self._is_live(tag)
        else:
            super().unknown_endtag(tag)  # type: ignore[misc]

    def handle_data(self, text: str, *more: Any, **named: Any) -> None:
        """Handle text."""
        if not self._aside:
            super().handle_data(text, *more, **named)  # type: ignore[misc]

    def _is_live(self, tag: str) -> bool:
        prefix, _, name = tag.lower().partition(":")
        return name == "liveitem" and self.namespacemap.get(prefix, prefix) == "podcast"  # type: ignore[attr-defined]

    def _keep(self, key: str, value: dict[str, str]) -> None:
        self._get_context().setdefault(key, []).append(value)  # type: ignore[attr-defined]

    def _start_podcast_transcript(self, attributes: dict[str, str]) -> None:
        self._keep("podcast_transcripts", attributes)

    def _start_podcast_person(self, attributes: dict[str, str]) -> None:
        self._person = attributes
        self.push("podcast_person", 0)  # type: ignore[attr-defined]

    def _end_podcast_person(self) -> None:
        name = self.pop("podcast_person")  # type: ignore[attr-defined]
        if name:
            self._keep("podcast_people", {**self._person, "name": name})

    def _start_guid(self, attributes: dict[str, str]) -> None:
        # A guid that looks like an address is not resolved: it would change when the feed moves.
        self.guidislink = False
        self.push("id", 1)  # type: ignore[attr-defined]

    _start_id = _start_guid

    # Without these, feedparser would keep their attributes and drop their text.
    def _start_podcast_season(self, attributes: dict[str, str]) -> None:
        self.push("podcast_season", 1)  # type: ignore[attr-defined]

    def _start_podcast_episode(self, attributes: dict[str, str]) -> None:
        self.push("podcast_episode", 1)  # type: ignore[attr-defined]


class _Strict(_Podcasting20, StrictFeedParser):  # type: ignore[misc]
    """Reads well-formed XML."""


class _Loose(_Podcasting20, LooseFeedParser):  # type: ignore[misc]
    """Reads anything with tags."""
