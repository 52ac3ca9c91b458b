"""An episode's times are moved to those of its recording: each move is a revision, with chapters, and can be undone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from .catalogue import Catalogue, CheckedRecording, TimeCheck, TimeResult
from .errors import Conflict, UsageError
from .revisions import Revisions
from .text.times import UNDONE
from .transcripts.canonical import Canonical
from .transcripts.clocks import Clock, moved_alike
from .translatable import phrase
from .types import Chapter, Remark

__all__ = ["CHECKING", "TIMES_OF", "FoundTimes", "Timing"]

#: The addresses of the jobs that check an episode's times begin with it; the episode's id follows.
CHECKING = "check-times:"
#: What such a job calls its source; the episode's id follows.
TIMES_OF = "times of "
#: Seconds between two times that are the same.
_SAME = 0.01


@dataclass(frozen=True, slots=True)
class FoundTimes:
    """What a check of times against a recording found; ``told`` is a sentence for a person."""

    recording: CheckedRecording
    result: TimeResult
    told: str


class Timing:
    """Keeps checks of times, and moves times; call ``KnowledgeBase.sync`` after a move."""

    def __init__(self, catalogue: Catalogue, revisions: Revisions) -> None:
        self._catalogue = catalogue
        self._revisions = revisions

    def checked(self, episode_id: str) -> TimeCheck | None:
        """Return the newest check that the current times went through; ``None`` if a source gave other ones since."""
        found = self._catalogue.time_checks.newest(episode_id)
        if found is None:
            return None
        return None if self._retimed_since(episode_id, found.revision) else found

    def note(self, episode_id: str, found: FoundTimes, untrue: Sequence[Remark] = ()) -> None:
        """Write down what a check of the current times found; ``untrue`` are remarks that no longer hold."""
        revision = self._revisions.latest(episode_id)
        self._catalogue.episodes.drop_remarks(episode_id, revision, untrue)
        self._catalogue.time_checks.note(episode_id, revision, found.recording, found.result, found.told)

    def move(
        self,
        episode_id: str,
        base: int,
        moved: Canonical,
        remarks: Sequence[Remark],
        chapters: tuple[Sequence[Chapter], Sequence[Chapter]],
        found: FoundTimes,
        by: str,
    ) -> int:
        """Write revision ``base`` as it was ``moved``, and what was ``found``; return the new revision's number.

        What was corrected since ``base`` stays, and moves alike. ``remarks`` are all of the new revision but for those
        that came since. ``chapters``, before and after, are those of the episode, unless others came since. Raises
        ``Conflict`` if a source gave other times since.
        """
        with self._catalogue.transaction():
            current = self._revisions.latest(episode_id)
            if self._retimed_since(episode_id, base):
                raise Conflict(f"{episode_id} got other times while they were checked; check them again.")
            was, now = self._revisions.canonical(episode_id, base), self._revisions.canonical(episode_id, current)
            new = moved if current == base else moved_alike(now, was, moved)
            told, later = (self._revisions.remarks(episode_id, number) for number in (base, current))
            clock = Clock.between(was, moved)
            more = [*remarks, *(clock.moved_remark(remark) for remark in later if remark not in told)]
            number = self._write(episode_id, (now, new), current, by, more, without=later)
            self._exchange_chapters(episode_id, *chapters)
            checks = self._catalogue.time_checks
            checks.note(episode_id, number, found.recording, found.result, found.told, chapters)
            return number

    def undo(self, episode_id: str, revision: int, by: str) -> int:
        """Write a revision with the times of before ``revision``, which moved them, and return its number.

        Raises ``Conflict`` if they were moved again since.
        """
        with self._catalogue.transaction():
            current = self._revisions.latest(episode_id)
            if self._retimed_since(episode_id, revision):
                raise Conflict(
                    phrase(
                        "The times of %(episode)s were changed again since revision %(revision)s, so that is not "
                        "undone.",
                        episode=episode_id,
                        revision=str(revision),
                    )
                )
            before, after, now = (
                self._revisions.canonical(episode_id, each) for each in (revision - 1, revision, current)
            )
            new = before if current == revision else moved_alike(now, after, before)
            was, told, later = (self._revisions.remarks(episode_id, each) for each in (revision - 1, revision, current))
            clock = Clock.between(after, before)
            more = [*was, *(clock.moved_remark(remark) for remark in later if remark not in told)]
            made_from = revision - 1 if current == revision else current
            number = self._write(episode_id, (now, new), made_from, by, more, without=later)
            checks = self._catalogue.time_checks
            chapters, check = checks.chapters(episode_id, revision), checks.newest(episode_id)
            if chapters is not None:
                self._exchange_chapters(episode_id, chapters[1], chapters[0])
            if check is not None:
                turned = None if chapters is None else (chapters[1], chapters[0])
                checks.note(episode_id, number, check.recording, "undone", str(UNDONE), turned)
            return number

    def newest_move(self, episode_id: str) -> int:
        """Return the newest revision that moved times; raises ``UsageError`` if there is none, or it is undone."""
        found = self.undoable(episode_id)
        if found is None:
            raise UsageError(f"No check moved the times of {episode_id}, so there is nothing to undo.")
        return found

    def undoable(self, episode_id: str) -> int | None:
        """Return the same; ``None`` if there is none, or it is undone."""
        moves = [note.correction for note in self._revisions.notes(episode_id) if note.correction is not None]
        newest = next((each for each in reversed(moves) if each.what == "times"), None)
        # Only the newest can be undone. One that was made from an earlier revision undoes a move itself; a later check
        # may have found other things of it.
        if newest is None or newest.made_from != newest.revision - 1:
            return None
        is_undo = self._catalogue.time_checks.result(episode_id, newest.revision) == "undone"
        return None if is_undo else newest.revision

    def _retimed_since(self, episode_id: str, revision: int) -> bool:
        """Return whether a later revision has other times than the one before it; corrected words only move theirs."""
        later = [note for note in self._revisions.notes(episode_id) if note.number > revision]
        return any(
            (note.correction is None and self._has_other_times(episode_id, note.number))
            or (note.correction is not None and note.correction.what == "times")
            for note in later
        )

    def _has_other_times(self, episode_id: str, revision: int) -> bool:
        """Return whether a revision has other times than the one before; one with other names alone has not."""
        before, after = (self._revisions.canonical(episode_id, each) for each in (revision - 1, revision))
        turns = [[(turn.start, turn.end) for turn in each.turns] for each in (before, after)]
        return turns[0] != turns[1] or before.timings.to_bytes() != after.timings.to_bytes()

    def _write(
        self,
        episode_id: str,
        texts: tuple[Canonical, Canonical],
        made_from: int,
        by: str,
        more: Sequence[Remark],
        without: Collection[Remark],
    ) -> int:
        episode = self._catalogue.episodes.get(episode_id)
        before, after = map(_last, texts)
        # Where the recording's length is not known, an episode is as long as its last word says.
        if None not in (episode.duration, before, after) and abs((episode.duration or 0) - (before or 0)) < _SAME:
            episode = replace(episode, duration=after)
        number = self._revisions.write(episode, texts[1], None, tuple(more), without)
        self._catalogue.corrections.note(episode_id, number, made_from, "times", by)
        return number

    def _exchange_chapters(self, episode_id: str, before: Sequence[Chapter], after: Sequence[Chapter]) -> None:
        """Write the chapters, unless a source or a person has changed them."""
        stored = self._catalogue.chapters
        if stored.of(episode_id) == tuple(before):
            stored.write(episode_id, tuple(after))


def _last(canonical: Canonical) -> float | None:
    """Return the last time of a text, ``None`` without any."""
    ends = [turn.end for turn in canonical.turns if turn.end is not None]
    return max([*ends, *(span.end for span in canonical.timings.spans())], default=None)
