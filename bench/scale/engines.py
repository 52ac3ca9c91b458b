"""The engines alone, with the very vectors and words of a library: Chroma, FTS5, numpy, and a chain over Chroma."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bench.scale.made import Names
from bench.scale.phases import _timed

_DEPTH, _SHOWN = 100, 5


@dataclass(slots=True)
class Alone:
    """Milliseconds of each question by engine; seconds and megabytes of Chroma's own index."""

    built: float = 0.0
    disk: float = 0.0
    times: dict[str, list[float]] = field(default_factory=dict)


def ask_engines(home: Path, folder: Path, questions: Sequence[str], episodes: int) -> Alone:
    """Send each engine what a question sends it: a query for the hundred nearest, or the hundred best by words."""
    from kb.knowledge_base import KnowledgeBase
    from kb.questions.query import analyse

    found = Alone()
    with KnowledgeBase(home) as kb:
        catalogue, embedder = kb.catalogue, kb.semantic.embedder
        model = catalogue.embeddings.model_id(embedder.name, embedder.revision, embedder.dimension)
        stored = catalogue.embeddings.all(model)
        begin = time.perf_counter()
        client, collection = _chroma(folder, catalogue, stored)
        found.built = time.perf_counter() - begin
        found.disk = size_of(folder)
        vectors = [vector[None, :] for vector in embedder.embed_questions(questions)]
        show = Names(episodes // 2).show
        known = (catalogue.episodes.speakers(), catalogue.episodes.shows(), catalogue.passages.languages())
        expressions = [analyse(question, *known).expression for question in questions]
        work = {
            "Chroma alone": lambda n: collection.query(query_embeddings=vectors[n], n_results=_DEPTH),
            "Chroma under one show": lambda n: collection.query(
                query_embeddings=vectors[n], n_results=_DEPTH, where={"show": show}
            ),
            "chain over Chroma": lambda n: collection.query(
                query_embeddings=embedder.embed_questions([questions[n]]), n_results=_SHOWN, include=["documents"]
            ),
            "FTS5 alone": lambda n: catalogue.passages.match(expressions[n], _DEPTH),
            "numpy, every vector": lambda n: _exact(stored.vectors, vectors[n][0]),
        }
        for name, one in work.items():
            one(0)
            found.times[name] = [_timed(lambda n=n, one=one: one(n)) for n in range(len(questions))]
        client.close()
    shutil.rmtree(folder)
    return found


def size_of(folder: Path) -> float:
    """Return the megabytes of a folder's files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def _chroma(folder: Path, catalogue: Any, stored: Any) -> tuple[Any, Any]:
    """Return a client and its collection, made as ours is, with the texts and shows that a chain would keep there."""
    import chromadb

    from kb.retrieval.vectors import BATCH, COLLECTION_OPTIONS

    client = chromadb.PersistentClient(str(folder), settings=chromadb.Settings(anonymized_telemetry=False))
    collection = client.create_collection("alone", embedding_function=None, **COLLECTION_OPTIONS)
    shows = {episode.id: episode.show for episode in catalogue.episodes.all()}
    for start in range(0, len(stored.ids), BATCH):
        rows = stored.rows[start : start + BATCH].tolist()
        read = catalogue.passages.read(rows)
        collection.upsert(
            ids=stored.ids[start : start + BATCH],
            embeddings=stored.vectors[start : start + BATCH],
            documents=[read[row][1] for row in rows],
            metadatas=[{"show": shows[read[row][0].episode_id] or ""} for row in rows],
        )
    return client, collection


def _exact(vectors: Any, asked: Any) -> Any:
    likeness = vectors @ asked
    depth = min(_DEPTH, len(likeness))
    best = np.argpartition(-likeness, depth - 1)[:depth]
    return best[np.argsort(-likeness[best])]
