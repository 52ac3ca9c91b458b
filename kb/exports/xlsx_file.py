"""A report as an Excel workbook in which no text is read as a formula."""

from __future__ import annotations

import io

from .report import Report
from .rows import COLUMNS, rows

__all__ = ["to_xlsx"]

_WIDE = {"text": 70, "title": 40, "show": 24, "note": 40, "correction": 40, "citation": 50, "address": 40, "remark": 30}
#: The most characters of a cell; a file with more has to be repaired by Excel.
_LONGEST = 32_767


def to_xlsx(report: Report) -> bytes:
    """Return a sheet with the column names and one row per quote."""
    import xlsxwriter

    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"title": report.title[:255], "comments": "Written by Verbatim."})
        sheet = book.add_worksheet("Quotes")
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        bold = book.add_format({"bold": True, "bottom": 1})
        for place, name in enumerate(COLUMNS):
            sheet.write_string(0, place, name, bold)
            sheet.set_column(place, place, _WIDE.get(name, 14), wrapped)
        for number, row in enumerate(rows(report), 1):
            for place, cell in enumerate(row):
                if isinstance(cell, str):  # write() would guess formulas, links and numbers
                    sheet.write_string(number, place, cell if len(cell) <= _LONGEST else f"{cell[: _LONGEST - 1]}…")
                elif cell is not None:
                    sheet.write_number(number, place, cell)
        sheet.freeze_panes(1, 2)
        sheet.autofilter(0, 0, len(report.items), len(COLUMNS) - 1)
    return file.getvalue()
