"""A data folder that another person of the machine may read and not write.

Rights do not bind root. So where root tries this, the commands run as nobody; everybody else takes their own right away.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.files.sources import find_sources
from ingest.queue.batch import ingest
from kb.knowledge_base import KnowledgeBase

from ..conftest import ROOT
from .trial import Outcome, Place, quick, told

__all__ = ["as_somebody_else", "read_only_rights"]

#: Who has no rights but everybody's.
_NOBODY = 65534
#: May read whatever there is, for Python itself may lie in a folder of root's; may write only where rights let nobody.
_READING = ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups", "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]  # fmt: skip


def read_only_rights(place: Place, times: int) -> Outcome:
    """Ask and take in where the folder's rights forbid to write."""
    found = Outcome("folder that may be read and not written")
    home = place.folder / "home"
    with KnowledgeBase(home, "static", reader=False) as opened:
        ingest(opened, find_sources([place.transcripts("shows", 2)]))
    more = place.transcripts("more", 1, skip=2)
    before = told(home)
    for _ in range(times):
        with _only_readable(place.folder):
            here = _seen(home)
            asked, refused = (
                as_somebody_else(home, *what)
                for what in (("ask", "What is a typical day for Jason?"), ("ingest", more))
            )
            lost = [] if _seen(home) == here else ["something was written"]
        if asked.returncode or "“" not in asked.stdout:
            lost.append(f"a question was not answered: {asked.stderr[-300:]}")
        if refused.returncode != 1 or "is read-only" not in refused.stderr or "Traceback" in refused.stderr:
            lost.append(f"taking in did not say why not: {refused.stderr[-300:]}")
        if told(home) != before:
            lost.append("the folder holds something else than before")
        found.note(*lost)
    found.remark = (
        f"as {'nobody' if os.geteuid() == 0 else 'its owner'}; questions were answered, and taking in said why not"
    )
    return found


def as_somebody_else(home: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run ``kb`` as nobody, or as oneself if one is not root."""
    command = [sys.executable, "-m", "kb", *map(str, arguments)]
    variables = {**quick(home), "HOME": str(home.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    user: dict[str, object] = {}
    if os.geteuid() == 0:
        if _can_read_all():
            command = [*_READING, "--", *command]
        else:
            user = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        command, cwd=ROOT, env=variables, capture_output=True, text=True, timeout=600, **user
    )


def _can_read_all() -> bool:
    try:
        return subprocess.run([*_READING, "true"], capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


@contextmanager
def _only_readable(folder: Path) -> Iterator[None]:
    """Let everybody read what is in a folder, and nobody write it, until the block ends."""
    there = (folder, *folder.rglob("*"))
    modes = {path: path.stat().st_mode for path in there}
    try:
        for path in reversed(there):
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


def _seen(home: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in (home, *home.rglob("*"))}
