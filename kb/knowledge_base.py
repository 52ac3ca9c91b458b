"""The knowledge base, used by the command line, the page and the ingestion; it connects the parts."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from types import TracebackType
from typing import Self

from .addresses import Address, parse_address
from .answers.answering import answer
from .answers.context import Context, contexts, with_times
from .answers.empty_filters import why_nothing
from .answers.finding import Found, find
from .answers.marking import marked, of_one_speaker
from .answers.quoting import read_back
from .backups.manifest import Manifest
from .backups.packing import backup
from .backups.witness import keep_witness
from .catalogue import Catalogue, Revision, Source
from .checking import Finding, check
from .correcting import Corrector
from .embedding import DEFAULT_MODEL, Reader, load_embedder
from .errors import CatalogueError, NotFound, UsageError
from .intake import Intake, Status
from .questions.follow_ups import Rewrite, rewrite
from .retrieval.chroma_server import ServerAddress
from .retrieval.semantic import Progress, SemanticIndex
from .revisions import Revisions
from .saved.collections import SavedQuotes
from .saved.names import Names
from .saved.questions import SavedQuestions
from .timing import CHECKING, Timing
from .transcripts.canonical import Canonical, segments_of
from .translatable import phrase
from .translations import TRANSLATION, Translations
from .types import Answer, Episode, Filters, Hit, Quote, Segment, Transcript

__all__ = ["AT_ONCE", "KnowledgeBase", "Status"]

_MOST_RESULTS = 100
#: Most passages that are embedded while a folder opens; an ingestion or a server embeds more.
AT_ONCE = 500
#: Searches that are cached, half a megabyte each.
_REMEMBERED = 128
#: Most attempts of a search while others write.
_TRIES = 3


class KnowledgeBase:
    """An open data folder. Close it, or use it in a ``with`` statement; safe to use from several threads."""

    def __init__(
        self,
        home: Path,
        embedding: str | None = None,
        progress: Progress | None = None,
        reader: bool = True,
    ) -> None:
        """Open ``home``, creating it if needed; ``embedding`` changes the model, ``None`` keeps the one in use.

        Without ``reader``, quotes are chosen only by their words and their passages. Raises ``CatalogueError`` for a
        damaged folder and ``ModelNotAvailable`` for a model not on this machine.
        """
        self.home = home
        self.catalogue = catalogue = Catalogue(home / "catalogue.sqlite3", progress)
        #: The queue of sources, and the feeds.
        self.jobs, self.feeds = catalogue.jobs, catalogue.feeds
        #: Pages of episodes, counts by show and speaker, and the chapters of an episode.
        self.listing, self.facets, self.chapters = catalogue.listing, catalogue.facets, catalogue.chapters
        #: Access tokens of programs, and the log of who did what.
        self.tokens, self.activity = catalogue.tokens, catalogue.activity
        #: Second transcriptions of quotes, and embeddings of known voices.
        self.second_hearings, self.voice_prints = catalogue.second_hearings, catalogue.voice_prints
        self.revisions = Revisions(catalogue)
        self.intake = Intake(catalogue, self.revisions)
        #: Times that are checked against recordings, and moved.
        self.timing = Timing(catalogue, self.revisions)
        self.corrections = Corrector(catalogue, self.revisions)
        #: Names to expect in recordings, and where they are misspelt.
        self.names = Names(catalogue, self.revisions, self.corrections)
        #: Machine translations beside transcripts.
        self.translations = Translations(catalogue, self.revisions)
        self._progress = progress
        try:
            used = self.catalogue.setting("embedding")
            embedder = load_embedder(embedding or used or DEFAULT_MODEL)
            if embedder.name != used:
                self.catalogue.set_setting("embedding", embedder.name)
            self._reads = reader
            # More searches at once than processors only hinder one another.
            self._searching = threading.BoundedSemaphore(os.cpu_count() or 1)
            self._find = lru_cache(_REMEMBERED)(self._find_now)
            server = ServerAddress.parse(url) if (url := os.environ.get("KB_CHROMA_URL")) else None
            self.semantic = SemanticIndex(self.catalogue, embedder, home / "index", server)
            # A new model: passages that it has not embedded yet are found by their words until then.
            if not self.catalogue.read_only and self.semantic.is_new() and self.semantic.pending() <= AT_ONCE:
                self.sync()
        except BaseException:
            self.catalogue.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Release the vector index and close the catalogue."""
        self.semantic.close()
        self.catalogue.close()

    def transaction(self) -> AbstractContextManager[None]:
        """Return a block in which everything that is written is one transaction."""
        return self.catalogue.transaction()

    @property
    def read_only(self) -> bool:
        """Whether the data folder can only be read: nothing can be added or changed."""
        return self.catalogue.read_only

    def version(self) -> int:
        """Return a number that changes when any thread or process has written."""
        return self.catalogue.version()

    # -- what goes in

    def add(self, episode: Episode, transcript: Transcript, source: Source) -> tuple[str, Status]:
        """Take an episode in as ``Intake.add`` does, and return its id and what happened; ``sync`` after the last."""
        return self.intake.add(episode, transcript, source)

    def sync(self, progress: Progress | None = None) -> None:
        """Embed and index everything new; a kill at any moment loses only this work."""
        self.semantic.embed_pending(progress or self._progress)
        self.semantic.refresh(progress or self._progress)
        self.semantic.file.bring_up(progress or self._progress)
        keep_witness(self.catalogue, self.home)

    def remove(self, episode_id: str) -> None:
        """Delete an episode, its transcripts and its passages, and the jobs that would translate or check it."""
        with self.transaction():
            self.catalogue.episodes.remove(episode_id)
            self.jobs.finish([TRANSLATION + episode_id, CHECKING + episode_id])
        self.semantic.refresh()
        keep_witness(self.catalogue, self.home)

    # -- what comes out

    def ask(self, question: str, k: int = 5, filters: Filters | None = None) -> Answer:
        """Return up to ``k`` quotes that answer, each compared with the catalogue just now, or an abstention."""
        return self.answer(self.reading(question, filters), k)

    def reading(self, question: str, filters: Filters | None = None) -> Found:
        """Search once, for both ``answer`` and a list of passages. Results are cached until somebody writes, because
        questions repeat. Quotes are read back each time.
        """
        for _ in range(_TRIES):
            before = self.catalogue.version()
            found = self._find(question, filters, before)
            if self.catalogue.version() == before:  # otherwise text that is being corrected may be missing
                break
        return found

    def _find_now(self, question: str, filters: Filters | None, version: int) -> Found:
        """Search in the catalogue at ``version``, which is part of the cache's key."""
        with self._searching:
            return find(self.catalogue, self.semantic, self._reader, question, filters)

    def answer(self, found: Found, k: int = 5) -> Answer:
        """Return what ``ask`` returns, from a search that was made already."""
        return answer(self.catalogue, found, _within(k))

    def search(self, question: str, k: int = 10, filters: Filters | None = None) -> tuple[Hit, ...]:
        """Return the ``k`` best passages; where all were read, in the order of their best sentences."""
        return with_times(self.catalogue, self.reading(question, filters).hits[: _within(k)])

    def size(self, filters: Filters | None = None) -> tuple[int, int]:
        """Return how many episodes and passages a question searches."""
        return self.catalogue.passages.count(filters)

    def why_nothing(self, filters: Filters) -> str | None:
        """Return why ``filters`` leave nothing to search, with the nearest names; ``None`` if they leave something."""
        return None if self.size(filters)[1] else why_nothing(self.catalogue, filters)

    def recording(self, episode_id: str, why: str) -> Path:
        """Return the path of an episode's recording; ``NotFound`` if the file is gone, or if it has none, ``why``."""
        audio = self.episode(episode_id).audio
        if audio is None:
            raise NotFound(f"{episode_id} has no recording, {why}.")
        if not Path(audio).is_file():
            raise NotFound(f"The recording of {episode_id} is no longer at {audio}; put it back there.")
        return Path(audio)

    def rewrite(self, question: str, before: str) -> Rewrite:
        """Rewrite a follow-up question after the question ``before``; "" if there was none."""
        return rewrite(question, before, self.catalogue.episodes.speakers())

    def quote(self, quote_id: str) -> Quote:
        """Return the quote at an address, always in its own revision.

        Raises ``NotFound`` if it does not resolve, and ``CatalogueError`` if its transcript was damaged.
        """
        address = parse_address(quote_id)
        found = read_back(self.catalogue, [address])
        if found:
            return found[address]
        revision = self.revisions.get(self.episode(address.episode_id).id, address.revision)
        if self.revisions.sound_text(revision.episode_id, revision.number) is None:
            raise CatalogueError(
                phrase(
                    "The transcript of %(quote)s was damaged since it was stored; run 'kb check'.", quote=repr(quote_id)
                )
            )
        raise NotFound(phrase("%(quote)s lies beyond the end of its transcript.", quote=repr(quote_id)))

    def context(self, quote: Quote) -> Context:
        """Return what was said around a quote, and by whom."""
        return self.contexts([quote])[quote.id]

    def contexts(self, quotes: Iterable[Quote]) -> dict[str, Context]:
        """Return what was said around each of some quotes, by their ids, and the translations of their passages."""
        quotes = list(quotes)
        found = contexts(self.catalogue, [parse_address(quote.id) for quote in quotes])
        beside = self.translations.beside(quotes)
        return {
            str(address): replace(context, translations=beside.get(str(address), ()))
            for address, context in found.items()
        }

    def canonical(self, episode_id: str, revision: int | None = None) -> Canonical:
        """Return a transcript's text, turns and times; the current revision's unless named."""
        return self.revisions.canonical(episode_id, revision)

    def current(self, episode_id: str) -> Revision:
        """Return who or what made the current transcript, and with which settings."""
        return self.revisions.get(episode_id)

    def segments(self, episode_id: str, revision: int | None = None) -> Iterator[Segment]:
        """Yield a transcript sentence by sentence with speakers and times; the current revision unless named."""
        yield from segments_of(self.canonical(episode_id, revision))

    def transcript(self, episode_id: str) -> Transcript:
        """Return an episode's current transcript, one segment for each sentence, with who or what made it."""
        episode, known = self.episode(episode_id), self.current(episode_id)
        return Transcript(tuple(self.segments(episode_id)), episode.language, known.origin, known.engine, known.model)

    def text(self, episode_id: str) -> str:
        """Return the canonical text of an episode's current revision."""
        return self.catalogue.episodes.text(episode_id, self.current(self.episode(episode_id).id).number)

    def citable(self, quote_id: str) -> Quote:
        """Return the quote at an address; if it has several speakers, ``UsageError`` names one quote for each."""
        return of_one_speaker(self.catalogue, self.quote(quote_id))

    def marked(self, quote_id: str) -> tuple[Address, ...]:
        """Return the quotes for selected text at an address: whole words, each quote by one speaker."""
        return marked(self.catalogue, parse_address(quote_id))

    def episode(self, episode_id: str) -> Episode:
        """Return what is known of an episode; ``NotFound`` if there is none of that id."""
        return self.catalogue.episodes.get(episode_id)

    def episodes(self) -> tuple[Episode, ...]:
        """Return every episode, newest first."""
        return self.catalogue.episodes.all()

    @property
    def collections(self) -> SavedQuotes:
        """Quotes that were saved, and who checked them."""
        return SavedQuotes(self.catalogue, self.quote)

    @property
    def watchlist(self) -> SavedQuestions:
        """Saved questions."""
        return SavedQuestions(self.catalogue, self.ask, self.quote)

    # -- keeping it sound

    def backup(self, target: Path, recordings: bool = False, progress: Progress | None = None) -> Manifest:
        """Write everything that cannot be rebuilt to one file, while others work; see ``backups.packing``."""
        return backup(self.catalogue, self.home, target, recordings, progress)

    def check(self, repair: bool = False) -> tuple[Finding, ...]:
        """Verify every promise on this data; with ``repair``, rebuild derived data that is damaged."""
        return check(self.catalogue, self.semantic, self.home, repair, self._progress)

    @cached_property
    def _reader(self) -> Reader | None:
        return Reader() if self._reads else None


def _within(k: int) -> int:
    if not 1 <= k <= _MOST_RESULTS:
        raise UsageError(f"{k} results cannot be given; ask for 1 to {_MOST_RESULTS}.")
    return k
