"""A feed's last content of an item, and the versions of its files here: stored to notice a publisher's corrections."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from kb.types import Episode

from ..feeds import Enclosure, Feed, FeedItem, TranscriptLink, bare_address, is_foreign
from ..fetching import Validators
from ..metadata import Metadata

__all__ = ["FOLLOWED", "FileKind", "Told", "Versions", "as_known", "said_of"]

FileKind = Literal["transcript", "recording"]

#: Fields of a single episode. A show's new name or new host is not a correction of its old episodes.
FOLLOWED = ("title", "published", "url", "season", "number", "people", "chapters")


def said_of(item: FeedItem) -> Metadata:
    """Return an item's metadata; its people may be the whole feed's."""
    return Metadata(title=item.title, published=item.published, url=item.link, season=item.season, number=item.number)


@dataclass(frozen=True, slots=True)
class Told:
    """A feed's content of one item, as far as it is checked for changes."""

    said: Metadata = field(default_factory=Metadata)
    chapters_url: str | None = None
    #: The best one in the feed's language.
    transcript: TranscriptLink | None = None
    enclosure: Enclosure | None = None

    @classmethod
    def by(cls, item: FeedItem, feed: Feed) -> Told:
        """Return a feed's content of its item."""
        links = (link for link in item.transcripts if not is_foreign(link, feed.language))
        people = item.people if item.people and item.people != feed.people else None
        said = replace(said_of(item), people=people, chapters=item.chapters or None)
        return cls(said, item.chapters_url, next(links, None), item.enclosure)

    def to_json(self) -> str:
        """Return the JSON that is stored."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str | None) -> Told | None:
        """Return the stored content, ``None`` if there is none."""
        if text is None:
            return None
        kept: dict[str, Any] = json.loads(text)
        link, enclosure = kept["transcript"], kept["enclosure"]
        return cls(
            Metadata.of(kept["said"]),
            kept["chapters_url"],
            TranscriptLink(**link) if link else None,
            Enclosure(**enclosure) if enclosure else None,
        )

    def news(self, before: Told) -> Metadata:
        """Return the values that differ from ``before``; a missing value is not a change."""
        return Metadata(**{name: value for name, value in _given(self.said) if value != getattr(before.said, name)})


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of the files here, as their servers name them; empty if a server names none."""

    transcript: Validators = field(default_factory=Validators)
    recording: Validators = field(default_factory=Validators)
    #: Addresses, without listener parameters, that are not asked until the item's ``again_at``.
    refused: tuple[str, ...] = ()

    def having(self, name: FileKind, version: Validators) -> Versions:
        """Return a copy with a new version of a file."""
        if name == "transcript":
            return replace(self, transcript=version)
        return replace(self, recording=version)

    def refusing(self, url: str) -> Versions:
        """Return a copy with another address that is not to be asked."""
        return replace(
            self, refused=(*(known for known in self.refused if known != bare_address(url)), bare_address(url))
        )

    def refuses(self, url: str) -> bool:
        """Return whether an address is not to be asked."""
        return bare_address(url) in self.refused

    def to_json(self) -> str:
        """Return the JSON that is stored."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str | None) -> Versions:
        """Return the stored versions."""
        kept: Mapping[str, Any] = json.loads(text) if text else {}
        files = {name: Validators(**kept[name]) for name in ("transcript", "recording") if name in kept}
        return cls(**files, refused=tuple(kept.get("refused", ())))


def as_known(episode: Episode, edited: tuple[str, ...], now: Told) -> Told:
    """Return a feed's likely earlier content: the episode's values that nobody ``edited``, else ``now``."""
    said = {name: getattr(episode, name) for name in FOLLOWED if name not in (*edited, "people", "chapters")}
    people = None if "people" in edited else episode.people or None
    return replace(now, said=Metadata(**said, people=people, chapters=now.said.chapters))


def _given(said: Metadata) -> list[tuple[str, Any]]:
    return [(name, getattr(said, name)) for name in FOLLOWED if getattr(said, name) is not None]
