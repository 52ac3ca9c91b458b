"""The knowledge base that the command line, the page and the ingestion call; it wires the parts together."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Literal, Self
from urllib.parse import unquote

from . import correcting
from .addresses import parse_address, slug
from .answers.answering import answer
from .answers.context import Context, contexts, with_times
from .answers.finding import Found, find
from .answers.marking import of_one_speaker
from .answers.quoting import read_back
from .backups.witness import keep_witness
from .catalogue import Catalogue, Revision, Source
from .checking import Finding, check
from .embedding import DEFAULT_MODEL, Reader, load_embedder
from .errors import CatalogueError, NotFound, UsageError
from .retrieval.chroma_server import ServerAddress
from .retrieval.semantic import Progress, SemanticIndex
from .saved.collections import SavedQuotes
from .saved.questions import SavedQuestions
from .text.cleaning import clean_episode, fold
from .transcripts.canonical import Canonical, canonicalise, segments_of
from .transcripts.chunking import chunk
from .types import Answer, Episode, Filters, Hit, Quote, Segment, Transcript

__all__ = ["AT_ONCE", "KnowledgeBase", "Status"]

_MOST_RESULTS = 100
#: So many passages are embedded while one waits for a folder to open; more are embedded by an ingestion or a server.
AT_ONCE = 500
#: So often is searched at most while others write.
_TRIES = 3

Status = Literal["added", "revised", "updated", "unchanged"]


class KnowledgeBase:
    """An open data folder. Close it, or use it in a ``with`` statement; safe to use from several threads."""

    def __init__(
        self,
        home: Path,
        embedding: str | None = None,
        progress: Progress | None = None,
        reader: bool = True,
    ) -> None:
        """Open ``home``, making it if need be; ``embedding`` changes the model, ``None`` keeps the one in use.

        Without ``reader`` quotes are chosen by their words and their passages alone. Raises ``CatalogueError`` for a
        damaged folder and ``ModelNotAvailable`` for a model not on this machine.
        """
        self.home = home
        self.catalogue = Catalogue(home / "catalogue.sqlite3", progress)
        #: What is to be taken in, and where more may come from.
        self.jobs, self.feeds = self.catalogue.jobs, self.catalogue.feeds
        self._progress = progress
        try:
            used = self.catalogue.setting("embedding")
            embedder = load_embedder(embedding or used or DEFAULT_MODEL)
            if embedder.name != used:
                self.catalogue.set_setting("embedding", embedder.name)
            self._reads = reader
            server = ServerAddress.parse(url) if (url := os.environ.get("KB_CHROMA_URL")) else None
            self.semantic = SemanticIndex(self.catalogue, embedder, home / "index", server)
            # Another model than last time: what it has not embedded is found by its words until then.
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
        """Give up the vector index and close the catalogue."""
        self.semantic.close()
        self.catalogue.close()

    # -- what goes in

    def add(self, episode: Episode, transcript: Transcript, source: Source) -> tuple[str, Status]:
        """Take an episode in, in one transaction, and return its id and what happened.

        ``episode.id`` may be empty: it is then found by its source, or made from its file name or title. The
        same words again change nothing; changed words or speakers make a new revision, and the old one stays
        for the quotes that point into it. Call ``sync`` after the last one.
        """
        episode = clean_episode(episode)
        known = self.find(source)
        twin = None if known else self._twin(episode, source)
        if twin is not None:
            self.catalogue.episodes.add_source(twin, source)
            return twin, "unchanged"
        episode_id = known.id if known else episode.id or self._free_id(episode, source)
        episode = self._as_corrected(replace(episode, id=episode_id))
        canonical = canonicalise(transcript)
        current = self.catalogue.episodes.current_revision(episode_id)
        if current and self._has_words(episode_id, current, canonical):
            self.catalogue.episodes.add_source(episode_id, source)  # perhaps other bytes of the same words
            described = self.describe(episode, source)
            told = transcript.source != "unknown" and self.credit(episode_id, transcript.source, transcript.engine)
            return episode_id, "updated" if told else described
        chunks = chunk(canonical, episode_id, current + 1)
        self.catalogue.episodes.add_revision(episode, transcript, canonical, current + 1, chunks, source)
        return episode_id, "revised" if current else "added"

    def rename_speakers(self, episode: Episode, names: Mapping[str, str], source: Source) -> tuple[str, Status]:
        """Give the current transcript's speakers their names, in a new revision of the same words."""
        renamed = self._rename_speakers(self._as_corrected(episode), names, source)
        return episode.id, "revised" if renamed else self.describe(episode, source)

    def edit(
        self, corrected: Episode, names: Mapping[str, str] | None = None, by: str | None = None
    ) -> tuple[str, Status]:
        """Correct what is known about an episode, and by ``names`` what its speakers are called; call ``sync`` then.

        "" is whoever is unknown, as an old name and as a new one.
        People of a speaker's old name are renamed with the speaker, and ``by`` is noted as who did it. The episode's
        sources do not undo it when they are taken in again, unless they say something new. Raises ``NotFound``
        for an unknown episode and ``UsageError`` for a speaker whom its transcript has not; nothing is changed then.
        """
        names = {old: fold(new) for old, new in (names or {}).items()}
        corrected = clean_episode(corrected)
        known = self.episode(corrected.id)
        speakers = dict.fromkeys(turn.speaker or "" for turn in self.canonical(known.id).turns)
        for name in names:
            if name not in speakers:
                named = ", ".join(filter(None, speakers))
                others = f"its speakers are {named}" if named else "its transcript names none"
                who = f"speaker {name!r}" if name else "unknown speaker"
                raise UsageError(f"There is no {who} in {known.id}; {others}.")
        people = tuple(replace(person, name=names.get(person.name) or person.name) for person in corrected.people)
        corrected = replace(corrected, people=people)
        with self.catalogue.transaction():
            if corrected != known:
                self.catalogue.edits.correct(known, corrected)
            if self._rename_speakers(self.episode(known.id), names, None):
                if by:
                    current = self.catalogue.episodes.current_revision(known.id)
                    self.catalogue.corrections.note(known.id, current, current - 1, "speakers", by)
                return known.id, "revised"
        return known.id, "unchanged" if corrected == known else "updated"

    def canonical(self, episode_id: str, revision: int | None = None) -> Canonical:
        """Return a revision's text, turns and times; the current revision's unless named."""
        return correcting.canonical(self.catalogue, episode_id, revision)

    def _rename_speakers(self, episode: Episode, names: Mapping[str, str], source: Source | None) -> bool:
        """Write a revision of the same words under other names, unless they are the same names."""
        known = self.canonical(episode.id)
        names = {old: fold(new) for old, new in names.items()}
        renamed = tuple(
            replace(turn, speaker=names.get(turn.speaker or "", turn.speaker) or None) for turn in known.turns
        )
        if renamed == known.turns:
            return False
        correcting.revise(self.catalogue, episode, replace(known, turns=renamed), source)
        return True

    def describe(self, episode: Episode, source: Source) -> Literal["updated", "unchanged"]:
        """Write what the sources tell of an episode besides its words; what a person corrected stays corrected."""
        episode = self._as_corrected(episode)
        if self.episode(episode.id) == episode:
            return "unchanged"
        self.catalogue.episodes.update(episode, source)
        return "updated"

    def credit(self, episode_id: str, origin: str, engine: str | None = None) -> bool:
        """Say who wrote the current transcript down, and with what; its words stay. Return whether that is news.

        A publisher's word does not make a machine's transcript a publisher's.
        """
        made = self.current(episode_id)
        engine = engine or (made.engine if origin == "machine" else None)
        if (made.origin, made.engine) == (origin, engine) or (origin, made.origin) == ("publisher", "machine"):
            return False
        self.catalogue.episodes.set_origin(episode_id, made.number, origin, engine)
        return True

    def holds(self, source: Source) -> bool:
        """Return whether these very bytes were taken in from this address before."""
        return (self.catalogue.episodes.find_source(source.uri) or ("", ""))[1] == source.sha256

    def is_untimed(self, episode_id: str) -> bool:
        """Return whether the current transcript has no times at all."""
        return not len(self.canonical(episode_id).timings)

    def current(self, episode_id: str) -> Revision:
        """Return who or what made the current transcript, and how."""
        return self.catalogue.episodes.revision(episode_id, self.catalogue.episodes.current_revision(episode_id))

    def playing(self, audio: Path) -> Episode | None:
        """Return the episode whose recording lies at ``audio``, if it is one alone."""
        found = self.catalogue.episodes.playing(str(audio))
        return self.episode(found[0]) if len(found) == 1 else None

    def find(self, source: Source) -> Episode | None:
        """Return the episode that was taken from this source's address."""
        known = self.catalogue.episodes.find_source(source.uri)
        return self.episode(known[0]) if known else None

    def sync(self, progress: Progress | None = None) -> None:
        """Embed and index everything that is not yet; a kill at any moment loses nothing but this work."""
        self.semantic.embed_pending(progress or self._progress)
        self.semantic.refresh(progress or self._progress)
        keep_witness(self.catalogue, self.home)

    def remove(self, episode_id: str) -> None:
        """Delete an episode, its transcripts and its passages."""
        self.catalogue.episodes.remove(episode_id)
        self.semantic.refresh()
        keep_witness(self.catalogue, self.home)

    # -- what comes out

    def ask(self, question: str, k: int = 5, filters: Filters | None = None) -> Answer:
        """Return up to ``k`` quotes that answer, each compared with the catalogue just now, or an abstention."""
        return self.answer(self.reading(question, filters), k)

    def reading(self, question: str, filters: Filters | None = None) -> Found:
        """Search once, for what ``answer`` and a list of passages are both made from."""
        for _ in range(_TRIES):
            before = self.catalogue.version()
            found = find(self.catalogue, self.semantic, self._reader, question, filters)
            if self.catalogue.version() == before:  # else what was just being corrected may be missing
                break
        return found

    def answer(self, found: Found, k: int = 5) -> Answer:
        """Return what ``ask`` does, from a search that was made already."""
        return answer(self.catalogue, found, _within(k))

    def search(self, question: str, k: int = 10, filters: Filters | None = None) -> tuple[Hit, ...]:
        """Return the ``k`` best passages; where all were read, in the order of their best sentences."""
        return with_times(self.catalogue, self.reading(question, filters).hits[: _within(k)])

    def quote(self, quote_id: str) -> Quote:
        """Return the quote at an address, in its own revision for ever.

        Raises ``NotFound`` if it does not resolve, and ``CatalogueError`` if its transcript was damaged.
        """
        address = parse_address(quote_id)
        found = read_back(self.catalogue, [address])
        if found:
            return found[address]
        revision = self.catalogue.episodes.revision(self.episode(address.episode_id).id, address.revision)
        if self.catalogue.episodes.sound_text(revision.episode_id, revision.number) is None:
            raise CatalogueError(f"The transcript of {quote_id!r} was damaged since it was stored; run 'kb check'.")
        raise NotFound(f"{quote_id!r} lies beyond the end of its transcript.")

    def context(self, quote: Quote) -> Context:
        """Return what was said around a quote, and by whom."""
        return self.contexts([quote])[quote.id]

    def contexts(self, quotes: Iterable[Quote]) -> dict[str, Context]:
        """Return what was said around each of some quotes, by their ids."""
        found = contexts(self.catalogue, [parse_address(quote.id) for quote in quotes])
        return {str(address): context for address, context in found.items()}

    def segments(self, episode_id: str, revision: int | None = None) -> Iterator[Segment]:
        """Yield a transcript sentence by sentence with speakers and times; the current revision unless named."""
        yield from segments_of(self.canonical(episode_id, revision))

    def transcript(self, episode_id: str) -> Transcript:
        """Return an episode's current transcript, a segment a sentence, with who or what wrote it down."""
        episode, known = self.episode(episode_id), self.current(episode_id)
        return Transcript(tuple(self.segments(episode_id)), episode.language, known.origin, known.engine, known.model)

    def text(self, episode_id: str) -> str:
        """Return the canonical text of an episode's current revision."""
        return self.catalogue.episodes.text(episode_id, self.current(self.episode(episode_id).id).number)

    def citable(self, quote_id: str) -> Quote:
        """Return the quote at an address; ``UsageError`` names those that several speakers' words have to become."""
        return of_one_speaker(self.catalogue, self.quote(quote_id))

    def episode(self, episode_id: str) -> Episode:
        """Return what is known of an episode; ``NotFound`` if there is none of that id."""
        return self.catalogue.episodes.get(episode_id)

    @property
    def collections(self) -> SavedQuotes:
        """Quotes that were saved, and who checked them."""
        return SavedQuotes(self.catalogue, self.quote)

    @property
    def watchlist(self) -> SavedQuestions:
        """Questions that are asked again."""
        return SavedQuestions(self.catalogue, self.ask, self.quote)

    # -- keeping it sound

    def check(self, repair: bool = False) -> tuple[Finding, ...]:
        """Verify every promise on this data; with ``repair`` make anew what is derived and broken."""
        return check(self.catalogue, self.semantic, self.home, repair, self._progress)

    @cached_property
    def _reader(self) -> Reader | None:
        return Reader() if self._reads else None

    def _has_words(self, episode_id: str, revision: int, canonical: Canonical) -> bool:
        """Return whether a revision has these words, speakers and times."""
        known = self.canonical(episode_id, revision)
        same = (known.text, known.turns) == (canonical.text, canonical.turns)
        return same and known.timings.to_bytes() == canonical.timings.to_bytes()

    def _as_corrected(self, told: Episode) -> Episode:
        """Return an episode as told by its sources, with its corrections, except where they say something new."""
        held, released = self.catalogue.edits.held(clean_episode(told))
        if released:
            self.catalogue.edits.forget(held, released)
        return held

    def _twin(self, episode: Episode, source: Source) -> str | None:
        """Return an episode of the same bytes *and* the same metadata: a copy, not a second "Thanks for listening"."""
        for episode_id in self.catalogue.episodes.find_content(source.sha256):
            other = self.episode(episode_id)
            copy, _ = self.catalogue.edits.held(replace(episode, id=episode_id))
            if (other.show, other.title, other.published) == (copy.show, copy.title, copy.published):
                return episode_id
        return None

    def _free_id(self, episode: Episode, source: Source) -> str:
        """Return an id made from the source's name, with its date and show where that is taken."""
        stem = slug(unquote(Path(source.uri).stem)) or slug(episode.title) or "episode"
        for candidate in (stem, slug(f"{episode.show} {episode.published or ''} {stem}", 120)):
            if not self.catalogue.episodes.current_revision(candidate):
                return candidate
        return f"{stem}-{source.sha256[:10]}"


def _within(k: int) -> int:
    if not 1 <= k <= _MOST_RESULTS:
        raise UsageError(f"{k} results cannot be given; ask for 1 to {_MOST_RESULTS}.")
    return k
