"""The file of users: names, roles and argon2 hashes; ``kb users`` changes it, and a server reads every change."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...catalogue import ROLES, Role
from ...errors import NotFound, UsageError
from ...home import replacing
from ...inputs import person_key
from .people import checked_person

if TYPE_CHECKING:
    from argon2 import PasswordHasher

__all__ = ["LONGEST_PASSWORD", "Account", "Accounts"]

_SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 1_000
_LARGEST = 10 * 1024**2
#: Passwords that are compared at once: each comparison takes 64 MB.
_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Account:
    """A user; ``hash`` is ``None`` for one who signs in at a proxy."""

    name: str
    role: Role
    hash: str | None


class Accounts:
    """The users of a file; safe to use from several threads and processes."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._read: tuple[tuple[int, int, int], dict[str, Account]] | None = None
        self._room = threading.BoundedSemaphore(_AT_ONCE)

    def all(self) -> tuple[Account, ...]:
        """Return every account by name; ``UsageError`` for a file in another format."""
        return tuple(sorted(self._accounts().values(), key=lambda each: each.name.casefold()))

    def find(self, name: str) -> Account | None:
        """Return the account of that name, whatever its case."""
        return self._accounts().get(person_key(name))

    def add(self, name: str, role: Role, password: str | None) -> None:
        """Add a user, or change a user's role or password."""
        name = checked_person(name)
        hashed = None if password is None else self._hasher.hash(checked_password(password))
        with self._changing() as accounts:
            accounts[person_key(name)] = Account(name, role, hashed)

    def remove(self, name: str) -> None:
        """Delete a user, and sign that user out."""
        with self._changing() as accounts:
            if accounts.pop(person_key(name), None) is None:
                raise NotFound(f"There is no user {name[:100]!r} in {self.path}; 'kb users list' lists them.")

    def verify(self, name: str, password: str) -> Account | None:
        """Return the account if the password is right; an unknown name takes as long as a wrong password."""
        from argon2.exceptions import Argon2Error, InvalidHashError

        account = self.find(name)
        with self._room, suppress(Argon2Error, InvalidHashError):
            self._hasher.verify(account.hash if account and account.hash else self._nobody, password[:LONGEST_PASSWORD])
            return account if account and account.hash else None
        return None

    @cached_property
    def _hasher(self) -> PasswordHasher:
        from argon2 import PasswordHasher

        return PasswordHasher()

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash(os.urandom(16).hex())

    def _accounts(self) -> dict[str, Account]:
        try:
            if self.path is None:
                return {}
            found = self.path.stat()
        except OSError:
            return {}
        mark = (found.st_mtime_ns, found.st_size, found.st_ino)
        known = self._read
        if known is None or known[0] != mark:
            known = self._read = mark, _parsed(self.path)
        return known[1]

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Account]]:
        """Yield the accounts to change, and write the whole file; other processes wait."""
        from filelock import FileLock

        assert self.path is not None, "users are added to a file"
        if not self.path.parent.is_dir():  # the lock would make it
            raise UsageError(f"There is no folder {self.path.parent}; make it, or name another file.")
        try:
            with FileLock(self.path.with_name(f".{self.path.name}.lock"), mode=0o600):
                accounts = dict(self._accounts())
                yield accounts
                users = [asdict(each) for each in sorted(accounts.values(), key=lambda each: each.name.casefold())]
                with replacing(self.path) as file:
                    file.write(json.dumps({"users": users}, ensure_ascii=False, indent=1).encode())
        except OSError as error:
            raise UsageError(f"{self.path}: cannot be written ({error.strerror or error}).") from error


def _parsed(path: Path) -> dict[str, Account]:
    try:
        with path.open("rb") as file:
            users = json.loads(file.read(_LARGEST))["users"]
        accounts = [_account(user) for user in users]
    except (OSError, ValueError, KeyError, TypeError, RecursionError, UsageError) as error:
        raise UsageError(f"{path}: is not a file of users written by 'kb users add' ({error}).") from error
    return {person_key(account.name): account for account in accounts}


def checked_password(password: str) -> str:
    """Return a valid password; ``UsageError`` if it is too short or too long."""
    if not _SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        told = f"A password has {_SHORTEST_PASSWORD} to {LONGEST_PASSWORD:,} characters, and this one {len(password)}."
        raise UsageError(f"{told} Choose another one.")
    return password


def _account(user: Any) -> Account:
    if user["role"] not in ROLES or not isinstance(user["hash"], str | None):
        raise ValueError(f"the role {str(user['role'])[:40]!r}")
    return Account(checked_person(user["name"]), user["role"], user["hash"])
