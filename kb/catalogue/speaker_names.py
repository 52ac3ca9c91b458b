"""The names given to a show's speakers, so that its next recording starts with these names."""

from __future__ import annotations

from collections.abc import Mapping

from ..text.cleaning import fold
from .database import Database

__all__ = ["SpeakerNames"]


class SpeakerNames:
    """Names by show and label; "Speaker 1" is a label."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, show: str) -> dict[str, str]:
        """Return what a show's speakers were named, by their labels."""
        rows = self._database.read(
            "SELECT label, n.name FROM speaker_names n JOIN shows s ON s.id = n.show_id WHERE s.name = ?", (show,)
        )
        return {row[0]: row[1] for row in rows}

    def remember(self, show: str, names: Mapping[str, str]) -> None:
        """Remember what a show's speakers were named."""
        with self._database.transaction() as sql:
            sql.executemany(
                "INSERT OR REPLACE INTO speaker_names (show_id, label, name) SELECT id, ?, ? FROM shows WHERE name = ?",
                [(label, fold(name), show) for label, name in names.items()],
            )
