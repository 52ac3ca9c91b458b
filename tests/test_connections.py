"""Connections to the catalogue: a server whose threads come and go holds no more files than it has threads."""

from __future__ import annotations

import gc
import os
import threading
from pathlib import Path

import pytest

from kb.catalogue import Source
from kb.knowledge_base import KnowledgeBase

from .test_promises import episode, said

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts files as Linux tells them")


def _open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def _catalogues() -> int:
    """Return how often this process has the catalogue's file open."""
    links = (Path("/proc/self/fd") / name for name in os.listdir("/proc/self/fd"))
    return sum(os.path.realpath(link).endswith("catalogue.sqlite3") for link in links)


def test_threads_that_end_leave_no_file_open(corpus_kb: KnowledgeBase) -> None:
    """SQLite keeps a closed file for the next connection, so bursts hold as many files as the largest of them."""

    def burst() -> None:
        together = threading.Barrier(20)

        def ask() -> None:
            corpus_kb.catalogue.episodes.all()
            together.wait(30)

        threads = [threading.Thread(target=ask) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        gc.collect()

    burst()
    after_one = _open_files()
    for _ in range(10):
        burst()
    assert _open_files() <= after_one + 5


def test_closing_ends_the_connections_of_threads_that_live(corpus_kb: KnowledgeBase) -> None:
    asked, closed = threading.Event(), threading.Event()

    def ask() -> None:
        corpus_kb.catalogue.episodes.all()
        asked.set()
        closed.wait(10)

    thread = threading.Thread(target=ask)
    thread.start()
    assert asked.wait(10)
    open_before = _catalogues()
    corpus_kb.close()
    assert (open_before > 0, _catalogues()) == (True, 0)
    closed.set()
    thread.join()


def test_what_the_index_has_not_taken_up_is_not_called_broken(corpus_kb: KnowledgeBase) -> None:
    """A server holds the index, a second process takes an episode in, the server ends: nothing is wrong."""
    with KnowledgeBase(corpus_kb.home) as other:
        other.add(episode("Late"), said("Turnips are never purple."), Source("file:///late.txt", "1"))
        other.sync()
    corpus_kb.close()
    with KnowledgeBase(corpus_kb.home) as again:
        findings = again.check()
        assert all(finding.ok for finding in findings), findings
        again.sync()
        assert again.semantic.unfindable() == 0
