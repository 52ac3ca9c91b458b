"""A report as one HTML file that loads nothing: light and dark, and printable."""

from __future__ import annotations

import html

from ..citations import to_html as marked_html
from .report import Report, ReportQuote

__all__ = ["to_html"]

_STYLE = """
:root { color-scheme: light dark; --line: #bbb; --faint: #555; --accent: #7a4b00; }
@media (prefers-color-scheme: dark) { :root { --line: #555; --faint: #aaa; --accent: #e8b96a; } }
body { font: 1.05rem/1.55 Georgia, serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
figure { margin: 2rem 0; break-inside: avoid; }
blockquote { margin: 0; padding-left: 1rem; border-left: 3px solid var(--accent); white-space: pre-wrap; }
figcaption { margin: .4rem 0 0 1.2rem; }
dl { margin: .4rem 0 0 1.2rem; font-size: .85rem; color: var(--faint); display: grid; grid-template-columns: 6rem 1fr; }
dt, dd { margin: 0; } dd { white-space: pre-wrap; overflow-wrap: anywhere; }
.reference { padding-left: 2rem; text-indent: -2rem; }
.notes { border-top: 1px solid var(--line); font-size: .9rem; margin-top: 3rem; }
a { color: var(--accent); overflow-wrap: anywhere; }
@media print { body { max-width: none; margin: 0; } a { color: inherit; } }
"""


def to_html(report: Report) -> bytes:
    """Return quotes with footnotes, and the list of references."""
    title = html.escape(report.title)
    quotes = "\n".join(map(_quote, report.items))
    listed = "\n".join(f'<p class="reference">{marked_html(entry)}</p>' for entry in report.references)
    references = f"<h2>{html.escape(report.heading)}</h2>\n{listed}\n" if report.references else ""
    notes = "\n".join(map(_footnote, report.items))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{title}</title><style>{_STYLE}</style></head>\n<body>\n<h1 dir="auto">{title}</h1>\n{quotes}\n'
        f'{references}<ol class="notes">\n{notes}\n</ol>\n</body></html>\n'
    ).encode()


def _quote(item: ReportQuote) -> str:
    n = item.number
    details = "".join(
        f'<dt>{html.escape(label)}</dt><dd dir="auto">{html.escape(text)}</dd>' for label, text in item.details
    )
    return (
        f'<figure id="quote-{n}"><blockquote dir="auto">“{html.escape(item.text)}”'
        f'<sup><a href="#note-{n}" aria-label="Note {n}">{n}</a></sup></blockquote>'
        f"<figcaption>— {html.escape(item.source)}</figcaption><dl>{details}</dl></figure>"
    )


def _footnote(item: ReportQuote) -> str:
    link = f' <a href="{html.escape(item.link)}">Open</a>' if item.link.startswith(("http://", "https://")) else ""
    back = f'<a href="#quote-{item.number}" aria-label="Back to the quote">↩</a>'
    return f'<li id="note-{item.number}">{marked_html(item.citation)}{link} {back}</li>'
