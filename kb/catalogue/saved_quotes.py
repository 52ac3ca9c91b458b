"""Quotes as they read when they were saved, so that they can be shown when their episode is gone."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, replace

from ..addresses import parse_address
from ..timecode import now
from ..types import Episode, Person, Quote
from .rows import marks

__all__ = ["SAVED_COLUMNS", "forget_unused", "saved_quote_from", "write_quote"]

#: The fields of a quote that are stored unchanged; its episode and its cautions are stored as JSON.
_KEPT = "id text speaker start end earliest latest confidence origin engine before after".split()
#: What ``saved_quote_from`` reads, of ``saved_quotes s``.
SAVED_COLUMNS = ", ".join(f"s.{column}" for column in (*_KEPT, "episode", "cautions"))


def write_quote(sql: sqlite3.Connection, quote: Quote) -> None:
    """Store a quote as it reads now, unless it is stored already: the first version stays."""
    episode = asdict(replace(quote.episode, audio=None))
    sql.execute(
        f"INSERT INTO saved_quotes ({', '.join(_KEPT)}, episode, cautions, saved_at)"
        f" VALUES ({marks(_KEPT)}, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        (
            *(getattr(quote, column) for column in _KEPT),
            json.dumps(episode, ensure_ascii=False),
            json.dumps(quote.cautions, ensure_ascii=False),
            now(),
        ),
    )


def forget_unused(sql: sqlite3.Connection) -> None:
    """Delete the quotes that no collection, no entry of the ledger and no second hearing names any more."""
    sql.execute(
        "DELETE FROM saved_quotes WHERE id NOT IN (SELECT quote FROM collected_quotes)"
        " AND id NOT IN (SELECT quote FROM ledger) AND id NOT IN (SELECT quote FROM second_hearings)"
    )


def saved_quote_from(row: sqlite3.Row) -> Quote:
    """Return the quote of a row of ``SAVED_COLUMNS``, as it read when it was saved."""
    stored = json.loads(row["episode"])
    people = tuple(Person(**person) for person in stored.pop("people"))
    address = parse_address(row["id"])
    return Quote(
        **{column: row[column] for column in _KEPT},
        episode=Episode(**stored, people=people),
        revision=address.revision,
        char_start=address.char_start,
        char_end=address.char_end,
        cautions=tuple(json.loads(row["cautions"])),
    )
