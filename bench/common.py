"""What the measurements share: timing several runs, and a knowledge base of real transcripts."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from ingest.batch import ingest
from ingest.sources import find_sources
from kb.knowledge_base import KnowledgeBase

ROOT = Path(__file__).parent.parent
MATERIAL = Path(os.environ.get("KB_TEST_MATERIAL", ROOT.parent / "shared"))


def median_seconds(work: Callable[[], object], runs: int = 5) -> float:
    """Return the median wall time of ``runs`` runs after one warm-up."""
    work()
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def filled(home: Path, episodes: int, embedding: str | None = None) -> KnowledgeBase:
    """Return a knowledge base with the corpus and up to ``episodes`` podcast transcripts, as many as there are."""
    kb = KnowledgeBase(home, embedding)
    shows = MATERIAL / "data" / "changelog"
    paths = [path for path in sorted(shows.rglob("*.md")) if path.parent != shows][:episodes]
    ingest(kb, [*find_sources([ROOT / "corpus"]), *paths])
    return kb
