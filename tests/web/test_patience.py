"""Clients that send nothing, or a byte now and then, or come in hundreds: they lose their places, and nobody else does."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from kb.web.server.patience import LIMITS, MOST_CONNECTIONS, MOST_OF_ONE, PatientProtocol, for_proxies

from ..conftest import ROOT, environment
from .test_guard import send

_REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Quick(PatientProtocol):
    """The real protocol with less patience."""

    head_seconds = 0.3
    body_seconds = 0.3


async def application(scope: Scope, receive: Receive, respond: Send) -> None:
    """Read the body, take longer than a head or a body may, and answer."""
    try:
        await Request(scope, receive).body()
    except ClientDisconnect:
        return
    await asyncio.sleep(2 * Quick.head_seconds)
    await respond({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await respond({"type": "http.response.body", "body": b"ok"})


@pytest.fixture(scope="module")
def quick() -> Iterator[tuple[str, int]]:
    """Where a real server of little patience listens."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application, http=Quick, lifespan="off", log_level="error", **LIMITS))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()
    server.should_exit = True
    thread.join()
    listener.close()


def dripped(connection: socket.socket, drops: bytes) -> bytes:
    """Send some bytes now and then until the server ends the connection; return what it said."""
    connection.settimeout(0.05)
    said = b""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            connection.sendall(drops)
            part = connection.recv(1000)
        except TimeoutError:
            continue
        except OSError:
            return said
        if not part:
            return said
        said += part
    raise AssertionError("the server still waits")


@pytest.mark.parametrize(
    ("begun", "drops"),
    [
        (b"", b""),
        (b"GET / HT", b""),
        (b"GET / HTTP/1.1\r\n", b"A: b\r\n"),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n", b"x"),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
)
def test_a_request_that_does_not_arrive_is_not_waited_for(quick: tuple[str, int], begun: bytes, drops: bytes) -> None:
    with socket.create_connection(quick) as connection:
        connection.sendall(begun)
        assert dripped(connection, drops) == b""


def test_an_answer_may_take_its_time_and_the_next_request_may_not(quick: tuple[str, int]) -> None:
    with socket.create_connection(quick, timeout=30) as connection:
        connection.sendall(_REQUEST)
        said = b""
        while not said.endswith(b"ok"):
            said += connection.recv(1000) or pytest.fail("the server did not answer")
        assert said.startswith(b"HTTP/1.1 200")
        connection.sendall(b"GET / HTTP/1.1\r\n")
        assert dripped(connection, b"A: b\r\n") == b""


def test_one_address_holds_some_connections_and_a_proxy_all(quick: tuple[str, int]) -> None:
    """Asked of the protocol itself, since every address a test may have is this machine's."""

    def refused(kind: type[PatientProtocol], address: str) -> bool:
        config = uvicorn.Config(application, http=kind, lifespan="off", log_level="error")
        config.load()
        protocol = kind(config, uvicorn.server.ServerState(), {}, asyncio.new_event_loop())
        for _ in range(MOST_OF_ONE):
            other = kind(config, protocol.server_state, {}, protocol.loop)
            other.client = (address, 1)
            protocol.connections.add(other)
        protocol.client = (address, 1)
        protocol.connections.add(protocol)
        protocol.loop.close()
        return protocol._too_many()

    proxied = for_proxies(lambda address: address == "192.0.2.5")
    assert refused(PatientProtocol, "192.0.2.7")
    assert not refused(PatientProtocol, "127.0.0.1")
    assert (refused(proxied, "192.0.2.5"), refused(proxied, "192.0.2.7")) == (False, True)


@dataclass(frozen=True)
class Served:
    """A server over the corpus, and its process."""

    address: str
    process: int

    @property
    def place(self) -> tuple[str, int]:
        parts = urlsplit(self.address)
        return parts.hostname or "", parts.port or 0

    def open_files(self) -> int:
        return len(os.listdir(f"/proc/{self.process}/fd"))


@pytest.fixture(scope="module")
def served(corpus_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = Path(shutil.copytree(corpus_home, tmp_path_factory.mktemp("patient") / "home"))
    command = [sys.executable, "-m", "kb", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, env=environment(home), stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        found = re.search(r"http://\S+/", server.stdout.readline())
        assert found
        yield Served(found.group(), server.pid)
        server.terminate()


def eventually(condition: Callable[[], bool]) -> bool:
    """Return whether something comes true that another process brings about."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts files as Linux tells them")
def test_bursts_of_questions_leave_no_file_open(served: Served) -> None:
    """With 1,024 files that a process may open, thirteen such bursts once ended the server."""

    def ask(number: int) -> int:
        return send(served.address, "GET", f"/api/ask?q=Which+city+{number}", Connection="close")[0]

    def burst() -> None:
        with ThreadPoolExecutor(40) as people:
            assert set(people.map(ask, range(40))) == {200}

    before = served.open_files()
    for _ in range(6):
        burst()
    # Each of the server's forty threads may keep its own connection: the database and its journal.
    assert eventually(lambda: served.open_files() <= before + 40 * 2 + 20), served.open_files()


@pytest.mark.slow
def test_hundreds_of_connections_are_refused_and_go_away(served: Served) -> None:
    with ExitStack() as held:

        def connect() -> socket.socket:
            return held.enter_context(socket.create_connection(served.place, timeout=60))

        connections = [connect() for _ in range(LIMITS["limit_concurrency"])]
        connections[-1].sendall(_REQUEST)
        assert connections[-1].recv(1000).startswith(b"HTTP/1.1 503")
        while len(connections) <= MOST_CONNECTIONS:
            connections.append(connect())
        assert dripped(connect(), b"") == b""
        assert dripped(connect(), b"") == b""
    assert eventually(lambda: send(served.address, "GET", "/vb/style.css")[0] == 200)


@pytest.mark.slow
def test_a_head_without_end_is_refused(served: Served) -> None:
    with socket.create_connection(served.place, timeout=60) as connection:
        connection.sendall(b"GET /?question=" + b"x" * 70_000)
        assert connection.recv(1000).startswith(b"HTTP/1.1 400")
