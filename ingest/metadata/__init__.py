"""What is known about an episode besides its words: options, sidecars, the recording's tags, the file's own name."""

from __future__ import annotations

from .adverts import with_adverts
from .corrections import corrected, numbered, parse_renames
from .describing import are_published, chapters_of, describe
from .front_matter import read_front_matter
from .names import from_name, recording_stems
from .sidecars import is_sidecar, read_sidecar
from .tags import read_tags
from .values import AUDIO_SUFFIXES, Metadata, checked_origin

__all__ = [
    "AUDIO_SUFFIXES",
    "Metadata",
    "are_published",
    "chapters_of",
    "checked_origin",
    "corrected",
    "describe",
    "from_name",
    "is_sidecar",
    "numbered",
    "parse_renames",
    "read_front_matter",
    "read_sidecar",
    "read_tags",
    "recording_stems",
    "with_adverts",
]
