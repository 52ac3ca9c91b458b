"""Which of several transcripts of an episode is the best one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from ingest.feeds.types import TranscriptLink
from ingest.formats import FORMATS

__all__ = ["best_first", "is_foreign", "suffix_of"]

_SUFFIXES = {type_: known.suffixes[0] for known in FORMATS for type_ in known.types}
_RANKS = tuple(known.suffixes[0] for known in FORMATS)
_ENDINGS = {suffix: known.suffixes[0] for known in FORMATS for suffix in known.suffixes}


def best_first(links: Iterable[TranscriptLink], language: str | None = None) -> tuple[TranscriptLink, ...]:
    """Return the transcripts that we can read: the feed's ``language`` first, then the types that can hold more.

    Podcasting 2.0's JSON and WebVTT hold speakers and times, SubRip times, HTML speakers, text perhaps neither.
    """
    readable = (link for link in dict.fromkeys(links) if suffix_of(link.url, link.type))
    return tuple(sorted(readable, key=lambda link: (is_foreign(link, language), _rank(link))))


def is_foreign(link: TranscriptLink, language: str | None) -> bool:
    """Return whether a transcript is in another language; one that names none is in the feed's."""
    return bool(link.language and language) and str(link.language)[:2] != str(language)[:2]


def suffix_of(url: str, type_: str | None) -> str | None:
    """Return the suffix of the transcript format that a type, or else an address, names; ``None`` for others."""
    named = _SUFFIXES.get((type_ or "").partition(";")[0].strip().lower())
    ending = _ENDINGS.get(PurePosixPath(unquote(urlsplit(url).path)).suffix.lower())
    if named == ".txt" and ending:
        return ending  # many servers call every file text/plain
    return named or ending


def _rank(link: TranscriptLink) -> int:
    return _RANKS.index(suffix_of(link.url, link.type) or ".txt")
