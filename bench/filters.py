"""The exact comparison under filters alone: with the file of vectors and without, wide filters and narrow ones.

The vectors are random, so a large library takes minutes and not an hour; ``bench.scale`` measures whole questions.
"""

from __future__ import annotations

import argparse
import sqlite3
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np

from bench.common import median_seconds
from kb.catalogue import Catalogue
from kb.retrieval.exact import ExactVectors
from kb.retrieval.held import Held
from kb.retrieval.vector_file import VectorFile

_DIMENSION = 384
#: Passages of a show, and how many passages are written at a time.
_SHOW = 1_760
_COPIED = 8_192
_DEPTH = 100


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.filters", description=__doc__)
    parser.add_argument("--passages", type=int, default=100_000, metavar="N", help="how many vectors")
    parser.add_argument("--place", type=Path, metavar="FOLDER", help="where the library is made, if not in /tmp")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.place) as folder:
        catalogue = Catalogue(Path(folder) / "catalogue.sqlite3")
        model = catalogue.embeddings.model_id("random", "1", _DIMENSION)
        _fill(Path(folder) / "catalogue.sqlite3", model, given.passages)
        _measure(catalogue, model, Path(folder))
        catalogue.close()


def _fill(path: Path, model: int, passages: int) -> None:
    chance = np.random.default_rng(1)
    with closing(sqlite3.connect(path)) as sql, sql:
        sql.execute("INSERT INTO shows (id, name) VALUES (1, 'A show')")
        sql.execute(
            "INSERT INTO episodes (id, show_id, title, medium, current_revision, added_at) "
            "VALUES ('e', 1, 'A title', 'podcast', 1, '')"
        )
        sql.execute(
            "INSERT INTO revisions (episode_id, revision, text, sha256, origin, timings, created_at) "
            "VALUES ('e', 1, 'x', '', 'publisher', x'', '')"
        )
        for start in range(1, passages + 1, _SHOW):
            rows = range(start, min(start + _SHOW, passages + 1))
            vectors = chance.standard_normal((len(rows), _DIMENSION), np.float32)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            sql.executemany("INSERT INTO chunks VALUES (?, ?, 'e', 1, ?, 0, 0, 0, 1)", [(n, str(n), n) for n in rows])
            sql.executemany(
                "INSERT INTO embeddings (chunk, model_id, vector) VALUES (?, ?, ?)",
                [(row, model, vector.tobytes()) for row, vector in zip(rows, vectors, strict=True)],
            )


def _measure(catalogue: Catalogue, model: int, folder: Path) -> None:
    asked = np.full(_DIMENSION, _DIMENSION**-0.5, np.float32)
    rows = catalogue.embeddings.rows(model)
    file = VectorFile(folder / "index", catalogue, model, "random", least=0)

    def first() -> ExactVectors:
        exact = ExactVectors(catalogue, model, file)
        exact.nearest(asked, _DEPTH, rows)
        return exact

    without = _seconds(first)
    written = _seconds(file.bring_up)
    with_it, again = _seconds(first), _seconds(file.bring_up)
    exact = first()
    held = exact._held
    assert held is not None
    print(f"{len(rows):,} passages, {file.path.stat().st_size / 1e6:,.0f} MB of vectors; a first question takes")
    print(f"{without:.2f} s without the file, {with_it:.2f} s with it ({without / with_it:.1f} times as fast);")
    print(f"the file is written in {written:.1f} s, and looked at in {again:.2f} s by each ingestion")
    every = median_seconds(lambda: exact.nearest(asked, _DEPTH), 9)
    filters = {
        "half of the shows": rows[rows // _SHOW % 2 == 0],
        "a quarter, everywhere": rows[::4],
        "a tenth, everywhere": rows[::10],
        "one show": rows[:_SHOW],
    }
    print("\n| filter | passages | of comparing with every one | copying each first |\n|---|---|---|---|")
    for name, wanted in filters.items():
        here = median_seconds(lambda wanted=wanted: exact.nearest(asked, _DEPTH, wanted), 9)
        copied = median_seconds(lambda wanted=wanted: _copied(held, wanted, asked), 9)
        print(f"| {name} | {len(wanted):,} | {here / every:.2f} times | {copied / every:.2f} times |")


def _copied(held: Held, wanted: np.ndarray, asked: np.ndarray) -> object:
    """Compare as was done before: each vector of the filter is copied, then multiplied."""
    places = held.places[np.searchsorted(held.rows, np.sort(wanted))]
    pieces = [held._vectors(places[n : n + _COPIED]) @ asked for n in range(0, len(places), _COPIED)]
    return np.argpartition(-np.concatenate(pieces), _DEPTH)[:_DEPTH]


def _seconds(work: Callable[[], object]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
