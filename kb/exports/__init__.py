"""Saved quotes as documents and tables; a file a format. ``report_of`` gathers what is printed, ``write`` prints it."""

from .formats import DOCUMENTS, write
from .report import Report, ReportQuote, report_of

__all__ = ["DOCUMENTS", "Report", "ReportQuote", "report_of", "write"]
