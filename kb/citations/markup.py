"""Text with italics and links: what a style yields, and how plain text, Markdown and HTML write it."""

from __future__ import annotations

import html
import re
from typing import Literal, NamedTuple

__all__ = ["Form", "Marked", "Span", "in_form", "to_html", "to_markdown", "to_text"]

#: How text with italics is written down.
Form = Literal["text", "markdown", "html"]


class Span(NamedTuple):
    """A stretch of text of one kind."""

    text: str
    kind: Literal["plain", "italic", "link"] = "plain"


Marked = tuple[Span, ...]

_MARKS = re.compile(r"[\\`*_<$~]|&(?=#?\w+;)|\[(?=\^)|](?=[(\[:])")
# What would begin a heading, a quotation, a list or a rule.
_BEGINS = re.compile(r"(?:[#>+=-]|\d+(?=[.)]))")


def to_text(marked: Marked) -> str:
    """Return the bare words."""
    return "".join(span.text for span in marked)


def to_markdown(marked: Marked) -> str:
    """Return CommonMark that shows these words and no others, whatever they contain."""
    written = "".join(map(_markdown, marked))
    begins = _BEGINS.match(written)
    if begins is None:
        return written
    at = begins.end() if begins[0].isdigit() else 0
    return f"{written[:at]}\\{written[at:]}"


def to_html(marked: Marked) -> str:
    """Return HTML; everything is escaped, and only web addresses become links."""
    return "".join(map(_html, marked))


def in_form(marked: Marked, form: Form) -> str:
    """Return the words in one of the three forms."""
    return {"text": to_text, "markdown": to_markdown, "html": to_html}[form](marked)


def _markdown(span: Span) -> str:
    if span.kind == "link":
        return f"<{span.text}>"
    plain = _MARKS.sub(r"\\\g<0>", span.text)
    if span.kind == "plain" or not plain.strip():
        return plain
    # Emphasis does not begin or end with a space.
    return re.sub(r"^(\s*)(.*?)(\s*)$", r"\1*\2*\3", plain, flags=re.DOTALL)


def _html(span: Span) -> str:
    safe = html.escape(span.text)
    if span.kind == "link":
        return f'<a href="{safe}">{safe}</a>'
    return f"<i>{safe}</i>" if span.kind == "italic" else safe
