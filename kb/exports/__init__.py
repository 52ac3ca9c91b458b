"""Saved quotes as documents and tables; one file per format. ``report_of`` gathers the content, ``write`` writes it."""

from .formats import DOCUMENTS, write
from .report import Report, ReportQuote, report_of

__all__ = ["DOCUMENTS", "Report", "ReportQuote", "report_of", "write"]
