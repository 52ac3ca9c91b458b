"""What things are written as: transcripts, references, exported quotes; and the styles that citations are set in.

One list of each, for the command line, the page, REST and assistants. Nothing is imported that help would wait for.
"""

from __future__ import annotations

from enum import StrEnum

__all__ = ["STYLE_NAMES", "USUAL_STYLE", "ExportFormat", "ReferenceFormat", "TranscriptFormat"]

#: The citation styles that are checked against their guides, those asked for most before the others.
STYLE_NAMES = ("apa", "mla", "chicago", "chicago-author-date", "harvard", "ieee", "vancouver", "ap")
USUAL_STYLE = STYLE_NAMES[0]


class TranscriptFormat(StrEnum):
    """How a transcript is written."""

    TEXT = "text"
    VTT = "vtt"
    SRT = "srt"
    JSON = "json"


class ReferenceFormat(StrEnum):
    """How citations are written: in a style (the first three), or for a reference manager."""

    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"
    CSL_JSON = "csl-json"
    RIS = "ris"
    BIBTEX = "bibtex"
    BIBLATEX = "biblatex"
    ZOTERO_RDF = "zotero-rdf"


class ExportFormat(StrEnum):
    """What quotes are written as."""

    MARKDOWN = "md"
    WORD = "docx"
    HTML = "html"
    CSV = "csv"
    EXCEL = "xlsx"
    VTT = "vtt"
    SRT = "srt"
    PACKAGE = "zip"

    @property
    def label(self) -> str:
        """Return what a person calls it."""
        return _EXPORTS[self][0]

    @property
    def media_type(self) -> str:
        """Return what a browser calls it."""
        return _EXPORTS[self][1]

    @property
    def is_text(self) -> bool:
        """Return whether a terminal can show it."""
        return self.media_type.endswith("utf-8")


_OFFICE = "application/vnd.openxmlformats-officedocument"
_EXPORTS = {
    ExportFormat.MARKDOWN: ("Markdown", "text/markdown; charset=utf-8"),
    ExportFormat.WORD: ("Word", f"{_OFFICE}.wordprocessingml.document"),
    ExportFormat.HTML: ("HTML", "text/html; charset=utf-8"),
    ExportFormat.CSV: ("CSV", "text/csv; charset=utf-8"),
    ExportFormat.EXCEL: ("Excel", f"{_OFFICE}.spreadsheetml.sheet"),
    ExportFormat.VTT: ("WebVTT", "text/vtt; charset=utf-8"),
    ExportFormat.SRT: ("SubRip", "application/x-subrip; charset=utf-8"),
    ExportFormat.PACKAGE: ("Evidence package", "application/zip"),
}
