"""Read many places of transcripts at once: one query for each kind of data, for any number of places."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..addresses import Address
from ..transcripts.timings import Timings
from ..types import Origin, Remark, Turn
from .database import Database
from .episodes import is_sound
from .rows import TURN_COLUMNS, turn_from

__all__ = ["Spans", "StoredRevision"]

#: An episode's id and the number of one of its revisions; and a stretch of that, in characters or seconds.
Key = tuple[str, int]
RevisionSpan = tuple[str, int, float | None, float | None]


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """A revision as it is stored; ``text`` is ``None`` if it no longer has the checksum it was stored with."""

    text: str | None
    timings: Timings
    origin: Origin
    engine: str | None


class Spans:
    """Reads what many quotes or passages need, in a few queries for all of them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def revisions(self, keys: Iterable[Key]) -> dict[Key, StoredRevision]:
        """Return those of the revisions that exist, each text compared with its checksum."""
        wanted = tuple(dict.fromkeys(keys))
        if not wanted:
            return {}
        rows = self._database.read(
            f"WITH wanted (episode_id, revision) AS (VALUES {', '.join(['(?, ?)'] * len(wanted))}) "
            "SELECT * FROM wanted JOIN revisions USING (episode_id, revision)",
            tuple(part for key in wanted for part in key),
        )
        return {
            (row["episode_id"], row["revision"]): StoredRevision(
                str(row["text"]) if is_sound(row) else None,
                Timings.from_bytes(row["timings"]),
                row["origin"],
                row["engine"],
            )
            for row in rows
        }

    def turns(self, spans: Sequence[Address]) -> list[tuple[Turn, ...]]:
        """Return for each span the turns that touch it, in order."""
        found: list[list[Turn]] = [[] for _ in spans]
        for row in self._touching("turns", "char_start", "char_end", TURN_COLUMNS, spans):
            found[row["n"]].append(turn_from(row))
        return [tuple(turns) for turns in found]

    def remarks(self, stretches: Sequence[RevisionSpan]) -> list[tuple[Remark, ...]]:
        """Return for each span in seconds its remarks, in order; none where a time is not known."""
        found: list[list[Remark]] = [[] for _ in stretches]
        for row in self._touching("remarks", "start", "end", ("kind", "start", "end", "text", "note"), stretches):
            found[row["n"]].append(Remark(*row[1:]))
        return [tuple(remarks) for remarks in found]

    def _touching(
        self, table: str, start: str, end: str, columns: Sequence[str], spans: Sequence[RevisionSpan]
    ) -> list[sqlite3.Row]:
        """Return ``n`` and ``columns`` of the rows that touch the ``n``-th span of a revision."""
        if not spans:
            return []
        return self._database.read(
            "WITH wanted (n, episode_id, revision, first, last) AS "
            f"(VALUES {', '.join(['(?, ?, ?, ?, ?)'] * len(spans))}) "
            f"SELECT w.n, {', '.join(f't.{column}' for column in columns)} FROM wanted w JOIN {table} t "
            f"ON t.episode_id = w.episode_id AND t.revision = w.revision AND t.{end} > w.first AND t.{start} < w.last "
            "ORDER BY w.n, t.position",
            tuple(part for n, span in enumerate(spans) for part in (n, *span)),
        )
