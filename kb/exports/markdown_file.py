"""A report as Markdown (CommonMark with footnotes, as GitHub, pandoc and Obsidian read them)."""

from __future__ import annotations

import re

from ..citations import Marked, Span
from ..citations import to_markdown as marked_markdown
from .report import Report, ReportQuote

__all__ = ["to_markdown"]


def to_markdown(report: Report) -> bytes:
    """Return block quotes with footnotes, and the list of references."""
    blocks = [f"# {_line(report.title)}", *(_quote(item) for item in report.items)]
    if report.references:
        blocks += [f"## {report.heading}", *(_marked(entry) for entry in report.references)]
    blocks += [_footnote(item) for item in report.items]
    return ("\n\n".join(blocks) + "\n").encode("utf-8")


def _quote(item: ReportQuote) -> str:
    words = _lines(f"“{item.text}”", "> ")
    details = "\n".join(f"- {label}: {_lines(text, '  ').strip()}" for label, text in item.details)
    return f"> {words.removeprefix('> ')}[^{item.number}]\n>\n> — {_line(item.source)}\n\n{details}"


def _footnote(item: ReportQuote) -> str:
    link = f" <{item.link}>" if item.link else ""
    return f"[^{item.number}]: {_marked(item.citation)}{link}"


def _lines(text: str, prefix: str) -> str:
    """Return lines that stay lines: a backslash at a line's end breaks it."""
    return "\\\n".join(f"{prefix}{_line(line)}" for line in text.splitlines() if line.strip())


def _line(text: str) -> str:
    return _marked((Span(" ".join(text.split())),))


def _marked(marked: Marked) -> str:
    # A line of bars and dashes would make the one above it the head of a table.
    written = marked_markdown(marked)
    return re.sub(r"(?<!\\)\|", r"\\|", written)
