"""Chapters of an episode: Podcasting 2.0's JSON and Podlove's, as ``Chapter``s in the order of their times.

https://github.com/Podcastindex-org/podcast-namespace/blob/main/chapters/jsonChapters.md
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from ingest.formats.json_file import seconds_of
from kb.errors import FeedError
from kb.text.cleaning import fold
from kb.translatable import phrase
from kb.types import Chapter

__all__ = ["LARGEST_CHAPTERS", "make_chapters", "parse_chapters", "parse_clock"]

LARGEST_CHAPTERS = 2 * 1024 * 1024
_MOST = 1_000
_LONGEST_TITLE = 500
_REMEDY = phrase("The episode is added without chapters.")


def parse_chapters(data: bytes, url: str) -> tuple[Chapter, ...]:
    """Return the chapters in a JSON chapters file; ``url`` names it in messages.

    Chapters that are not for the table of contents, and those without a title or a sound start, are left out.
    Raises ``FeedError`` for any other file.
    """
    if len(data) > LARGEST_CHAPTERS:
        raise FeedError(
            url, phrase("is too large for chapters (%(size)s MB).", size=format(len(data) / 1e6, ".0f")), _REMEDY
        )
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:  # also bytes that are not text
        raise FeedError(
            url, phrase("holds no chapters (it is not JSON: %(reason)s).", reason=str(error)[:100]), _REMEDY
        ) from error
    listed = document.get("chapters") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise FeedError(url, phrase('holds no chapters (no list "chapters").'), _REMEDY)
    return make_chapters(
        (seconds_of(chapter.get("startTime")), chapter.get("title"))
        for chapter in listed
        if isinstance(chapter, dict) and chapter.get("toc") is not False
    )


def make_chapters(listed: Iterable[tuple[float | None, object]]) -> tuple[Chapter, ...]:
    """Return chapters of starts in seconds and titles, sorted and each once; incomplete ones are left out."""
    found = {
        Chapter(start, fold(title)[:_LONGEST_TITLE])
        for start, title in listed
        if start is not None and isinstance(title, str) and fold(title)
    }
    return tuple(sorted(found, key=lambda chapter: (chapter.start, chapter.title))[:_MOST])


def parse_clock(text: object) -> float | None:
    """Return the seconds of a time such as ``00:01:02.500`` or ``62.5``, ``None`` for anything else."""
    return seconds_of(text) if isinstance(text, str) else None
