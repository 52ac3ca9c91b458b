"""How much a reader may keep in collections of their own, so that nobody fills the disk for all.

What is checked is what has just been written, within the transaction: an error takes it back.
"""

from __future__ import annotations

from ..catalogue.collections import Collections
from ..errors import UsageError
from ..inputs import person_key
from ..translatable import phrase

__all__ = ["MOST_COLLECTIONS", "MOST_QUOTES", "check_collections", "check_quotes"]

MOST_COLLECTIONS = 1_000
MOST_QUOTES = 100_000


def check_collections(kept: Collections, owner: str | None) -> None:
    """Raise ``UsageError`` if a reader has more collections than a reader may have; ``None`` may have any number."""
    if owner is not None and sum(_owned(kept, owner).values()) > MOST_COLLECTIONS:
        raise UsageError(
            phrase(
                "You have %(most)s collections of your own, which is the most a reader can have; delete one first.",
                most=MOST_COLLECTIONS,
            )
        )


def check_quotes(kept: Collections, owner: str | None) -> None:
    """Raise ``UsageError`` if a reader's collections hold more quotes than they may; for ``None``, any number."""
    if owner is not None and sum(map(kept.count_quotes, _owned(kept, owner))) > MOST_QUOTES:
        raise UsageError(
            phrase(
                "Your collections hold %(most)s quotes, which is the most a reader can save; remove some first.",
                most=MOST_QUOTES,
            )
        )


def _owned(kept: Collections, owner: str) -> dict[str, int]:
    """Return the number of a reader's collections by each spelling of the reader's name."""
    return {name: count for name, count in kept.owners().items() if person_key(name) == person_key(owner)}
