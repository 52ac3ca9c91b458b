"""Detects a file's format from its text: names and types of files are often wrong."""

from __future__ import annotations

import re

from ingest.formats.cues import is_timing

__all__ = ["kind_of"]

_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body|meta|title)\b", re.IGNORECASE)
_FRAGMENT = re.compile(
    r"<(?:p|div|cite|time|article|section|main|table|ul|ol|dl|h[1-6]|br|span|blockquote)\b", re.IGNORECASE
)
_LEADING = re.compile(r"(?:\s|<\?xml[^<>]{0,200}>|<!--[^<>]{0,1000}-->)*")
_JSON = re.compile(r"\s*(?:\[\s*)?\{\s*(?:\"|\})")
_TABLE = re.compile(r"start\tend\t(?:speaker\t)?text\s*$", re.IGNORECASE)
_HEAD = 10_000  # characters that are examined
_FIRST_LINES = 4  # of which one in a caption file has times


def kind_of(text: str, suffix: str) -> str | None:
    """Return the suffix of the format that a text is in, ``None`` where only its name decides (text, Markdown).

    ``suffix`` is the one in its name: only it tells headerless WebVTT from SubRip, and Markdown may begin
    with a tag.
    """
    head = text[:_HEAD]
    lines = [line for line in head.split("\n", 200) if line.strip()]
    if re.match(r"\s*WEBVTT(?:\s|$)", head):
        return ".vtt"
    if _JSON.match(head):
        return ".json"
    if lines and _TABLE.match(lines[0]):
        return ".tsv"
    start = _LEADING.match(head)
    at = start.end() if start else 0
    if _PAGE.match(head, at) or (suffix not in (".md", ".markdown") and _FRAGMENT.match(head, at)):
        return ".html"
    if any(is_timing(line) for line in lines[:_FIRST_LINES]):
        return ".vtt" if suffix == ".vtt" else ".srt"
    return None
