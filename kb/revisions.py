"""An episode's transcript, revision by revision: what each holds, who or what made it, and the next one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from .catalogue import Catalogue, Revision, RevisionNote, Source
from .text.cleaning import fold
from .transcripts.canonical import Canonical
from .transcripts.chunking import chunk
from .types import Episode, Remark, Transcript

__all__ = ["Revisions"]


class Revisions:
    """Reads revisions and writes a new one out of the current one; an older one is never changed."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._episodes = catalogue.episodes
        self._corrections = catalogue.corrections

    def latest(self, episode_id: str) -> int:
        """Return the number of the current revision, 0 for an unknown episode."""
        return self._episodes.current_revision(episode_id)

    def get(self, episode_id: str, number: int | None = None) -> Revision:
        """Return who or what made a revision, and with which settings; the current one unless named."""
        return self._episodes.revision(episode_id, self.latest(episode_id) if number is None else number)

    def notes(self, episode_id: str) -> tuple[RevisionNote, ...]:
        """Return when each revision was written and who corrected it, oldest first."""
        return self._corrections.revisions(episode_id)

    def corrected_by(self, episode_id: str) -> str | None:
        """Return who corrected words or speakers last, ``None`` if nobody has since a source gave the transcript."""
        for note in reversed(self.notes(episode_id)):
            if note.correction is None:
                return None
            if note.correction.what != "times":
                return note.correction.by
        return None

    def remarks(self, episode_id: str, number: int) -> tuple[Remark, ...]:
        """Return the remarks on a revision."""
        return self._episodes.remarks(episode_id, number)

    def canonical(self, episode_id: str, number: int | None = None) -> Canonical:
        """Return a revision's text, turns and times; the current revision's unless named."""
        episodes = self._episodes
        number = number or self.latest(episodes.get(episode_id).id)
        return Canonical(
            episodes.text(episode_id, number), episodes.turns(episode_id, number), episodes.timings(episode_id, number)
        )

    def sound_text(self, episode_id: str, number: int) -> str | None:
        """Return a revision's whole text if it still has the checksum it was stored with, else ``None``."""
        return self._episodes.sound_text(episode_id, number)

    def write(
        self,
        episode: Episode,
        text: Canonical,
        source: Source | None = None,
        more: Sequence[Remark] = (),
        without: Collection[Remark] = (),
    ) -> int:
        """Write ``text`` as a new current revision and return its number; it keeps who or what made it, and the
        remarks, except those in ``without``; ``more`` are added.
        """
        made = self.get(episode.id)
        remarks = tuple(remark for remark in self.remarks(episode.id, made.number) if remark not in without)
        remarks += tuple(more)
        transcript = Transcript(
            (), episode.language, made.origin, made.engine, made.model, settings=made.settings, remarks=remarks
        )
        number = made.number + 1
        self._episodes.add_revision(episode, transcript, text, number, chunk(text, episode.id, number), source)
        return number

    def rename_speakers(self, episode: Episode, names: Mapping[str, str], source: Source | None = None) -> bool:
        """Write a revision of the same words under other names, unless they are the same names."""
        known = self.canonical(episode.id)
        names = {old: fold(new) for old, new in names.items()}
        renamed = tuple(
            replace(turn, speaker=names.get(turn.speaker or "", turn.speaker) or None) for turn in known.turns
        )
        if renamed == known.turns:
            return False
        self.write(episode, replace(known, turns=renamed), source)
        return True
