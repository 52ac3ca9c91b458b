"""Check that a file is one of our catalogues before any of its SQL runs: a schema may hold triggers and views."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from ..errors import CatalogueError
from .database import migrations, statements

__all__ = ["check_schema"]

_QUERY = "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master ORDER BY type, name"


def check_schema(path: Path) -> None:
    """Raise ``CatalogueError`` unless the file's tables, views and triggers are exactly those of a Verbatim's."""
    known = migrations()
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            connection.execute("PRAGMA trusted_schema = OFF")
            found = int(connection.execute("PRAGMA user_version").fetchone()[0])
            schema = connection.execute(_QUERY).fetchall()
    except sqlite3.DatabaseError as error:
        raise CatalogueError(f"{path.name}: is not a readable catalogue ({error}). Use another backup.") from error
    if found not in known:
        raise CatalogueError(
            f"{path.name}: has the schema {found}, and this Verbatim knows 1 to {max(known)}. Update Verbatim."
        )
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        for number in range(1, found + 1):
            for statement in statements(known[number]):
                connection.execute(statement)
        expected = connection.execute(_QUERY).fetchall()
    if schema != expected:
        strange = {row[1] for row in set(schema) ^ set(expected)}
        raise CatalogueError(
            f"{path.name}: has other tables or triggers than a catalogue of Verbatim "
            f"({', '.join(sorted(strange))[:200]}). Somebody changed it; use another backup."
        )
