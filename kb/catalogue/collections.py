"""Named collections of saved quotes in an order of their own, each quote with a note and tags."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..errors import Conflict, NotFound, UsageError
from ..timecode import now
from ..translatable import phrase
from ..types import Quote
from .database import Database
from .rows import marks
from .saved_quotes import SAVED_COLUMNS, forget_unused, saved_quote_from, write_quote

__all__ = ["Collected", "Collection", "Collections"]

_COLUMNS = (
    "c.id, c.name, c.added_at, (SELECT count(*) FROM collected_quotes q WHERE q.collection = c.id) AS quotes "
    "FROM collections c"
)


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection by its name, and how many quotes are in it."""

    id: int
    name: str
    added_at: str
    quotes: int


@dataclass(frozen=True, slots=True)
class Collected:
    """A quote in a collection, as it read when it was saved."""

    quote: Quote
    note: str
    tags: tuple[str, ...]
    added_at: str


class Collections:
    """Writes collections and reads them; every change is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> tuple[Collection, ...]:
        """Return every collection, oldest first."""
        return tuple(Collection(*row) for row in self._database.read(f"SELECT {_COLUMNS} ORDER BY c.id"))

    def get(self, name: str) -> Collection:
        """Return the collection of that name; ``NotFound`` if there is none."""
        rows = self._database.read(f"SELECT {_COLUMNS} WHERE c.name = ?", (name,))
        if not rows:
            raise NotFound(
                phrase("There is no collection %(name)s; it may have been renamed or deleted.", name=repr(name[:100]))
            )
        return Collection(*rows[0])

    def begin(self, name: str, owner: str | None = None) -> tuple[Collection, bool]:
        """Return the collection of that name and whether it is new; a new one belongs to ``owner`` or everybody."""
        with self._database.transaction() as sql:
            made = sql.execute(
                "INSERT INTO collections (name, added_at, owner) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
                (name, now(), owner),
            )
            return self.get(name), made.rowcount > 0

    def owner(self, name: str) -> tuple[bool, str | None]:
        """Return whether there is a collection of that name, and its owner, ``None`` if it is everybody's."""
        rows = self._database.read("SELECT owner FROM collections WHERE name = ?", (name,))
        return bool(rows), rows[0][0] if rows else None

    def owners(self) -> dict[str, int]:
        """Return how many collections each owner has, by the owner's name."""
        query = "SELECT owner, count(*) FROM collections WHERE owner IS NOT NULL GROUP BY owner"
        return {row[0]: row[1] for row in self._database.read(query)}

    def count_quotes(self, owner: str) -> int:
        """Return how many quotes an owner's collections hold; one that is in two of them counts twice."""
        query = (
            "SELECT count(*) FROM collections c CROSS JOIN collected_quotes q ON q.collection = c.id WHERE c.owner = ?"
        )
        return int(self._database.read(query, (owner,))[0][0])

    def rename(self, collection: Collection, name: str) -> bool:
        """Give a collection another name; ``False`` if another one has it."""
        with self._database.transaction() as sql:
            done = sql.execute("UPDATE OR IGNORE collections SET name = ? WHERE id = ?", (name, collection.id))
            return bool(done.rowcount)

    def delete(self, collection: Collection) -> None:
        """Delete a collection; the quotes' entries in the ledger stay."""
        with self._database.transaction() as sql:
            sql.execute("DELETE FROM collections WHERE id = ?", (collection.id,))
            forget_unused(sql)

    def quotes(self, collection: Collection) -> tuple[Collected, ...]:
        """Return the quotes of a collection in its order."""
        rows = self._database.read(
            f"SELECT {SAVED_COLUMNS}, q.note, q.tags, q.added_at FROM collected_quotes q "
            "JOIN saved_quotes s ON s.id = q.quote WHERE q.collection = ? ORDER BY q.position",
            (collection.id,),
        )
        return tuple(
            Collected(saved_quote_from(row), row["note"], tuple(json.loads(row["tags"])), row["added_at"])
            for row in rows
        )

    def containing(self, quote_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return the names of the collections that each of some quotes is in; one that is in none is left out."""
        rows = self._database.read(
            f"SELECT q.quote, c.name FROM collected_quotes q JOIN collections c ON c.id = q.collection "
            f"WHERE q.quote IN ({marks(quote_ids)}) ORDER BY q.added_at DESC, c.id",
            tuple(quote_ids),
        )
        found: dict[str, tuple[str, ...]] = {}
        for quote_id, name in rows:
            found[quote_id] = (*found.get(quote_id, ()), name)
        return found

    def saved(self, quote_id: str) -> Quote:
        """Return a quote as it read when it was saved; ``NotFound`` if no collection and no ledger's entry names it."""
        rows = self._database.read(f"SELECT {SAVED_COLUMNS} FROM saved_quotes s WHERE s.id = ?", (quote_id,))
        if not rows:
            raise NotFound(phrase("%(quote)s is not saved.", quote=repr(quote_id[:300])))
        return saved_quote_from(rows[0])

    def add(self, collection: Collection, quote: Quote, note: str = "", tags: Iterable[str] = ()) -> bool:
        """Save a quote at a collection's end; ``False`` if it is there already, which changes nothing."""
        with self._database.transaction() as sql:
            write_quote(sql, quote)
            done = sql.execute(
                "INSERT INTO collected_quotes (collection, quote, position, note, tags, added_at) "
                "SELECT id, ?, 1 + (SELECT count(*) FROM collected_quotes WHERE collection = id), ?, ?, ? "
                "FROM collections WHERE id = ? ON CONFLICT (collection, quote) DO NOTHING",
                (quote.id, note, _json(tags), now(), collection.id),
            )
            forget_unused(sql)  # if somebody has deleted the collection meanwhile
            return bool(done.rowcount)

    def remove(self, collection: Collection, quote_id: str) -> None:
        """Take a quote out of a collection; ``NotFound`` if it is not in it."""
        with self._database.transaction() as sql:
            place = self.place(collection, quote_id)
            sql.execute("DELETE FROM collected_quotes WHERE collection = ? AND quote = ?", (collection.id, quote_id))
            sql.execute(
                "UPDATE collected_quotes SET position = position - 1 WHERE collection = ? AND position > ?",
                (collection.id, place),
            )
            forget_unused(sql)

    def annotate(
        self,
        collection: Collection,
        quote_id: str,
        note: str | None = None,
        tags: Iterable[str] | None = None,
        seen_note: str | None = None,
        seen_tags: Iterable[str] | None = None,
    ) -> bool:
        """Write a quote's note, its tags, or both, and return whether that changes anything; ``None`` leaves them.

        ``NotFound`` if it is not in it. ``seen_note`` and ``seen_tags`` are the values that the writer saw: raises
        ``Conflict``, and writes nothing, if they have changed since, unless the new values are there already.
        """
        told = None if tags is None else _json(tags)
        with self._database.transaction() as sql:
            self.place(collection, quote_id)
            where = "WHERE collection = ? AND quote = ?", (collection.id, quote_id)
            (now_note, now_tags), *_ = sql.execute(f"SELECT note, tags FROM collected_quotes {where[0]}", where[1])
            for what, seen, is_now, new in (
                ("note", seen_note, now_note, note),
                ("tags", None if seen_tags is None else _json(seen_tags), now_tags, told),
            ):
                if seen is not None and is_now not in (seen, new):
                    raise Conflict(
                        phrase(
                            "The note of %(quote)s changed meanwhile; compare both and save the one to keep.",
                            quote=quote_id,
                        )
                        if what == "note"
                        else phrase(
                            "The tags of %(quote)s changed meanwhile; compare both and save the one to keep.",
                            quote=quote_id,
                        )
                    )
            if note in (None, now_note) and told in (None, now_tags):
                return False
            sql.execute(
                f"UPDATE collected_quotes SET note = coalesce(?, note), tags = coalesce(?, tags) {where[0]}",
                (note, told, *where[1]),
            )
            return True

    def exchange(self, collection: Collection, quote_id: str, quote: Quote) -> int:
        """Put another quote in the place of a saved one, keep its note and tags, and return the place.

        Raises ``NotFound`` if the one is not in the collection, and ``UsageError`` if the other is in it already.
        """
        with self._database.transaction() as sql:
            place = self.place(collection, quote_id)
            write_quote(sql, quote)
            done = sql.execute(
                "UPDATE OR IGNORE collected_quotes SET quote = ? WHERE collection = ? AND quote = ?",
                (quote.id, collection.id, quote_id),
            )
            if not done.rowcount:
                raise UsageError(
                    phrase(
                        "%(quote)s is in the collection %(name)s already; remove one.",
                        quote=repr(quote.id),
                        name=repr(collection.name),
                    )
                )
            forget_unused(sql)
            return place

    def restore(self, collection: Collection, removed: Collected, place: int) -> bool:
        """Put a removed quote back as and where it was; ``False`` if it is there already."""
        with self._database.transaction() as sql:
            self.get(collection.name)  # which may have been deleted
            if not self.add(collection, removed.quote, removed.note, removed.tags):
                return False
            sql.execute(
                "UPDATE collected_quotes SET added_at = ? WHERE collection = ? AND quote = ?",
                (removed.added_at, collection.id, removed.quote.id),
            )
            self.move(collection, removed.quote.id, place)
        return True

    def move(self, collection: Collection, quote_id: str, place: int) -> int:
        """Move a quote to a place, counted from 1; return the place that it got within the collection."""
        with self._database.transaction() as sql:
            old = self.place(collection, quote_id)
            new = min(max(1, place), self.get(collection.name).quotes)
            step, first, last = (-1, old + 1, new) if new > old else (1, new, old - 1)
            sql.execute(
                "UPDATE collected_quotes SET position = CASE WHEN quote = ? THEN ? ELSE position + ? END "
                "WHERE collection = ? AND (quote = ? OR position BETWEEN ? AND ?)",
                (quote_id, new, step, collection.id, quote_id, first, last),
            )
            return new

    def place(self, collection: Collection, quote_id: str) -> int:
        """Return a quote's place in the order, from 1; ``NotFound`` if it is not in it."""
        rows = self._database.read(
            "SELECT position FROM collected_quotes WHERE collection = ? AND quote = ?", (collection.id, quote_id)
        )
        if not rows:
            raise NotFound(
                phrase(
                    "%(quote)s is not in the collection %(name)s.",
                    quote=repr(quote_id[:300]),
                    name=repr(collection.name),
                )
            )
        return int(rows[0][0])


def _json(tags: Iterable[str]) -> str:
    return json.dumps(list(dict.fromkeys(tags)), ensure_ascii=False)
