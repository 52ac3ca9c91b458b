"""Seconds, days and the present, as people and files write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from .errors import UsageError
from .translatable import phrase

__all__ = ["checked_date", "clock", "now", "parse_date", "parse_timecode", "srt_timestamp", "vtt_timestamp"]

_TIMECODE = re.compile(r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]?\d)(?:[.,](\d{1,3}))?", re.ASCII)


def parse_timecode(text: str) -> float:
    """Return the seconds in ``[H:]MM:SS[.mmm]`` (comma or dot).

    Raises ``ValueError`` with the text if it is not a time, e.g. ``00:99:00``.
    """
    match = _TIMECODE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text.strip()[:100]!r} is not a time such as 00:01:02.500")
    hours, minutes, seconds, fraction = match.groups()
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return (whole * 1000 + int((fraction or "0").ljust(3, "0"))) / 1000  # in this order: 1 + 0.555 is not 1.555


def _parts(seconds: float) -> tuple[int, int, int, int]:
    if not 0 <= seconds < 3_599_999.9995:  # rounds to 1000 hours, which no program reads
        raise ValueError(f"{seconds!r} seconds is not a time in a recording; expected 0 to 3,599,999")
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    return minutes // 60, minutes % 60, milliseconds // 1000, milliseconds % 1000


def vtt_timestamp(seconds: float) -> str:
    """Return ``HH:MM:SS.mmm`` as WebVTT wants it."""
    return "{:02d}:{:02d}:{:02d}.{:03d}".format(*_parts(seconds))


def srt_timestamp(seconds: float) -> str:
    """Return ``HH:MM:SS,mmm`` as SubRip wants it."""
    return vtt_timestamp(seconds).replace(".", ",")


def clock(seconds: float) -> str:
    """Return ``M:SS`` or ``H:MM:SS``, rounded down so that playing from it misses no word."""
    minutes, second = divmod(int(seconds + 1e-6), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{second:02d}" if minutes >= 60 else f"{minutes}:{second:02d}"


def parse_date(text: str) -> str:
    """Return ``text`` as an ISO date; ``ValueError`` says what would be right."""
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError as error:
        raise ValueError(f"{text!r} is not a date such as 2019-07-08") from error


def checked_date(text: str | None, what: str = "") -> str | None:
    """Return what a person typed in as an ISO date, ``None`` where nothing is; ``UsageError`` names ``what`` it is."""
    try:
        return parse_date(text) if text else None
    except ValueError as error:
        wrong = phrase("%(text)s is not a date such as 2019-07-08.", text=repr(text))
        raise UsageError(f"{what}: {wrong}" if what else wrong) from error


def now(later: timedelta = timedelta(0)) -> str:
    """Return the present time, or a time ``later``, in the program's format: ISO, UTC, whole seconds."""
    return (datetime.now(UTC) + later).isoformat(timespec="seconds")
