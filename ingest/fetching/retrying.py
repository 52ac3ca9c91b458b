"""When to ask a server again: soon after a temporary failure, when it says so, and never after a refusal."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import tenacity

from kb.errors import FetchError

__all__ = ["ATTEMPTS", "LONGEST_WAIT", "again_in", "retrying"]

#: Seconds; a server that asks for a longer pause is not retried in this run.
LONGEST_WAIT = 30.0
ATTEMPTS = 4
_backs_off = tenacity.wait_random_exponential(multiplier=1, max=LONGEST_WAIT)


def retrying(sleep: Callable[[float], None] = time.sleep, attempts: int = ATTEMPTS) -> tenacity.Retrying:
    """Return an iterator of at most ``attempts``, with exponential back-off and jitter between them.

    Only a temporary ``FetchError`` is tried again, and not if the server asks for a longer pause than ``LONGEST_WAIT``.
    """
    return tenacity.Retrying(
        retry=tenacity.retry_if_exception(_is_worth_it),
        wait=_wait,
        stop=tenacity.stop_after_attempt(attempts),
        sleep=sleep,
        reraise=True,
    )


def again_in(header: str | None, now: datetime | None = None) -> float | None:
    """Return the seconds in a ``Retry-After`` header, which is a number or a date (RFC 9110, 10.2.3)."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        when = parsedate_to_datetime(text)
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max(0.0, (when - (now or datetime.now(UTC))).total_seconds())
    except (ValueError, TypeError, OverflowError):
        return None


def _is_worth_it(error: BaseException) -> bool:
    return isinstance(error, FetchError) and error.temporary and (error.again_in or 0.0) <= LONGEST_WAIT


def _wait(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.again_in if isinstance(error, FetchError) else None
    return max(asked or 0.0, _backs_off(state))
