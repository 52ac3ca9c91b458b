"""Transcript files -> ``Transcript``: one pure parser for each format, chosen by the file's content."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.formats.compose import compose_srt, compose_vtt
from ingest.formats.content import kind_of
from ingest.formats.docx import parse_docx
from ingest.formats.encoding import check_size, in_utf8, read_text
from ingest.formats.html import parse_html
from ingest.formats.json_shapes import parse_json
from ingest.formats.markdown import parse_markdown
from ingest.formats.podcast_json import compose_podcast_json
from ingest.formats.srt import parse_srt
from ingest.formats.text import parse_text
from ingest.formats.tsv import parse_tsv
from ingest.formats.vtt import parse_vtt
from kb.errors import FormatError
from kb.translatable import phrase
from kb.types import Transcript

__all__ = [
    "FORMATS",
    "SUFFIXES",
    "Format",
    "compose_podcast_json",
    "compose_srt",
    "compose_vtt",
    "in_utf8",
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
    """A transcript format: its display name, parser, file endings and MIME types."""

    name: str
    parse: Callable[[Path, bytes], Transcript]
    #: A fetched transcript is stored with the first one.
    suffixes: tuple[str, ...]
    types: tuple[str, ...] = ()


#: Ordered by how much a format says of speakers and times: a feed's transcripts are tried in this order.
FORMATS = (
    Format("JSON", parse_json, (".json",), ("application/json", "text/json")),
    Format("WebVTT", parse_vtt, (".vtt",), ("text/vtt",)),
    Format(
        "SubRip", parse_srt, (".srt",), ("application/x-subrip", "application/srt", "text/srt", "application/x-srt")
    ),
    Format("TSV", parse_tsv, (".tsv",), ("text/tab-separated-values",)),
    Format("HTML", parse_html, (".html", ".htm"), ("text/html", "application/xhtml+xml")),
    Format("Markdown", parse_markdown, (".md", ".markdown"), ("text/markdown",)),
    Format("Word", parse_docx, (".docx",)),
    Format("text", parse_text, (".txt",), ("text/plain",)),
)
_PARSERS = {suffix: known.parse for known in FORMATS for suffix in known.suffixes}
_PACKED = b"PK\x03\x04"
_PAGES = (".htm", ".html")
_STRICT = (".json", ".srt", ".tsv", ".vtt")  # prose is never in one of these
_OTHERS = {b"{\\rtf": "Rich Text", b"%PDF": "PDF"}

#: The suffixes that ``parse`` reads, in lower case with their dot.
SUFFIXES = frozenset(_PARSERS)


def parse(path: Path, data: bytes) -> Transcript:
    """Return the transcript in ``data``, in the format of its content, not its name; the file is not opened.

    The suffix of ``path`` decides only between formats that look alike. What is doubtful about the file's letters is
    remarked. Raises ``FormatError``, and nothing else, for whatever cannot be read.
    """
    suffix = path.suffix.lower()
    check_size(path, data)
    for mark, name in _OTHERS.items():
        if data.startswith(mark):
            raise FormatError(
                path, phrase("This is a %(name)s document.", name=name), phrase("Save it as .docx or as plain text.")
            )
    if data.startswith(_PACKED):
        return parse_docx(path, data)
    text = read_text(path, data)
    kind = kind_of(text.text, suffix)
    if kind is None and suffix not in SUFFIXES:
        known = ", ".join(sorted(SUFFIXES))
        raise FormatError(
            path,
            phrase("%(suffix)s is not a transcript's suffix.", suffix=repr(path.suffix or "No suffix")),
            phrase("Use one of %(known)s.", known=known),
        )
    transcript = _parsed(path, text.text.encode("utf-8"), kind, suffix)
    return replace(transcript, remarks=text.remarks + transcript.remarks) if text.remarks else transcript


def _parsed(path: Path, data: bytes, kind: str | None, suffix: str) -> Transcript:
    if kind == ".html" and suffix not in _PAGES:
        # For a missing transcript, some servers send an error page under its name.
        transcript = parse_html(path, data)
        if not _is_marked(transcript):
            raise FormatError(
                path, phrase("This is a web page without speakers and times."), phrase("Save it as .html to read it.")
            )
        return transcript
    if kind is None and suffix in _STRICT:
        return _prose(path, data) or _PARSERS[suffix](path, data)
    return _PARSERS[kind or suffix](path, data)


def _prose(path: Path, data: bytes) -> Transcript | None:
    """Return a plain-text transcript with a caption file's name, ``None`` if it has neither speakers nor times."""
    transcript = parse_text(path, data)
    return transcript if _is_marked(transcript) else None


def _is_marked(transcript: Transcript) -> bool:
    return sum(segment.start is not None or segment.speaker is not None for segment in transcript.segments) > 1
