"""Many users of one server: each sends a different question by REST at the same time; compared with one user alone.

A real server over HOME, in a process of its own. CPU seconds per question are given too, because they depend less on
other work on the machine.
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
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from bench.chroma_server import some_questions
from bench.common import ROOT

_WARM = 10


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.many", description=__doc__)
    parser.add_argument("home", type=Path, metavar="HOME", help="a data folder")
    parser.add_argument("--askers", type=int, default=50, metavar="N", help="how many ask at once")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="how often they do")
    given = parser.parse_args()
    if not (given.home / "catalogue.sqlite3").exists():
        parser.error(f"{given.home} is no data folder: it holds no catalogue.sqlite3.")
    questions = some_questions(given.askers * given.rounds + _WARM)
    command = [sys.executable, "-m", "kb", "--home", str(given.home), "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = re.search(r"http://\S+/", server.stdout.readline())
        assert address, "the server did not start"
        try:
            for question in questions[:_WARM]:
                _asked(address[0], question)
            _tell("one person", server.pid, 1, address[0], questions[_WARM:][: given.askers])
            _tell(f"{given.askers} at once", server.pid, given.askers, address[0], questions[_WARM:])
            _tell(f"{given.askers} at once, the same again", server.pid, given.askers, address[0], questions[_WARM:])
        finally:
            server.terminate()


def _tell(name: str, process: int, askers: int, address: str, questions: list[str]) -> None:
    used, begin = _processor(process), time.perf_counter()
    with ThreadPoolExecutor(askers) as people:
        times = list(people.map(lambda question: _asked(address, question), questions))
    wall, used = time.perf_counter() - begin, _processor(process) - used
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
