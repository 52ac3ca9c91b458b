"""The documents by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .csv_file import to_csv
from .docx_file import to_docx
from .html_file import to_html
from .markdown_file import to_markdown
from .report import Report
from .xlsx_file import to_xlsx

__all__ = ["DOCUMENTS", "write"]

DOCUMENTS: Mapping[str, Callable[[Report], bytes]] = {
    "md": to_markdown,
    "docx": to_docx,
    "html": to_html,
    "csv": to_csv,
    "xlsx": to_xlsx,
}


def write(report: Report, form: str) -> bytes:
    """Return a report as a file of one of ``DOCUMENTS``; texts are in UTF-8."""
    return DOCUMENTS[form](report)
