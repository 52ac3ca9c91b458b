"""The SQLite file: opening, migrating, transactions, and one connection per thread."""

from __future__ import annotations

import os
import re
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from ..errors import CatalogueError, ReadOnly
from ..home import make_private
from ..text.ordering import title_key
from ..text.terms import index_text
from ..translatable import joined, phrase

__all__ = ["Database", "migrations", "statements"]

T = TypeVar("T")

_BUSY_SECONDS = 30
#: Pages copied between two reports of progress; 1 MB.
_PAGES = 256
_MIGRATION = re.compile(r"(\d{4})_\w+\.sql")
#: Returns a stored text; damaged bytes are decoded all the same, because the checksum detects them.
_decoded = partial(str, encoding="utf-8", errors="replace")


class Database:
    """A catalogue file with its schema brought up to date; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        #: Whether the folder is read-only: an archive's disk, or another user's folder.
        self.read_only = path.exists() and not (os.access(path.parent, os.W_OK) and os.access(path, os.W_OK))
        self._local = threading.local()
        self._held: weakref.WeakSet[_Held] = weakref.WeakSet()
        self._watcher: sqlite3.Connection | None = None
        self._memory: dict[str, tuple[int, Any]] = {}
        self._guard = threading.Lock()
        try:
            if not self.read_only:
                path.parent.mkdir(parents=True, exist_ok=True)
                make_private(path)
            self._migrate()
        except sqlite3.DatabaseError as error:
            self.close()
            raise CatalogueError(
                f"{path}: the catalogue cannot be opened ({error}). Restore a backup into a new folder ('kb restore'), "
                "or save what is readable ('kb check --salvage FOLDER')."
            ) from error
        except OSError as error:
            raise CatalogueError(
                f"{path.parent}: the data folder cannot be used ({error.strerror}). Name another one with --home."
            ) from error

    def read(self, sql: str, parameters: tuple[object, ...] | dict[str, object] = ()) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        try:
            return self._connection().execute(sql, parameters).fetchall()
        except sqlite3.DatabaseError as error:
            raise self._explained(error) from error

    def stream(self, sql: str, parameters: tuple[object, ...] = ()) -> Iterator[sqlite3.Row]:
        """Yield the rows of a query one by one."""
        try:
            yield from self._connection().execute(sql, parameters)
        except sqlite3.DatabaseError as error:
            raise self._explained(error) from error

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Write all or nothing; waits for another writer, rolls back on any exception.

        One within another is part of it: nothing is written until the outermost ends.
        """
        connection = self._connection()
        if connection.in_transaction:
            yield connection
            return
        if self.read_only:
            raise ReadOnly(self.path.parent)
        try:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            self._roll_back(connection)
            raise self._explained(error) from error
        except BaseException:
            self._roll_back(connection)
            raise

    @contextmanager
    def erasing(self) -> Iterator[sqlite3.Connection]:
        """Write as ``transaction`` does, and overwrite what is deleted, in the file and in the log beside it."""
        connection = self._connection()
        connection.execute("PRAGMA secure_delete = ON")
        try:
            with self.transaction() as sql:
                yield sql
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            connection.execute("PRAGMA secure_delete = OFF")

    def version(self) -> int:
        """Return a number that changes when any thread or process has written.

        ``data_version`` counts only other connections' writes, so a connection that never writes reads it.
        """
        try:
            with self._guard:
                if self._watcher is None:
                    self._watcher = self._connect()
                return int(self._watcher.execute("PRAGMA data_version").fetchone()[0])
        except sqlite3.DatabaseError as error:
            raise self._explained(error) from error

    def remembered(self, key: str, find: Callable[[], T]) -> T:
        """Return the result of ``find``, computed again only after a write."""
        version = self.version()
        known = self._memory.get(key)
        if known is None or known[0] != version:
            known = self._memory[key] = (version, find())
        found: T = known[1]
        return found

    def copy_to(self, target: Path, progress: Callable[[int, int], None] | None = None) -> None:
        """Copy the file as it is at this moment to ``target``; others may read and write meanwhile.

        ``progress`` is called with the pages done and the number of pages.
        """
        try:
            with closing(self._connect()) as source, closing(sqlite3.connect(target, isolation_level=None)) as copy:
                # One transaction from the first page to the last: later writes are not in this copy.
                source.execute("BEGIN")
                source.execute("SELECT count(*) FROM sqlite_master").fetchone()
                source.backup(
                    copy, pages=_PAGES, progress=lambda _, left, all_: progress(all_ - left, all_) if progress else None
                )
                copy.execute("PRAGMA journal_mode = DELETE")  # so that no log has to lie beside it
        except sqlite3.DatabaseError as error:
            raise CatalogueError(
                f"{self.path}: the catalogue cannot be copied ({error}). Check that the disk has room; then run "
                "'kb check'."
            ) from error

    def close(self) -> None:
        """Close every thread's connection."""
        with self._guard:
            for held in self._held:
                held.connection.close()
            self._held.clear()
            if self._watcher is not None:
                self._watcher.close()
            self._watcher = None
            self._local = threading.local()

    def _connection(self) -> sqlite3.Connection:
        held: _Held | None = getattr(self._local, "held", None)
        if held is None:
            # Used by its own thread only; the flag lets close() close it from another thread.
            connection = self._connect()
            held = _Held(connection)
            with self._guard:
                self._held.add(held)
            connection.row_factory = sqlite3.Row
            connection.text_factory = _decoded
            connection.create_function("index_text", 2, index_text, deterministic=True)
            connection.create_function("title_key", 1, title_key, deterministic=True)
            if not self.read_only:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")  # an accepted episode survives a power cut
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA trusted_schema = ON")  # a view calls index_text
            self._local.held = held
        return held.connection

    def _connect(self) -> sqlite3.Connection:
        where = str(self.path)
        if self.read_only:
            # A write-ahead log beside the file means that another process writes to it. Without one, SQLite would try
            # to create it, which fails here, unless it is told that the file does not change.
            writing = self.path.with_name(f"{self.path.name}-wal").exists()
            where = f"{self.path.absolute().as_uri()}?mode=ro{'' if writing else '&immutable=1'}"
        return sqlite3.connect(
            where, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False, uri=self.read_only
        )

    def _migrate(self) -> None:
        connection = self._connection()
        scripts = migrations()
        newest = max(scripts)
        found = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if found > newest:
            raise CatalogueError(
                f"{self.path}: was written by a newer Verbatim (schema {found}; this one knows up to {newest}). Update "
                "Verbatim."
            )
        if found < newest and self.read_only:
            raise CatalogueError(
                f"{self.path}: was written by an older Verbatim and has to be brought up to date, but the folder is "
                "read-only. Copy the data folder to where you may write, and name the copy with --home."
            )
        while found < newest:
            with self.transaction():
                # Another process may have migrated while this one waited for the lock.
                found = int(connection.execute("PRAGMA user_version").fetchone()[0])
                if found < newest:
                    for statement in statements(scripts[found + 1]):
                        connection.execute(statement)
                    found += 1
                    connection.execute(f"PRAGMA user_version = {found}")

    def _explained(self, error: sqlite3.DatabaseError) -> CatalogueError:
        if "locked" in str(error):
            why = phrase("another process is writing. Wait for it to finish and try again.")
        else:
            why = phrase("the catalogue cannot be read or written (%(reason)s). Run 'kb check'.", reason=str(error))
        return CatalogueError(joined("", (str(self.path), ": ", why)))

    @staticmethod
    def _roll_back(connection: sqlite3.Connection) -> None:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


class _Held:
    """A thread's connection, closed when the thread ends: a server has thousands of threads in its life."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def __del__(self) -> None:
        self.connection.close()


def migrations() -> dict[int, str]:
    """Return the numbered scripts beside this file."""
    folder = resources.files(__package__).joinpath("migrations")
    named = [(int(match[1]), entry) for entry in folder.iterdir() if (match := _MIGRATION.fullmatch(entry.name))]
    numbers = sorted(number for number, _ in named)
    assert numbers == list(range(1, len(named) + 1)), "migrations are numbered without a gap, each number once"
    return {number: entry.read_text("utf-8") for number, entry in named}


def statements(script: str) -> Iterator[str]:
    """Yield a script's statements; ``executescript`` would commit the transaction they belong to."""
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
