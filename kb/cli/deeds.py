"""What was done on the command line, in the same log as what was done on a server."""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

from ..errors import CatalogueError

if TYPE_CHECKING:
    from ..knowledge_base import KnowledgeBase

__all__ = ["machine_user", "note"]


def note(kb: KnowledgeBase, what: str, subjects: Iterable[str]) -> None:
    """Write down that the machine's user did this to these, unless the library can only be read."""
    if kb.catalogue.read_only:
        return
    by = machine_user()
    try:
        with kb.catalogue.transaction():
            for subject in subjects:
                kb.catalogue.activity.note(by, what, subject)
    except CatalogueError as error:  # what was done is done
        typer.echo(f"note       This is not in the log: {error}", err=True)


def machine_user() -> str:
    """Return the name of the machine's user, by which the command line's deeds are logged."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in some containers
        return "unknown"
