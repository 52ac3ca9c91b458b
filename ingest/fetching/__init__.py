"""The only part of Verbatim that talks to web servers: for feeds, recordings and Whisper's models."""

from __future__ import annotations

from ingest.fetching.fetcher import Download, Fetcher, Heading, Limits, Page
from ingest.fetching.partial import Validators

__all__ = ["Download", "Fetcher", "Heading", "Limits", "Page", "Validators"]
