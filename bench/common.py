"""What the measurements share: timing several runs, and a knowledge base of real transcripts."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from ingest.files.sources import find_sources
from ingest.queue.batch import ingest
from kb.knowledge_base import KnowledgeBase

ROOT = Path(__file__).parent.parent
#: The tests' transcripts and recordings, which every clone has.
MATERIAL = ROOT / "tests" / "material"
#: Where a measurement looks for data that is not in the repository, unless ``--data`` names another folder.
DATA = ROOT / "bench" / "data"
#: How to get it, for ``--help`` and for messages.
WHERE = (
    "Clone https://github.com/thechangelog/transcripts as FOLDER/changelog, put the folder data/ALL of "
    "https://github.com/Yale-LILY/QMSum there as FOLDER/qmsum, and name FOLDER with --data."
)


def median_seconds(work: Callable[[], object], runs: int = 5) -> float:
    """Return the median wall time of ``runs`` runs after one warm-up."""
    work()
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return statistics.median(times)


def filled(home: Path, episodes: int, data: Path, embedding: str | None = None) -> KnowledgeBase:
    """Return a knowledge base with the corpus and ``episodes`` of the podcast transcripts in ``data``."""
    paths = transcripts(data)
    if len(paths) < episodes:
        raise SystemExit(f"{data / 'changelog'} holds {len(paths)} transcripts, not {episodes}. {WHERE}")
    kb = KnowledgeBase(home, embedding)
    ingest(kb, [*find_sources([ROOT / "corpus"]), *paths[:episodes]])
    return kb


def transcripts(data: Path) -> list[Path]:
    """Return the transcripts of all shows in ``data``, in order."""
    return sorted((data / "changelog").glob("*/*.md"))
