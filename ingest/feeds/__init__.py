"""Parsers of feeds, lists of feeds and chapters files, and which items are the same episode; nothing is fetched."""

from __future__ import annotations

from ingest.feeds.chapters import LARGEST_CHAPTERS, parse_chapters
from ingest.feeds.identity import Identity, bare_address, identify, is_same
from ingest.feeds.opml import LARGEST_OPML, feed_address, looks_like_opml, parse_opml
from ingest.feeds.parsing import LARGEST_FEED, parse_feed
from ingest.feeds.transcript_links import is_foreign, suffix_of
from ingest.feeds.types import Enclosure, Feed, FeedItem, FeedLink, FeedList, TranscriptLink

__all__ = [
    "LARGEST_CHAPTERS",
    "LARGEST_FEED",
    "LARGEST_OPML",
    "Enclosure",
    "Feed",
    "FeedItem",
    "FeedLink",
    "FeedList",
    "Identity",
    "TranscriptLink",
    "bare_address",
    "feed_address",
    "identify",
    "is_foreign",
    "is_same",
    "looks_like_opml",
    "parse_chapters",
    "parse_feed",
    "parse_opml",
    "suffix_of",
]
