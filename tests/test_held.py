"""Many vectors, part in a file and part in blocks of memory: the nearest are those of a comparison with each."""

from __future__ import annotations

import numpy as np
import pytest

from kb.retrieval.held import Held, Room, ranked

_ALL, _FILED = 40_000, 20_011


@pytest.fixture(scope="module")
def vectors() -> np.ndarray:
    found = np.random.default_rng(1).standard_normal((_ALL, 16)).astype(np.float32)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    found[500:600] = found[30_000:30_100]  # equal ones, of which one half lies in the file
    return found


@pytest.fixture(scope="module")
def held(vectors: np.ndarray) -> Held:
    """Passages whose rows have gaps and are not in the order of their places."""
    rows = 3 * np.random.default_rng(2).permutation(_ALL) + 1
    filed = Held.of(rows[:_FILED], Room(16, vectors[:_FILED]))
    parts = [(rows[n : n + 4_000], vectors[n : n + 4_000]) for n in range(_FILED, _ALL, 4_000)]
    return filed.plus(parts)


def by_hand(held: Held, vectors: np.ndarray, asked: np.ndarray, k: int, wanted: np.ndarray | None) -> list:
    rows = 3 * np.random.default_rng(2).permutation(_ALL) + 1
    there = np.isin(rows, held.rows) if wanted is None else np.isin(rows, np.intersect1d(wanted, held.rows))
    cosines = (vectors[there] * asked).sum(axis=1)
    order = np.lexsort((rows[there], -cosines))[:k]
    return list(zip(rows[there][order].tolist(), cosines[order].tolist(), strict=True))


@pytest.mark.parametrize("share", [None, 1.0, 0.5, 0.21, 0.19, 0.01, 0.0001])
def test_the_nearest_of_a_filter(held: Held, vectors: np.ndarray, share: float | None) -> None:
    chance = np.random.default_rng(3)
    for asked in vectors[[0, 510, 30_050, 39_999]]:
        wanted = None if share is None else chance.choice(held.rows, int(share * _ALL), replace=False)
        assert held.nearest(asked, 100, wanted) == by_hand(held, vectors, asked, 100, wanted)


@pytest.mark.parametrize("length", [100, 700, 9_000, 25_000])
def test_the_nearest_of_passages_that_lie_together(held: Held, vectors: np.ndarray, length: int) -> None:
    by_place = held.rows[np.argsort(held.places)]
    for start in (0, 511, 512, 19_990, _ALL - length):
        wanted = np.append(by_place[start : start + length], [2, 10**12])  # and two that are not there
        asked = vectors[start]
        assert held.nearest(asked, 9, wanted) == by_hand(held, vectors, asked, 9, wanted)


def test_what_was_removed_is_not_found(held: Held, vectors: np.ndarray) -> None:
    fewer = held.only(held.rows[held.rows % 2 == 0])
    assert not held.is_wasteful()
    assert fewer.is_wasteful()
    for wanted in (None, held.rows, held.rows[:50]):
        assert fewer.nearest(vectors[7], 50, wanted) == by_hand(fewer, vectors, vectors[7], 50, wanted)
    assert held.nearest(vectors[7], 50) == by_hand(held, vectors, vectors[7], 50, None)  # as before


def test_nothing_is_held() -> None:
    nothing = Held.of(np.empty(0, np.int64), Room(16))
    for wanted in (None, np.array([1, 2])):
        assert nothing.nearest(np.ones(16, np.float32), 5, wanted) == []
    assert ranked(np.empty(0, np.int64), np.empty(0, np.float32), lambda some: some, np.ones(16, np.float32), 5) == []
