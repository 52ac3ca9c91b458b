"""A report as a Word document: block quotes with real footnotes, and the list of references."""

from __future__ import annotations

import io
from typing import Any

from ..citations import Span
from .direction import is_right_to_left
from .docx_footnotes import Footnotes, add_spans
from .report import Report, ReportQuote

__all__ = ["to_docx"]

#: The most characters of a core property.
_LONGEST_TITLE = 255


def to_docx(report: Report) -> bytes:
    """Return the document; Word, LibreOffice and Pages open it."""
    import docx

    document = docx.Document()
    document.core_properties.title = report.title[:_LONGEST_TITLE]
    document.core_properties.author = "Verbatim"
    document.core_properties.comments = ""
    _set_styles(document)
    footnotes = Footnotes(document)
    document.add_heading(level=0).add_run(report.title)
    for item in report.items:
        _add_quote(document, footnotes, item)
    if report.references:
        document.add_heading(report.heading, level=1)
    for entry in report.references:
        add_spans(document.add_paragraph(style="Bibliography"), entry)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _set_styles(document: Any) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Cm, Pt

    styles = document.styles
    styles["Normal"].font.name = "Georgia"
    quote = styles["Quote"]
    quote.font.italic = quote.font.cs_italic = False  # italics are for references
    quote.font.color.rgb = None
    quote.paragraph_format.left_indent = quote.paragraph_format.right_indent = Cm(1)
    quote.paragraph_format.space_before, quote.paragraph_format.space_after = Pt(14), Pt(2)
    quote.paragraph_format.keep_with_next = True
    for name in ("Quote Source", "Quote Detail", "Bibliography"):
        styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH).base_style = styles["Normal"]
    for name in ("Quote Source", "Quote Detail"):
        styles[name].paragraph_format.left_indent = Cm(1)
        styles[name].paragraph_format.space_after = Pt(0)
    styles["Quote Source"].paragraph_format.space_after = Pt(4)
    styles["Quote Detail"].font.size = Pt(9)
    styles["Bibliography"].paragraph_format.left_indent = Cm(1)
    styles["Bibliography"].paragraph_format.first_line_indent = Cm(-1)


def _add_quote(document: Any, footnotes: Footnotes, item: ReportQuote) -> None:
    from docx.oxml import OxmlElement

    paragraph = document.add_paragraph(style="Quote")
    if is_right_to_left(item.text):
        paragraph.paragraph_format.element.get_or_add_pPr().append(OxmlElement("w:bidi"))
    add_spans(paragraph, (Span(f"“{item.text}”"),))
    link = (Span(" "), Span(item.link, "link")) if item.link else ()
    footnotes.add(paragraph, (*item.citation, *link))
    document.add_paragraph(f"— {item.source}", style="Quote Source")
    for label, text in item.details:
        document.add_paragraph(f"{label}: {text}", style="Quote Detail")
