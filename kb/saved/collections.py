"""Collections of quotes and the ledger of who checked them, for every interface; input is checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress

from ..addresses import parse_address
from ..answers.marking import of_one_speaker
from ..catalogue import Catalogue, Collected, Collection, HearingStatus
from ..errors import CatalogueError, NotFound, UsageError
from ..inputs import LONGEST_NAME, checked_line, checked_lines, checked_name, checked_tags
from ..revisions import Revisions
from ..translatable import phrase
from ..translations import Translations
from ..types import Quote
from .limits import check_collections, check_quotes
from .quotes import Resolve, SavedQuote, Standing, standing

__all__ = ["SavedQuotes"]


class SavedQuotes:
    """Quotes in named collections, with notes and tags; ``resolve`` gives the quote at an address.

    Raises ``NotFound`` for an unknown collection or quote, ``UsageError`` for what cannot be saved.
    """

    def __init__(self, catalogue: Catalogue, resolve: Resolve) -> None:
        self._catalogue = catalogue
        self._resolve = resolve
        self._kept = catalogue.collections
        self._translations = Translations(catalogue, Revisions(catalogue))

    def all(self) -> tuple[Collection, ...]:
        """Return every collection, oldest first."""
        return self._kept.all()

    def get(self, name: str) -> Collection:
        """Return the collection of that name."""
        return self._kept.get(name)

    def begin(self, name: str, owner: str | None = None) -> tuple[Collection, bool]:
        """Create a collection for ``owner`` or everybody; return whether it is new. An existing one stays.

        Raises ``UsageError`` if the owner has as many as a reader may have.
        """
        with self._catalogue.transaction():
            begun = self._kept.begin(checked_name(name), owner)
            if begun[1]:
                check_collections(self._kept, owner)
        return begun

    def owner(self, name: str) -> tuple[bool, str | None]:
        """Return whether there is a collection of that name, and its owner."""
        return self._kept.owner(name)

    def rename(self, name: str, wanted: str) -> tuple[Collection, bool]:
        """Rename a collection to an unused name; return the name, and whether it changed."""
        wanted, collection = checked_name(wanted), self.get(name)
        if not self._kept.rename(collection, wanted):
            raise UsageError(phrase("There is a collection %(name)s already; choose another name.", name=repr(wanted)))
        return self.get(wanted), collection.name != wanted

    def delete(self, name: str) -> None:
        """Delete a collection; the ledger of its quotes stays."""
        self._kept.delete(self.get(name))

    def quotes(self, name: str) -> tuple[SavedQuote, ...]:
        """Return the quotes of a collection in its order, as they stand today."""
        found = self._kept.quotes(self.get(name))
        ids = [each.quote.id for each in found]
        histories, hearings = self._catalogue.ledger.histories(ids), self._catalogue.second_hearings.of(ids)
        translations = self._translations.beside([each.quote for each in found])
        return tuple(
            SavedQuote(
                *self._standing(each.quote),
                each.note,
                each.tags,
                histories.get(each.quote.id, ()),
                hearings.get(each.quote.id, ()),
                translations.get(each.quote.id, ()),
            )
            for each in found
        )

    def named(self, quote_ids: Iterable[str]) -> tuple[SavedQuote, ...]:
        """Return the quotes at some addresses, each once, with what the ledger says of them; see ``recall``."""
        found = {quote.id: quote for quote in map(self.recall, quote_ids)}
        ids = list(found)
        histories, hearings = self._catalogue.ledger.histories(ids), self._catalogue.second_hearings.of(ids)
        translations = self._translations.beside(list(found.values()))
        return tuple(
            SavedQuote(
                *self._standing(quote),
                history=histories.get(quote.id, ()),
                hearings=hearings.get(quote.id, ()),
                translations=translations.get(quote.id, ()),
            )
            for quote in found.values()
        )

    def citable(self, quote_ids: Iterable[str]) -> tuple[SavedQuote, ...]:
        """Return quotes as ``named`` does; ``UsageError`` for one with several speakers."""
        found = self.named(quote_ids)
        for each in found:
            if each.standing.kind not in ("gone", "damaged"):
                of_one_speaker(self._catalogue, each.quote)
        return found

    def marks(self, quote_ids: Sequence[str]) -> dict[str, tuple[tuple[str, ...], HearingStatus]]:
        """Return the collections that some quotes are in, newest first, and their status; others are left out."""
        names, histories = self._kept.containing(quote_ids), self._catalogue.ledger.histories(quote_ids)
        return {
            each: (names.get(each, ()), histories[each][-1].status if each in histories else "unheard")
            for each in dict.fromkeys(quote_ids)
            if each in names or each in histories
        }

    def recall(self, quote_id: str) -> Quote:
        """Return the quote at an address, or its saved words if its episode is removed or its transcript damaged.

        Raises ``NotFound``, or ``CatalogueError`` for a damaged transcript, if it was not saved either.
        """
        try:
            return self._resolve(quote_id)
        except (NotFound, CatalogueError):
            with suppress(NotFound):
                return self._kept.saved(str(parse_address(quote_id)))
            raise

    def save(
        self, name: str, quote_id: str, note: str = "", tags: Iterable[str] = (), owner: str | None = None
    ) -> tuple[Quote, bool]:
        """Save a quote of one speaker; return it and whether it is new. The collection is created if needed.

        ``owner`` is the reader who saves it: raises ``UsageError`` if the reader has as many as a reader may have.
        """
        quote = of_one_speaker(self._catalogue, self._resolve(quote_id))
        note, tags = checked_lines(note, phrase("A note")), checked_tags(tags)
        with self._catalogue.transaction():
            is_new = self._kept.add(self.begin(name, owner)[0], quote, note, tags)
            if is_new:
                check_quotes(self._kept, owner)
        return quote, is_new

    def change(
        self,
        name: str,
        quote_id: str,
        note: str | None = None,
        tags: Iterable[str] | None = None,
        place: int | None = None,
        seen_note: str | None = None,
        seen_tags: Iterable[str] | None = None,
    ) -> tuple[int | None, bool]:
        """Change a saved quote's note, its tags and its place, as far as they are given.

        Returns its new place if one is given, and whether anything changed. Raises ``Conflict``, and
        changes nothing, if the note or the tags are no longer those that were seen.
        """
        collection = self.get(name)
        notes = [None if each is None else checked_lines(each, phrase("A note")) for each in (note, seen_note)]
        lists = [None if each is None else checked_tags(each) for each in (tags, seen_tags)]
        with self._catalogue.transaction():
            before = self._kept.place(collection, quote_id)
            changed = self._kept.annotate(collection, quote_id, notes[0], lists[0], notes[1], lists[1])
            if place is None:
                return None, changed
            now = self._kept.move(collection, quote_id, place)
            return now, changed or now != before

    def remove(self, name: str, quote_id: str) -> tuple[Collected, int]:
        """Remove a quote from a collection, and return it with its place; its entries in the ledger stay."""
        collection = self.get(name)
        with self._catalogue.transaction():
            saved = self._kept.quotes(collection)
            self._kept.remove(collection, quote_id)
        return next((each, place) for place, each in enumerate(saved, 1) if each.quote.id == quote_id)

    def restore(self, name: str, removed: Collected, place: int, owner: str | None = None) -> bool:
        """Put a removed quote back as and where it was; ``False`` if it is there already. ``owner`` as for ``save``."""
        with self._catalogue.transaction():
            is_new = self._kept.restore(self.get(name), removed, place)
            if is_new:
                check_quotes(self._kept, owner)
        return is_new

    def exchange(self, name: str, quote_id: str, other_id: str) -> tuple[Quote, int]:
        """Replace a saved quote by another one of the same episode, such as its corrected words.

        Returns it and its place. The note and the tags stay; the ledger's entries belong to the old words, so the new
        ones are "unheard".
        """
        if parse_address(other_id).episode_id != parse_address(quote_id).episode_id:
            raise UsageError(
                phrase("%(quote)s is of another episode; save it as a quote of its own.", quote=repr(other_id[:300]))
            )
        quote = of_one_speaker(self._catalogue, self._resolve(other_id))
        return quote, self._kept.exchange(self.get(name), quote_id, quote)

    def correct(self, name: str, quote_id: str) -> Quote | None:
        """Replace a saved quote by the corrected transcript's words; ``None`` if these are the same."""
        found = {each.quote.id: each for each in self.quotes(name)}
        if quote_id not in found:
            raise NotFound(
                phrase("%(quote)s is not in the collection %(name)s.", quote=repr(quote_id[:300]), name=repr(name))
            )
        corrected = found[quote_id].standing.corrected(found[quote_id].quote)
        return corrected and self.exchange(name, quote_id, corrected.id)[0]

    def judge(self, quote_id: str, status: HearingStatus, by: str, remark: str = "") -> None:
        """Record who compared a quote with the sound, and what they found; entries are never deleted."""
        by, remark = checked_line(by, phrase("A name"), LONGEST_NAME), checked_lines(remark, phrase("A remark"), 2_000)
        self._catalogue.ledger.enter(self.recall(quote_id), status, by, remark)

    def _standing(self, saved: Quote) -> tuple[Quote, Standing]:
        """Return a quote from its transcript, or its saved words if that is removed, damaged or replaced."""
        try:
            quote = self._resolve(saved.id)
        except NotFound:
            return saved, Standing("gone")
        except CatalogueError:
            return saved, Standing("damaged")
        if quote.text != saved.text:  # an episode that was removed and added again may have the old one's address
            return saved, Standing("gone")
        return quote, standing(self._catalogue, quote)
