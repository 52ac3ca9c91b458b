"""Matches a feed's item with the items that are known from this feed or another one."""

from __future__ import annotations

from dataclasses import replace

from kb.catalogue import Item
from kb.catalogue.feeds import Feeds

from ..feeds import FeedItem, Identity, is_same

__all__ = ["find_known", "new_item", "recognised"]


def find_known(feeds: Feeds, feed_id: int, identity: Identity, found: FeedItem) -> Item | None:
    """Return the item that is this episode: this feed's own, or another's whose files were fetched."""
    same = [
        item
        for item in feeds.resembling(new_item(feed_id, identity, found))
        if is_same(identity, _identity_of(item), item.feed_id == feed_id)
    ]
    same.sort(key=lambda item: (item.feed_id != feed_id, item.state == "unfetched"))
    return next((item for item in same if item.feed_id == feed_id or item.state != "unfetched"), None)


def recognised(feeds: Feeds, known: Item, feed_id: int, identity: Identity, item: FeedItem) -> Item:
    """Store the current guid, address, title and date of a known episode in this feed, and return the item.

    An episode from another feed moves to this feed if the other one is no longer followed.
    """
    if known.feed_id != feed_id:
        known = feeds.keep(replace(new_item(feed_id, identity, item), source=known.source))
    elif (known.guid, known.address, known.title_key, known.published_at, known.published) != (
        identity.guid or known.guid,
        identity.address or known.address,
        identity.title,
        identity.published_at or known.published_at,
        item.published or known.published,
    ):
        known = feeds.keep(
            replace(
                known,
                guid=identity.guid or known.guid,
                address=identity.address or known.address,
                title=item.title,
                title_key=identity.title,
                published_at=identity.published_at or known.published_at,
                published=item.published or known.published,
            )
        )
    return _taken_over(feeds, known) if known.state == "in" and known.stem is None else known


def _taken_over(feeds: Feeds, known: Item) -> Item:
    """Return the item with the files of the episode, if the episode's own feed is no longer followed."""
    owner = next((item for item in feeds.with_source(known.source or "") if item.stem is not None), None)
    if owner is None or any(feed.id == owner.feed_id for feed in feeds.all()):
        return known
    feeds.keep(replace(owner, stem=None))
    kept = {name: getattr(owner, name) for name in ("stem", "sha256", "told", "versions", "asked_at")}
    return feeds.keep(replace(known, **kept))


def new_item(feed_id: int, identity: Identity, item: FeedItem) -> Item:
    """Return a new item, which is not stored yet."""
    return Item(
        id=0,
        feed_id=feed_id,
        title=item.title,
        published_at=identity.published_at,
        guid=identity.guid,
        address=identity.address,
        title_key=identity.title,
        show_key=identity.show,
        published=item.published,
    )


def _identity_of(item: Item) -> Identity:
    return Identity(item.title_key, item.guid, item.address, item.published_at, item.show_key)
