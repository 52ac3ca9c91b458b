"""Which of the items that were met before an item is, in this feed or another one."""

from __future__ import annotations

from dataclasses import replace

from kb.catalogue import Item
from kb.catalogue.feeds import Feeds

from .feeds import Identity, is_same

__all__ = ["find_known", "new_item", "recognised"]


def find_known(feeds: Feeds, feed_id: int, identity: Identity) -> Item | None:
    """Return the item that is this episode: this feed's own, or another's whose files were fetched."""
    same = [
        item
        for item in feeds.resembling(new_item(feed_id, identity, ""))
        if is_same(identity, _identity_of(item), item.feed_id == feed_id)
    ]
    same.sort(key=lambda item: (item.feed_id != feed_id, item.state == "unfetched"))
    return next((item for item in same if item.feed_id == feed_id or item.state != "unfetched"), None)


def recognised(feeds: Feeds, known: Item, feed_id: int, identity: Identity, title: str) -> Item:
    """Write down under which guid, address and title a known episode is found now, in this feed, and return that."""
    if known.feed_id != feed_id:
        return feeds.keep(replace(new_item(feed_id, identity, title), source=known.source))
    guid, address = identity.guid or known.guid, identity.address or known.address
    if (guid, address, identity.title) == (known.guid, known.address, known.title_key):
        return known
    return feeds.keep(replace(known, guid=guid, address=address, title=title, title_key=identity.title))


def new_item(feed_id: int, identity: Identity, title: str) -> Item:
    """Return an item that was not met before; it is not written down yet."""
    return Item(
        id=0,
        feed_id=feed_id,
        title=title,
        published_at=identity.published_at,
        guid=identity.guid,
        address=identity.address,
        title_key=identity.title,
        show_key=identity.show,
    )


def _identity_of(item: Item) -> Identity:
    return Identity(item.title_key, item.guid, item.address, item.published_at, item.show_key)
