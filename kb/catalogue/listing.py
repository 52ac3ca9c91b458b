"""A page of the library at a time: episodes by title, show and people, counted and sorted by SQLite itself.

People are those whom a feed or a person named, and those who speak in the transcript.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..types import Episode, Origin
from .database import Database
from .facets import Facets
from .rows import EPISODE_COLUMNS, episodes_from, marks

__all__ = ["SORTS", "Listed", "Listing", "ListingPage", "Sort"]

Sort = Literal["newest", "oldest", "added", "title", "show", "longest"]

#: What episodes are sorted by; those that lack it come last.
SORTS: dict[Sort, str] = {
    "newest": "e.published IS NULL, e.published DESC",
    "oldest": "e.published IS NULL, e.published",
    "added": "e.added_at DESC",
    "title": "title_key(e.title)",
    "show": "title_key(s.name), e.published DESC",
    "longest": "e.duration IS NULL, e.duration DESC",
}
#: The episodes in which one of some names (a JSON list) speaks.
_SPOKEN_BY = (
    "SELECT c.episode_id FROM chunk_speakers cs JOIN chunks c ON c.rowid = cs.chunk "
    "WHERE cs.speaker IN (SELECT value FROM json_each(?))"
)
_FROM = "FROM episodes e JOIN shows s ON s.id = e.show_id"


@dataclass(frozen=True, slots=True)
class Listed:
    """An episode, who made its transcript, when it was added (ISO, UTC), and its speakers, who speaks most first."""

    episode: Episode
    origin: Origin
    added_at: str
    speakers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ListingPage:
    """One page of the episodes that were asked for; ``total`` counts those of all pages."""

    total: int
    listed: tuple[Listed, ...]


class Listing:
    """Lists what is there; no transcript's text is read."""

    def __init__(self, database: Database, facets: Facets) -> None:
        self._database = database
        self._facets = facets

    def page(
        self,
        search: str = "",
        show: str | None = None,
        sort: Sort = "newest",
        offset: int = 0,
        limit: int = 50,
        speaker: str | None = None,
    ) -> ListingPage:
        """Return the episodes from ``offset`` on, those of ``show`` whose title, show or people have every word.

        With ``speaker``, only those in which somebody of exactly this name speaks.
        """
        conditions, values = ["1"], list[object]()
        if show is not None:
            conditions.append("s.name = ?")
            values.append(show)
        if speaker is not None:
            conditions.append(f"e.id IN ({_SPOKEN_BY})")
            values.append(json.dumps([speaker]))
        for word in search.split():
            within = f"%{_literally(word)}%"
            conditions.append(
                "(e.title LIKE ? ESCAPE '\\' OR s.name LIKE ? ESCAPE '\\' OR EXISTS "
                "(SELECT 1 FROM people p WHERE p.episode_id = e.id AND p.name LIKE ? ESCAPE '\\') "
                f"OR e.id IN ({_SPOKEN_BY}))"
            )
            # The names are compared here, since there are few; SQLite would compare those of every passage.
            values += [*[within] * 3, json.dumps([known.value for known in self._facets.named(word)])]
        where = " AND ".join(conditions)
        total = int(self._database.read(f"SELECT count(*) {_FROM} WHERE {where}", tuple(values))[0][0])
        rows = self._database.read(
            f"SELECT {EPISODE_COLUMNS}, e.added_at {_FROM} WHERE {where} ORDER BY {SORTS[sort]}, e.id LIMIT ? OFFSET ?",
            (*values, limit, offset),
        )
        ids = [row["id"] for row in rows]
        origins, speakers = self._origins(ids), self._speakers(ids)
        listed = zip(episodes_from(self._database, rows), ids, rows, strict=True)
        return ListingPage(
            total,
            tuple(Listed(episode, origins[id_], row["added_at"], tuple(speakers[id_])) for episode, id_, row in listed),
        )

    def _origins(self, ids: Sequence[str]) -> dict[str, Origin]:
        # In a query of its own: data of the transcript is read for one page and not for all rows that are sorted.
        query = (
            "SELECT e.id, r.origin FROM episodes e JOIN revisions r ON r.episode_id = e.id "
            f"AND r.revision = e.current_revision WHERE e.id IN ({marks(ids)})"
        )
        return {row[0]: row[1] for row in self._database.read(query, tuple(ids))}

    def _speakers(self, ids: Sequence[str]) -> defaultdict[str, list[str]]:
        query = (
            "SELECT c.episode_id, cs.speaker FROM chunks c JOIN chunk_speakers cs ON cs.chunk = c.rowid "
            f"WHERE c.episode_id IN ({marks(ids)}) GROUP BY 1, 2 ORDER BY count(*) DESC, cs.speaker"
        )
        found: defaultdict[str, list[str]] = defaultdict(list)
        for episode_id, speaker in self._database.read(query, tuple(ids)):
            found[episode_id].append(speaker)
        return found


def _literally(word: str) -> str:
    """Return a word as a pattern that matches only itself."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
