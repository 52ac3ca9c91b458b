"""A person's corrections of a transcript: each a revision, merged with what others corrected meanwhile, and undone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

from .catalogue import Catalogue, Source
from .errors import Conflict, UsageError
from .text.cleaning import fold
from .transcripts.canonical import Canonical
from .transcripts.chunking import chunk
from .transcripts.corrections import correct_turn, restore_turns
from .transcripts.merging import Placed, changed_turns, placed
from .transcripts.respelling import Respelling, respelt_turns
from .types import Episode, Remark, Transcript

__all__ = ["canonical", "correct", "respell", "revise", "undo"]

#: More turns than this are no longer one turn that a colleague parted: the transcript was taken in anew.
_MOST_TURNS = 20


def canonical(catalogue: Catalogue, episode_id: str, revision: int | None = None) -> Canonical:
    """Return a revision's text, turns and times; the current revision's unless named."""
    episodes = catalogue.episodes
    number = revision or episodes.current_revision(episodes.get(episode_id).id)
    return Canonical(
        episodes.text(episode_id, number), episodes.turns(episode_id, number), episodes.timings(episode_id, number)
    )


def revise(
    catalogue: Catalogue,
    episode: Episode,
    text: Canonical,
    source: Source | None,
    more: Sequence[Remark] = (),
    without: Collection[Remark] = (),
) -> int:
    """Write the current revision anew as ``text`` and return its number; who or what made it stays.

    So do its remarks, but for those ``without`` which it is to be; ``more`` are added.
    """
    episodes = catalogue.episodes
    made = episodes.revision(episode.id, episodes.current_revision(episode.id))
    remarks = tuple(remark for remark in episodes.remarks(episode.id, made.number) if remark not in without)
    remarks += tuple(more)
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
        told, before_it = (catalogue.episodes.remarks(episode_id, each) for each in (revision, revision - 1))
        made_by_it = frozenset(told) - frozenset(before_it)
        number = revise(catalogue, catalogue.episodes.get(episode_id), restored, None, without=made_by_it)
        what: Literal["words", "speakers"] = "speakers" if restored.text.split() == now.text.split() else "words"
        # Where nothing came between, the new revision is the one before the correction, made out of that.
        catalogue.corrections.note(episode_id, number, revision - 1 if now is after else current, what, by)
    return number


def respell(catalogue: Catalogue, episode_id: str, places: Sequence[Respelling], by: str) -> int:
    """Write one revision in which these places of the current one are spelt as the list has them; return its number.

    Each is remarked, with what the recogniser wrote. ``undo`` takes all of them back. Call ``KnowledgeBase.sync`` then.
    Raises ``Conflict`` if the transcript has changed since the places were found.
    """
    with catalogue.transaction():
        current = catalogue.episodes.current_revision(episode_id)
        now = canonical(catalogue, episode_id, current)
        if any(now.text[place.char_start : place.char_end] != place.heard for place in places):
            raise Conflict(f"The transcript of {episode_id} was changed meanwhile; look for the names again.", current)
        new = now
        for turn, words in respelt_turns(now, places).items():
            new = correct_turn(new, turn, words, (), 1)
        if new.text == now.text:
            return current
        remarks = [_remark(now, place) for place in places]
        number = revise(catalogue, catalogue.episodes.get(episode_id), new, None, more=remarks)
        catalogue.corrections.note(episode_id, number, current, "words", by)
    return number


def _remark(text: Canonical, place: Respelling) -> Remark:
    when = text.timings.when(place.char_start, place.char_end)
    note = f"Spelt “{place.name}” as in your list of names; the recogniser wrote “{place.heard}”."
    return Remark("note", when.start, when.end, place.heard, note)


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
