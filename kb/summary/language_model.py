"""A language model behind an OpenAI-compatible address, e.g. a local Ollama; asked once, within a size and a time.

Only this module of ``kb`` imports ``httpx``, and only when an endpoint was named: no other module sends data. The reply
is untrusted text.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import time
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import SplitResult, urlsplit

from ..errors import LanguageModelError, UsageError

if TYPE_CHECKING:
    import httpx

__all__ = ["LanguageModel", "Message"]

T = TypeVar("T")

_CONNECT_SECONDS = 5.0
_MOST_BYTES = 1_000_000
_MOST_LISTED = 8
_REMEDIES = {
    401: "Put the right key into KB_LLM_KEY.",
    403: "Put the right key into KB_LLM_KEY.",
    404: "Check the address, and the model's name (--llm-model).",
    429: "Wait a while, or ask another one.",
}


class Message(NamedTuple):
    """One part of what a model is asked; ``role`` is ``system`` or ``user``."""

    role: str
    content: str


class LanguageModel:
    """Asks the model at ``url`` (with or without ``/v1``); ``name`` may be left out where it offers only one.

    ``key`` is sent as a bearer token and never shown; ``seconds`` bounds the whole of a question. An address of this
    machine is asked directly, any other one through the proxy that the environment names. Redirects are not followed:
    the quotes go only where the user said. Raises ``UsageError`` for an invalid address.
    """

    def __init__(self, url: str, name: str | None = None, key: str | None = None, seconds: float = 60.0) -> None:
        parts = _parsed(url)
        host = parts.netloc.rpartition("@")[2]
        base = parts.path.rstrip("/").removesuffix("/chat/completions") or "/v1"
        self.endpoint = f"{parts.scheme}://{host}{base}"
        self._address = f"{parts.scheme}://{parts.netloc}{base}"
        self._direct = _is_this_machine(parts.hostname or "")
        self._name = name
        self._key = _checked_key(key)
        self._seconds = seconds

    @property
    def name(self) -> str | None:
        """The model's name, ``None`` until the endpoint has given it, if the user named none."""
        return self._name

    def __call__(self, messages: Sequence[Message]) -> str:
        """Return the model's reply as it is; ``LanguageModelError`` says why there is none."""
        # In a thread of its own: the caller may have a running loop already, as a notebook has.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, self._in_time(lambda client: self._reply(client, messages))).result()

    async def _in_time(self, work: Callable[[httpx.AsyncClient], Awaitable[T]]) -> T:
        import httpx

        began = time.monotonic()
        try:
            # httpx has no limit for a whole request: a server that sends a byte a second would block without end.
            async with asyncio.timeout(self._seconds):
                async with httpx.AsyncClient(
                    headers={
                        "Accept-Encoding": "identity",
                        **({"Authorization": f"Bearer {self._key}"} if self._key else {}),
                    },
                    timeout=httpx.Timeout(self._seconds, connect=min(_CONNECT_SECONDS, self._seconds)),
                    trust_env=not self._direct,
                ) as client:
                    return await work(client)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            raise self._error(
                f"cannot be reached ({_reason(error)}).", "Is it running, and is the address right?"
            ) from error
        except (TimeoutError, httpx.TimeoutException) as error:
            waited = f"{time.monotonic() - began:.0f} s"
            raise self._error(
                f"has not answered within {waited}.", "Allow more with --llm-seconds, or take a smaller model."
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise self._error(f"broke off its answer ({_reason(error)}).", "Try again.") from error

    async def _reply(self, client: httpx.AsyncClient, messages: Sequence[Message]) -> str:
        if self._name is None:
            self._name = await self._only_model(client)
        asked = {"model": self._name, "messages": [message._asdict() for message in messages], "stream": False}
        # Some models refuse a temperature; then the request is sent again without one.
        status, body = await self._send(client, "POST", "/chat/completions", {**asked, "temperature": 0})
        if status == 400:
            status, body = await self._send(client, "POST", "/chat/completions", asked)
        found = self._parsed_reply(status, body)
        try:
            content = found["choices"][0]["message"]["content"]
        except (KeyError, IndexError, TypeError):
            content = None
        if not isinstance(content, str):
            raise self._error("answered in a form that is not OpenAI's.", "Check that the address is a chat endpoint.")
        return content

    async def _only_model(self, client: httpx.AsyncClient) -> str:
        found = self._parsed_reply(*await self._send(client, "GET", "/models"))
        listed = found.get("data") if isinstance(found, dict) else None
        ids = [each.get("id") for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
        names = [_clean(name) for name in ids if isinstance(name, str) and name.strip()]
        if len(names) != 1:
            offered = f"offers {', '.join(names[:_MOST_LISTED])}" if names else "does not say which models it offers"
            raise self._error(f"{offered}.", "Name one with --llm-model.")
        return names[0]

    async def _send(
        self, client: httpx.AsyncClient, method: str, path: str, body: dict[str, Any] | None = None
    ) -> tuple[int, bytes]:
        async with client.stream(method, self._address + path, json=body) as response:
            if "identity" not in response.headers.get("content-encoding", "identity"):
                raise self._error("compressed its answer, which was not requested.", "Ask another one.")
            received = b""
            async for some in response.aiter_raw():
                received += some
                if len(received) > _MOST_BYTES:
                    raise self._error(f"sent more than {_MOST_BYTES // 1_000_000} MB.", "Ask another model.")
            return response.status_code, received

    def _parsed_reply(self, status: int, body: bytes) -> Any:
        try:
            found = json.loads(body)
        except (ValueError, RecursionError):
            found = None
        if 300 <= status < 400:
            raise self._error("redirects to another address.", "Name that one, if you trust it.")
        if status != 200:
            told = _told(found)
            remedy = _REMEDIES.get(status, "Look into its own log.")
            raise self._error(f"answered with status {status}{f' (“{told}”)' if told else ''}.", remedy)
        if found is None:
            raise self._error("answered, but not with JSON.", "Check that the address is a chat endpoint.")
        return found

    def _error(self, problem: str, remedy: str) -> LanguageModelError:
        return LanguageModelError(self.endpoint, problem, remedy)


def _parsed(url: str) -> SplitResult:
    try:
        parts = urlsplit(url.strip())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or not url.strip().isprintable() or " " in url.strip() or parts.query or parts.fragment:
        raise UsageError(
            f"--llm {url[:200]!r} is not the address of a language model; expected one such as http://localhost:11434/v1."
        )
    return parts


def _checked_key(key: str | None) -> str | None:
    if key and not (key.isascii() and key.isprintable()):
        raise UsageError("KB_LLM_KEY has characters that a key cannot have; copy it again.")
    return key or None


def _is_this_machine(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _told(found: Any) -> str:
    """Return a server's error message, shortened and cleaned."""
    error = found.get("error") if isinstance(found, dict) else None
    told = error.get("message") if isinstance(error, dict) else error
    return _clean(told) if isinstance(told, str) else ""


def _reason(error: Exception) -> str:
    return _clean(str(error)) or type(error).__name__


def _clean(text: str) -> str:
    return " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in text[:400]).split())[:200]
