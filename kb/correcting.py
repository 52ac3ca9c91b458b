"""A person's corrections of a transcript: each a revision, merged with what others corrected meanwhile, and undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from .catalogue import Catalogue, Source
from .errors import Conflict, UsageError
from .text.cleaning import fold
from .transcripts.canonical import Canonical
from .transcripts.chunking import chunk
from .transcripts.corrections import correct_turn, restore_turns
from .transcripts.merging import Placed, changed_turns, placed
from .transcripts.voices import recut
from .types import Episode, Segment, Transcript

__all__ = ["canonical", "correct", "revise", "tell_apart", "undo"]

#: More turns than this are no longer one turn that a colleague parted: the transcript was taken in anew.
_MOST_TURNS = 20


def canonical(catalogue: Catalogue, episode_id: str, revision: int | None = None) -> Canonical:
    """Return a revision's text, turns and times; the current revision's unless named."""
    episodes = catalogue.episodes
    number = revision or episodes.current_revision(episodes.get(episode_id).id)
    return Canonical(
        episodes.text(episode_id, number), episodes.turns(episode_id, number), episodes.timings(episode_id, number)
    )


def revise(catalogue: Catalogue, episode: Episode, text: Canonical, source: Source | None) -> int:
    """Write the current revision anew as ``text`` and return its number; who or what made it, and remarks, stay."""
    episodes = catalogue.episodes
    made = episodes.revision(episode.id, episodes.current_revision(episode.id))
    remarks = episodes.remarks(episode.id, made.number)
    transcript = Transcript(
        (), episode.language, made.origin, made.engine, made.model, settings=made.settings, remarks=remarks
    )
    number = made.number + 1
    episodes.add_revision(episode, transcript, text, number, chunk(text, episode.id, number), source)
    return number


def correct(
    catalogue: Catalogue,
    episode_id: str,
    revision: int,
    turn: int,
    text: str,
    by: str,
    speakers: Sequence[str] = (),
    count: int = 1,
) -> int:
    """Write a revision in which ``text`` stands for ``count`` turns of ``revision``, and return its number.

    Empty lines part the turn, ``speakers`` says whose the parts are (``correct_turn``), and ``by`` is noted as who did
    it. What changes nothing writes no revision. Other turns may have been corrected since ``revision``; raises
    ``Conflict`` if these were, and ``UsageError`` for what ``correct_turn`` refuses. Call ``KnowledgeBase.sync`` then.
    """
    with catalogue.transaction():
        current = catalogue.episodes.current_revision(episode_id)
        base = canonical(catalogue, episode_id, revision)
        now = base if revision == current else canonical(catalogue, episode_id, current)
        correct_turn(base, turn, text, speakers, count)  # refuses what can be no correction of it
        at = placed(list(_since(catalogue, episode_id, revision, current)), turn, count)
        new = correct_turn(now, at.first, text, _merged(base, now, turn, at, speakers), at.count)
        if (new.text, new.turns) == (now.text, now.turns):
            return current
        if not at.same or _is_others(base, now, turn, at, speakers):
            raise _conflict(current, at)
        number = revise(catalogue, catalogue.episodes.get(episode_id), new, None)
        what: Literal["words", "speakers"] = "speakers" if new.text.split() == now.text.split() else "words"
        catalogue.corrections.note(episode_id, number, current, what, by)
    return number


def tell_apart(catalogue: Catalogue, episode_id: str, revision: int, parts: Sequence[Segment], by: str) -> int:
    """Write a revision in which the words have the speakers of ``parts`` (``recut``), and return its number.

    Nothing is written where they have them already. Call ``KnowledgeBase.sync`` then. Raises ``Conflict`` if
    ``revision`` is no longer the current one, since the parts are its own.
    """
    with catalogue.transaction():
        current = catalogue.episodes.current_revision(episode_id)
        if current != revision:
            raise Conflict(f"{episode_id} was corrected while its voices were told apart; tell them apart again.")
        now = canonical(catalogue, episode_id, revision)
        new = recut(now, parts)
        if new.turns == now.turns:
            return current
        number = revise(catalogue, catalogue.episodes.get(episode_id), new, None)
        catalogue.corrections.note(episode_id, number, current, "speakers", by)
    return number


def undo(catalogue: Catalogue, episode_id: str, revision: int, by: str) -> int:
    """Write a revision in which what ``revision`` corrected is as it was before it, and return its number.

    Call ``KnowledgeBase.sync`` then.
    Raises ``UsageError`` if it is no person's correction, and ``Conflict`` if the same turns were corrected since.
    """
    with catalogue.transaction():
        noted = {note.number: note.correction for note in catalogue.corrections.revisions(episode_id)}
        if noted.get(revision) is None:
            raise UsageError(f"Revision {revision} of {episode_id} is nobody's correction, so it cannot be undone.")
        current = catalogue.episodes.current_revision(episode_id)
        before, after = (canonical(catalogue, episode_id, number) for number in (revision - 1, revision))
        now = after if revision == current else canonical(catalogue, episode_id, current)
        old, new = changed_turns(before, after)
        at = placed(list(_since(catalogue, episode_id, revision, current)), new.first, new.count)
        if not at.same or _speakers(after, new.first, new.count) != _speakers(now, at.first, at.count):
            raise Conflict(
                f"The words of revision {revision} were corrected again since, so it is not undone. "
                "Correct them by hand."
            )
        restored = restore_turns(now, at.first, at.count, before, old.first, old.count)
        number = revise(catalogue, catalogue.episodes.get(episode_id), restored, None)
        what: Literal["words", "speakers"] = "speakers" if restored.text.split() == now.text.split() else "words"
        # Where nothing came between, the new revision is the one before the correction, made out of that.
        catalogue.corrections.note(episode_id, number, revision - 1 if now is after else current, what, by)
    return number


def _since(catalogue: Catalogue, episode_id: str, revision: int, current: int) -> list[Canonical]:
    return [canonical(catalogue, episode_id, number) for number in range(revision, current + 1)]


def _speakers(text: Canonical, first: int, count: int) -> list[str | None]:
    return [turn.speaker for turn in text.turns[first : first + count]]


def _merged(base: Canonical, now: Canonical, turn: int, at: Placed, speakers: Sequence[str]) -> list[str]:
    """Return who says the parts, by the names that others have given meanwhile to whom the corrector left alone."""
    was, given = base.turns[turn].speaker or "", now.turns[at.first].speaker or ""
    return [given if fold(name) == was else name for name in speakers] or [given]


def _is_others(base: Canonical, now: Canonical, turn: int, at: Placed, speakers: Sequence[str]) -> bool:
    """Return whether somebody has named another speaker of the turn than the corrector does."""
    was, given = base.turns[turn].speaker or "", now.turns[at.first].speaker or ""
    return was != given and bool(speakers) and fold(speakers[0]) not in (was, given)


def _conflict(current: int, at: Placed) -> Conflict:
    if at.count > _MOST_TURNS:
        return Conflict(
            f"This transcript was taken in anew meanwhile (it is at revision {current}), and the turn cannot be found "
            "in it. Copy your words, open the transcript again and repeat the correction."
        )
    return Conflict(
        f"Somebody else corrected this turn meanwhile; the transcript is at revision {current} now. Compare both "
        "versions and save the words that shall stay.",
        current,
        at.first,
        at.count,
    )
