"""ASGI middleware that gives every answer a content security policy; plain pages bring a stricter one of their own.

Pages, and what scripts ask for, show questions and quotes: browsers and proxies keep no copy.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Policy"]

#: Gradio's own page needs inline scripts and ``eval``; it, too, loads from and sends to nowhere but this server.
_GRADIO = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self'; "
    "worker-src 'self' blob:; form-action 'self'; frame-ancestors 'none'; base-uri 'self'; object-src 'none'"
)
#: Answers that hold what was asked or said; styles, scripts and sound may be kept.
_TOLD = ("text/html", "application/json", "text/event-stream")


class Policy:
    """Adds what is missing to the headers; bodies stream through untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request pass, and see to its answer's headers."""

        async def confined(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", _GRADIO)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                if headers.get("content-type", "").startswith(_TOLD):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, confined)
