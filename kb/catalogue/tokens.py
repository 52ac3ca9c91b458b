"""Access tokens for programs: only their SHA-256 is stored, which is enough for tokens of 256 random bits."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args

from ..errors import NotFound, UsageError
from ..timecode import now
from .database import Database

__all__ = ["ROLES", "Role", "Token", "Tokens"]

#: Roles, each with more rights than the one before: ask and read; correct and curate; add and remove.
Role = Literal["reader", "editor", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)

_PREFIX = "vb_"


@dataclass(frozen=True, slots=True)
class Token:
    """A token's name, what it may do, and from when to when (ISO, UTC)."""

    name: str
    role: Role
    added_at: str
    expires_at: str

    @property
    def expired(self) -> bool:
        """Return whether it has expired."""
        return self.expires_at <= now()


class Tokens:
    """Makes tokens, checks them, and revokes them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, role: Role, days: int) -> str:
        """Make a token and return it: it can be read now and never again."""
        secret = _PREFIX + secrets.token_urlsafe(32)
        expires = (datetime.now(UTC) + timedelta(days=days)).isoformat(timespec="seconds")
        with self._database.transaction() as sql:
            done = sql.execute(
                "INSERT INTO tokens (name, role, sha256, added_at, expires_at) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (name) DO NOTHING",
                (name, role, _sha256(secret), now(), expires),
            )
        if not done.rowcount:
            raise UsageError(f"There is a token {name!r} already; revoke it first, or choose another name.")
        return secret

    def find(self, secret: str) -> Token | None:
        """Return the token with this secret, ``None`` if there is none or it has expired."""
        query = "SELECT name, role, added_at, expires_at FROM tokens WHERE sha256 = ?"
        found = [Token(*row) for row in self._database.read(query, (_sha256(secret),))]
        return found[0] if found and not found[0].expired else None

    def all(self) -> tuple[Token, ...]:
        """Return every token, oldest first; the secrets themselves are not stored."""
        rows = self._database.read("SELECT name, role, added_at, expires_at FROM tokens ORDER BY id")
        return tuple(Token(*row) for row in rows)

    def revoke(self, name: str) -> None:
        """Revoke a token."""
        with self._database.transaction() as sql:
            if not sql.execute("DELETE FROM tokens WHERE name = ?", (name,)).rowcount:
                raise NotFound(f"There is no token {name[:100]!r}; 'kb tokens list' lists them.")

    def forget(self) -> int:
        """Revoke every token; return how many there were."""
        with self._database.transaction() as sql:
            return sql.execute("DELETE FROM tokens").rowcount


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
