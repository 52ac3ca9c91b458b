"""ASGI middleware that gives every answer a content security policy; plain pages bring a stricter one of their own.

Pages and scripts' answers contain questions and quotes, so browsers and proxies must not cache them.
"""

from __future__ import annotations

import base64
import hashlib
import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["OwnScripts", "Policy"]

#: Gradio's page loads from and sends to nowhere but this server. It compiles the templates of ``gr.HTML`` and the
#: scripts of its events (``eval``), and styles elements one by one. ``{scripts}`` are the page's inline scripts.
_GRADIO = (
    "default-src 'none'; script-src 'self' 'unsafe-eval'{scripts}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self'; manifest-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'self'"
)
_SCRIPT = re.compile(rb"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.DOTALL | re.IGNORECASE)
#: Media types of answers with questions or quotes; styles, scripts and sound may be cached.
_TOLD = ("text/html", "application/json", "text/event-stream")


class Policy:
    """Adds missing headers; bodies are streamed unchanged."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and complete its answer's headers."""

        async def confined(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", _GRADIO.format(scripts=""))
                headers.setdefault("X-Content-Type-Options", "nosniff")
                if headers.get("content-type", "").startswith(_TOLD):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, confined)


class OwnScripts:
    """Allows only the inline scripts of Gradio's page, each by its hash; must run before compression."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; a page's headers wait until its body is known."""
        head: Message | None = None
        body = b""

        async def hashed(message: Message) -> None:
            nonlocal head, body
            if message["type"] == "http.response.start":
                if MutableHeaders(scope=message).get("content-type", "").startswith("text/html"):
                    head = message
                    return
            elif head is not None:
                body += message.get("body", b"")
                if message.get("more_body"):
                    return
                MutableHeaders(scope=head)["Content-Security-Policy"] = _GRADIO.format(scripts=_hashes(body))
                await send(head)
                head, message = None, {**message, "body": body}
            await send(message)

        await self._app(scope, receive, hashed)


def _hashes(page: bytes) -> str:
    """Return the hash sources for a page's own scripts; injected scripts and ``onclick`` stay forbidden. Gradio's page
    contains no untrusted text: that comes later, as data.
    """
    codes = [found["code"] for found in _SCRIPT.finditer(page) if b"src=" not in found["attributes"]]
    return "".join(f" 'sha256-{base64.b64encode(hashlib.sha256(code).digest()).decode()}'" for code in codes)
