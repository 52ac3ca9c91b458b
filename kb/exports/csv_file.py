"""A report as CSV (RFC 4180), in UTF-8 with the mark by which spreadsheets know it."""

from __future__ import annotations

import csv
import io
from typing import Any

from .report import Report
from .rows import COLUMNS, rows

__all__ = ["harmless", "to_csv"]

#: What a spreadsheet takes for the beginning of a formula, in either width.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def to_csv(report: Report) -> bytes:
    """Return one row a quote below the columns' names."""
    file = io.StringIO(newline="")
    table = csv.writer(file)
    table.writerow(COLUMNS)
    table.writerows([harmless(cell) for cell in row] for row in rows(report))
    return file.getvalue().encode("utf-8-sig")


def harmless(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula (CWE-1236): an apostrophe before it makes it a text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
