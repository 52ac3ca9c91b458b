"""What is known about an episode besides its words: options, sidecars, the recording's tags, the file's own name."""

from __future__ import annotations

from .corrections import corrected, numbered, parse_renames
from .describing import AUDIO_SUFFIXES, chapters_of, describe
from .names import from_name
from .sidecars import is_sidecar, read_sidecar
from .tags import read_tags
from .values import Metadata, checked_origin, parse_date

__all__ = [
    "AUDIO_SUFFIXES",
    "Metadata",
    "chapters_of",
    "checked_origin",
    "corrected",
    "describe",
    "from_name",
    "is_sidecar",
    "numbered",
    "parse_date",
    "parse_renames",
    "read_sidecar",
    "read_tags",
]
