"""Quotes and episodes as references: in the styles of reports, and in the formats of reference managers.

``cite`` and ``print_references`` make text for readers, ``export`` files for programs, ``page_tags`` tags for a web
page. All are pure except ``cite_today``, which needs today's date.
"""

from .formats import FORMATS, export
from .markup import Form, Marked, Span, to_html, to_markdown, to_text
from .printed import print_references
from .references import Citation, References, cite, cite_today
from .styles import STYLES, Style, find_style, find_style_or_file
from .tags import PageTags, page_tags
from .work import Citable

__all__ = [
    "FORMATS",
    "STYLES",
    "Citable",
    "Citation",
    "Form",
    "Marked",
    "PageTags",
    "References",
    "Span",
    "Style",
    "cite",
    "cite_today",
    "export",
    "find_style",
    "find_style_or_file",
    "page_tags",
    "print_references",
    "to_html",
    "to_markdown",
    "to_text",
]
