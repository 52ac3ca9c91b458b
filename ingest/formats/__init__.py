"""Transcript files -> ``Transcript``: one pure parser for each format, chosen by the file's suffix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
    "FORMATS",
    "SUFFIXES",
    "Format",
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


@dataclass(frozen=True, slots=True)
class Format:
    """A transcript format: its name for people, its parser, its files' endings and what servers call it."""

    name: str
    parse: Callable[[Path, bytes], Transcript]
    #: The first one is what a fetched transcript is kept as.
    suffixes: tuple[str, ...]
    types: tuple[str, ...] = ()


#: From the one that tells most of speakers and times to the least: of an episode's transcripts, a feed takes the first.
FORMATS = (
    Format("JSON", parse_json, (".json",), ("application/json", "text/json")),
    Format("WebVTT", parse_vtt, (".vtt",), ("text/vtt",)),
    Format(
        "SubRip", parse_srt, (".srt",), ("application/x-subrip", "application/srt", "text/srt", "application/x-srt")
    ),
    Format("HTML", parse_html, (".html", ".htm"), ("text/html", "application/xhtml+xml")),
    Format("Markdown", parse_markdown, (".md", ".markdown"), ("text/markdown",)),
    Format("Word", parse_docx, (".docx",)),
    Format("text", parse_text, (".txt",), ("text/plain",)),
)
_PARSERS = {suffix: known.parse for known in FORMATS for suffix in known.suffixes}

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
