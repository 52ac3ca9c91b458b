"""The publication date as the publisher writes it, in the publisher's time zone, not in UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz

__all__ = ["own_day"]

#: The clocks of the world are from 12 hours behind to 14 hours ahead of UTC.
_FARTHEST = timedelta(hours=14)
_LONGEST = 100


def own_day(written: str, instant: str | None) -> str | None:
    """Return the ISO date in a date of RSS (RFC 822) or Atom (RFC 3339) as it is ``written``.

    ``instant`` is the same moment in UTC, ``None`` if it is not known. A written date that cannot be of that moment is
    not believed, and one of another form is not read: ``None`` then.
    """
    local = _clock(written[:_LONGEST].strip()) if instant else None
    if local is None or instant is None:
        return None
    difference = local - datetime.fromisoformat(instant).astimezone(UTC).replace(tzinfo=None)
    return local.date().isoformat() if abs(difference) <= _FARTHEST else None


def _clock(written: str) -> datetime | None:
    """Return what the clock of whoever wrote it showed."""
    try:
        return datetime.fromisoformat(written).replace(tzinfo=None)
    except ValueError:
        pass
    try:
        parsed = parsedate_tz(written)
        return datetime(*parsed[:5]) if parsed else None
    except (ValueError, TypeError, OverflowError, IndexError):  # a month 13, an hour 25, a name that is no month
        return None
