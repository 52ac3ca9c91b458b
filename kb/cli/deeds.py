"""Writes to the activity log what is done on the command line; a server writes to the same log."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from ..errors import CatalogueError
from ..home import machine_user

if TYPE_CHECKING:
    from ingest.queue.batch import Listeners

    from ..knowledge_base import KnowledgeBase
    from ..types import ImportResult

__all__ = ["machine_user", "note", "note_taken_in", "noting"]

#: The results of a source that are logged.
_LOGGED = ("added", "revised", "updated")


def noting(kb: KnowledgeBase, listeners: Listeners) -> Listeners:
    """Return listeners that also write each episode down as soon as it is in: a batch may be killed before its end."""

    def result(each: ImportResult) -> None:
        note_taken_in(kb, [each])
        listeners.result(each)

    return replace(listeners, result=result)


def note_taken_in(kb: KnowledgeBase, results: Iterable[ImportResult]) -> None:
    """Log which episodes were added or changed."""
    note(kb, "took in", (str(result.episode_id) for result in results if result.status in _LOGGED))


def note(kb: KnowledgeBase, what: str, subjects: Iterable[str]) -> None:
    """Log that the machine's user did ``what`` to each subject, unless the library is read-only."""
    if kb.read_only:
        return
    by = machine_user()
    try:
        with kb.transaction():
            for subject in subjects:
                kb.activity.note(by, what, subject)
    except CatalogueError as error:  # the change itself is made already
        typer.echo(f"note       This is not in the log: {error}", err=True)
