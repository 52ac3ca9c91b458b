"""Which of several transcripts of an episode is the best one."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from ingest.feeds.types import TranscriptLink

__all__ = ["best_first", "is_foreign", "suffix_of"]

#: What a transcript of a type is kept as, from the one that tells most of speakers and times to the least.
_SUFFIXES = {
    "application/json": ".json",
    "text/json": ".json",
    "text/vtt": ".vtt",
    "application/x-subrip": ".srt",
    "application/srt": ".srt",
    "text/srt": ".srt",
    "application/x-srt": ".srt",
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/markdown": ".md",
    "text/plain": ".txt",
}
_RANKS = (".json", ".vtt", ".srt", ".html", ".md", ".txt")


def best_first(links: Iterable[TranscriptLink], language: str | None = None) -> tuple[TranscriptLink, ...]:
    """Return the transcripts that we can read: the feed's ``language`` first, then by what their type can tell.

    Podcasting 2.0's JSON and WebVTT hold speakers and times, SubRip times, HTML speakers, text nothing for sure.
    """
    readable = (link for link in dict.fromkeys(links) if suffix_of(link.url, link.type))
    return tuple(sorted(readable, key=lambda link: (is_foreign(link, language), _rank(link))))


def is_foreign(link: TranscriptLink, language: str | None) -> bool:
    """Return whether a transcript is in another language; one that names none is in the feed's."""
    return bool(link.language and language) and str(link.language)[:2] != str(language)[:2]


def suffix_of(url: str, type_: str | None) -> str | None:
    """Return the suffix of the transcript format that a type, or else an address, names; ``None`` for others."""
    named = _SUFFIXES.get((type_ or "").partition(";")[0].strip().lower())
    ending = PurePosixPath(unquote(urlsplit(url).path)).suffix.lower()
    if named == ".txt" and ending in _RANKS:
        return ending  # many servers call every file text/plain
    return named or (ending if ending in _RANKS else None)


def _rank(link: TranscriptLink) -> int:
    return _RANKS.index(suffix_of(link.url, link.type) or ".txt")
