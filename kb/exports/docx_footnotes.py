"""Footnotes in Word documents, which python-docx does not write: a part of their own (ECMA-376, part 1, 17.11)."""

from __future__ import annotations

from typing import Any

from ..citations import Marked
from .direction import is_right_to_left

__all__ = ["Footnotes", "add_spans"]

_NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
#: Word expects its two separator lines before all footnotes.
_EMPTY = f"""<w:footnotes {_NAMESPACES}>
<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>
<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>
</w:footnotes>"""


class Footnotes:
    """The footnotes of one document."""

    def __init__(self, document: Any) -> None:
        from docx.enum.style import WD_STYLE_TYPE
        from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
        from docx.opc.packuri import PackURI
        from docx.opc.part import XmlPart
        from docx.oxml import parse_xml
        from docx.shared import Pt

        self._part = XmlPart(
            PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, parse_xml(_EMPTY), document.part.package
        )
        document.part.relate_to(self._part, RELATIONSHIP_TYPE.FOOTNOTES)
        text = document.styles.add_style("footnote text", WD_STYLE_TYPE.PARAGRAPH, builtin=True)
        text.base_style, text.font.size = document.styles["Normal"], Pt(9)
        text.paragraph_format.space_after = Pt(0)
        reference = document.styles.add_style("footnote reference", WD_STYLE_TYPE.CHARACTER, builtin=True)
        reference.font.superscript = True
        self._styles = text.style_id, reference.style_id
        self._count = 0

    def add(self, paragraph: Any, words: Marked) -> None:
        """Put a footnote's number at a paragraph's end, and the words into the footnote."""
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn
        from docx.text.paragraph import Paragraph

        self._count += 1
        text_style, number_style = self._styles
        paragraph._p.append(_run(number_style, "w:footnoteReference", self._count))
        footnote = OxmlElement("w:footnote")
        footnote.set(qn("w:id"), str(self._count))
        inner = OxmlElement("w:p")
        footnote.append(inner)
        self._part.element.append(footnote)
        own = Paragraph(inner, _Parent(self._part))
        inner.get_or_add_pPr().get_or_add_pStyle().val = text_style
        inner.append(_run(number_style, "w:footnoteRef"))
        own.add_run(" ")
        add_spans(own, words)


class _Parent:
    """The parent that python-docx asks for the part, which stores the links' addresses."""

    def __init__(self, part: Any) -> None:
        self.part = part


def add_spans(paragraph: Any, words: Marked) -> None:
    """Add words to a paragraph: italics stay italics, web addresses become links, line breaks stay."""
    for span in words:
        if span.kind == "link" and span.text.startswith(("http://", "https://")):
            _add_link(paragraph, span.text)
            continue
        run = paragraph.add_run(span.text)
        if span.kind == "italic":
            run.italic = True
        if is_right_to_left(span.text):
            run.font.rtl = True


def _add_link(paragraph: Any, address: str) -> None:
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    run = paragraph.add_run(address)
    run.font.underline = True
    run.element.addprevious(link)
    link.append(run.element)


def _run(style: str, tag: str, number: int | None = None) -> Any:
    """Return a run in a character style with one element, numbered if it refers to a footnote."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    run = OxmlElement("w:r")
    run.get_or_add_rPr().get_or_add_rStyle().val = style
    element = OxmlElement(tag)
    if number is not None:
        element.set(qn("w:id"), str(number))
    run.append(element)
    return run
