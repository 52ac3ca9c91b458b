"""Many users of one server: each sends a different question by REST at the same time; compared with one user alone.

A real server over HOME, in a process of its own, or several of them, which the people are spread over as a proxy does.
CPU seconds per question are given too, because they depend less on other work on the machine.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bench.chroma_server import some_questions
from bench.common import ROOT

_WARM = 10


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.many", description=__doc__)
    parser.add_argument("home", type=Path, metavar="HOME", help="a data folder")
    parser.add_argument("--askers", type=int, default=50, metavar="N", help="how many ask at once")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="how often they do")
    parser.add_argument("--front-ends", type=int, default=1, metavar="N", help="how many servers over the same folder")
    given = parser.parse_args()
    if not (given.home / "catalogue.sqlite3").exists():
        parser.error(f"{given.home} is no data folder: it holds no catalogue.sqlite3.")
    questions = some_questions(given.askers * given.rounds + _WARM)
    with ExitStack() as stack:
        servers = [stack.enter_context(_server(given.home)) for _ in range(given.front_ends)]
        for server in servers:
            for question in questions[:_WARM]:
                _asked(server.address, question)
        asked = questions[_WARM:]
        _tell("one person", servers, 1, asked[: given.askers])
        _tell(f"{given.askers} at once", servers, given.askers, asked)
        _tell(f"{given.askers} at once, the same again", servers, given.askers, asked)


class _Server(NamedTuple):
    process: int
    address: str


@contextmanager
def _server(home: Path) -> Iterator[_Server]:
    command = [sys.executable, "-m", "kb", "--home", str(home), "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = re.search(r"http://\S+/", server.stdout.readline())
        assert address, "the server did not start"
        try:
            yield _Server(server.pid, address[0])
        finally:
            server.terminate()


def _tell(name: str, servers: Sequence[_Server], askers: int, questions: Sequence[str]) -> None:
    used, begin = sum(_processor(server.process) for server in servers), time.perf_counter()
    with ThreadPoolExecutor(askers) as people:
        times = list(people.map(_asked, cycle(server.address for server in servers), questions))
    wall = time.perf_counter() - begin
    used = sum(_processor(server.process) for server in servers) - used
    median, p95 = np.percentile(times, [50, 95])
    print(
        f"{name}: median {median:,.0f} ms, p95 {p95:,.0f} ms, {len(times) / wall:.0f} a second; "
        f"{used / len(times) * 1000:.0f} ms of the processor each, which was there for {used / wall:.0%} of the time",
        flush=True,
    )


def _asked(address: str, question: str) -> float:
    begin = time.perf_counter()
    with urllib.request.urlopen(f"{address}api/ask?{urllib.parse.urlencode({'q': question})}", timeout=600) as answer:
        answer.read()
    return (time.perf_counter() - begin) * 1000


def _processor(process: int) -> float:
    """Return the CPU seconds that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
