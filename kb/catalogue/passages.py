"""Passages of the current revisions, their full-text index, and filters over them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..errors import CatalogueError
from ..terms import Term, terms
from ..types import Chunk, Filters, Turn
from .database import Database
from .rows import MOST_PARAMETERS, chunk_from, marks, turn_from

__all__ = ["Passages", "SpokenWords"]

_COLUMNS = "rowid, text, speakers, title"
#: bm25 weights of text, speakers, title: a passage about the words beats one merely spoken by the name.
_WEIGHTS = "1.0, 0.5, 0.3"


@dataclass(frozen=True, slots=True)
class SpokenWords:
    """How many passages an episode has, how many of them say each of some terms, and who speaks in it."""

    passages: int
    frequencies: tuple[int, ...]
    speakers: tuple[str, ...]


class Passages:
    """Finds passages by their words and reads them back."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def count(self, filters: Filters | None = None) -> tuple[int, int]:
        """Return how many ``(episodes, passages)`` a search with ``filters`` looks at."""
        if not filters:
            return self._database.remembered("passages", lambda: self._count("", ()))
        return self._count(*_where(filters))

    def _count(self, where: str, parameters: tuple[str, ...]) -> tuple[int, int]:
        rows = self._database.read(f"SELECT count(DISTINCT c.episode_id), count(*) FROM chunks c {where}", parameters)
        return int(rows[0][0]), int(rows[0][1])

    def occurs(self, word: str) -> bool:
        """Return whether a word's stem occurs in any passage, speaker's name or title."""
        return bool(self._database.read("SELECT 1 FROM passages WHERE passages MATCH ? LIMIT 1", (f'"{word}"',)))

    def vocabulary(self) -> tuple[str, ...]:
        """Return every index term (a Porter stem) of texts, speakers' names and titles."""
        query = "SELECT DISTINCT term FROM passages_terms"
        return self._database.remembered("vocabulary", lambda: tuple(row[0] for row in self._database.read(query)))

    def word_of(self, term: str) -> str:
        """Return an index term as it is written somewhere."""
        rows = self._database.read(
            "SELECT text, speakers, title FROM passages WHERE passages MATCH ? LIMIT 1", (f'"{term}"',)
        )
        words = (found.word for row in rows for text in row for found in terms(text) if found == term)
        return next(words, term)

    def select(self, filters: Filters) -> tuple[int, ...]:
        """Return the rows of all passages that ``filters`` admits."""
        where, parameters = _where(filters)
        return tuple(row[0] for row in self._database.read(f"SELECT c.rowid FROM chunks c {where}", parameters))

    def match(self, expression: str, limit: int, filters: Filters | None = None) -> tuple[tuple[int, float], ...]:
        """Return ``(row, score)`` of the passages that match an FTS5 expression, best (highest bm25) first."""
        where, parameters = _where(filters)
        within = f"AND p.rowid IN (SELECT c.rowid FROM chunks c {where})" if where else ""
        rows = self._database.read(
            f"SELECT p.rowid, -bm25(passages, {_WEIGHTS}) AS score FROM passages p "
            f"WHERE passages MATCH ? {within} ORDER BY score DESC, p.rowid LIMIT ?",
            (expression, *parameters, limit),
        )
        return tuple((row[0], row[1]) for row in rows)

    def document_frequency(self, terms: Iterable[str]) -> dict[str, int]:
        """Return in how many passages' texts each index term (a Porter stem) occurs."""
        wanted = tuple(dict.fromkeys(terms))
        rows = self._database.read(
            f"SELECT term, doc FROM passages_terms WHERE col = 'text' AND term IN ({marks(wanted)})",
            wanted,
        )
        return {row["term"]: row["doc"] for row in rows}

    def within(self, episodes: Iterable[str], terms: Sequence[Term]) -> dict[str, SpokenWords]:
        """Return what each of these episodes has of ``terms``; one without passages is left out."""
        wanted = tuple(dict.fromkeys(episodes))
        speakers: dict[str, list[str]] = {episode_id: [] for episode_id in wanted}
        for episode_id, speaker in self._database.read(
            "SELECT DISTINCT c.episode_id, s.speaker FROM chunks c JOIN chunk_speakers s ON s.chunk = c.rowid "
            f"WHERE c.episode_id IN ({marks(wanted)})",
            wanted,
        ):
            speakers[episode_id].append(speaker)
        # An episode's passages are written together, so that their rows follow each other: the index is asked for a
        # stretch of rows, which costs the same however often a word is said elsewhere.
        found = self._database.read(
            "SELECT episode_id, count(*) AS passages, min(rowid) AS first, max(rowid) AS last FROM chunks "
            f"WHERE episode_id IN ({marks(wanted)}) GROUP BY episode_id",
            wanted,
        )
        count = "SELECT count(*) FROM passages WHERE passages MATCH ? AND rowid BETWEEN ? AND ?"
        return {
            row["episode_id"]: SpokenWords(
                row["passages"],
                tuple(
                    self._database.read(count, (f'text : "{term.word}"', row["first"], row["last"]))[0][0]
                    for term in terms
                ),
                tuple(speakers[row["episode_id"]]),
            )
            for row in found
        }

    def read(self, rows: Sequence[int]) -> dict[int, tuple[Chunk, str]]:
        """Return each passage with its text, by row."""
        speakers: dict[int, list[str]] = {row: [] for row in rows}
        for row in self._database.read(
            f"SELECT chunk, speaker FROM chunk_speakers WHERE chunk IN ({marks(rows)}) ORDER BY chunk, position",
            tuple(rows),
        ):
            speakers[row["chunk"]].append(row["speaker"])
        found = self._database.read(
            "SELECT c.*, substr(r.text, c.char_start + 1, c.char_end - c.char_start) AS text "
            "FROM chunks c JOIN revisions r ON r.episode_id = c.episode_id AND r.revision = c.revision "
            f"WHERE c.rowid IN ({marks(rows)})",
            tuple(rows),
        )
        return {row["rowid"]: (chunk_from(row, tuple(speakers[row["rowid"]])), row["text"]) for row in found}

    def turns(self, rows: Sequence[int]) -> dict[int, tuple[Turn, ...]]:
        """Return the turns that each passage has a part of, in order."""
        found: dict[int, list[Turn]] = {row: [] for row in rows}
        for turn in self._database.read(
            "SELECT c.rowid AS chunk, t.* FROM chunks c JOIN turns t ON t.episode_id = c.episode_id "
            "AND t.revision = c.revision AND t.char_end > c.char_start AND t.char_start < c.char_end "
            f"WHERE c.rowid IN ({marks(rows)}) ORDER BY c.rowid, t.position",
            tuple(rows),
        ):
            found[turn["chunk"]].append(turn_from(turn))
        return {row: tuple(turns) for row, turns in found.items()}

    def beside(self, rows: Sequence[int]) -> dict[int, tuple[int, ...]]:
        """Return for each passage the one before it and the one after it in its episode, as far as there are any."""
        found: dict[int, tuple[int, ...]] = {}
        for start in range(0, len(rows), MOST_PARAMETERS):
            some = rows[start : start + MOST_PARAMETERS]
            for row, other in self._database.read(
                "SELECT a.rowid, b.rowid FROM chunks a JOIN chunks b ON b.episode_id = a.episode_id "
                f"AND b.position IN (a.position - 1, a.position + 1) WHERE a.rowid IN ({marks(some)})",
                tuple(some),
            ):
                found[row] = (*found.get(row, ()), other)
        return found

    def of_episode(self, episode_id: str) -> tuple[tuple[Chunk, str], ...]:
        """Return an episode's passages in order, each with its text."""
        rows = self._database.read("SELECT rowid FROM chunks WHERE episode_id = ? ORDER BY position", (episode_id,))
        found = self.read([row[0] for row in rows])
        return tuple(found[row[0]] for row in rows)

    def rows_of(self, ids: Sequence[str]) -> dict[str, int]:
        """Return the row of each passage id that exists."""
        found = self._database.read(f"SELECT id, rowid FROM chunks WHERE id IN ({marks(ids)})", tuple(ids))
        return {row["id"]: row["rowid"] for row in found}

    def index_is_sound(self) -> bool:
        """Return whether the full-text index agrees with the passages."""
        try:
            with self._database.transaction() as sql:
                sql.execute("INSERT INTO passages (passages, rank) VALUES ('integrity-check', 1)")
        except CatalogueError:
            return False
        indexed = self._database.read("SELECT count(*) FROM passages_docsize")[0][0]
        return bool(indexed == self._database.read("SELECT count(*) FROM chunks")[0][0])

    def rebuild_index(self) -> None:
        """Make the full-text index anew from the passages."""
        with self._database.transaction() as sql:
            sql.execute("INSERT INTO passages (passages) VALUES ('rebuild')")


def add(sql: sqlite3.Connection, chunks: Sequence[Chunk]) -> None:
    """Write the passages of one episode and index their words."""
    for chunk in chunks:
        row = sql.execute(
            "INSERT INTO chunks (id, episode_id, revision, position, start, end, char_start, char_end)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                chunk.id,
                chunk.episode_id,
                chunk.revision,
                chunk.position,
                chunk.start,
                chunk.end,
                chunk.char_start,
                chunk.char_end,
            ),
        ).lastrowid
        sql.executemany(
            "INSERT INTO chunk_speakers (chunk, position, speaker) VALUES (?, ?, ?)",
            [(row, n, speaker) for n, speaker in enumerate(chunk.speakers)],
        )
    if chunks:
        index(sql, chunks[0].episode_id)


def index(sql: sqlite3.Connection, episode_id: str) -> None:
    """Put the episode's passages into the full-text index."""
    sql.execute(
        f"INSERT INTO passages ({_COLUMNS}) SELECT {_COLUMNS} FROM passages_content "
        "WHERE rowid IN (SELECT rowid FROM chunks WHERE episode_id = ?)",
        (episode_id,),
    )


def unindex(sql: sqlite3.Connection, episode_id: str) -> None:
    """Take the episode's passages out of the full-text index, before their content changes."""
    sql.execute(
        f"INSERT INTO passages (passages, {_COLUMNS}) SELECT 'delete', {_COLUMNS} FROM passages_content "
        "WHERE rowid IN (SELECT rowid FROM chunks WHERE episode_id = ?)",
        (episode_id,),
    )


def remove(sql: sqlite3.Connection, episode_id: str) -> None:
    """Delete the episode's passages, their index entries and their embeddings."""
    unindex(sql, episode_id)
    sql.execute("DELETE FROM chunks WHERE episode_id = ?", (episode_id,))


def _where(filters: Filters | None) -> tuple[str, tuple[str, ...]]:
    """Return the joins and conditions that ``filters`` puts on ``chunks c``, with their parameters."""
    if not filters:
        return "", ()
    joins = "JOIN episodes e ON e.id = c.episode_id JOIN shows s ON s.id = e.show_id"
    conditions: list[str] = []
    parameters: list[str] = []
    for column, values in (("s.name", filters.shows), ("e.id", filters.episodes)):
        if values:
            conditions.append(f"{column} COLLATE NOCASE IN ({marks(values)})")
            parameters += values
    if filters.speakers:
        conditions.append(
            "EXISTS (SELECT 1 FROM chunk_speakers cs WHERE cs.chunk = c.rowid "
            f"AND cs.speaker COLLATE NOCASE IN ({marks(filters.speakers)}))"
        )
        parameters += filters.speakers
    if filters.since:
        conditions.append("e.published >= ?")
        parameters.append(filters.since)
    if filters.until:
        conditions.append("e.published <= ?")
        parameters.append(filters.until)
    return f"{joins} WHERE {' AND '.join(conditions)}", tuple(parameters)
