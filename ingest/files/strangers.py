"""Untrusted files (transcripts, sidecars, feeds) parsed in a child process with limits of memory and time.

The parsers themselves refuse what they can see is too large. All code that ingests files calls them through this
module, for the cases that no parser foresees.
"""

from __future__ import annotations

import os
from pathlib import Path

from kb.types import Chapter, Transcript

from .. import feeds, formats, metadata
from ..feeds import Feed, FeedList
from ..isolation.isolated import call
from ..metadata import Metadata

__all__ = ["parse", "parse_chapters", "parse_feed", "parse_opml", "read_front_matter", "read_sidecar"]

#: Seconds for a feed: one of 20,000 episodes takes half a minute, and several on a slow machine.
_SECONDS_OF_A_FEED = 180.0


def parse(path: Path, data: bytes) -> Transcript:
    """Return the transcript in ``data``; see ``formats.parse``."""
    return call(path, formats.parse, path, data)


def read_sidecar(transcript: Path) -> Metadata:
    """Return what the sidecar of a transcript or recording says; see ``metadata.read_sidecar``."""
    # A transcript may itself be called .json; a .toml is never one.
    suffixes = (".toml",) if transcript.suffix.lower() == ".json" else (".toml", ".json")
    sidecar = next((path for path in map(transcript.with_suffix, suffixes) if os.path.isfile(path)), None)
    return call(sidecar, metadata.read_sidecar, transcript) if sidecar else Metadata()


def read_front_matter(path: Path, data: bytes) -> Metadata:
    """Return what the front matter of a Markdown file says; see ``metadata.read_front_matter``."""
    if path.suffix.lower() not in (".md", ".markdown"):
        return Metadata()
    return call(path, metadata.read_front_matter, path, data)


def parse_feed(data: bytes, url: str, charset: str | None = None) -> Feed:
    """Return the feed in ``data``; see ``feeds.parse_feed``."""
    return call(url, feeds.parse_feed, data, url, charset, seconds=_SECONDS_OF_A_FEED)


def parse_opml(data: bytes, name: str, charset: str | None = None) -> FeedList:
    """Return the feeds that an OPML file lists; see ``feeds.parse_opml``."""
    return call(name, feeds.parse_opml, data, name, charset)


def parse_chapters(data: bytes, url: str) -> tuple[Chapter, ...]:
    """Return the chapters in a JSON chapters file; see ``feeds.parse_chapters``."""
    return call(url, feeds.parse_chapters, data, url)
