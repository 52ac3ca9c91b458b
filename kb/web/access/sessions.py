"""Who is signed in: stored in the server's memory under a random number, which the browser has in a cookie."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from .accounts import Account, Accounts

__all__ = ["COOKIE", "Sessions"]

COOKIE = "verbatim"
#: Seconds without a request, and in all, after which a session ends.
_IDLE = 12 * 3600.0
_LONGEST = 7 * 24 * 3600.0
#: Most sessions; the one used least recently is dropped first.
_MOST = 10_000


@dataclass(slots=True)
class _Session:
    account: Account
    begun: float
    used: float


class Sessions:
    """Begins, finds and ends sessions; ``clock`` returns seconds."""

    def __init__(self, accounts: Accounts, clock: Callable[[], float] = time.monotonic) -> None:
        self._accounts = accounts
        self._clock = clock
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        self._guard = threading.Lock()

    def begin(self, account: Account) -> str:
        """Begin a session and return what the cookie holds; only its hash is kept."""
        secret = secrets.token_urlsafe(32)
        with self._guard:
            now = self._clock()
            self._sessions[_key(secret)] = _Session(account, now, now)
            while len(self._sessions) > _MOST:
                self._sessions.popitem(last=False)
        return secret

    def find(self, secret: str) -> Account | None:
        """Return the present account of a session, unless it was removed or its password changed."""
        with self._guard:
            session, now = self._sessions.get(_key(secret)), self._clock()
            if session is None:
                return None
            account = self._accounts.find(session.account.name)
            over = now - session.used > _IDLE or now - session.begun > _LONGEST
            if over or account is None or account.hash != session.account.hash:
                del self._sessions[_key(secret)]
                return None
            session.used = now
            self._sessions.move_to_end(_key(secret))
            return account

    def end(self, secret: str) -> None:
        """End a session."""
        with self._guard:
            self._sessions.pop(_key(secret), None)


def _key(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
