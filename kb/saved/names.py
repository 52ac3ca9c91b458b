"""Expected names: find words in transcripts that sound like one of the list, and correct them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..catalogue import Catalogue, Correction
from ..correcting import Corrector
from ..embedding import ordinary_words
from ..errors import NotFound, UsageError
from ..inputs import checked_line
from ..revisions import Revisions
from ..text.sounding import letters
from ..transcripts.respelling import Expected, Respelling, respellings
from ..translatable import phrase
from ..types import Remark

__all__ = ["NamePlace", "Names", "NamesCorrected", "by_list"]

_LONGEST = 60
#: Ends the author of a revision that the list made.
_BY_LIST = ", by the list of names"


def by_list(person: str) -> str:
    """Return the author of corrections that a person lets the list make."""
    return f"{person}{_BY_LIST}"


@dataclass(frozen=True, slots=True)
class NamePlace:
    """A place of an episode's current revision; ``id`` is its address, ``start`` seconds, ``None`` if unknown."""

    id: str
    episode_id: str
    revision: int
    start: float | None
    found: Respelling


@dataclass(frozen=True, slots=True)
class NamesCorrected:
    """A revision that the list made and that still stands: ``remarks`` say how each place was spelt before."""

    episode_id: str
    revision: int
    by: str
    made_at: str
    remarks: tuple[Remark, ...]


class Names:
    """The list of a knowledge base, and the machine transcripts that it is compared with."""

    def __init__(self, catalogue: Catalogue, revisions: Revisions, corrections: Corrector) -> None:
        self._catalogue = catalogue
        self._revisions = revisions
        self._corrections = corrections

    def all(self) -> tuple[str, ...]:
        """Return the list."""
        return self._catalogue.expected_names.all()

    def add(self, names: Iterable[str]) -> int:
        """Add names, and return how many were new; ``UsageError`` for what is no name."""
        return self._catalogue.expected_names.add([checked_line(name, phrase("A name"), _LONGEST) for name in names])

    def remove(self, names: Iterable[str]) -> int:
        """Remove names, and return how many were there."""
        return self._catalogue.expected_names.remove([" ".join(name.split()) for name in names])

    def check(self, episode_ids: Iterable[str] = ()) -> Iterator[NamePlace]:
        """Yield places where a name is probably misspelt, in these episodes or in all machine transcripts."""
        episodes = self._catalogue.episodes
        chosen = [episodes.get(each).id for each in episode_ids] or [each.id for each in episodes.all()]
        known = {letters(facet.value) for facet in self._catalogue.facets.speakers()}
        expected = Expected(self.all(), ordinary_words(), frozenset(known))
        for episode_id in chosen if expected.names else ():
            number = self._revisions.latest(episode_id)
            if self._revisions.get(episode_id, number).origin != "machine":
                continue  # a person's spelling is not questioned
            text = self._revisions.canonical(episode_id, number)
            for found in respellings(text, expected):
                address = f"{episode_id}@{number}:{found.char_start}-{found.char_end}"
                start = text.timings.when(found.char_start, found.char_end).start
                yield NamePlace(address, episode_id, number, start, found)

    def apply(self, ids: Iterable[str] = (), by: str = "unknown") -> tuple[tuple[NamePlace, ...], dict[str, int]]:
        """Correct the places with these addresses, or every sure one; return them, and each episode's new revision.

        Call ``KnowledgeBase.sync`` then. ``NotFound`` for an address where nothing is found now,
        ``UsageError`` for what is no address.
        """
        wanted = tuple(dict.fromkeys(ids))
        for each in wanted:
            if "@" not in each:
                raise UsageError(f"{each[:200]!r} is no place; name one that 'kb names check' lists, or none at all.")
        episodes = dict.fromkeys(each.rpartition("@")[0] for each in wanted)
        found = tuple(each for each in self.check(episodes) if each.id in wanted or (not wanted and each.found.sure))
        missing = set(wanted) - {each.id for each in found}
        if missing:
            raise NotFound(f"{min(missing)[:200]!r} is not a place that 'kb names check' lists now; run it again.")
        made = {}
        for episode_id in dict.fromkeys(each.episode_id for each in found):
            places = [each.found for each in found if each.episode_id == episode_id]
            made[episode_id] = self._corrections.respell(episode_id, places, by)
        return found, made

    def corrected(self, most: int = 50) -> tuple[NamesCorrected, ...]:
        """Return the newest revisions that the list made, the newest first, without those that were undone."""
        return tuple(each for each in map(self._standing, self._catalogue.corrections.by(_BY_LIST, most)) if each)

    def _standing(self, made: tuple[str, Correction]) -> NamesCorrected | None:
        episode_id, note = made
        remarks = self._revisions.remarks
        before, now = remarks(episode_id, note.revision - 1), remarks(episode_id, self._revisions.latest(episode_id))
        mine = tuple(each for each in remarks(episode_id, note.revision) if each not in before and each in now)
        by = note.by.removesuffix(_BY_LIST)
        return NamesCorrected(episode_id, note.revision, by, note.made_at, mine) if mine else None

    def undo(self, episode_id: str, revision: int, by: str) -> int:
        """Undo the corrections of a revision, and return the new revision's number; see ``Corrector.undo``."""
        return self._corrections.undo(episode_id, revision, by)
