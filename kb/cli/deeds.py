"""What was done on the command line, in the same log as what was done on a server."""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

from ..errors import CatalogueError

if TYPE_CHECKING:
    from ..knowledge_base import KnowledgeBase
    from ..types import ImportResult

__all__ = ["machine_user", "note", "note_taken_in"]

#: What became of a source that is worth a line in the log.
_NEWS = ("added", "revised", "updated")


def note_taken_in(kb: KnowledgeBase, results: Iterable[ImportResult]) -> None:
    """Write down which episodes a batch has added or changed."""
    note(kb, "took in", (str(result.episode_id) for result in results if result.status in _NEWS))


def note(kb: KnowledgeBase, what: str, subjects: Iterable[str]) -> None:
    """Write down that the machine's user did this to these, unless the library can only be read."""
    if kb.read_only:
        return
    by = machine_user()
    try:
        with kb.transaction():
            for subject in subjects:
                kb.activity.note(by, what, subject)
    except CatalogueError as error:  # what was done is done
        typer.echo(f"note       This is not in the log: {error}", err=True)


def machine_user() -> str:
    """Return the name of the machine's user, by which the command line's deeds are logged."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in some containers
        return "unknown"
