"""A server in a process of its own, and how many files and how much memory it holds."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..conftest import ROOT
from .trial import quick

__all__ = ["Server", "served"]


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server listens, and its process."""

    address: str
    process: int

    def open_files(self) -> int:
        return len(os.listdir(f"/proc/{self.process}/fd"))

    def memory(self) -> float:
        """Return its resident megabytes."""
        pages = int(Path(f"/proc/{self.process}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def served(home: Path) -> Iterator[Server]:
    """Serve ``home`` until the block ends."""
    command = [sys.executable, "-m", "kb", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, env=quick(home), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+/", process.stdout.readline())
        assert found, "the server did not start"
        try:
            yield Server(found.group(), process.pid)
        finally:
            process.terminate()
