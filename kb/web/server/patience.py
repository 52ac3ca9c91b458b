"""Time limits for requests, and limits for connections, against clients that send nothing or very slowly (slowloris).
uvicorn waits for a request's head and body without end. Here both must arrive within a time, the number of connections
is limited, and for each address too, except this machine's and a trusted proxy's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from typing import Any, Literal

from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["LIMITS", "MOST_CONNECTIONS", "MOST_OF_ONE", "PatientProtocol", "for_proxies"]

#: Most connections at once; with the files of SQLite and Chroma, under 1,024 are open.
MOST_CONNECTIONS = 400
#: Most connections of one address; a browser opens six.
MOST_OF_ONE = 100

#: uvicorn's own settings: seconds between two requests of a connection, connections from which it answers 503, and
#: bytes of a head (the address has the question in it, where one character may take twelve bytes).
LIMITS: dict[str, Any] = {
    "timeout_keep_alive": 5,
    "limit_concurrency": MOST_CONNECTIONS - 100,
    "h11_max_incomplete_event_size": 64 * 1024,
}


class PatientProtocol(H11Protocol):
    """One connection, which is closed if its request does not arrive in time."""

    #: Seconds from the first moment to the end of a request's head.
    head_seconds = 20.0
    #: In this many seconds, at least this many bytes of a body, or its end, must arrive.
    body_seconds = 30.0
    body_bytes = 16 * 1024
    #: Whether an address is a proxy, which connects for many users.
    is_proxy: Callable[[str], bool] = staticmethod(lambda _: False)

    _timer: asyncio.TimerHandle | None = None
    _phase: tuple[object, object] = (None, None)
    _received = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request, unless there are too many connections."""
        super().connection_made(transport)
        if self._too_many():
            transport.abort()
        else:
            self._watch()

    def data_received(self, data: bytes) -> None:
        """Take some bytes in."""
        self._received += len(data)
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Wait for the next request: uvicorn limits that time; our limit begins with its first byte."""
        self._stop()
        super().on_response_complete()

    def handle_websocket_upgrade(self, event: Any) -> None:
        """Leave the connection to the protocol of web sockets, which has its own limits."""
        self._stop()
        super().handle_websocket_upgrade(event)

    def _too_many(self) -> bool:
        if len(self.connections) > MOST_CONNECTIONS:
            return True
        address = self.client[0] if self.client else ""
        if _is_this_machine(address) or type(self).is_proxy(address):
            return False
        others = (getattr(each, "client", None) for each in self.connections)
        return [client and client[0] for client in others].count(address) > MOST_OF_ONE

    def _awaited(self) -> Literal["head", "body"] | None:
        """Return what must arrive next, ``None`` while a request is answered."""
        if self.cycle is None or self.cycle.response_complete:
            return "head"
        return "body" if self.cycle.more_body else None

    def _watch(self) -> None:
        """Start the timer for what must arrive next, unless it runs already."""
        awaited = self._awaited()
        if awaited is None or self.transport.is_closing():
            self._stop()
        elif self._phase != (awaited, self.cycle):
            self._stop()
            self._phase = (awaited, self.cycle)
            self._wait(awaited)

    def _wait(self, awaited: Literal["head", "body"]) -> None:
        seconds = self.head_seconds if awaited == "head" else self.body_seconds
        self._timer = self.loop.call_later(seconds, self._give_up, awaited, self._received)

    def _give_up(self, awaited: Literal["head", "body"], before: int) -> None:
        if (awaited, self.cycle) != self._phase or self._awaited() != awaited:
            return
        # If nothing is read because the application is slow, the client must not be punished.
        if awaited == "body" and (self.flow.read_paused or self._received - before >= self.body_bytes):
            self._wait(awaited)
        else:
            self.transport.abort()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._phase = None, (None, None)


def for_proxies(is_proxy: Callable[[str], bool]) -> type[PatientProtocol]:
    """Return the protocol in which these addresses have no limit of their own."""
    return type("PatientProtocol", (PatientProtocol,), {"is_proxy": staticmethod(is_proxy)})


def _is_this_machine(address: str) -> bool:
    with suppress(ValueError):
        return ip_address(address).is_loopback
    return False
