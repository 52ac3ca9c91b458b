"""Text ingestion by stage, compared with Chroma alone on the same vectors, and its growth with the number of episodes.

Seconds are CPU seconds of the whole process, bound to one core, because other work on a machine stretches the wall
clock; wall time is given as well. The process reads transcripts itself; ``bench.isolation`` measures the cost of doing
that in a child process. ``unchanged`` is the wall time of the same command once more.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench.common import DATA, WHERE, transcripts
from bench.isolation import nothing_apart

#: The functions that make up each stage; the rest is the queue and the reading of files and metadata.
STAGES = ("parse", "chunk, catalogue", "embed", "index")


@dataclass
class Measured:
    """One run: seconds of each stage, of everything, of Chroma alone, and of the run once more."""

    chunks: int = 0
    wall: float = 0.0
    cpu: float = 0.0
    chroma: float = 0.0
    unchanged: float = 0.0
    stages: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))


def main() -> None:
    arguments = _arguments()
    _one_core()
    paths = transcripts(arguments.data)
    sizes = [int(size) for size in arguments.sizes.split(",")]
    if max(sizes) > len(paths):
        raise SystemExit(f"{arguments.data / 'changelog'} holds {len(paths)} transcripts, not {max(sizes)}. {WHERE}")
    measure([paths[0]])  # imports, and caches that a first run fills
    columns = ["episodes", "chunks", "chunks/CPU s", *STAGES, "rest", "CPU s", "wall s", "Chroma alone", "ratio"]
    print(f"| {' | '.join([*columns, 'unchanged'])} |\n|{'---|' * (len(columns) + 1)}", flush=True)
    for size in sizes:
        some = paths[:: len(paths) // size][:size]
        print(_row(size, [measure(some) for _ in range(arguments.rounds)]), flush=True)


def measure(paths: list[Path]) -> Measured:
    """Take transcripts into a new knowledge base, and their vectors into a Chroma collection."""
    from ingest.queue.batch import ingest
    from kb.knowledge_base import KnowledgeBase

    found = Measured()
    with (
        tempfile.TemporaryDirectory() as folder,
        KnowledgeBase(Path(folder) / "home") as kb,
        nothing_apart(),
        _watched(found.stages),
    ):
        wall, cpu = time.perf_counter(), time.process_time()
        results = ingest(kb, paths)
        found.wall, found.cpu = time.perf_counter() - wall, time.process_time() - cpu
        assert all(result.status == "added" for result in results), results
        found.chunks = kb.catalogue.passages.count()[1]
        wall = time.perf_counter()
        ingest(kb, paths)
        found.unchanged = time.perf_counter() - wall
        found.chroma = _chroma_alone(kb, Path(folder) / "chroma")
    return found


def _chroma_alone(kb: Any, folder: Path) -> float:
    """Return the seconds that Chroma needs to add the knowledge base's vectors, with our settings."""
    import chromadb

    from kb.retrieval.vectors import _CONFIGURATION, BATCH

    model = kb.catalogue.embeddings.model_id(
        kb.semantic.embedder.name, kb.semantic.embedder.revision, kb.semantic.embedder.dimension
    )
    stored = kb.catalogue.embeddings.all(model)
    cpu = time.process_time()
    client = chromadb.PersistentClient(str(folder), settings=chromadb.Settings(anonymized_telemetry=False))
    collection = client.create_collection("alone", configuration=_CONFIGURATION, embedding_function=None)
    for start in range(0, len(stored.ids), BATCH):
        collection.upsert(ids=stored.ids[start : start + BATCH], embeddings=stored.vectors[start : start + BATCH])
    seconds = time.process_time() - cpu
    client.close()
    return seconds


@contextmanager
def _watched(stages: dict[str, float]) -> Iterator[None]:
    """Count the CPU seconds of each stage's functions while the block runs."""
    from ingest.queue import batch
    from kb.knowledge_base import KnowledgeBase
    from kb.retrieval.semantic import SemanticIndex

    places: list[tuple[str, Any, str]] = [
        ("parse", batch, "parse"),
        ("chunk, catalogue", KnowledgeBase, "add"),
        ("embed", SemanticIndex, "embed_pending"),
        ("index", SemanticIndex, "refresh"),
    ]
    before = [(owner, name, getattr(owner, name)) for _, owner, name in places]
    for stage, owner, name in places:
        setattr(owner, name, _timed(getattr(owner, name), stage, stages))
    try:
        yield
    finally:
        for owner, name, function in before:
            setattr(owner, name, function)


def _timed(function: Callable[..., Any], stage: str, stages: dict[str, float]) -> Callable[..., Any]:
    def timed(*arguments: Any, **named: Any) -> Any:
        begin = time.process_time()
        try:
            return function(*arguments, **named)
        finally:
            stages[stage] += time.process_time() - begin

    return timed


def _row(size: int, runs: list[Measured]) -> str:
    stages = [median(run.stages[stage] for run in runs) for stage in STAGES]
    cpu, chroma, chunks = median(run.cpu for run in runs), median(run.chroma for run in runs), runs[0].chunks
    rest = median(run.cpu - sum(run.stages.values()) for run in runs)
    seconds = [*stages, rest, cpu, median(run.wall for run in runs), chroma]
    told = [f"{size:,}", f"{chunks:,}", f"{chunks / cpu:,.0f}", *(f"{value:.1f}" for value in seconds)]
    return f"| {' | '.join([*told, f'{cpu / chroma:.2f}', f'{median(run.unchanged for run in runs):.1f}'])} |"


def _one_core() -> None:
    os.nice(10)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA, metavar="FOLDER", help=WHERE)
    parser.add_argument("--sizes", default="100,400,1700", help="how many episodes, e.g. 100,400,1700")
    parser.add_argument("--rounds", type=int, default=1, help="how often each size; medians are told")
    return parser.parse_args()


if __name__ == "__main__":
    main()
