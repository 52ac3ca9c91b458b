"""Output formats of transcripts, references and exported quotes, and the citation styles.

One list of each, for the command line, the page, REST and assistants. No slow imports, so that ``--help`` is quick.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Self

__all__ = ["STYLE_NAMES", "USUAL_STYLE", "ExportFormat", "ReferenceFormat", "TranscriptFormat"]

#: The citation styles that are checked against their guides, those asked for most before the others.
STYLE_NAMES = ("apa", "mla", "chicago", "chicago-author-date", "harvard", "ieee", "vancouver", "ap")
USUAL_STYLE = STYLE_NAMES[0]


class TranscriptFormat(StrEnum):
    """A file format of transcripts."""

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
    """A file format of exported quotes: its ending, its name for people, and its media type."""

    MARKDOWN = "md", "Markdown", "text/markdown; charset=utf-8"
    WORD = "docx", "Word", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    HTML = "html", "Web page (HTML)", "text/html; charset=utf-8"
    CSV = "csv", "Table (CSV)", "text/csv; charset=utf-8"
    EXCEL = "xlsx", "Excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    VTT = "vtt", "Subtitles (WebVTT)", "text/vtt; charset=utf-8"
    SRT = "srt", "Subtitles (SRT)", "application/x-subrip; charset=utf-8"
    PACKAGE = "zip", "Fact-check file with sound (ZIP)", "application/zip"

    label: str
    media_type: str

    def __new__(cls, ending: str, label: str = "", media_type: str = "") -> Self:
        """Make a member; its value is its ending."""
        member = str.__new__(cls, ending)
        member._value_, member.label, member.media_type = ending, label, media_type
        return member

    @property
    def is_text(self) -> bool:
        """Return whether a terminal can show it."""
        return self.media_type.endswith("utf-8")
