"""What is measured, each part in its own process, so that memory and opening time are measured for it alone."""

from __future__ import annotations

import os
import resource
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from bench.scale.made import Names

T = TypeVar("T")

_ASKERS = 10
#: Number of warm-up questions, and number of questions asked cold (with nothing of the library in memory).
_WARM, _COLD = 15, 10


@dataclass(frozen=True, slots=True)
class TakenIn:
    """Seconds, megabytes written to the disk, the peak of memory, and passages whose vectors were computed again."""

    seconds: float
    written: float
    peak: float
    passages: int
    computed: int
    computing: float


@dataclass(slots=True)
class Asked:
    """Milliseconds of each question by what was asked, seconds to open and to the first answer, and megabytes."""

    opened: float = 0.0
    first: float = 0.0
    #: Seconds of the first question under any filter that took the longest.
    first_filtered: float = 0.0
    memory: float = 0.0
    times: dict[str, list[float]] = field(default_factory=dict)
    #: How many passages each filter leaves.
    leaves: dict[str, int] = field(default_factory=dict)
    a_second: float = 0.0


def apart(work: Callable[..., T], *arguments: object) -> T:
    """Run ``work`` in a process that does nothing else, and return its result."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def take_in(home: Path, paths: Sequence[Path], vectors: Path) -> TakenIn:
    """Take transcripts into ``home``, which may hold others already."""
    from bench.scale.vectors import OnceEmbedder
    from ingest.queue.batch import ingest
    from kb.knowledge_base import KnowledgeBase

    with KnowledgeBase(home) as kb:
        known = kb.semantic.embedder = OnceEmbedder(kb.semantic.embedder, vectors)
        kb.sync()
        written, begin = _written(), time.perf_counter()
        results = ingest(kb, paths)
        seconds = time.perf_counter() - begin
        assert all(result.status == "added" for result in results), results
        passages = kb.catalogue.passages.count()[1]
    written = _written() - written - known.written / 1e6
    return TakenIn(seconds - known.computing, written, _peak(), passages, known.computed, known.computing)


def ask(home: Path, questions: Sequence[str], episodes: int) -> Asked:
    """Open ``home`` as a server does, and ask: warm, under filters, ten at a time, and cold."""
    from kb.knowledge_base import KnowledgeBase

    found = Asked()
    begin = time.perf_counter()
    with KnowledgeBase(home) as kb:
        kb.sync()
        found.opened = time.perf_counter() - begin
        begin = time.perf_counter()
        kb.ask(questions[0])
        found.first = time.perf_counter() - begin
        for question in questions[-_WARM:]:
            kb.ask(question)
        found.times["all"] = [_timed(lambda q=question: kb.ask(q)) for question in questions]
        found.memory = _resident()
        for name, filters in _filters(home, episodes).items():
            took = _timed(lambda f=filters: kb.ask(questions[0], filters=f)) / 1000
            found.first_filtered = max(found.first_filtered, took)
            found.leaves[name] = kb.catalogue.passages.count(filters)[1]
            found.times[name] = [_timed(lambda q=q, f=filters: kb.ask(q, filters=f)) for q in questions]
        # Again, since the speed of a machine changes.
        kb._find.cache_clear()
        found.times["all"] += [_timed(lambda q=question: kb.ask(q)) for question in questions]
        kb._find.cache_clear()
        with ThreadPoolExecutor(_ASKERS) as people:
            begin = time.perf_counter()
            found.times["ten askers"] = list(people.map(lambda q: _timed(lambda: kb.ask(q)), questions))
            found.a_second = len(questions) / (time.perf_counter() - begin)
        found.times["cold"] = [_timed(lambda q=q: kb.ask(q), lambda: _forget(home, kb)) for q in questions[:_COLD]]
    return found


def _filters(home: Path, episodes: int) -> dict[str, Any]:
    from kb.types import Filters

    with closing(sqlite3.connect(home / "catalogue.sqlite3")) as sql:
        speakers = [
            row[0] for row in sql.execute("SELECT speaker FROM chunk_speakers GROUP BY 1 ORDER BY count(*) DESC, 1")
        ]
    shows = sorted({Names(number).show for number in range(episodes)})
    day = Names(episodes // 2).day.isoformat()
    return {
        "one show": Filters(shows=(Names(episodes // 2).show,)),
        "half of the shows": Filters(shows=tuple(shows[::2])),
        "the most heard speaker": Filters(speakers=(speakers[0],)),
        "a rare speaker": Filters(speakers=(speakers[len(speakers) // 2],)),
        "one day": Filters(since=day, until=day),
    }


def _timed(work: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    before()
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def _forget(home: Path, kb: Any) -> None:
    """Drop the folder's files from the page cache; in this process, only cached answers are dropped."""
    kb._find.cache_clear()
    for path in home.rglob("*"):
        if path.is_file():
            with suppress(OSError), _opened(path) as descriptor:
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


@contextmanager
def _opened(path: Path) -> Any:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _written() -> float:
    """Return the megabytes that this process has written to the disk."""
    lines = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(lines["write_bytes"]) / 1e6


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
