"""The system of record: one SQLite file with every word, its time, and the vectors that search derives.

Only this package imports ``sqlite3``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .collections import Collected, Collection, Collections
from .corrections import Correction, Corrections, RevisionNote
from .database import Database
from .edits import Edits
from .embeddings import Embeddings, Stored
from .episodes import Episodes, Revision, Source
from .facets import Facet, Facets
from .feeds import Feeds, Followed, Item
from .ledger import STATUSES, Ledger, LedgerEntry, Status
from .listing import SORTS, Listed, Listing, ListingPage, Sort
from .passages import Passages, Progress
from .spans import Spans, StoredRevision
from .watchlist import Saved, Shown, Watchlist
from .work import HeardBlocks, Job, Jobs

__all__ = [
    "SORTS",
    "STATUSES",
    "Catalogue",
    "Collected",
    "Collection",
    "Correction",
    "Facet",
    "Followed",
    "Item",
    "Job",
    "LedgerEntry",
    "Listed",
    "ListingPage",
    "Revision",
    "RevisionNote",
    "Saved",
    "Shown",
    "Sort",
    "Source",
    "Status",
    "Stored",
    "StoredRevision",
]


class Catalogue:
    """An open catalogue.

    ``episodes``, their ``edits`` and ``corrections`` are kept for ever, ``passages`` and ``embeddings`` are derived;
    ``spans`` reads many places of transcripts at once, ``listing`` shows a page of episodes and ``facets`` counts them.
    ``feeds`` are where more may come from, ``jobs`` and ``heard_blocks`` work that is not finished. ``watchlist`` holds
    saved questions, ``collections`` saved quotes, and the ``ledger`` who has checked a quote.
    """

    def __init__(self, path: Path, progress: Progress | None = None) -> None:
        """Open the file at ``path``, making it if need be; ``progress`` hears of an index that is made anew."""
        self._database = Database(path)
        self.episodes = Episodes(self._database)
        self.listing = Listing(self._database)
        self.edits = Edits(self._database)
        self.corrections = Corrections(self._database)
        self.spans = Spans(self._database)
        self.facets = Facets(self._database)
        self.passages = Passages(self._database)
        self.passages.renew_index(progress)
        self.embeddings = Embeddings(self._database)
        self.jobs = Jobs(self._database)
        self.heard_blocks = HeardBlocks(self._database)
        self.feeds = Feeds(self._database)
        self.watchlist = Watchlist(self._database)
        self.collections = Collections(self._database)
        self.ledger = Ledger(self._database)

    @property
    def read_only(self) -> bool:
        """Whether the data folder can only be read: nothing can be added or changed."""
        return self._database.read_only

    def setting(self, key: str) -> str | None:
        """Return a setting of this knowledge base."""
        rows = self._database.read("SELECT value FROM settings WHERE key = ?", (key,))
        return str(rows[0][0]) if rows else None

    def set_setting(self, key: str, value: str) -> None:
        """Keep a setting of this knowledge base."""
        with self._database.transaction() as sql:
            sql.execute("INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)", (key, value))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make everything written in the block one transaction."""
        with self._database.transaction():
            yield

    def version(self) -> int:
        """Return a number that changes when any thread or process has written."""
        return self._database.version()

    def integrity(self) -> tuple[str, ...]:
        """Return SQLite's complaints about the file and its references, none if it is sound."""
        complaints = [str(row[0]) for row in self._database.read("PRAGMA integrity_check(10)") if row[0] != "ok"]
        complaints += [
            f"a row of {row[0]} points to nothing" for row in self._database.read("PRAGMA foreign_key_check")
        ]
        return tuple(complaints)

    def close(self) -> None:
        """Close the file."""
        self._database.close()
