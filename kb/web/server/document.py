"""The frame of plain pages: one header with the navigation, one content security policy, nothing from other servers."""

from __future__ import annotations

from fastapi.responses import HTMLResponse

from ...translatable import phrase
from ..access.people import acting
from .templating import NOTHING, Markup, render

__all__ = ["document", "header"]

#: Pages may run our own scripts and nothing else; nothing is loaded from, or sent to, anywhere but this server.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self' blob:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
#: Address and name of the header's links.
_PLACES = (("/", phrase("Ask")), ("/library", phrase("Library")), ("/collections", phrase("Collections")))


def header(here: str = "") -> Markup:
    """Return the header that every page shares; ``here`` is the address of the present page."""
    return render("header.html", places=_PLACES, here=here)


def document(
    title: str,
    body: Markup,
    *,
    here: str = "",
    status: int = 200,
    styles: tuple[str, ...] = (),
    scripts: tuple[str, ...] = (),
    head: Markup = NOTHING,
) -> HTMLResponse:
    """Return a whole page around ``body``; ``styles`` and ``scripts`` are files of ``static``, ``head`` is added."""
    if acting.get():
        styles, scripts = (*styles, "access.css"), (*scripts, "account.js")
    values = {"title": title, "body": body, "here": here, "styles": styles, "scripts": scripts, "head": head}
    return HTMLResponse(
        render("document.html", places=_PLACES, **values),
        status,
        {"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"},
    )
