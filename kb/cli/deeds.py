"""What was done on the command line, in the same log as what was done on a server."""

from __future__ import annotations

import getpass
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from ..errors import CatalogueError

if TYPE_CHECKING:
    from ingest.queue.batch import Listeners

    from ..knowledge_base import KnowledgeBase
    from ..types import ImportResult

__all__ = ["machine_user", "note", "note_taken_in", "noting"]

#: What became of a source that is worth a line in the log.
_NEWS = ("added", "revised", "updated")


def noting(kb: KnowledgeBase, listeners: Listeners) -> Listeners:
    """Return listeners that also write each episode down as soon as it is in: a batch may be killed before its end."""

    def result(each: ImportResult) -> None:
        note_taken_in(kb, [each])
        listeners.result(each)

    return replace(listeners, result=result)


def note_taken_in(kb: KnowledgeBase, results: Iterable[ImportResult]) -> None:
    """Write down which episodes were added or changed."""
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
