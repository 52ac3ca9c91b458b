"""The system of record: one SQLite file with every word, its time, and the vectors that search derives.

Only this package imports ``sqlite3``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager
from pathlib import Path

from ..errors import CatalogueError
from .activity import Activity, Deed
from .census import Census, read_census
from .chapters import Chapters
from .collections import Collected, Collection, Collections
from .corrections import Correction, Corrections, RevisionNote
from .database import Database
from .edits import Edits
from .embeddings import INDEXED_IN, PART, Embeddings, Stored
from .episodes import Episodes, Revision
from .expected_names import ExpectedNames
from .facets import Facet, Facets
from .feeds import Feeds, Followed, Item
from .ledger import STATUSES, HearingStatus, Ledger, LedgerEntry
from .listing import SORTS, Listed, Listing, ListingPage, Sort
from .moving import move
from .passages import Passages, Progress
from .salvage import salvage
from .schema import check_schema
from .second_hearings import HeardAgain, HeardOtherwise, SecondHearings
from .sources import Source, Sources
from .spans import Spans, StoredRevision
from .speaker_names import SpeakerNames
from .time_checks import CheckedRecording, TimeCheck, TimeChecks, TimeResult
from .tokens import ROLES, Role, Token, Tokens
from .translations import Translated, TranslatedParagraphs
from .voice_prints import VoicePrint, VoicePrints
from .watchlist import Saved, Shown, Watchlist
from .work import HeardBlocks, Job, Jobs

__all__ = [
    "INDEXED_IN",
    "PART",
    "ROLES",
    "SORTS",
    "STATUSES",
    "Activity",
    "Catalogue",
    "Census",
    "CheckedRecording",
    "Collected",
    "Collection",
    "Correction",
    "Deed",
    "Facet",
    "Followed",
    "HeardAgain",
    "HeardOtherwise",
    "HearingStatus",
    "Item",
    "Job",
    "LedgerEntry",
    "Listed",
    "ListingPage",
    "Revision",
    "RevisionNote",
    "Role",
    "Saved",
    "Shown",
    "Sort",
    "Source",
    "Stored",
    "StoredRevision",
    "TimeCheck",
    "TimeResult",
    "Token",
    "Translated",
    "VoicePrint",
    "check_schema",
    "salvage",
]


class Catalogue:
    """An open catalogue.

    ``episodes``, their ``sources``, ``chapters``, ``speaker_names``, ``edits`` and ``corrections`` are kept for ever,
    ``passages`` and ``embeddings`` can be rebuilt;
    ``spans`` reads many places of transcripts at once, ``listing`` shows a page of episodes and ``facets`` counts them.
    ``feeds`` are where more may come from, ``jobs`` and ``heard_blocks`` work that is not finished. ``watchlist``
    holds saved questions, ``collections`` saved quotes, the ``ledger`` who has checked a quote, and
    ``second_hearings`` what other recognisers made of it. ``translations`` are machine translations of paragraphs,
    ``time_checks`` what checks of times found. ``tokens`` give programs access, ``activity`` records who did what,
    ``expected_names`` are names to expect in recordings, and ``voice_prints`` the embeddings of known voices, where a
    person switched that on.
    """

    def __init__(self, path: Path, progress: Progress | None = None) -> None:
        """Open the file at ``path``, creating it if needed; ``progress`` is called while an index is rebuilt."""
        self._database = Database(path)
        self.episodes = Episodes(self._database)
        self.sources = Sources(self._database)
        self.chapters = Chapters(self._database)
        self.speaker_names = SpeakerNames(self._database)
        self.edits = Edits(self._database)
        self.corrections = Corrections(self._database)
        self.spans = Spans(self._database)
        self.facets = Facets(self._database)
        self.listing = Listing(self._database, self.facets)
        self.passages = Passages(self._database)
        self.passages.renew_index(progress)
        self.embeddings = Embeddings(self._database)
        self.jobs = Jobs(self._database)
        self.heard_blocks = HeardBlocks(self._database)
        self.feeds = Feeds(self._database)
        self.watchlist = Watchlist(self._database)
        self.collections = Collections(self._database)
        self.ledger = Ledger(self._database)
        self.second_hearings = SecondHearings(self._database)
        self.translations = TranslatedParagraphs(self._database)
        self.time_checks = TimeChecks(self._database)
        self.tokens = Tokens(self._database)
        self.activity = Activity(self._database)
        self.expected_names = ExpectedNames(self._database)
        self.voice_prints = VoicePrints(self._database)

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

    def census(self) -> Census:
        """Return which catalogue this is, and what it has held so far."""
        return read_census(self._database)

    def copy_to(self, target: Path, progress: Callable[[int, int], None] | None = None) -> None:
        """Copy the catalogue as it is at this moment to a new file, while others read and write."""
        self._database.copy_to(target, progress)

    def move(self, old: str, new: str, recordings: Mapping[str, str], endings: Set[str]) -> int:
        """Rewrite the places of files for a data folder that was ``old`` and is ``new``; see ``moving``."""
        return move(self._database, old, new, recordings, endings)

    def recordings(self) -> tuple[str, ...]:
        """Return where the episodes' recordings lie."""
        return tuple(
            row[0]
            for row in self._database.read("SELECT DISTINCT audio FROM episodes WHERE audio IS NOT NULL ORDER BY 1")
        )

    def integrity(self) -> tuple[str, ...]:
        """Return SQLite's complaints about the file and its references, none if it is sound."""
        try:
            complaints = [str(row[0]) for row in self._database.read("PRAGMA integrity_check(10)") if row[0] != "ok"]
            complaints += [
                f"a row of {row[0]} points to nothing" for row in self._database.read("PRAGMA foreign_key_check")
            ]
        except CatalogueError as error:
            complaints = [str(error.__cause__ or error)]
        return tuple(complaints)

    def close(self) -> None:
        """Close the file."""
        self._database.close()
