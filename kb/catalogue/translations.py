"""Machine translations of an episode's paragraphs, each with the SHA-256 of the words it was made for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..timecode import now
from .database import Database
from .rows import marks

__all__ = ["Translated", "TranslatedParagraphs"]


@dataclass(frozen=True, slots=True)
class Translated:
    """The English translation of a paragraph, made from its sound between ``start`` and ``end`` (seconds)."""

    #: SHA-256 of the paragraph's words.
    words: str
    start: float
    end: float
    #: The language that is spoken there, as a code.
    language: str
    #: Empty where English is spoken, or nothing was recognised.
    text: str
    #: Whether the recogniser was unsure, or a part was left out.
    doubtful: bool
    engine: str
    model: str


_COLUMNS = "words start end language text doubtful engine model".split()


class TranslatedParagraphs:
    """Keeps the translations of episodes; one of the same words at the same time replaces the older one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, episode_id: str, made: Translated) -> None:
        """Store the translation of a paragraph; it is on the disk when this returns."""
        with self._database.transaction() as sql:
            sql.execute(
                f"INSERT OR REPLACE INTO translations (episode_id, {', '.join(_COLUMNS)}, made_at)"
                f" VALUES (?, {marks(_COLUMNS)}, ?)",
                (episode_id, *(getattr(made, column) for column in _COLUMNS), now()),
            )

    def of(self, episode_id: str, after: int = 0) -> tuple[Translated, ...]:
        """Return all translations of an episode's paragraphs, also those of words that were corrected since; with
        ``after``, only those that were made after the one of this number.
        """
        rows = self._database.read(
            f"SELECT {', '.join(_COLUMNS)} FROM translations WHERE episode_id = ? AND id > ? ORDER BY id",
            (episode_id, after),
        )
        return tuple(Translated(**{**dict(row), "doubtful": bool(row["doubtful"])}) for row in rows)

    def newest(self, episode_id: str) -> int:
        """Return the number of an episode's newest translation, 0 without any; a newer one has a higher number."""
        rows = self._database.read("SELECT max(id) FROM translations WHERE episode_id = ?", (episode_id,))
        return int(rows[0][0] or 0)

    def among(self, episode_ids: Iterable[str]) -> frozenset[str]:
        """Return which of these episodes have translations."""
        wanted = tuple(dict.fromkeys(episode_ids))
        rows = self._database.read(
            f"SELECT DISTINCT episode_id FROM translations WHERE episode_id IN ({marks(wanted)})", wanted
        )
        return frozenset(str(row[0]) for row in rows)
