"""What a fault is tried on, and what is told of it."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..conftest import MATERIAL, ROOT, environment
from ..test_queue import cut, everything

__all__ = ["Outcome", "Place", "acknowledged", "kb", "told"]


@dataclass(slots=True)
class Outcome:
    """How often a fault was tried and survived, and what was lost that nobody was told of."""

    fault: str
    tried: int = 0
    survived: int = 0
    lost: list[str] = field(default_factory=list)
    remark: str = ""

    def note(self, *lost: str) -> None:
        """Count one try."""
        self.tried += 1
        self.survived += not lost
        self.lost += lost


@dataclass(frozen=True, slots=True)
class Place:
    """An empty folder for one soak, its transcripts, and chance."""

    folder: Path
    chance: random.Random

    def transcripts(self, name: str, count: int, skip: int = 0) -> Path:
        """Write ``count`` transcripts, cut from real ones, into a folder and return it; the first ``skip`` are left out."""
        folder = self.folder / name
        folder.mkdir()
        files = sorted((MATERIAL / "changelog").glob("*/*.md"))
        parts = [(file.stem, n, text) for file in files for n, text in enumerate(cut(file.read_text("utf-8"), 6_000))]
        for stem, number, text in parts[skip : skip + count]:
            (folder / f"{stem}-part-{number}.md").write_text(text, "utf-8")
        return folder


def told(home: Path) -> dict[str, list[tuple[object, ...]]]:
    """Return all that ingestion writes, but times, row numbers and vectors, which ``kb check`` verifies."""
    found = everything(home)
    del found["vectors"]
    return found


def kb(
    home: Path, *arguments: str | Path, before: Sequence[str] = (), **more: object
) -> subprocess.CompletedProcess[str]:
    """Run ``kb`` in a process of its own with the quick embedding; ``before`` it stand other commands."""
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [*before, sys.executable, "-m", "kb", *map(str, arguments)],
        cwd=ROOT,
        env=quick(home),
        capture_output=True,
        text=True,
        timeout=600,
        **more,
    )


def quick(home: Path) -> dict[str, str]:
    """Return a process's environment with ``home`` as its data folder and the quick embedding."""
    return {**environment(home), "KB_EMBEDDING": "static", "KB_READER": "no"}


def acknowledged(output: str) -> set[str]:
    """Return the episodes that ``kb ingest --json`` said to be in; a kill may have cut its last line."""
    found = set()
    for line in output.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if event.get("status") in ("added", "unchanged"):
            found.add(str(event["episode_id"]))
    return found


def in_a_namespace(script: str, *arguments: str | Path) -> list[str]:
    """Return a command that runs a shell script where it may mount, with nobody else seeing it."""
    own_user = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", "--mount", *own_user, "sh", "-c", script, *map(str, arguments)]
