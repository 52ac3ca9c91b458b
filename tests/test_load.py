"""What a question costs others: words that nearly every passage has, numpy's threads, and searches at the same time."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from kb.catalogue import Source
from kb.knowledge_base import KnowledgeBase

from .conftest import ROOT
from .test_promises import episode, said


@pytest.fixture
def kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    with KnowledgeBase(tmp_path / "home", "static", reader=False) as opened:
        for number in range(12):
            rare = "A parsnip, too." if number < 2 else "Nothing else."
            words = f"Today the turnip harvest of farm {number} was weighed. {rare}"
            opened.add(episode(f"Episode {number}"), said(words), Source(f"file:///{number}.txt", str(number)))
        opened.sync()
        yield opened


def found_by_words(kb: KnowledgeBase, question: str) -> int:
    return sum(hit.lexical_rank is not None for hit in kb.search(question, 50))


def test_a_word_of_nearly_all_passages_is_left_out_beside_a_rarer_one_and_searched_alone(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found_by_words(kb, "turnip or parsnip") == 12
    monkeypatch.setattr("kb.retrieval.recall._LARGE", 10)
    monkeypatch.setattr("kb.retrieval.recall._RARE_ENOUGH", 1.0)
    monkeypatch.setattr("kb.retrieval.recall._MOST", 5)
    kb._find.cache_clear()
    assert found_by_words(kb, "turnip or parsnip") == 2
    assert found_by_words(kb, "turnip") == 12  # otherwise such a question would find nothing by its words
    assert found_by_words(kb, "turnip harvest") == 12


def test_no_more_searches_run_at_once_than_there_are_processors(
    kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = os.cpu_count() or 1
    inside, leave = Barrier(most + 1), Barrier(most + 1)

    def searching(*_: object) -> object:
        inside.wait(60)
        leave.wait(60)
        return None

    monkeypatch.setattr("kb.knowledge_base.find", searching)
    with ThreadPoolExecutor(most) as people:
        for number in range(most):
            people.submit(kb.reading, f"question {number}")
        inside.wait(60)
        one_more = kb._searching.acquire(blocking=False)
        leave.wait(60)
    assert not one_more
    assert kb._searching.acquire(blocking=False)  # and those who have ended make room


@pytest.mark.slow
@pytest.mark.parametrize(("given", "expected"), [(None, "1"), ("4", "4")])
def test_numpys_threads_are_off_unless_somebody_sets_them(given: str | None, expected: str) -> None:
    outside = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    code = "import sys, kb, os; print('numpy' in sys.modules, os.environ['OPENBLAS_NUM_THREADS'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**outside, **({} if given is None else {"OPENBLAS_NUM_THREADS": given})},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False", expected]  # it is set before numpy reads it
