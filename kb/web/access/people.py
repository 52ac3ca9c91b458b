"""Who is asking: the person of the request that is being answered, for whatever writes down who did something."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from ...catalogue import ROLES, Role
from ...errors import UsageError
from ...inputs import LONGEST_NAME, checked_line

__all__ = ["Principal", "acting", "checked_person", "owner", "signed"]


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who is signed in, or a program with a token."""

    name: str
    role: Role

    def may(self, need: Role) -> bool:
        """Return whether this role is ``need`` or more."""
        return ROLES.index(self.role) >= ROLES.index(need)

    def refused_change(self, owner: str | None) -> str:
        """Return whose a collection is that this person may not change, "" if it may; ``None`` owns everybody's."""
        if self.role == "admin" or owner == self.name or (owner is None and self.may("editor")):
            return ""
        return "everybody's, and editors change it" if owner is None else f"{owner}'s own"


#: Handlers in threads see it, too. ``None``: nobody has to sign in here.
acting: ContextVar[Principal | None] = ContextVar("acting", default=None)


def signed(by: str) -> str:
    """Return who it is that does something: whoever is signed in, else the name that was written."""
    person = acting.get()
    return person.name if person else by


def owner() -> str | None:
    """Return whose own a new collection is: a reader's; an editor's are everybody's."""
    person = acting.get()
    return person.name if person and not person.may("editor") else None


def checked_person(name: str) -> str:
    """Return a name that somebody can sign in with; ``UsageError`` if nobody can be called that."""
    line = checked_line(name, "A user's name", LONGEST_NAME)
    if ":" in line or "," in line:
        raise UsageError(f"A user's name has no colon and no comma in it, found {name[:40]!r}.")
    return line
