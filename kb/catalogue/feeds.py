"""Feeds that are followed, and what became of each of their items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from ..errors import NotFound
from ..timecode import now
from .database import Database
from .rows import marks

__all__ = ["Feeds", "Followed", "Following", "Item", "ItemState", "counted_by_state"]

#: The result of following a feed: "unchanged" means that it is followed already with these options.
Following = Literal["added", "updated", "unchanged"]
ItemState = Literal["in", "queued", "failed", "unfetched", "dropped"]

_FEED = "id, url, title, options, etag, last_modified, checked_at, problem, again_at, added_at"
_KEPT = (
    "feed_id title published_at guid address title_key show_key stem source sha256 problem again_at published told "
    "versions asked_at corrected corrected_at"
).split()
_KEEP = (
    f"INSERT INTO feed_items (id, {', '.join(_KEPT)}) VALUES (?, {marks(_KEPT)}) "
    f"ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _KEPT)} RETURNING id"
)
_ITEM = """
    SELECT i.id, i.feed_id, i.title, i.published_at, i.guid, i.address, i.title_key, i.show_key, i.stem, i.source,
           i.sha256, coalesce(j.reason, i.problem), i.again_at, i.published, i.told, i.versions, i.asked_at,
           i.corrected, i.corrected_at, s.episode_id,
           CASE WHEN s.episode_id IS NOT NULL THEN 'in'
                WHEN j.state IS NOT NULL THEN iif(j.state = 'failed', 'failed', 'queued')
                WHEN i.source IS NOT NULL THEN 'dropped'
                ELSE 'unfetched' END
    FROM feed_items i LEFT JOIN sources s ON s.uri = i.source LEFT JOIN jobs j ON j.uri = i.source
"""


@dataclass(frozen=True, slots=True)
class Followed:
    """A feed; ``options`` is JSON, times are ISO and UTC, ``problem`` says why the last check failed."""

    id: int
    url: str
    title: str
    options: str
    etag: str | None
    last_modified: str | None
    checked_at: str | None
    problem: str | None
    again_at: str | None
    added_at: str


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a feed: how it is recognised, and its state.

    ``published`` is the publisher's own day, ``published_at`` an instant in UTC. ``told`` and ``versions`` are JSON:
    its metadata in the feed, and which files are here; ``asked_at`` is when their servers were last asked for others.
    ``corrected`` says what the publisher changed last, at ``corrected_at``.

    ``state``: ``in`` (as ``episode_id``), ``queued`` or ``failed`` in the queue, ``dropped`` from it or removed by
    the user, or ``unfetched``, for the reason in ``problem``.
    """

    id: int
    feed_id: int
    title: str
    published_at: str | None
    guid: str | None
    address: str | None
    title_key: str
    show_key: str
    stem: str | None = None
    source: str | None = None
    sha256: str | None = None
    problem: str | None = None
    again_at: str | None = None
    published: str | None = None
    told: str | None = None
    versions: str | None = None
    asked_at: str | None = None
    corrected: str | None = None
    corrected_at: str | None = None
    episode_id: str | None = None
    state: ItemState = "unfetched"


def counted_by_state(items: Iterable[Item]) -> dict[str, int]:
    """Return how many of the items each state has."""
    counts = Counter(item.state for item in items)
    return {state: counts[state] for state in get_args(ItemState)}


class Feeds:
    """Remembers feeds, when to look at them again, and their items; an item is never forgotten."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def follow(self, url: str, title: str, options: str) -> tuple[Followed, Following]:
        """Follow a feed, with these options from now on, and return what that changes."""
        before = next((feed.options for feed in self.all() if feed.url == url), None)
        following: Following = "added" if before is None else "unchanged" if before == options else "updated"
        with self._database.transaction() as sql:
            sql.execute(
                "INSERT INTO feeds (url, title, options, added_at) VALUES (?, ?, ?, ?) ON CONFLICT (url) DO UPDATE "
                # New options may need more of the document than the last reading took.
                "SET options = excluded.options, title = iif(excluded.title = '', title, excluded.title), "
                "removed_at = NULL, etag = NULL, last_modified = NULL, again_at = NULL",
                (url, title, options, now()),
            )
        return self.get(url), following

    def set_options(self, feed_id: int, options: str) -> None:
        """Replace a feed's options with others that need nothing more of its document."""
        with self._database.transaction() as sql:
            sql.execute("UPDATE feeds SET options = ? WHERE id = ?", (options, feed_id))

    def unfollow(self, feed_id: int) -> None:
        """Stop following a feed; its episodes stay."""
        with self._database.transaction() as sql:
            sql.execute("UPDATE feeds SET removed_at = ? WHERE id = ?", (now(), feed_id))

    def all(self) -> tuple[Followed, ...]:
        """Return the feeds that are followed, in the order in which they came."""
        rows = self._database.read(f"SELECT {_FEED} FROM feeds WHERE removed_at IS NULL ORDER BY id")
        return tuple(Followed(*row) for row in rows)

    def get(self, name: str) -> Followed:
        """Return a feed by its number or address; ``NotFound`` if there is none."""
        for feed in self.all():
            if name in (str(feed.id), feed.url):
                return feed
        raise NotFound(f"There is no feed {name[:300]!r}; 'kb feeds list' lists them.")

    def want(self, feed_id: int) -> None:
        """Record that a feed is to be checked."""
        with self._database.transaction() as sql:
            sql.execute("UPDATE feeds SET wanted_at = ? WHERE id = ?", (now(), feed_id))

    def looked_at(self, feed_id: int) -> None:
        """Record that a feed no longer needs a check."""
        with self._database.transaction() as sql:
            sql.execute("UPDATE feeds SET wanted_at = NULL WHERE id = ?", (feed_id,))

    def wanted(self) -> tuple[int, ...]:
        """Return the feeds to be checked, the longest waiting first."""
        query = "SELECT id FROM feeds WHERE wanted_at IS NOT NULL AND removed_at IS NULL ORDER BY wanted_at, id"
        return tuple(row[0] for row in self._database.read(query))

    def checked(self, feed_id: int, title: str | None, etag: str | None, last_modified: str | None) -> None:
        """Record that a feed was read, and which version of it."""
        with self._database.transaction() as sql:
            sql.execute(
                "UPDATE feeds SET checked_at = ?, title = coalesce(?, title), etag = ?, last_modified = ?, "
                "problem = NULL, again_at = NULL WHERE id = ?",
                (now(), title, etag, last_modified, feed_id),
            )

    def failed(self, feed_id: int, problem: str, again_at: str | None) -> None:
        """Record why a feed could not be read, and until when its server asked to be left alone."""
        with self._database.transaction() as sql:
            sql.execute(
                "UPDATE feeds SET checked_at = ?, problem = ?, again_at = ? WHERE id = ?",
                (now(), problem, again_at, feed_id),
            )

    def items(self, feed_id: int) -> tuple[Item, ...]:
        """Return a feed's items, the newest first."""
        return self._items("WHERE i.feed_id = ? ORDER BY i.published_at DESC, i.id", (feed_id,))

    def resembling(self, item: Item) -> tuple[Item, ...]:
        """Return the items of all feeds that have the guid, the address or the title of ``item``."""
        found = "WHERE i.guid = ? OR i.address = ? OR i.title_key = ? ORDER BY i.id"
        return self._items(found, (item.guid, item.address, item.title_key))

    def with_source(self, uri: str) -> tuple[Item, ...]:
        """Return the items of all feeds that are taken in from this address."""
        return self._items("WHERE i.source = ? ORDER BY i.id", (uri,))

    def with_recording(self, sha256: str) -> tuple[Item, ...]:
        """Return the items of all feeds whose recording has this SHA-256."""
        return self._items("WHERE i.sha256 = ? ORDER BY i.id", (sha256,))

    def has_stem(self, stem: str) -> bool:
        """Return whether an item's files have this name."""
        return bool(self._database.read("SELECT 1 FROM feed_items WHERE stem = ?", (stem,)))

    def keep(self, item: Item) -> Item:
        """Write an item, a new one if its id is 0, and return it as it then is."""
        values = tuple(getattr(item, name) for name in _KEPT)
        with self._database.transaction() as sql:
            row = sql.execute(_KEEP, (item.id or None, *values)).fetchone()
        return self._items("WHERE i.id = ?", (row[0],))[0]

    def _items(self, condition: str, parameters: tuple[object, ...]) -> tuple[Item, ...]:
        return tuple(Item(*row) for row in self._database.read(_ITEM + condition, parameters))
