"""Passages of the current revisions, their full-text index, and filters over them."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..errors import CatalogueError
from ..text.stemming import ENGLISH, VERSION, base_language, stem
from ..text.terms import Term, phrase_expression, words_of
from ..types import Chunk, Filters, Turn
from .database import Database
from .rows import CHUNK_COLUMNS, chunk_from, marks, turn_from

__all__ = ["Passages", "Progress"]

#: Called with what is being done, how much is done, and how much there is.
Progress = Callable[[str, int, int], None]

Rows = NDArray[np.int64]

#: Filters whose passages are remembered until somebody writes.
_FILTERS = 8
_COLUMNS = "rowid, text, speakers, title"
#: bm25 weights of text, speakers, title: a name in the text counts more than the same name as speaker.
_WEIGHTS = "1.0, 0.5, 0.3"


class Passages:
    """Finds passages by their words and reads them back."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # People ask several questions under one filter, and evaluating a wide filter takes longer than the search.
        self._counts = lru_cache(_FILTERS)(lambda filters, version: self._count(*_where(filters)))
        self._rows = lru_cache(_FILTERS)(lambda filters, version: self._select(filters))

    def count(self, filters: Filters | None = None) -> tuple[int, int]:
        """Return how many ``(episodes, passages)`` a search with ``filters`` covers."""
        if not filters:
            return self._database.remembered("passages", lambda: self._count("", ()))
        found: tuple[int, int] = self._counts(filters, self._database.version())
        return found

    def _count(self, where: str, parameters: tuple[str, ...]) -> tuple[int, int]:
        rows = self._database.read(f"SELECT count(DISTINCT c.episode_id), count(*) FROM chunks c {where}", parameters)
        return int(rows[0][0]), int(rows[0][1])

    def occurs(self, word: str) -> bool:
        """Return whether a word, or another form of it, occurs in any passage, speaker's name or title."""
        return all(self._matches([phrase_expression(word, self.languages())]))

    def unknown(self, terms: Iterable[Term]) -> tuple[str, ...]:
        """Return the words among a question's terms that occur nowhere.

        Terms of scripts without spaces overlap, and most are no words: a letter is unknown if no pair with it occurs.
        """
        terms = tuple(terms)
        letters: dict[int, str] = {}
        known: set[int] = set()
        for term, occurs in zip(terms, self._matches([term.expression for term in terms]), strict=True):
            letters.update(enumerate(term.word, term.start))
            if occurs:
                known.update(range(term.start, term.end))
        words: dict[int, str] = {}  # by the place where they end
        for place in sorted(letters.keys() - known):
            words[place + 1] = words.pop(place, "") + letters[place]
        distinct = tuple(dict.fromkeys(words.values()))
        occurring = self._matches([phrase_expression(word, self.languages()) for word in distinct])
        return tuple(word for word, occurs in zip(distinct, occurring, strict=True) if not occurs)

    def _matches(self, expressions: Sequence[str]) -> tuple[bool, ...]:
        """Return of each expression whether any passage matches it."""
        if not expressions:
            return ()
        each = ", ".join(["EXISTS (SELECT 1 FROM passages WHERE passages MATCH ?)"] * len(expressions))
        return tuple(bool(found) for found in self._database.read(f"SELECT {each}", tuple(expressions))[0])

    def languages(self) -> tuple[str, ...]:
        """Return the languages of the episodes, the most common first; English where none is known."""
        query = "SELECT language FROM episodes GROUP BY language ORDER BY count(*) DESC, language"
        return self._database.remembered(
            "languages",
            lambda: tuple(dict.fromkeys(base_language(row[0]) for row in self._database.read(query))) or (ENGLISH,),
        )

    def vocabulary(self) -> tuple[str, ...]:
        """Return every index term of texts, speakers' names and titles."""
        query = "SELECT DISTINCT term FROM passages_terms"
        return self._database.remembered("vocabulary", lambda: tuple(row[0] for row in self._database.read(query)))

    def written(self, term: str, most: int = 20) -> tuple[str, ...]:
        """Return an index term as some passages, speakers' names and titles write it, a form a passage."""
        rows = self._database.read(
            "SELECT c.rowid, e.title, e.language FROM passages p JOIN chunks c ON c.rowid = p.rowid "
            "JOIN episodes e ON e.id = c.episode_id WHERE passages MATCH ? LIMIT ?",
            (f'"{term}"', most),
        )
        passages = self.read([row[0] for row in rows])
        found: list[str] = []
        for row, title, language in rows:
            if row not in passages:  # it was removed meanwhile
                continue
            chunk, said = passages[row]
            words = (word for text in (said, *chunk.speakers, title) for word in words_of(text))
            found += itertools.islice((word for word in words if stem(word, base_language(language)) == term), 1)
        return tuple(found)

    def select(self, filters: Filters) -> Rows:
        """Return the rows of all passages that match ``filters``, shape ``(n,)``."""
        return self._rows(filters, self._database.version())

    def _select(self, filters: Filters) -> Rows:
        where, parameters = _where(filters)
        # As one text: a row of its own for each would take SQLite's driver ten times as long.
        (told,) = self._database.read(f"SELECT group_concat(c.rowid, ' ') FROM chunks c {where}", parameters)
        rows = np.array((told[0] or "").split(), dtype=np.int64)
        rows.flags.writeable = False
        return rows

    def match(self, expression: str, limit: int, filters: Filters | None = None) -> tuple[tuple[int, float], ...]:
        """Return ``(row, score)`` of the passages that match an FTS5 expression, best (highest bm25) first."""
        where, parameters = _where(filters)
        # The plus hides the row ids from FTS5, which would evaluate the expression again for each of them.
        within = f"AND +p.rowid IN (SELECT c.rowid FROM chunks c {where})" if where else ""
        rows = self._database.read(
            f"SELECT p.rowid, -bm25(passages, {_WEIGHTS}) AS score FROM passages p "
            f"WHERE passages MATCH ? {within} ORDER BY score DESC, p.rowid LIMIT ?",
            (expression, *parameters, limit),
        )
        return tuple((row[0], row[1]) for row in rows)

    def says(self, expression: str, filters: Filters) -> bool:
        """Return whether any passage that ``filters`` leave matches an FTS5 expression; none is ranked."""
        where, parameters = _where(filters)
        query = (
            f"SELECT 1 FROM passages p WHERE passages MATCH ? AND +p.rowid IN (SELECT c.rowid FROM chunks c {where})"
        )
        return bool(self._database.read(f"{query} LIMIT 1", (expression, *parameters)))

    def document_frequency(self, terms: Iterable[Term]) -> dict[str, int]:
        """Return in how many passages' texts each term occurs, in any form; one that occurs nowhere is left out.

        A passage that has two forms of a word counts twice: they are of different languages.
        """
        wanted = tuple(terms)
        forms = tuple({form for term in wanted for form in term.forms})
        query = f"SELECT term, doc FROM passages_terms WHERE col = 'text' AND term IN ({marks(forms)})"
        passages = {row["term"]: row["doc"] for row in self._database.read(query, forms)}
        begins = "SELECT count(*) FROM passages WHERE passages MATCH ?"
        found = {
            term: self._database.read(begins, (f"text : {term.expression}",))[0][0]
            if term.alone
            else sum(passages.get(form, 0) for form in term.forms)
            for term in wanted
        }
        return {term: count for term, count in found.items() if count}

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

    def renew_index(self, progress: Progress | None = None) -> None:
        """Rebuild the full-text index if its terms were made by older rules."""
        if not self._is_current():
            with self._database.transaction():
                if not self._is_current():  # another process may have done it while this one waited for the lock
                    self.rebuild_index(progress)

    def rebuild_index(self, progress: Progress | None = None) -> None:
        """Rebuild the full-text index from the passages."""
        with self._database.transaction() as sql:
            sql.execute("INSERT INTO passages (passages) VALUES ('delete-all')")
            episodes = [row[0] for row in sql.execute("SELECT episode_id FROM chunks GROUP BY 1 ORDER BY min(rowid)")]
            for done, episode_id in enumerate(episodes):
                if progress:
                    progress("indexing words", done, len(episodes))
                index(sql, episode_id)
            if progress and episodes:
                progress("indexing words", len(episodes), len(episodes))
            sql.execute("INSERT OR REPLACE INTO settings (key, value) VALUES ('terms', ?)", (VERSION,))

    def _is_current(self) -> bool:
        return [row[0] for row in self._database.read("SELECT value FROM settings WHERE key = 'terms'")] == [VERSION]


def add(sql: sqlite3.Connection, chunks: Sequence[Chunk]) -> None:
    """Write the passages of one episode and index their words."""
    write(sql, chunks)
    if chunks:
        index(sql, chunks[0].episode_id)


def write(sql: sqlite3.Connection, chunks: Sequence[Chunk]) -> None:
    """Write passages with their speakers; the full-text index does not know them yet."""
    for chunk in chunks:
        row = sql.execute(
            f"INSERT INTO chunks ({', '.join(CHUNK_COLUMNS)}) VALUES ({marks(CHUNK_COLUMNS)})",
            tuple(getattr(chunk, column) for column in CHUNK_COLUMNS),
        ).lastrowid
        sql.executemany(
            "INSERT INTO chunk_speakers (chunk, position, speaker) VALUES (?, ?, ?)",
            [(row, n, speaker) for n, speaker in enumerate(chunk.speakers)],
        )


def index(sql: sqlite3.Connection, episode_id: str) -> None:
    """Put the episode's passages into the full-text index."""
    sql.execute(
        f"INSERT INTO passages ({_COLUMNS}) SELECT {_COLUMNS} FROM passages_content "
        "WHERE rowid IN (SELECT rowid FROM chunks WHERE episode_id = ?)",
        (episode_id,),
    )


def unindex(sql: sqlite3.Connection, episode_id: str) -> None:
    """Remove the episode's passages from the full-text index, before their content changes."""
    sql.execute(
        f"INSERT INTO passages (passages, {_COLUMNS}) SELECT 'delete', {_COLUMNS} FROM passages_content "
        "WHERE rowid IN (SELECT rowid FROM chunks WHERE episode_id = ?)",
        (episode_id,),
    )


def renumber(sql: sqlite3.Connection, episode_id: str) -> None:
    """Give the episode's passages new rows, without embeddings, since another text is embedded for them now.

    So a row's vector never changes, and whoever holds one need not look again; an embedding of the old text that is
    being computed meanwhile finds no row. The full-text index must not hold the passages.
    """
    columns = ", ".join(f"c.{column}" for column in CHUNK_COLUMNS)
    stored = sql.execute(
        f"SELECT c.rowid, {columns} FROM chunks c WHERE c.episode_id = ? ORDER BY c.position", (episode_id,)
    ).fetchall()
    chunks = []
    for row in stored:
        named = sql.execute("SELECT speaker FROM chunk_speakers WHERE chunk = ? ORDER BY position", (row["rowid"],))
        chunks.append(chunk_from(row, tuple(each[0] for each in named)))
    sql.execute("DELETE FROM chunks WHERE episode_id = ?", (episode_id,))
    write(sql, chunks)


def remove(sql: sqlite3.Connection, episode_id: str) -> None:
    """Delete the episode's passages, their index entries and their embeddings."""
    unindex(sql, episode_id)
    sql.execute("DELETE FROM chunks WHERE episode_id = ?", (episode_id,))


def _where(filters: Filters | None) -> tuple[str, tuple[str, ...]]:
    """Return the condition that ``filters`` put on ``chunks c``, with its parameters."""
    if not filters:
        return "", ()
    conditions: list[str] = []
    parameters: list[str] = []
    for column, values in (("s.name", filters.shows), ("e.id", filters.episodes)):
        if values:
            conditions.append(f"{column} COLLATE NOCASE IN ({marks(values)})")
            parameters += values
    if filters.collections:
        # A quote's id begins with its episode's.
        conditions.append(
            "e.id IN (SELECT substr(q.quote, 1, instr(q.quote, '@') - 1) FROM collected_quotes q "
            f"JOIN collections k ON k.id = q.collection WHERE k.name IN ({marks(filters.collections)}))"
        )
        parameters += filters.collections
    if filters.since:
        conditions.append("e.published >= ?")
        parameters.append(filters.since)
    if filters.until:
        conditions.append("e.published <= ?")
        parameters.append(filters.until)
    within = []
    if conditions:
        # Episodes first, so that SQLite looks at the passages of those that are left, and not at every one.
        episodes = "SELECT e.id FROM episodes e JOIN shows s ON s.id = e.show_id"
        within.append(f"c.episode_id IN ({episodes} WHERE {' AND '.join(conditions)})")
    if filters.speakers:
        within.append(
            "c.rowid IN (SELECT cs.chunk FROM chunk_speakers cs "
            f"WHERE cs.speaker COLLATE NOCASE IN ({marks(filters.speakers)}))"
        )
        parameters += filters.speakers
    return f"WHERE {' AND '.join(within)}", tuple(parameters)
