"""Ingestion: add episodes with their transcripts, and later changes from their sources.

A person's correction stays, unless a source has a new value.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

from .addresses import slug
from .catalogue import Catalogue, Source
from .revisions import Revisions
from .text.cleaning import clean_episode
from .transcripts.canonical import Canonical, canonicalise
from .transcripts.chunking import chunk
from .types import Episode, Transcript

__all__ = ["Intake", "Status"]

Status = Literal["added", "revised", "updated", "unchanged"]


class Intake:
    """Adds episodes, recognises known ones, and applies changes; call ``KnowledgeBase.sync`` at the end.

    ``sources`` are where episodes came from, ``speaker_names`` the names given to a show's speakers before, and
    ``heard_blocks`` the transcribed blocks of unfinished recordings.
    """

    def __init__(self, catalogue: Catalogue, revisions: Revisions) -> None:
        self._episodes = catalogue.episodes
        self._edits = catalogue.edits
        self._revisions = revisions
        self.sources = catalogue.sources
        self.speaker_names = catalogue.speaker_names
        self.heard_blocks = catalogue.heard_blocks

    def add(self, episode: Episode, transcript: Transcript, source: Source) -> tuple[str, Status]:
        """Add an episode in one transaction, and return its id and what happened.

        ``episode.id`` may be empty: it is then found by its source, or made from its file name or title. The
        same words again change nothing; changed words or speakers make a new revision, and the old one stays
        for the quotes that point into it.
        """
        episode = clean_episode(episode)
        known = self.find(source)
        twin = None if known else self._twin(episode, source)
        if twin is not None:
            self.sources.add(twin, source)
            return twin, "unchanged"
        episode_id = known.id if known else episode.id or self._free_id(episode, source)
        episode = self._as_corrected(replace(episode, id=episode_id))
        canonical = canonicalise(transcript)
        current = self._revisions.latest(episode_id)
        if current and self._has_words(episode_id, current, canonical):
            self.sources.add(episode_id, source)  # perhaps other bytes of the same words
            described = self.describe(episode, source)
            told = transcript.source != "unknown" and self.credit(episode_id, transcript.source, transcript.engine)
            return episode_id, "updated" if told else described
        chunks = chunk(canonical, episode_id, current + 1)
        self._episodes.add_revision(episode, transcript, canonical, current + 1, chunks, source)
        return episode_id, "revised" if current else "added"

    def rename_speakers(self, episode: Episode, names: Mapping[str, str], source: Source) -> tuple[str, Status]:
        """Give the current transcript's speakers their names, in a new revision of the same words."""
        renamed = self._revisions.rename_speakers(self._as_corrected(episode), names, source)
        return episode.id, "revised" if renamed else self.describe(episode, source)

    def describe(self, episode: Episode, source: Source) -> Literal["updated", "unchanged"]:
        """Write an episode's metadata from its sources; a person's corrections stay."""
        episode = self._as_corrected(episode)
        if self._episodes.get(episode.id) == episode:
            return "unchanged"
        self._episodes.update(episode, source)
        return "updated"

    def credit(self, episode_id: str, origin: str, engine: str | None = None) -> bool:
        """Set who or what made the current transcript; its words stay. Return whether that is a change. A publisher's
        statement does not turn a machine's transcript into a publisher's.
        """
        made = self._revisions.get(episode_id)
        engine = engine or (made.engine if origin == "machine" else None)
        if (made.origin, made.engine) == (origin, engine) or (origin, made.origin) == ("publisher", "machine"):
            return False
        self._episodes.set_origin(episode_id, made.number, origin, engine)
        return True

    def holds(self, source: Source) -> bool:
        """Return whether exactly these bytes were added from this address before."""
        return (self.sources.find(source.uri) or ("", ""))[1] == source.sha256

    def find(self, source: Source) -> Episode | None:
        """Return the episode that was taken from this source's address."""
        known = self.sources.find(source.uri)
        return self._episodes.get(known[0]) if known else None

    def playing(self, audio: Path) -> Episode | None:
        """Return the episode whose recording lies at ``audio``, if there is exactly one."""
        found = self._episodes.playing(str(audio))
        return self._episodes.get(found[0]) if len(found) == 1 else None

    def is_untimed(self, episode_id: str) -> bool:
        """Return whether the current transcript has no times at all."""
        return not len(self._revisions.canonical(episode_id).timings)

    def _has_words(self, episode_id: str, revision: int, canonical: Canonical) -> bool:
        """Return whether a revision has these words, speakers and times."""
        known = self._revisions.canonical(episode_id, revision)
        same = (known.text, known.turns) == (canonical.text, canonical.turns)
        return same and known.timings.to_bytes() == canonical.timings.to_bytes()

    def _as_corrected(self, told: Episode) -> Episode:
        """Return an episode from its sources, with its corrections, except where a source has a new value."""
        held, released = self._edits.held(clean_episode(told))
        if released:
            self._edits.forget(held, released)
        return held

    def _twin(self, episode: Episode, source: Source) -> str | None:
        """Return an episode of the same bytes *and* the same metadata: a copy, not a second "Thanks for listening"."""
        for episode_id in self.sources.with_bytes(source.sha256):
            other = self._episodes.get(episode_id)
            copy, _ = self._edits.held(replace(episode, id=episode_id))
            if (other.show, other.title, other.published) == (copy.show, copy.title, copy.published):
                return episode_id
        return None

    def _free_id(self, episode: Episode, source: Source) -> str:
        """Return an id made from the source's name, with its date and show where that is taken."""
        stem = slug(unquote(Path(source.uri).stem)) or slug(episode.title) or "episode"
        for candidate in (stem, slug(f"{episode.show} {episode.published or ''} {stem}", 120)):
            if not self._revisions.latest(candidate):
                return candidate
        return f"{stem}-{source.sha256[:10]}"
