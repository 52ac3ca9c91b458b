"""Marks advertisements where their source says so: a speaker's label, or a chapter's title.

Nothing is concluded from the words: "brought to you by" is a joke or a mention more often than an advertisement. Of
1,925 transcripts whose breaks are labelled, 30 places with such words were read, and 5 were advertisements.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import replace

from kb.text.adverts import advert_chapter, advert_label
from kb.types import Chapter, Segment, Transcript

__all__ = ["is_advert_label", "is_advert_title", "with_adverts"]

_NAMES = (
    r"ads|adverts?|advertisements?|advertising|advertorial|commercials?"
    r"|(?:ad|advert|commercial|sponsor|sponsorship) (?:break|spot|read|message|segment|slot)s?"
    r"|(?:mid|pre|post)-?roll(?: ads?)?|sponsor(?:s|ed|ship)?|sponsored (?:content|message|segment)|our sponsors?"
    r"|(?:a )?(?:word|message) from (?:our|the|today.s) sponsors?"
    r"|werbung|werbepause|anzeige|publicit\u00e9|publicidad|anuncios?|pubblicit\u00e0|reklame?|reclame"
)
#: The label of a speaker who is none, as "Sponsor"; "Break" is what some shows call their advertisements. "Ad" is a
#: Dutch first name, unless it is in capitals or has a number.
_LABEL = re.compile(rf"\W*(?:(?:{_NAMES}|break)\W*(?:\d+\W*)?|ad\W*\d+\W*|(?-i:AD)\W*)", re.IGNORECASE)
#: The same as a chapter's title, or with the advertiser's name after it: "Sponsor: Acme", "Sponsored by Acme". Other
#: names have titles after them: "Advertising: a short history".
_TITLE = re.compile(
    rf"\W*(?:(?:{_NAMES}|ad)\W*\d*\W*"
    r"|(?:sponsor|ad (?:break|read))(?: \d+)?\s*[:\u2013\u2014|-]\s*\S.*|sponsored by .+)",
    re.IGNORECASE,
)
_LONGEST = 120


def is_advert_label(label: str) -> bool:
    """Return whether a speaker's label names an advertisement instead of a person."""
    return _LABEL.fullmatch(label[:_LONGEST].strip()) is not None


def is_advert_title(title: str) -> bool:
    """Return whether a chapter's title says that it is an advertisement."""
    return _TITLE.fullmatch(title[:_LONGEST].strip()) is not None


def with_adverts(transcript: Transcript, chapters: Sequence[Chapter] = ()) -> Transcript:
    """Return the transcript with its advertisements marked, each with the reason; the words stay as they are.

    ``chapters`` have to be on the transcript's clock.
    """
    ordered = sorted(chapters, key=lambda chapter: chapter.start)
    ends = [*(chapter.start for chapter in ordered[1:]), math.inf]
    marked = [(c.start, end, c.title) for c, end in zip(ordered, ends, strict=False) if is_advert_title(c.title)]
    segments = tuple(_marked(segment, marked) for segment in transcript.segments)
    return transcript if segments == transcript.segments else replace(transcript, segments=segments)


def _marked(segment: Segment, chapters: Sequence[tuple[float, float, str]]) -> Segment:
    if segment.advert is not None:
        return segment
    if segment.speaker and is_advert_label(segment.speaker):
        return replace(segment, advert=str(advert_label(segment.speaker.strip())))
    middle = _middle(segment)
    for start, end, title in chapters:
        if middle is not None and start <= middle < end:
            return replace(segment, advert=str(advert_chapter(title.strip()[:_LONGEST])))
    return segment


def _middle(segment: Segment) -> float | None:
    """Return the second in the middle of a segment; where it has no end, the second at which it begins."""
    if segment.start is None:
        return None
    return segment.start if segment.end is None else (segment.start + segment.end) / 2
