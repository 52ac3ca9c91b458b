"""A recording's tags (ID3, MP4, Vorbis comments, Matroska) as metadata: only the reliable ones.

The title is the episode's, the album is its show. ``artist`` and ``album_artist`` are ignored: podcasts put the hosts
there or the network, tags do not tell a person from an organisation, and a wrong name would end up in a citation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from kb.errors import AudioError
from kb.timecode import parse_date
from kb.types import Chapter

from ..sound.decoding import LONGEST, AudioTags
from ..sound.isolated import audio_tags
from .values import Metadata, is_web_address, plain

__all__ = ["read_tags"]

_MOST_CHAPTERS = 1_000
_DATE = re.compile(r"(\d{4})[-/.]?(\d\d)[-/.]?(\d\d)(?!\d)", re.ASCII)
#: Dates from clocks that were never set.
_NO_DATES = frozenset({"1904-01-01", "1970-01-01", "1980-01-01"})
_NUMBER = re.compile(r"0*(\d{1,6})", re.ASCII)
_EPISODE_CODE = re.compile(r"S0*(\d{1,4})\s?E0*(\d{1,5})", re.ASCII | re.IGNORECASE)
# The default texts of programs.
_NOTHING = re.compile(
    r"(?:unknown(?: (?:album|artist|title|track))?|untitled|(?:audio ?)?track ?\d*|(?:new )?recording ?\d*|podcasts?)",
    re.IGNORECASE,
)


def read_tags(recording: Path) -> Metadata:
    """Return what a recording's tags say of it, nothing if it is unreadable: transcribing reports that."""
    try:
        found = audio_tags(recording)
    except AudioError:
        return Metadata()
    return _from_tags(found)


def _from_tags(found: AudioTags) -> Metadata:
    tags: dict[str, str] = {}
    for key, text in found.texts:
        tags.setdefault(key.lower(), plain(text))
    season, number = _numbers(tags)
    return Metadata(
        show=_name(tags, "show", "album"),
        title=_name(tags, "title"),
        published=_date(tags),
        publisher=_name(tags, "publisher", "network"),
        language=_language(tags.get("language", "")),
        url=next((tags[key] for key in ("url", "purl", "comment") if is_web_address(tags.get(key, ""))), None),
        season=season,
        number=number,
        chapters=_chapters(found),
    )


def _name(tags: Mapping[str, str], *keys: str) -> str | None:
    return next((tags[key] for key in keys if tags.get(key) and not _NOTHING.fullmatch(tags[key])), None)


def _date(tags: Mapping[str, str]) -> str | None:
    """Return the day of publication; a year alone does not count, and ``creation_time`` is when a file was encoded."""
    found = _DATE.match(tags.get("date", ""))
    try:
        published = parse_date("-".join(found.groups())) if found else None
    except ValueError:
        return None
    return None if published in _NO_DATES else published


def _language(text: str) -> str | None:
    """Return the code that the field uses (``en`` for ``eng``), nothing for anything else.

    Only tags of the whole file are used: MP4 and Matroska call every track English by default.
    """
    if not text:
        return None
    import langcodes

    try:
        tag = langcodes.standardize_tag(text[:40])
    except ValueError:
        return None
    return tag if langcodes.tag_is_valid(tag) and tag not in ("und", "mul", "mis", "zxx") else None


def _numbers(tags: Mapping[str, str]) -> tuple[str | None, str | None]:
    """Return the season's and the episode's number.

    A track number counts only without a total and above 1: with one it is a part of an album, and many programs
    number every file 1.
    """
    code = _EPISODE_CODE.fullmatch(tags.get("episode_id", ""))
    if code:
        return code[1], code[2]
    season = _number(tags, "season_number", "season")
    number = _number(tags, "episode_sort", "tvepisode", "episode_number", "episode", "episode_id")
    track = _number(tags, "track")
    return season, number or (track if track not in ("0", "1") else None)


def _number(tags: Mapping[str, str], *keys: str) -> str | None:
    found = (_NUMBER.fullmatch(tags.get(key, "")) for key in keys)
    return next((match[1] for match in found if match and match[1] != "0"), None)


def _chapters(found: AudioTags) -> tuple[Chapter, ...] | None:
    named = (Chapter(chapter.start, plain(chapter.title)) for chapter in found.chapters[:_MOST_CHAPTERS])
    return tuple(sorted((c for c in named if c.title and 0 <= c.start < LONGEST), key=lambda c: c.start)) or None
