"""References as a page: the list under its heading, then each quote with its citation."""

from __future__ import annotations

import html

from .markup import Form, Marked, Span, in_form
from .references import Citation, References
from .text import clean

__all__ = ["print_references"]


def print_references(references: References, form: Form = "text") -> str:
    """Return the list and the quotes' citations as plain text, Markdown or HTML, ending in a line break."""
    sections: list[tuple[str, list[tuple[Marked, ...]]]] = []
    if references.entries:
        sections.append((references.style.heading, [(marked,) for marked in references.entries]))
    if references.citations:
        quotes = [_lines(references, cited, n) for n, cited in enumerate(references.citations, start=1)]
        sections.append(("Quotes", quotes))
    return "".join(_section(heading, paragraphs, form) for heading, paragraphs in sections)


def _lines(references: References, cited: Citation, number: int) -> tuple[Marked, ...]:
    """Return a quote's citation, its sentence and its address, a line each."""
    noted = references.style.system == "note"
    citation = (Span(f"{number}. "), *cited.in_text) if noted else cited.in_text
    return citation, cited.running, (Span(f"[{clean(cited.quote.id)}]"),)


def _section(heading: str, paragraphs: list[tuple[Marked, ...]], form: Form) -> str:
    written = [[in_form(line, form) for line in lines] for lines in paragraphs]
    if form == "html":
        body = "".join(f"<p>{'<br>'.join(lines)}</p>\n" for lines in written)
        return f"<h2>{html.escape(heading)}</h2>\n{body}"
    if form == "markdown":
        body = "\n\n".join("\\\n".join(lines) for lines in written)  # a backslash breaks the line
        return f"## {heading}\n\n{body}\n\n"
    return f"{heading}\n\n" + "\n\n".join("\n".join(lines) for lines in written) + "\n\n"
