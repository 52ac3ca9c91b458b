"""Which requests the server accepts: from our own pages and local programs, to our own host name, of limited size.

The page has no login, so another web page in the same browser must not be able to use it. A page elsewhere can send a
form here (cross-site request forgery), or let its own name point to this machine and read the answers (DNS rebinding);
both show in the headers ``Origin``, ``Sec-Fetch-Site`` and ``Host``, which a page cannot forge. A program that is not a
browser sends neither of the first two and is accepted. The rules are those of the OWASP cheat sheet on request forgery
and of Fetch Metadata (https://www.w3.org/TR/fetch-metadata/).
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ...translatable import phrase
from ..access.rules import find
from ..background.uploads import LARGEST_UPLOAD, UPLOADS
from .problems import answer_problem

__all__ = ["LARGEST_BODY", "Guard"]

#: Most bytes of a body, such as a question, a correction, or a saved quote with its notes.
LARGEST_BODY = 1024 * 1024

_ELSEWHERE = phrase("Another web page asked for this; open Verbatim itself and do it there.")
_GRADIO = "/gradio_api/"
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Guard:
    """ASGI middleware before every route, Gradio's included; ``names`` are hosts that the server is known by."""

    def __init__(self, app: ASGIApp, names: Iterable[str] = ()) -> None:
        self._app = app
        self._names = frozenset(name.lower().rstrip(".") for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer refused requests with a sentence; pass the others on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._wrong_host(headers) or _foreign(scope, headers) or _closed(scope)
        if refusal is None and scope["type"] == "http":
            body = _Body(receive, LARGEST_UPLOAD if scope["path"].startswith(UPLOADS) else LARGEST_BODY)
            refusal = body.announced_too_large(headers)
            if refusal is None:
                await body.let_through(self._app, scope, send)
                return
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await _answer(scope, *refusal)(scope, receive, send)

    def _wrong_host(self, headers: Headers) -> tuple[int, str] | None:
        """Refuse a host name that is not ours; IP addresses are accepted, because they cannot be rebound by DNS."""
        name = _host_name(headers.get("host", ""))
        if name in self._names or name == "localhost" or name.endswith(".localhost") or _is_address(name):
            return None
        told = phrase(
            "This server is not called %(name)s; start it with 'kb serve --allow-host' and that name.",
            name=repr(name[:100]),
        )
        return 421, told


class _Body:
    """A request's body, which is cut off when it becomes larger than allowed."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive = receive
        self._most = most
        self._size = 0
        self._answered = False

    def announced_too_large(self, headers: Headers) -> tuple[int, str] | None:
        announced = headers.get("content-length", "0")
        too_large = announced.isdecimal() and int(announced[:20]) > self._most
        return (413, _too_large(self._most)) if too_large else None

    async def let_through(self, app: ASGIApp, scope: Scope, send: Send) -> None:
        async def telling(message: Message) -> None:
            # The framework's error about the cut body would hide the real reason.
            if self._answered or not self._exceeded:
                self._answered = True
                await send(message)

        try:
            await app(scope, self._receive_some, telling)
        except Exception:
            if not self._exceeded:
                raise
        if self._exceeded and not self._answered:
            await _answer(scope, 413, _too_large(self._most))(scope, self._receive, send)

    @property
    def _exceeded(self) -> bool:
        return self._size > self._most

    async def _receive_some(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        if self._exceeded:
            raise RuntimeError("the body is too large")
        return message


def _foreign(scope: Scope, headers: Headers) -> tuple[int, str] | None:
    """Refuse requests by other sites' pages that change or read data; links to our pages are allowed."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    reads = origin is not None or headers.get("sec-fetch-mode") == "cors"
    if scope["type"] == "http" and scope["method"] in _SAFE and not reads:
        return None
    # Browsers do not send Sec-Fetch-Site over a network without TLS.
    ours = site in ("same-origin", "none") if site else not origin or _host(origin) == headers.get("host", "").lower()
    return None if ours else (403, _ELSEWHERE)


def _closed(scope: Scope) -> tuple[int, str] | None:
    """Refuse Gradio's routes that are not used here: uploads, files, proxies, an editor of its code."""
    if scope["type"] == "http" and scope["path"].startswith(_GRADIO) and find(scope["method"], scope["path"]) is None:
        return 404, phrase("There is nothing at this address.")
    return None


def _host(origin: str) -> str:
    with suppress(ValueError):
        return urlsplit(origin).netloc.lower()
    return ""


def _host_name(host: str) -> str:
    """Return a host header without its port."""
    with suppress(ValueError):
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    return ""


def _is_address(name: str) -> bool:
    with suppress(ValueError):
        return bool(ip_address(name))
    return False


def _too_large(most: int) -> str:
    size = f"{most / 1024**3:.0f} GB" if most >= 1024**3 else f"{most / 1024**2:.0f} MB"
    return phrase("This is larger than %(size)s, which is the most that is accepted; send less at once.", size=size)


def _answer(scope: Scope, status: int, sentence: str) -> Response:
    # The rest of the body is not read, so the connection cannot be used again.
    answer = answer_problem(scope, status, sentence)
    answer.headers.update({"Connection": "close", "X-Content-Type-Options": "nosniff"})
    return answer
