"""The index is disposable: deleted, damaged or another model's, it comes back with the same answers."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from kb.catalogue import Source
from kb.knowledge_base import KnowledgeBase

from .conftest import SEGMENT
from .test_promises import CITY, DRAGNET, QUESTIONS, episode, said


@pytest.fixture
def answers(corpus_kb: KnowledgeBase) -> list[list[str]]:
    """The ids of every question's quotes, and the knowledge base closed again."""
    found = [[quote.id for quote in corpus_kb.ask(question).quotes] for question in QUESTIONS]
    corpus_kb.close()
    return found


@pytest.mark.parametrize("damage", ["deleted", "emptied", "truncated", "halved", "pointer"])
def test_a_broken_index_is_repaired_with_the_same_answers(
    corpus_kb: KnowledgeBase, answers: list[list[str]], damage: str
) -> None:
    index = corpus_kb.home / "index"
    files = [path for path in index.glob("generation-*/**/*") if path.is_file()]
    assert any(path.name == "chroma.sqlite3" for path in files)
    if damage == "deleted":
        shutil.rmtree(index)
    elif damage == "pointer":
        (index / "CURRENT").write_text("generation-999999")
    for path in files if damage in ("emptied", "truncated", "halved") else []:
        size = {"emptied": 0, "truncated": max(0, path.stat().st_size - 1), "halved": path.stat().st_size // 2}[damage]
        with path.open("r+b") as file:
            file.truncate(size)
    with KnowledgeBase(corpus_kb.home) as again:
        found = {finding.name: finding for finding in again.check()}
        assert not found["vector index"].ok
        repaired = {finding.name: finding for finding in again.check(repair=True)}
        assert repaired["vector index"].repaired
        assert all(finding.ok for finding in again.check())
        assert [[quote.id for quote in again.ask(question).quotes] for question in QUESTIONS] == answers


def test_a_broken_full_text_index_is_repaired(corpus_kb: KnowledgeBase, answers: list[list[str]]) -> None:
    with sqlite3.connect(corpus_kb.home / "catalogue.sqlite3") as sql:
        sql.execute("INSERT INTO passages (passages) VALUES ('delete-all')")
    with KnowledgeBase(corpus_kb.home) as again:
        assert [f.name for f in again.check() if not f.ok] == ["full-text index"]
        assert [f.name for f in again.check(repair=True) if f.repaired] == ["full-text index"]
        assert [[quote.id for quote in again.ask(question).quotes] for question in QUESTIONS] == answers


def test_the_index_deleted_while_in_use_costs_no_answer(corpus_kb: KnowledgeBase) -> None:
    before = corpus_kb.ask(CITY)
    assert corpus_kb.semantic.owned
    shutil.rmtree(next((corpus_kb.home / "index").glob("generation-*")))
    assert corpus_kb.ask(CITY).quotes == before.quotes
    assert corpus_kb.ask(CITY).quotes == before.quotes


def test_a_second_process_answers_the_same_and_its_new_episodes_are_taken_up(
    corpus_kb: KnowledgeBase, tmp_path: Path
) -> None:
    before = corpus_kb.ask(DRAGNET)
    assert corpus_kb.semantic.owned
    with KnowledgeBase(corpus_kb.home) as other:
        assert other.ask(DRAGNET).quotes == before.quotes
        assert not other.semantic.owned
        other.add(episode(), said("Zeppelins are quieter than helicopters."), Source("file:///z.txt", "z"))
        other.sync()
        assert other.ask("Are zeppelins quiet?").answered
    quote = corpus_kb.ask("Are zeppelins quiet?").quotes[0]
    assert quote.text == "Zeppelins are quieter than helicopters."
    assert corpus_kb.semantic.unfindable() == 0


def test_every_thread_sees_the_same_version_and_every_write_changes_it(corpus_kb: KnowledgeBase) -> None:
    """Were it a matter of the connection, each of the page's threads would read all vectors anew."""
    from concurrent.futures import ThreadPoolExecutor

    def seen() -> int:
        with ThreadPoolExecutor(1) as another:
            return another.submit(corpus_kb.catalogue.version).result()

    before = corpus_kb.catalogue.version()
    assert {seen() for _ in range(3)} == {before}
    corpus_kb.catalogue.set_setting("a", "b")
    after = corpus_kb.catalogue.version()
    assert before != after == seen()
    with KnowledgeBase(corpus_kb.home) as other:
        other.catalogue.set_setting("a", "c")
    assert corpus_kb.catalogue.version() != after


def test_vectors_of_two_models_never_mix(corpus_kb: KnowledgeBase) -> None:
    from kb.embedding import StaticEmbedder
    from kb.retrieval.semantic import SemanticIndex

    class Other(StaticEmbedder):
        name = "another"

        def __init__(self) -> None:
            super().__init__()
            self._embeddings = self._embeddings[:, :64]

    home, before = corpus_kb.home, corpus_kb.ask(CITY)
    corpus_kb.close()
    with KnowledgeBase(home) as again:
        other = SemanticIndex(again.catalogue, Other(), home / "index")
        passages = len(again.catalogue.passages.of_episode(SEGMENT))
        assert other.embed_pending() == passages
        other.refresh()
        assert other.unfindable() == 0
        assert other.nearest(CITY, 50)
        other.close()
    with KnowledgeBase(home) as back:
        assert back.semantic.pending() == 0  # opening it with our model embedded everything anew
        assert back.ask(CITY).quotes == before.quotes
        assert back.semantic.unfindable() == 0
