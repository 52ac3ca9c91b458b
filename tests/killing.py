"""Batches in processes that are killed; forked from a server that has the imports done, so that a kill costs little."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

from ingest.files.sources import find_sources
from ingest.queue.batch import ingest
from kb.knowledge_base import KnowledgeBase

_CONTEXT = multiprocessing.get_context("forkserver")


def _ingest(home: Path, folder: Path) -> None:
    with KnowledgeBase(home) as kb:
        ingest(kb, find_sources([folder]))


def ingest_and_kill(home: Path, folder: Path, after: float) -> bool:
    """Ingest ``folder`` in a process of its own, kill it after so many seconds, and return whether it had ended."""
    _CONTEXT.set_forkserver_preload(["tests.killing", "chromadb"])
    process = _CONTEXT.Process(target=_ingest, args=(home, folder))
    process.start()
    process.join(after)
    process.kill()
    process.join()
    ended = process.exitcode == 0
    process.close()
    return ended
