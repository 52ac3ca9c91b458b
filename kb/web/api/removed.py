"""Quotes recently removed from collections, so that "Undo" can put them back, even if their episode is removed."""

from __future__ import annotations

from collections import OrderedDict

from ...catalogue import Collected, Collection
from ...errors import NotFound
from ...saved.collections import SavedQuotes
from ...translatable import phrase

__all__ = ["Removed"]

#: Most quotes in memory: "Undo" is pressed soon, or never.
_MOST = 200


class Removed:
    """Removes quotes from collections and puts them back."""

    def __init__(self, collections: SavedQuotes) -> None:
        self._collections = collections
        self._kept: OrderedDict[tuple[int, str], tuple[Collected, int]] = OrderedDict()

    def take_out(self, collection: Collection, quote_id: str) -> None:
        """Remove a quote from a collection; ``NotFound`` if it is not in it."""
        self._kept[collection.id, quote_id] = self._collections.remove(collection.name, quote_id)
        while len(self._kept) > _MOST:
            self._kept.popitem(last=False)

    def put_back(self, collection: Collection, quote_id: str, owner: str | None = None) -> tuple[int, bool]:
        """Put a quote back as and where it was; ``NotFound`` if it was not removed recently. Returns the place it had,
        and ``False`` if it is there already; then nothing changes. ``owner`` is the reader who does it, if it is one.
        """
        kept = self._kept.get((collection.id, quote_id))
        if kept is None:
            raise NotFound(
                phrase(
                    "%(quote)s was not removed from %(name)s recently; save it again.",
                    quote=repr(quote_id[:300]),
                    name=repr(collection.name),
                )
            )
        return kept[1], self._collections.restore(collection.name, *kept, owner)
