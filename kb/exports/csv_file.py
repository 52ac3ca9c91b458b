"""A report as CSV (RFC 4180), in UTF-8 with a byte order mark, so that spreadsheets detect it."""

from __future__ import annotations

import csv
import io
from typing import Any

from .report import Report
from .rows import COLUMNS, rows

__all__ = ["harmless", "to_csv"]

#: Characters that begin a formula in a spreadsheet, also in full width.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def to_csv(report: Report) -> bytes:
    """Return the column names and one row per quote."""
    file = io.StringIO(newline="")
    table = csv.writer(file)
    table.writerow(COLUMNS)
    table.writerows([harmless(cell) for cell in row] for row in rows(report))
    return file.getvalue().encode("utf-8-sig")


def harmless(value: Any) -> Any:
    """Return a cell that no spreadsheet reads as a formula (CWE-1236): a leading apostrophe makes it text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
