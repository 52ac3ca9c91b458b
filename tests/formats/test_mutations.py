"""5,000 transcripts of every format, damaged in every way: words or a ``FormatError``, in bounded time and memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import MATERIAL, ROOT, environment

from .mutations import CASES


@pytest.mark.slow
def test_mutated_transcripts_are_read_or_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.formats.mutations", str(MATERIAL / "podcasting20")]
    done = subprocess.run(command, cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr[-3_000:]
    files, cases, read = map(int, done.stdout.split())
    assert files == 5
    assert cases == CASES
    assert cases // 5 < read < cases  # damage is often harmless, and often not
