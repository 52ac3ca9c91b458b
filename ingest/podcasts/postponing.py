"""When to retry what could not be fetched."""

from __future__ import annotations

from datetime import timedelta

from kb.errors import FetchError, FormatError, VerbatimError
from kb.timecode import now

__all__ = ["again_at"]

#: A refusal (404, too large) is retried after a week, or when the item has another address.
_AFTER_A_NO = timedelta(days=7)


def again_at(error: VerbatimError, after_a_no: timedelta = _AFTER_A_NO) -> str:
    """Return when to try again: when the server says, at the next sync after a temporary failure, else later."""
    if isinstance(error, FetchError):
        return now(timedelta(seconds=error.again_in or 0) if error.temporary else after_a_no)
    return now(after_a_no if isinstance(error, FormatError) else timedelta(0))
