"""Second transcriptions of saved quotes by other recognisers, stored beside their words."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass

from ..timecode import now
from ..types import Quote
from .database import Database
from .rows import MOST_PARAMETERS, marks
from .saved_quotes import write_quote

__all__ = ["HeardAgain", "HeardOtherwise", "SecondHearings", "as_hearing"]


@dataclass(frozen=True, slots=True)
class HeardOtherwise:
    """A span of seconds in which the second recogniser has ``second`` and the quote ``first``; either may be empty."""

    start: float
    end: float
    #: changed, unheard (only written), unwritten (only heard), or number (figures on one side).
    kind: str
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class HeardAgain:
    """What an engine and a model transcribed where a quote was said; times are the recording's."""

    #: The label of the quote's own words in a comparison: the model that transcribed them, or "the transcript".
    first: str
    engine: str
    model: str
    language: str | None
    #: What was asked for, as JSON, and the SHA-256 of the recording.
    settings: str
    sound: str
    start: float
    end: float
    heard: str
    #: How many words the quote has, and how many of them the second transcription has too.
    words: int
    agreed: int
    differences: tuple[HeardOtherwise, ...] = ()
    remarks: tuple[str, ...] = ()
    #: An ISO time, which the catalogue sets.
    heard_at: str = ""

    @property
    def agrees(self) -> bool:
        """Whether both transcriptions have the same words."""
        return self.agreed == self.words and not self.differences


_WORDS = ("kind", "first", "second")
_PLAIN = "first engine model language settings sound start end heard words agreed".split()


class SecondHearings:
    """Adds hearings of quotes and reads them; none is ever changed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def has(self, quote_id: str, settings: str, sound: str) -> bool:
        """Return whether a quote was transcribed from this recording with these settings before."""
        query = "SELECT 1 FROM second_hearings WHERE quote = ? AND settings = ? AND sound = ?"
        return bool(self._database.read(query, (quote_id, settings, sound)))

    def add(self, quote: Quote, hearing: HeardAgain) -> None:
        """Store a second transcription; one with the same settings of the same recording is not replaced."""
        with self._database.transaction() as sql:
            write_quote(sql, quote)
            sql.execute(
                f"INSERT INTO second_hearings (quote, {', '.join(_PLAIN)}, differences, remarks, heard_at)"
                f" VALUES (?, {marks(_PLAIN)}, ?, ?, ?) ON CONFLICT (quote, settings, sound) DO NOTHING",
                (
                    quote.id,
                    *(getattr(hearing, column) for column in _PLAIN),
                    json.dumps([asdict(each) for each in hearing.differences], ensure_ascii=False),
                    json.dumps(hearing.remarks, ensure_ascii=False),
                    now(),
                ),
            )

    def of(self, quote_ids: Sequence[str]) -> dict[str, tuple[HeardAgain, ...]]:
        """Return the hearings of each of these quotes, oldest first; a quote without any is left out.

        So is a hearing that was damaged: what stands beside a quote must not cost it.
        """
        found: dict[str, tuple[HeardAgain, ...]] = {}
        for start in range(0, len(quote_ids), MOST_PARAMETERS):
            some = tuple(quote_ids[start : start + MOST_PARAMETERS])
            for row in self._database.read(
                f"SELECT * FROM second_hearings WHERE quote IN ({marks(some)}) ORDER BY id", some
            ):
                if hearing := as_hearing(row):
                    found[row["quote"]] = (*found.get(row["quote"], ()), hearing)
        return found


def as_hearing(row: sqlite3.Row) -> HeardAgain | None:
    """Return the hearing that a row of the table is, or ``None`` if it is none."""
    with suppress(ValueError, TypeError, KeyError, RecursionError):
        return HeardAgain(
            **{column: row[column] for column in _PLAIN},
            differences=tuple(
                HeardOtherwise(float(each["start"]), float(each["end"]), *(str(each[key]) for key in _WORDS))
                for each in json.loads(row["differences"])
            ),
            remarks=tuple(map(str, json.loads(row["remarks"]))),
            heard_at=row["heard_at"],
        )
    return None
