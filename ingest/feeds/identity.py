"""Whether two items are the same episode, even if its guid, its address or its place has changed.

A guid alone is not enough: hosts make new ones when a show moves, some feeds count 1, 2, 3, and some give every item
the same. Nor is an address: some shows serve each day's bulletin under the same one. Two features have to agree.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from ingest.feeds.types import UNTITLED, Feed, FeedItem
from ingest.metadata import AUDIO_SUFFIXES
from kb.text.cleaning import fold
from kb.translatable import phrase

__all__ = ["Identity", "bare_address", "identify", "is_same"]

# What a host's name looks like between slashes; "redirect.mp3" and "play.php" are not hosts.
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?P<top>[a-z]{2,24})(?::\d{1,5})?", re.IGNORECASE)
_FILES = frozenset(".php .asp .aspx .jsp .cgi .htm .html .xml .mpga".split()) | AUDIO_SUFFIXES
# Query parameters that identify the listener, not the recording.
_TOKEN = re.compile(
    r"utm_.*|aw_.*|aw(?:collection|episode)id|.*token|.*signature|sig|hmac|expires?|policy|key-pair-id|x-(?:amz|goog)-.*|"
    r"session.*|listen.*|client.*|played_from|tracking.*|_from|dest-id|cb",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Identity:
    """The features that identify an episode; a guid or address that other episodes share is left out."""

    title: str
    guid: str | None = None
    #: The recording's address without trackers and tokens.
    address: str | None = None
    #: An instant as in ``FeedItem``, or an ISO date if the time is not known.
    published_at: str | None = None
    #: The show's name.
    show: str = ""


def identify(feed: Feed, show: str | None = None) -> tuple[tuple[Identity, ...], tuple[str, ...]]:
    """Return the identity of each item of a feed, in order, and notes about guids that are not unique."""
    addresses = [bare_address(item.enclosure.url) if item.enclosure else None for item in feed.items]
    notes: list[str] = []
    broken_guids = set(_shared(feed.items, lambda number: feed.items[number].guid, addresses))
    broken_addresses = set(_shared(feed.items, lambda number: addresses[number], [i.guid for i in feed.items]))
    if broken_guids:
        notes.append(
            phrase(
                "The feed gives different episodes the same guid (%(guid)s); they are told apart by their addresses.",
                guid=repr(sorted(broken_guids)[0][:80]),
            )
        )
    identities = tuple(
        Identity(
            title="" if item.title == UNTITLED else _key(item.title),
            guid=None if item.guid in broken_guids else item.guid,
            address=None if address in broken_addresses else address,
            published_at=item.published_at,
            show=_key(show or feed.title),
        )
        for item, address in zip(feed.items, addresses, strict=True)
    )
    return identities, tuple(notes)


def is_same(one: Identity, other: Identity, same_feed: bool) -> bool:
    """Return whether two identities belong to the same episode.

    The same guid counts if the title agrees too or, within a feed, the address or the date; the same address if the
    title or the date does. Without either, an episode of the same title and the same moment in the same show is a
    republished one.
    """
    title = one.title == other.title != ""
    address = one.address is not None and one.address == other.address
    day = one.published_at is not None and (one.published_at or "")[:10] == (other.published_at or "")[:10]
    if one.guid is not None and one.guid == other.guid and (title or (same_feed and (address or day))):
        return True
    if address and (title or day):
        return True
    return title and (same_feed or one.show == other.show != "") and _same_moment(one, other)


def bare_address(url: str) -> str:
    """Return a recording's address without trackers, tokens, fragment, scheme and ``www.``.

    Trackers redirect to the address that follows in their own path, as in ``dts.podtrac.com/redirect.mp3/HOST/FILE``
    or ``mgln.ai/e/1/https%3A%2F%2FHOST%2FFILE``; the last one in it is the recording's.
    """
    try:
        parts = urlsplit(url.strip())
    except ValueError:  # http://[
        return url
    whole, _, inner = unquote(parts.path).partition("?")
    segments = [parts.netloc.rpartition("@")[2], *whole.split("/")[1:]]
    first = max((n for n, segment in enumerate(segments[:-1]) if n == 0 or _is_host(segment)), default=0)
    host = re.sub(r"^www\.|:(?:80|443)$", "", segments[first].lower())
    path = "/".join(segment for segment in segments[first + 1 :] if segment)
    query = "" if PurePosixPath(path).suffix.lower() in AUDIO_SUFFIXES else _kept(inner or parts.query)
    return f"{host}/{path}{f'?{query}' if query else ''}"


def _is_host(segment: str) -> bool:
    match = _HOST.fullmatch(segment)
    return match is not None and f".{match['top'].lower()}" not in _FILES


def _kept(query: str) -> str:
    """Return the parameters of a query that say which recording, in one order."""
    try:
        pairs = parse_qsl(query, max_num_fields=100)
    except ValueError:
        return ""
    return urlencode(sorted(pair for pair in pairs if not _TOKEN.fullmatch(pair[0])))


def _shared(
    items: tuple[FeedItem, ...], key_of: Callable[[int], str | None], others: list[str | None]
) -> Iterator[str]:
    """Yield the keys that are shared by items with different titles and different ``others``."""
    having: defaultdict[str, list[int]] = defaultdict(list)
    for number in range(len(items)):
        key = key_of(number)
        if key is not None:
            having[key].append(number)
    for key, numbers in having.items():
        titles = {_key(items[number].title) for number in numbers}
        marks = {others[number] for number in numbers}
        if len(titles) > 1 and len(marks) > 1:
            yield key


def _same_moment(one: Identity, other: Identity) -> bool:
    """Return whether the instants agree to the minute or, where only a date is known, the dates do."""
    if not one.published_at or not other.published_at:
        return False
    length = min(len(one.published_at), len(other.published_at), 16)
    return one.published_at[:length] == other.published_at[:length]


def _key(title: str) -> str:
    return fold(title).casefold()
