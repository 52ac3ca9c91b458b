"""The plain pages' frame: one header with the ways through Verbatim, one policy, nothing from outside."""

from __future__ import annotations

from fastapi.responses import HTMLResponse

from ..ask.cards import escape

__all__ = ["document", "header"]

#: Pages may run our own scripts and nothing else; nothing is loaded from, or sent to, anywhere but this server.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
#: Address and name of what the header leads to.
_PLACES = (("/", "Ask"), ("/library", "Library"), ("/collections", "Collections"))


def header(here: str = "") -> str:
    """Return the header that every page shares; ``here`` is the address of the place one is in."""
    current = ' aria-current="page"'
    links = "".join(f'<a href="{address}"{current if address == here else ""}>{name}</a>' for address, name in _PLACES)
    return (
        '<header class="vb-top"><a class="vb-name" href="/">Verbatim</a>'
        f'<nav class="vb-nav" aria-label="Places">{links}</nav></header>'
    )


def document(
    title: str, body: str, *, here: str = "", status: int = 200, head: str = "", scripts: tuple[str, ...] = ()
) -> HTMLResponse:
    """Return a whole page around ``body``; ``head`` is added to its head, ``scripts`` are files of ``static``."""
    sources = "".join(f'<script type="module" src="/vb/{name}"></script>' for name in ("player.js", *scripts))
    return HTMLResponse(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)} - Verbatim</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="/vb/style.css">{head}{sources}</head><body class="vb-plain">'
        f'<div class="vb-page">{header(here)}<main>{body}</main></div></body></html>',
        status,
        {"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"},
    )
