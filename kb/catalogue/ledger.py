"""The ledger: who heard, corrected or disputed a quote, when, and with which remark. Entries are only added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from ..timecode import now
from ..types import Quote
from .database import Database
from .rows import MOST_PARAMETERS, marks
from .saved_quotes import write_quote

__all__ = ["STATUSES", "HearingStatus", "Ledger", "LedgerEntry"]

#: The status of a quote: not yet compared with the sound; compared and right; was wrong and is corrected; somebody says
#: that it is wrong.
HearingStatus = Literal["unheard", "heard", "corrected", "disputed"]
STATUSES: tuple[HearingStatus, ...] = get_args(HearingStatus)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One judgement of a quote; ``entered_at`` is an ISO time."""

    status: HearingStatus
    by: str
    remark: str
    entered_at: str


class Ledger:
    """Adds judgements and reads them; the newest of a quote is its status."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def enter(self, quote: Quote, status: HearingStatus, by: str, remark: str = "") -> LedgerEntry:
        """Add a judgement of a quote, store the words with it, and return it."""
        entry = LedgerEntry(status, by, remark, now())
        with self._database.transaction() as sql:
            write_quote(sql, quote)
            sql.execute(
                "INSERT INTO ledger (quote, status, by, remark, entered_at) VALUES (?, ?, ?, ?, ?)",
                (quote.id, status, by, remark, entry.entered_at),
            )
        return entry

    def histories(self, quote_ids: Sequence[str]) -> dict[str, tuple[LedgerEntry, ...]]:
        """Return the judgements of each of these quotes, oldest first; a quote without any is left out."""
        found: dict[str, list[LedgerEntry]] = {}
        for start in range(0, len(quote_ids), MOST_PARAMETERS):
            some = tuple(quote_ids[start : start + MOST_PARAMETERS])
            for row in self._database.read(
                f"SELECT quote, status, by, remark, entered_at FROM ledger WHERE quote IN ({marks(some)}) ORDER BY id",
                some,
            ):
                found.setdefault(row["quote"], []).append(LedgerEntry(*row[1:]))
        return {quote_id: tuple(entries) for quote_id, entries in found.items()}
