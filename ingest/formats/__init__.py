"""Transcript files -> ``Transcript``: one pure parser for each format, chosen by the file's suffix."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ingest.formats.compose import compose_srt, compose_vtt
from ingest.formats.docx import parse_docx
from ingest.formats.html import parse_html
from ingest.formats.json_shapes import parse_json
from ingest.formats.markdown import parse_markdown
from ingest.formats.podcast_json import compose_podcast_json
from ingest.formats.srt import parse_srt
from ingest.formats.text import parse_text
from ingest.formats.vtt import parse_vtt
from kb.errors import FormatError
from kb.types import Transcript

__all__ = [
    "SUFFIXES",
    "compose_podcast_json",
    "compose_srt",
    "compose_vtt",
    "parse",
    "parse_html",
    "parse_json",
    "parse_markdown",
    "parse_srt",
    "parse_text",
    "parse_vtt",
]

_PARSERS: dict[str, Callable[[Path, bytes], Transcript]] = {
    ".docx": parse_docx,
    ".htm": parse_html,
    ".html": parse_html,
    ".json": parse_json,
    ".markdown": parse_markdown,
    ".md": parse_markdown,
    ".srt": parse_srt,
    ".txt": parse_text,
    ".vtt": parse_vtt,
}

#: The suffixes that ``parse`` reads, in lower case with their dot.
SUFFIXES = frozenset(_PARSERS)


def parse(path: Path, data: bytes) -> Transcript:
    """Return the transcript in ``data``, read as the suffix of ``path`` says; the file itself is not opened.

    Raises ``FormatError``, and nothing else, for whatever cannot be read.
    """
    parser = _PARSERS.get(path.suffix.lower())
    if parser is None:
        known = ", ".join(sorted(SUFFIXES))
        raise FormatError(path, f"{path.suffix or 'No suffix'!r} is not a transcript's suffix.", f"Use one of {known}.")
    return parser(path, data)
