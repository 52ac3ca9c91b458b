"""Quotes as they read when they were saved, so that they can be shown when their episode is gone."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict, replace

from ..addresses import parse_address
from ..timecode import now
from ..types import Episode, Person, Quote

__all__ = ["SAVED_COLUMNS", "forget_unused", "saved_quote_from", "write_quote"]

#: What ``saved_quote_from`` reads, of ``saved_quotes s``.
SAVED_COLUMNS = (
    "s.id, s.text, s.speaker, s.start, s.end, s.earliest, s.latest, s.confidence, s.origin, s.engine, s.before,"
    " s.after, s.episode, s.cautions"
)


def write_quote(sql: sqlite3.Connection, quote: Quote) -> None:
    """Keep a quote as it reads now, unless it was saved before: what was saved is what was seen first."""
    episode = asdict(replace(quote.episode, audio=None))
    sql.execute(
        "INSERT INTO saved_quotes (id, text, speaker, start, end, confidence, origin, before, after, episode, saved_at,"
        " earliest, latest, engine, cautions) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO NOTHING",
        (
            quote.id,
            quote.text,
            quote.speaker,
            quote.start,
            quote.end,
            quote.confidence,
            quote.origin,
            quote.before,
            quote.after,
            json.dumps(episode, ensure_ascii=False),
            now(),
            quote.earliest,
            quote.latest,
            quote.engine,
            json.dumps(quote.cautions, ensure_ascii=False),
        ),
    )


def forget_unused(sql: sqlite3.Connection) -> None:
    """Delete the quotes that no collection and no entry of the ledger names any more."""
    sql.execute(
        "DELETE FROM saved_quotes WHERE id NOT IN (SELECT quote FROM collected_quotes)"
        " AND id NOT IN (SELECT quote FROM ledger)"
    )


def saved_quote_from(row: sqlite3.Row) -> Quote:
    """Return the quote of a row of ``SAVED_COLUMNS``, as it read when it was saved."""
    stored = json.loads(row["episode"])
    people = tuple(Person(**person) for person in stored.pop("people"))
    address = parse_address(row["id"])
    return Quote(
        id=row["id"],
        episode=Episode(**stored, people=people),
        revision=address.revision,
        text=row["text"],
        char_start=address.char_start,
        char_end=address.char_end,
        speaker=row["speaker"],
        start=row["start"],
        end=row["end"],
        confidence=row["confidence"],
        before=row["before"],
        after=row["after"],
        origin=row["origin"],
        engine=row["engine"],
        earliest=row["earliest"],
        latest=row["latest"],
        cautions=tuple(json.loads(row["cautions"])),
    )
