"""ASGI middleware that completes Gradio's page as it is sent: our style sheets, and the reader's language.

Gradio's script would add style sheets a moment later, and then the layout shifts. Gradio makes its page once, in
English, for readers of all languages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .catalogues import SOURCE
from .languages import language

__all__ = ["EarlyHead", "Texts"]

#: Texts of Gradio's components, by the component's ``elem_id`` and the property.
Texts = Mapping[str, Mapping[str, str]]

_END = b"</head>"
_LANGUAGE = re.compile(rb'(<html\b[^>]*?\blang=)"en"')
_CONFIG = re.compile(rb"(?<=<script>window\.gradio_config = )\{.*?\}(?=;</script>)", re.DOTALL)
#: What could end the script.
_IN_SCRIPT = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&'\u2028\u2029"}


class EarlyHead:
    """Completes the page at ``/`` by ``head`` and ``texts``, asked for each time; all else streams through."""

    def __init__(self, app: ASGIApp, head: Callable[[], str], texts: Callable[[], Texts]) -> None:
        self._app = app
        self._head = head
        self._texts = texts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, the page with our head."""
        is_page = scope["type"] == "http" and scope["path"] == "/" and scope["method"] == "GET"
        await self._app(scope, receive, _Adding(send, self._completed) if is_page else send)

    def _completed(self, page: bytes) -> bytes:
        if language.get() != SOURCE:
            page = _LANGUAGE.sub(rf'\1"{language.get()}"'.encode(), page, count=1)
            page = _CONFIG.sub(lambda found: _translated(found[0], self._texts()), page, count=1)
        return page.replace(_END, self._head().encode() + _END, 1)


def _translated(config: bytes, texts: Texts) -> bytes:
    """Return Gradio's description of its page with our texts."""
    told = json.loads(config)
    for component in told["components"]:
        component["props"].update(texts.get(component["props"].get("elem_id") or "", {}))
    return json.dumps(told, ensure_ascii=False).translate(_IN_SCRIPT).encode()


class _Adding:
    """Sends an answer when it is complete, because its length changes."""

    def __init__(self, send: Send, completed: Callable[[bytes], bytes]) -> None:
        self._send = send
        self._completed = completed
        self._start: Message = {}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        body = self._completed(self._body)
        headers = MutableHeaders(scope=self._start)
        if "content-length" in headers:
            headers["content-length"] = str(len(body))
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": body})
