"""The exact nearest passages are those of a comparison with each, whatever was added, removed and embedded meanwhile."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kb.catalogue import Source
from kb.catalogue.database import Database
from kb.catalogue.passages import _where
from kb.knowledge_base import KnowledgeBase
from kb.retrieval.exact import ExactVectors
from kb.types import Filters

from .test_promises import episode, said


@pytest.fixture
def kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    with KnowledgeBase(tmp_path / "home", "static", reader=False) as opened:
        yield opened


def add(kb: KnowledgeBase, number: int) -> str:
    words = f"Sentence {number} is about parsnip {number * 7}, and a turnip of the colour {number % 5}."
    return kb.add(episode(f"Episode {number}"), said(words), Source(f"file:///{number}.txt", str(number)))[0]


def exact_of(kb: KnowledgeBase) -> ExactVectors:
    return ExactVectors(kb.catalogue, kb.semantic._model_id, kb.semantic.file)


def by_hand(kb: KnowledgeBase, asked: np.ndarray, k: int, rows: list[int] | None = None) -> list[tuple[int, float]]:
    stored = kb.catalogue.embeddings.all(kb.semantic._model_id)
    likeness = stored.vectors @ asked if len(stored.rows) else []
    found = sorted((-float(likeness[n]), int(row)) for n, row in enumerate(stored.rows) if rows is None or row in rows)
    return [(row, -minus) for minus, row in found[:k]]


@pytest.mark.parametrize("seed", range(4))
def test_it_is_what_comparing_with_each_gives(kb: KnowledgeBase, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    if seed % 2:  # all are read again when a quarter was removed, as in a large library
        monkeypatch.setattr("kb.retrieval.held._FEW", 0)
    chance, model = random.Random(seed), kb.semantic._model_id
    exact, numbers = exact_of(kb), itertools.count()
    asked = kb.semantic.embedder.embed_questions(["a purple turnip"])[0]
    for _ in range(25):
        there = [each.id for each in kb.catalogue.episodes.all()]
        deed = chance.choice(["add", "add", "add late", "remove", "note"])
        if deed == "add":
            for _ in range(chance.randint(1, 9)):
                add(kb, next(numbers))
            kb.semantic.embed_pending()
        elif deed == "add late":  # the second of two is embedded first
            add(kb, next(numbers))
            add(kb, next(numbers))
            for row in kb.catalogue.embeddings.pending(model, None, kb.semantic.pending()):  # the newest first
                found = kb.semantic.embedder.embed(list(kb.semantic._texts([row]).values()))
                kb.catalogue.embeddings.put(model, [row], found.passages, found.kept)
                exact.nearest(asked, 3)
        elif deed == "remove" and there:
            kb.catalogue.episodes.remove(chance.choice(there))
        else:
            kb.catalogue.activity.note("Ann", "did", "something else")
        rows = kb.catalogue.embeddings.rows(model).tolist()
        some = chance.sample(rows, chance.randint(0, len(rows)))
        for within in (None, some, [*some, 10**9]):
            wanted = by_hand(kb, asked, 5, within)
            found_now = exact.nearest(asked, 5, within)
            assert [row for row, _ in found_now] == [row for row, _ in wanted]
            assert np.allclose([each[1] for each in found_now], [each[1] for each in wanted], atol=1e-6)
    assert exact._held is not None


def test_a_passage_whose_heading_was_edited_has_its_new_vector(kb: KnowledgeBase) -> None:
    first, second = add(kb, 1), add(kb, 2)
    kb.sync()
    before = kb.semantic.nearest("walruses and carpenters", 2, Filters(shows=("A show",)))
    again = kb.semantic.nearest("walruses and carpenters", 2, Filters(shows=("A show",)))  # from memory by now
    assert again == before
    assert kb.semantic._exact._held is not None
    kb.corrections.edit(replace(kb.episode(second), title="Walruses and carpenters"))
    kb.sync()
    asked = kb.semantic.embedder.embed_questions(["walruses and carpenters"])[0]
    found = kb.semantic.nearest("walruses and carpenters", 2, Filters(shows=("A show",)))
    assert [row for row, _ in found] == [row for row, _ in by_hand(kb, asked, 2)]
    assert np.allclose([each[1] for each in found], [each[1] for each in by_hand(kb, asked, 2)], atol=1e-6)
    passages = kb.catalogue.passages.read([row for row, _ in found])
    assert [passages[row][0].episode_id for row, _ in found] == [second, first]
    assert found[0][1] > before[0][1] + 0.1


def test_a_vector_of_the_old_heading_is_not_kept(kb: KnowledgeBase) -> None:
    known = add(kb, 1)
    rows = kb.catalogue.embeddings.pending(kb.semantic._model_id, None, 10)
    late = kb.semantic.embedder.embed(list(kb.semantic._texts(rows).values()))  # another process is embedding it
    kb.corrections.edit(replace(kb.episode(known), title="Walruses and carpenters"))
    kb.catalogue.embeddings.put(kb.semantic._model_id, list(rows), late.passages, late.kept)
    assert kb.semantic.pending() == 1
    kb.sync()
    stored = kb.catalogue.embeddings.all(kb.semantic._model_id)
    new = kb.semantic.embedder.embed(list(kb.semantic._texts(stored.rows.tolist()).values()))
    assert np.array_equal(stored.vectors, new.passages)


def test_equal_cosines_are_in_the_order_of_the_rows(kb: KnowledgeBase) -> None:
    for number in range(40):
        words = "A turnip is purple, and nobody has said otherwise." if number % 3 else f"Parsnip {number} is white."
        kb.add(episode("The same title"), said(words), Source(f"file:///{number}.txt", str(number)))
    kb.sync()
    exact, chance = exact_of(kb), random.Random(1)
    asked = kb.semantic.embedder.embed_questions(["a purple turnip"])[0]
    rows = kb.catalogue.embeddings.rows(kb.semantic._model_id).tolist()
    told = dict(exact.nearest(asked, len(rows), rows))
    turnips = {told[row] for row, (_, text) in kb.catalogue.passages.read(rows).items() if "turnip" in text}
    assert len(turnips) == 1  # to the last bit
    for _ in range(60):
        some = chance.sample(rows, chance.randint(9, len(rows)))  # each passage at another place of the comparison
        k = chance.randint(3, 9)
        assert (
            exact.nearest(asked, k, some)
            == sorted(((row, told[row]) for row in some), key=lambda each: (-each[1], each[0]))[:k]
        )
    assert exact._held is not None


def test_vectors_are_read_once_and_not_for_each_question(kb: KnowledgeBase, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(30):
        add(kb, number)
    kb.semantic.embed_pending()
    exact = exact_of(kb)
    rows = kb.catalogue.embeddings.rows(kb.semantic._model_id).tolist()
    read: list[str] = []
    plain = Database.read

    def watched(self: Database, sql: str, *more: object) -> object:
        found = plain(self, sql, *more)  # type: ignore[arg-type]
        if "vector" in sql:
            read.extend(str(row["chunk"]) for row in found)
        return found

    monkeypatch.setattr(Database, "read", watched)
    asked = kb.semantic.embedder.embed_questions(["a purple turnip"])[0]
    for _ in range(10):
        exact.nearest(asked, 5, rows[:20])
        kb.catalogue.activity.note("Ann", "did", "something else")
    assert len(read) <= 20 + 30  # those of one filter, then all
    add(kb, 31)
    kb.semantic.embed_pending()
    del read[:]
    exact.nearest(asked, 5)
    assert len(read) == 1  # the new one alone


def test_counting_and_filtering_by_a_speaker_read_no_table_whole(kb: KnowledgeBase) -> None:
    database = Database(Path(kb.home) / "catalogue.sqlite3")
    where, parameters = _where(Filters(speakers=("Ann",)))

    def plan(sql: str, *parameters: object) -> str:
        return " ".join(row["detail"] for row in database.read(f"EXPLAIN QUERY PLAN {sql}", parameters))

    assert "chunks_by_speaker_nocase" in plan(f"SELECT c.rowid FROM chunks c {where}", *parameters)
    for asked in ("count(*)", "count(*), sum(chunk), max(chunk)", "chunk"):
        told = plan(f"SELECT {asked} FROM embeddings WHERE model_id = ?", 1)
        assert "COVERING INDEX embeddings_by_model" in told, told
    taken = plan("SELECT chunk FROM embeddings WHERE model_id = ? AND indexed_at IS NOT NULL", 1)
    assert "COVERING INDEX embeddings_by_model" in taken
    database.close()


def test_what_is_new_is_found_without_reading_what_was_embedded(kb: KnowledgeBase) -> None:
    embeddings, model, steps = kb.catalogue.embeddings, kb.semantic._model_id, {10: 0, 200: 0}
    connection = kb.catalogue._database._connection()
    for number in range(201):
        add(kb, number)
        if number in steps:

            def step(size: int = number) -> None:
                steps[size] += 1

            connection.set_progress_handler(step, 1)  # called at each instruction that SQLite runs
            assert len(embeddings.pending(model, None, 1)) == 1
            connection.set_progress_handler(None, 1)
        kb.semantic.embed_pending()
    assert 0 < steps[10] == steps[200]
    assert kb.semantic.pending() == 0
