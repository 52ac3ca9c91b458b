"""``kb check --salvage``: what can be read of a damaged catalogue, in a new one, with a list of what is lost.

The damaged file is never written to. Rows on unreadable pages are skipped; then incomplete data is removed, so that the
new catalogue is consistent: a transcript has its checksum and all its turns, or it is on the list of losses.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from ...errors import CatalogueError
from ...text.terms import index_text
from ..database import migrations, statements
from ..passages import Progress
from .mending import mend
from .reading import copy_rows, tables_of

__all__ = ["salvage"]

_UNREADABLE = "no page of it can be read as a catalogue"


def salvage(damaged: Path, target: Path, progress: Progress | None = None) -> tuple[str, ...]:
    """Write what can be read of ``damaged``, a copy that nobody uses, to ``target``, a new file; return what is lost.

    Each loss is a sentence. Raises ``CatalogueError`` if not even the list of tables can be read.
    """
    try:
        with closing(_opened(damaged)) as source, closing(sqlite3.connect(target, isolation_level=None)) as new:
            version = int(source.execute("PRAGMA user_version").fetchone()[0])
            scripts = migrations()
            if version not in scripts:
                raise CatalogueError(f"{damaged.name}: {_UNREADABLE} of schema 1 to {max(scripts)}. Use a backup.")
            # It has another name until it is complete, so that nobody opens a part of it.
            new.execute("PRAGMA synchronous = OFF")
            new.execute("PRAGMA trusted_schema = ON")
            new.create_function("index_text", 2, index_text, deterministic=True)
            new.row_factory = sqlite3.Row
            for number in range(1, version + 1):
                for statement in statements(scripts[number]):
                    new.execute(statement)
            new.execute(f"PRAGMA user_version = {version}")
            triggers = new.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            for name, _ in triggers:
                new.execute(f'DROP TRIGGER "{name}"')
            losses = copy_rows(source, new, progress)
            losses += mend(new)
            # The full-text index is rebuilt when the catalogue is opened.
            new.execute("DELETE FROM settings WHERE key = 'terms'")
            for _, statement in triggers:
                new.execute(statement)
    except sqlite3.DatabaseError as error:
        raise CatalogueError(f"{damaged.name}: {_UNREADABLE} ({error}). Use a backup.") from error
    return tuple(losses)


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    tables_of(connection)
    return connection
