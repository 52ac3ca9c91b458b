"""A person's corrections: of what is known about an episode, and of its transcript.

Each correction of a transcript is a revision, merged with what others corrected meanwhile, and can be undone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from .catalogue import Catalogue
from .errors import Conflict, UsageError
from .revisions import Revisions
from .text.cleaning import clean_episode, fold
from .text.spelt import spelt_as_listed
from .timing import Timing
from .transcripts.canonical import Canonical
from .transcripts.clocks import Clock, moved_alike
from .transcripts.corrections import correct_turn, restore_turns
from .transcripts.merging import Placed, changed_turns, placed
from .transcripts.respelling import Respelling, respelt_turns
from .transcripts.voices import recut
from .translatable import phrase
from .types import Episode, Remark, Segment

__all__ = ["Corrector"]

#: More turns than this cannot come from splitting one turn: the transcript was replaced.
_MOST_TURNS = 20


class Corrector:
    """Corrects episodes, all or nothing; call ``KnowledgeBase.sync`` then.

    Reading an episode's sources again does not undo corrections, unless the sources have new values.
    """

    def __init__(self, catalogue: Catalogue, revisions: Revisions) -> None:
        self._catalogue = catalogue
        self._revisions = revisions
        self._timing = Timing(catalogue, revisions)

    def edited(self, episode_id: str) -> tuple[str, ...]:
        """Return which fields of what is known about an episode a person corrected."""
        return self._catalogue.edits.fields(episode_id)

    def edit(
        self, corrected: Episode, names: Mapping[str, str] | None = None, by: str | None = None
    ) -> tuple[str, Literal["revised", "updated", "unchanged"]]:
        """Correct an episode's metadata, and by ``names`` its speakers' names.

        "" is an unknown speaker, as an old name and as a new one. People of a speaker's old name are renamed with the
        speaker, and ``by`` is recorded as the author. Raises ``NotFound`` for an unknown episode and ``UsageError`` for
        a speaker who is not in its transcript; then nothing is changed.
        """
        names = {old: fold(new) for old, new in (names or {}).items()}
        corrected = clean_episode(corrected)
        known = self._catalogue.episodes.get(corrected.id)
        speakers = dict.fromkeys(turn.speaker or "" for turn in self._revisions.canonical(known.id).turns)
        for name in names:
            if name not in speakers:
                named = ", ".join(filter(None, speakers))
                others = f"its speakers are {named}" if named else "its transcript names none"
                who = f"speaker {name!r}" if name else "unknown speaker"
                raise UsageError(f"There is no {who} in {known.id}; {others}.")
        people = (replace(person, name=names.get(person.name) or person.name) for person in corrected.people)
        corrected = replace(corrected, people=tuple(dict.fromkeys(people)))  # two who become one are there once
        with self._catalogue.transaction():
            if corrected != known:
                self._catalogue.edits.correct(known, corrected)
            if self._revisions.rename_speakers(self._catalogue.episodes.get(known.id), names):
                if by:
                    current = self._revisions.latest(known.id)
                    self._catalogue.corrections.note(known.id, current, current - 1, "speakers", by)
                return known.id, "revised"
        return known.id, "unchanged" if corrected == known else "updated"

    def correct(
        self,
        episode_id: str,
        revision: int,
        turn: int,
        text: str,
        by: str,
        speakers: Sequence[str] = (),
        count: int = 1,
    ) -> int:
        """Write a revision in which ``text`` stands for ``count`` turns of ``revision``, and return its number.

        Empty lines split the turn, ``speakers`` names the parts' speakers (``correct_turn``), and ``by`` is recorded as
        the author. Without a change, no revision is written. Other turns may have been corrected since ``revision``;
        raises ``Conflict`` if these were, and ``UsageError`` for what ``correct_turn`` refuses.
        """
        with self._catalogue.transaction():
            current = self._revisions.latest(episode_id)
            base = self._revisions.canonical(episode_id, revision)
            now = base if revision == current else self._revisions.canonical(episode_id, current)
            correct_turn(base, turn, text, speakers, count)  # refuses what can be no correction of it
            at = placed(self._since(episode_id, revision, current), turn, count)
            new = correct_turn(now, at.first, text, _merged(base, now, turn, at, speakers), at.count)
            if (new.text, new.turns) == (now.text, now.turns):
                return current
            if not at.same or _is_others(base, now, turn, at, speakers):
                raise _conflict(current, at)
            return self._write(episode_id, now, new, current, by)

    def tell_apart(self, episode_id: str, revision: int, parts: Sequence[Segment], by: str) -> int:
        """Write a revision in which the words have the speakers of ``parts`` (``recut``), and return its number.
        Without a change, nothing is written. Raises ``Conflict`` if ``revision``, from which the parts were cut, is no
        longer the current one.
        """
        with self._catalogue.transaction():
            current = self._revisions.latest(episode_id)
            if current != revision:
                raise Conflict(f"{episode_id} was corrected while its voices were told apart; tell them apart again.")
            now = self._revisions.canonical(episode_id, revision)
            new = recut(now, parts)
            return current if new.turns == now.turns else self._write(episode_id, now, new, current, by)

    def undo(self, episode_id: str, revision: int, by: str) -> int:
        """Write a revision that undoes what ``revision`` corrected, and return its number.

        Raises ``UsageError`` if it is no person's correction, ``Conflict`` if the same turns were corrected since.
        """
        with self._catalogue.transaction():
            noted = {note.number: note.correction for note in self._revisions.notes(episode_id)}
            undone = noted.get(revision)
            if undone is None:
                raise UsageError(
                    phrase(
                        "Revision %(revision)s of %(episode)s is not a person's correction, so it cannot be undone.",
                        revision=str(revision),
                        episode=episode_id,
                    )
                )
            if undone.what == "times":
                return self._timing.undo(episode_id, revision, by)
            current = self._revisions.latest(episode_id)
            before, after = (self._revisions.canonical(episode_id, number) for number in (revision - 1, revision))
            now = after if revision == current else self._revisions.canonical(episode_id, current)
            old, new = changed_turns(before, after)
            at = placed(self._since(episode_id, revision, current), new.first, new.count)
            if not at.same or _speakers(after, new.first, new.count) != _speakers(now, at.first, at.count):
                raise Conflict(
                    phrase(
                        "The words of revision %(revision)s were corrected again since, so it is not undone. "
                        "Correct them by hand.",
                        revision=str(revision),
                    )
                )
            # Times may have moved since; the words of before are put where they are heard now.
            moved = moved_alike(before, after, now)
            restored = restore_turns(now, at.first, at.count, moved, old.first, old.count)
            told, before_it = (self._revisions.remarks(episode_id, each) for each in (revision, revision - 1))
            made_by_it = frozenset(told) - frozenset(before_it)
            made_by_it |= frozenset(map(Clock.between(after, now).moved_remark, made_by_it))
            # If no other revision came between, the new one is a copy of the one before the correction.
            made_from = revision - 1 if now is after else current
            return self._write(episode_id, now, restored, made_from, by, without=made_by_it)

    def respell(self, episode_id: str, places: Sequence[Respelling], by: str) -> int:
        """Write one revision in which these places of the current one are spelt as in the list. Returns its number.
        Each place gets a remark with what the recogniser wrote. ``undo`` takes all of them back. Raises ``Conflict`` if
        the transcript has changed since the places were found.
        """
        with self._catalogue.transaction():
            current = self._revisions.latest(episode_id)
            now = self._revisions.canonical(episode_id, current)
            if any(now.text[place.char_start : place.char_end] != place.heard for place in places):
                changed = phrase(
                    "The transcript of %(episode)s was changed meanwhile; look for the names again.", episode=episode_id
                )
                raise Conflict(changed, current)
            new = now
            for turn, words in respelt_turns(now, places).items():
                new = correct_turn(new, turn, words, (), 1)
            if new.text == now.text:
                return current
            return self._write(episode_id, now, new, current, by, more=[_remark(now, place) for place in places])

    def _write(
        self,
        episode_id: str,
        now: Canonical,
        new: Canonical,
        made_from: int,
        by: str,
        more: Sequence[Remark] = (),
        without: Collection[Remark] = (),
    ) -> int:
        number = self._revisions.write(self._catalogue.episodes.get(episode_id), new, None, more, without)
        what: Literal["words", "speakers"] = "speakers" if new.text.split() == now.text.split() else "words"
        self._catalogue.corrections.note(episode_id, number, made_from, what, by)
        return number

    def _since(self, episode_id: str, revision: int, current: int) -> list[Canonical]:
        return [self._revisions.canonical(episode_id, number) for number in range(revision, current + 1)]


def _remark(text: Canonical, place: Respelling) -> Remark:
    when = text.timings.when(place.char_start, place.char_end)
    return Remark("note", when.start, when.end, place.heard, spelt_as_listed(place.name, place.heard))


def _speakers(text: Canonical, first: int, count: int) -> list[str | None]:
    return [turn.speaker for turn in text.turns[first : first + count]]


def _merged(base: Canonical, now: Canonical, turn: int, at: Placed, speakers: Sequence[str]) -> list[str]:
    """Return the speakers of the parts; where the corrector changed none, names that others gave meanwhile stay."""
    was, given = base.turns[turn].speaker or "", now.turns[at.first].speaker or ""
    return [given if fold(name) == was else name for name in speakers] or [given]


def _is_others(base: Canonical, now: Canonical, turn: int, at: Placed, speakers: Sequence[str]) -> bool:
    """Return whether somebody has named another speaker of the turn than the corrector does."""
    was, given = base.turns[turn].speaker or "", now.turns[at.first].speaker or ""
    return was != given and bool(speakers) and fold(speakers[0]) not in (was, given)


def _conflict(current: int, at: Placed) -> Conflict:
    if at.count > _MOST_TURNS:
        return Conflict(
            phrase(
                "This transcript was taken in again meanwhile (it is at revision %(revision)s), and the turn cannot be "
                "found in it. Copy your words, open the transcript again and repeat the correction.",
                revision=str(current),
            )
        )
    return Conflict(
        phrase(
            "Somebody else corrected this turn meanwhile; the transcript is at revision %(revision)s now. Compare both "
            "versions and save the words to keep.",
            revision=str(current),
        ),
        current,
        at.first,
        at.count,
    )
