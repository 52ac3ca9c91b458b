"""Embeddings of known voices: stored only on request, and deleted on request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..timecode import now
from .database import Database

__all__ = ["VoicePrint", "VoicePrints", "as_print"]

#: By how much a print's length may differ from 1.
_TOLERANCE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class VoicePrint:
    """A voice in one episode: its print (float32, of length 1), and the seconds in which to listen to it."""

    episode_id: str
    speaker: str
    start: float
    end: float
    print: NDArray[np.float32]


class VoicePrints:
    """Keeps prints of voices; ``model`` is the SHA-256 of the model that made them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, model: str, prints: Iterable[VoicePrint]) -> None:
        """Keep prints, in place of those of the same voices of the same episodes."""
        with self._database.transaction() as sql:
            sql.executemany(
                "INSERT OR REPLACE INTO voice_prints (episode_id, speaker, model, start, end, print, kept_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (each.episode_id, each.speaker, model, each.start, each.end, each.print.tobytes(), now())
                    for each in prints
                ],
            )

    def of_show(self, show: str, model: str) -> tuple[VoicePrint, ...]:
        """Return the prints of a show's voices, in the order of their episodes and names.

        One that was damaged is left out, and one whose episode names nobody so any more: the name was put right.
        """
        rows = self._database.read(
            "SELECT v.episode_id, v.speaker, v.start, v.end, v.print FROM voice_prints v"
            " JOIN episodes e ON e.id = v.episode_id JOIN shows s ON s.id = e.show_id"
            " WHERE s.name = ? AND v.model = ? AND EXISTS (SELECT 1 FROM turns t WHERE t.episode_id = e.id"
            " AND t.revision = e.current_revision AND t.speaker = v.speaker) ORDER BY v.episode_id, v.speaker",
            (show, model),
        )
        prints = [(row, as_print(row[4])) for row in rows]
        return tuple(VoicePrint(row[0], row[1], row[2], row[3], found) for row, found in prints if found is not None)

    def known(self) -> tuple[tuple[str, str, int], ...]:
        """Return whose prints are stored: the show, the speaker, and from how many episodes."""
        rows = self._database.read(
            "SELECT s.name, v.speaker, count(DISTINCT v.episode_id) FROM voice_prints v"
            " JOIN episodes e ON e.id = v.episode_id JOIN shows s ON s.id = e.show_id GROUP BY 1, 2 ORDER BY 1, 2"
        )
        return tuple((row[0], row[1], row[2]) for row in rows)

    def forget(self, speaker: str | None = None) -> int:
        """Delete the prints of a speaker, or all, and overwrite where they lay; return how many there were."""
        with self._database.erasing() as sql:
            where, values = ("", ()) if speaker is None else (" WHERE speaker = ?", (speaker,))
            return int(sql.execute(f"DELETE FROM voice_prints{where}", values).rowcount)


def as_print(blob: bytes) -> NDArray[np.float32] | None:
    """Return the print that these bytes are, or ``None`` if they are none."""
    if len(blob) % 4:
        return None
    found = np.frombuffer(blob, np.float32)
    with np.errstate(all="ignore"):
        length = float(np.linalg.norm(found.astype(np.float64)))
    return found if abs(length - 1) < _TOLERANCE else None
