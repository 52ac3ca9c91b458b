"""A feed's content as frozen types: texts without markup, absolute addresses, instants in UTC."""

from __future__ import annotations

from dataclasses import dataclass

from kb.types import Chapter, Person

__all__ = ["UNTITLED", "Enclosure", "Feed", "FeedItem", "FeedLink", "FeedList", "TranscriptLink"]

#: The title of an item that has none.
UNTITLED = "Untitled"


@dataclass(frozen=True, slots=True)
class Enclosure:
    """The recording of an item; ``length`` in bytes is what the publisher says, often wrongly."""

    url: str
    type: str | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True)
class TranscriptLink:
    """A transcript that the publisher offers; ``rel`` is ``captions`` for one that is timed for reading along."""

    url: str
    type: str | None = None
    language: str | None = None
    rel: str | None = None


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One item of a feed; what it does not say is ``None`` or empty."""

    title: str
    guid: str | None = None
    #: The instant in ISO form and UTC, to the second, such as ``2019-07-08T21:07:00Z``.
    published_at: str | None = None
    season: str | None = None
    number: str | None = None
    link: str | None = None
    enclosure: Enclosure | None = None
    #: The best first.
    transcripts: tuple[TranscriptLink, ...] = ()
    people: tuple[Person, ...] = ()
    chapters_url: str | None = None
    chapters: tuple[Chapter, ...] = ()
    #: The ISO date as the publisher writes it, which in UTC may be the day before or after.
    day: str | None = None

    @property
    def published(self) -> str | None:
        """Return the ISO date: the publisher's own where it is known, else that in UTC."""
        return self.day or (self.published_at[:10] if self.published_at else None)


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's document: the show, and its items in the document's order; ``notes`` say what was odd about it."""

    title: str
    publisher: str | None = None
    #: In lower case, such as ``en-us``.
    language: str | None = None
    link: str | None = None
    items: tuple[FeedItem, ...] = ()
    #: The show's people, used for an item that names none.
    people: tuple[Person, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that a list of subscriptions names."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class FeedList:
    """A list of subscriptions, each feed once and in its order; ``notes`` say what was odd about it."""

    links: tuple[FeedLink, ...]
    notes: tuple[str, ...] = ()
