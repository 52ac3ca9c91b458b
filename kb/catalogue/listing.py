"""A page of the library at a time: episodes by title, show and people, counted and sorted by SQLite itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..types import Episode, Origin
from .database import Database
from .rows import EPISODE_COLUMNS, episodes_from, marks

__all__ = ["SORTS", "Listed", "Listing", "ListingPage", "Sort"]

Sort = Literal["newest", "oldest", "added", "title", "show", "longest"]

#: What episodes are sorted by; those that lack it come last.
SORTS: dict[Sort, str] = {
    "newest": "e.published IS NULL, e.published DESC",
    "oldest": "e.published IS NULL, e.published",
    "added": "e.added_at DESC",
    "title": "e.title COLLATE NOCASE",
    "show": "s.name COLLATE NOCASE, e.published DESC",
    "longest": "e.duration IS NULL, e.duration DESC",
}
_FROM = "FROM episodes e JOIN shows s ON s.id = e.show_id"


@dataclass(frozen=True, slots=True)
class Listed:
    """An episode, who wrote its transcript down, and when it was taken in (ISO, UTC)."""

    episode: Episode
    origin: Origin
    added_at: str


@dataclass(frozen=True, slots=True)
class ListingPage:
    """One page of the episodes that were asked for; ``total`` counts those of all pages."""

    total: int
    listed: tuple[Listed, ...]


class Listing:
    """Lists what is there; no transcript's text is read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self, search: str = "", show: str | None = None, sort: Sort = "newest", offset: int = 0, limit: int = 50
    ) -> ListingPage:
        """Return the episodes from ``offset`` on, those of ``show`` whose title, show or people have every word."""
        conditions, values = ["1"], list[object]()
        if show is not None:
            conditions.append("s.name = ?")
            values.append(show)
        for word in search.split():
            within = f"%{_literally(word)}%"
            conditions.append(
                "(e.title LIKE ? ESCAPE '\\' OR s.name LIKE ? ESCAPE '\\' OR EXISTS "
                "(SELECT 1 FROM people p WHERE p.episode_id = e.id AND p.name LIKE ? ESCAPE '\\'))"
            )
            values += [within] * 3
        where = " AND ".join(conditions)
        total = int(self._database.read(f"SELECT count(*) {_FROM} WHERE {where}", tuple(values))[0][0])
        rows = self._database.read(
            f"SELECT {EPISODE_COLUMNS}, e.added_at {_FROM} WHERE {where} ORDER BY {SORTS[sort]}, e.id LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )
        origins = self._origins([row["id"] for row in rows])
        listed = zip(episodes_from(self._database, rows), rows, strict=True)
        return ListingPage(
            total, tuple(Listed(episode, origins[row["id"]], row["added_at"]) for episode, row in listed)
        )

    def _origins(self, ids: Sequence[str]) -> dict[str, Origin]:
        # By themselves: what lies behind a transcript is read for one page and not for all rows that are sorted.
        query = (
            "SELECT e.id, r.origin FROM episodes e JOIN revisions r ON r.episode_id = e.id "
            f"AND r.revision = e.current_revision WHERE e.id IN ({marks(ids)})"
        )
        return {row[0]: row[1] for row in self._database.read(query, tuple(ids))}


def _literally(word: str) -> str:
    """Return a word as a pattern that stands for nothing but itself."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
