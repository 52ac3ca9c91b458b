"""The user of the current request, for code that records who did something."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from ...catalogue import ROLES, Role
from ...errors import UsageError
from ...inputs import LONGEST_NAME, checked_line
from ...translatable import phrase

__all__ = ["ROLE_NAMES", "Principal", "acting", "checked_person", "owner", "signed"]


#: What a person with a role is called in a sentence.
ROLE_NAMES: dict[Role, str] = {
    "reader": phrase("a reader"),
    "editor": phrase("an editor"),
    "admin": phrase("an admin"),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in person, or a program with a token."""

    name: str
    role: Role

    def may(self, need: Role) -> bool:
        """Return whether this role is at least ``need``."""
        return ROLES.index(self.role) >= ROLES.index(need)

    def refused_change(self, owner: str | None) -> str:
        """Return the owner if this person may not change the collection, otherwise ""; owner ``None`` is everybody."""
        if self.role == "admin" or owner == self.name or (owner is None and self.may("editor")):
            return ""
        if owner is None:
            return phrase("everybody's, and editors change it")
        return phrase("%(name)s's own", name=owner)


#: Handlers in threads see it, too. ``None``: this server has no sign-in.
acting: ContextVar[Principal | None] = ContextVar("acting", default=None)


def signed(by: str) -> str:
    """Return the author of an action: the signed-in person, otherwise the typed name."""
    person = acting.get()
    return person.name if person else by


def owner() -> str | None:
    """Return the owner of a new collection: the reader who makes it; an editor's belong to everybody."""
    person = acting.get()
    return person.name if person and not person.may("editor") else None


def checked_person(name: str) -> str:
    """Return a valid user name; ``UsageError`` if it is not."""
    line = checked_line(name, phrase("A user's name"), LONGEST_NAME)
    if ":" in line or "," in line:
        raise UsageError(f"A user's name cannot have a colon or a comma, found {name[:40]!r}.")
    return line
