"""How many episodes each show, speaker and collection has, and who speaks in some passages; no text is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .database import Database
from .rows import marks

__all__ = ["Facet", "Facets"]


@dataclass(frozen=True, slots=True)
class Facet:
    """A value that can be filtered by, and in how many episodes it occurs."""

    value: str
    episodes: int


class Facets:
    """Counts; remembered until somebody writes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def shows(self) -> tuple[Facet, ...]:
        """Return every show, in alphabetical order."""
        return self._counted(
            "shows counted",
            "SELECT s.name, count(*) FROM shows s JOIN episodes e ON e.show_id = s.id GROUP BY s.id "
            "ORDER BY title_key(s.name)",
        )

    def speakers(self) -> tuple[Facet, ...]:
        """Return every named speaker, the most frequent first."""
        return self._counted(
            "speakers counted",
            "SELECT cs.speaker, count(DISTINCT c.episode_id) AS n FROM chunk_speakers cs "
            "JOIN chunks c ON c.rowid = cs.chunk GROUP BY cs.speaker ORDER BY n DESC, cs.speaker",
        )

    def years(self) -> tuple[Facet, ...]:
        """Return every year in which episodes were published, the newest first."""
        return self._counted(
            "years counted",
            "SELECT substr(published, 1, 4) AS year, count(*) FROM episodes "
            "WHERE published GLOB '[0-9][0-9][0-9][0-9]*' GROUP BY year ORDER BY year DESC",
        )

    def collections(self) -> tuple[Facet, ...]:
        """Return every collection with quotes of episodes that are there, oldest first."""
        return self._counted(
            "collections counted",
            "SELECT k.name, count(DISTINCT e.id) FROM collections k JOIN collected_quotes q ON q.collection = k.id "
            "JOIN episodes e ON e.id = substr(q.quote, 1, instr(q.quote, '@') - 1) GROUP BY k.id ORDER BY k.id",
        )

    def has_adverts(self) -> bool:
        """Return whether any transcript has a turn that is marked as an advertisement."""
        query = "SELECT 1 FROM turns WHERE advert IS NOT NULL LIMIT 1"
        return self._database.remembered("has adverts", lambda: bool(self._database.read(query)))

    def named(self, search: str) -> tuple[Facet, ...]:
        """Return every speaker whose name has all words of ``search``, or parts of it; none for no word."""
        words = search.casefold().split()
        return tuple(
            speaker for speaker in self.speakers() if words and all(word in speaker.value.casefold() for word in words)
        )

    def spoken(self, chunks: Sequence[str]) -> tuple[tuple[str | None, int], ...]:
        """Return the speakers within some passages with the number of their characters, who speaks most first."""
        rows = self._database.read(
            "SELECT t.speaker, sum(min(t.char_end, c.char_end) - max(t.char_start, c.char_start)) AS n "
            "FROM chunks c JOIN turns t ON t.episode_id = c.episode_id AND t.revision = c.revision "
            f"AND t.char_end > c.char_start AND t.char_start < c.char_end WHERE c.id IN ({marks(chunks)}) "
            "GROUP BY t.speaker ORDER BY n DESC, t.speaker",
            tuple(chunks),
        )
        return tuple((row[0], int(row[1])) for row in rows)

    def _counted(self, key: str, query: str) -> tuple[Facet, ...]:
        return self._database.remembered(
            key, lambda: tuple(Facet(row[0], row[1]) for row in self._database.read(query))
        )
