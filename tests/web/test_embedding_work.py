"""A base whose model is another one now: it opens at once, answers by its words, and is embedded behind the page."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ingest.files.sources import find_sources
from ingest.queue.batch import ingest
from kb import knowledge_base
from kb.knowledge_base import KnowledgeBase
from kb.web.background.embedding import EmbeddingWork

from ..conftest import CORPUS


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder that was filled under another model, and is too large to be embedded while one waits."""
    with KnowledgeBase(tmp_path / "home", "static") as kb:
        ingest(kb, find_sources([CORPUS]))
    monkeypatch.setattr(knowledge_base, "AT_ONCE", 0)
    return tmp_path / "home"


def test_it_answers_before_and_after(old: Path) -> None:
    question = "What did Alvaro Bedoya call it?"
    with KnowledgeBase(old, "verbatim-reader") as kb:
        assert kb.semantic.pending() > 0
        assert any("dragnet" in hit.text for hit in kb.search(question))
        work = EmbeddingWork(kb)
        work.start()
        work.end(60)
        KnowledgeBase.sync(kb)
        assert kb.semantic.pending() == 0
        assert any("dragnet" in quote.text for quote in kb.ask(question).quotes)


def test_two_at_once_embed_each_passage_once(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with KnowledgeBase(old, "verbatim-reader") as kb:
        waiting = kb.semantic.pending()
        monkeypatch.setattr("kb.retrieval.semantic._EMBED_BATCH", 2)
        embedded: list[str] = []
        embed = kb.semantic.embedder.embed
        monkeypatch.setattr(
            kb.semantic.embedder, "embed", lambda texts: (embedded.extend(map(str, texts)), embed(texts))[1]
        )
        threads = [threading.Thread(target=kb.semantic.embed_pending) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (len(embedded), kb.semantic.pending()) == (waiting, 0)
        assert len(set(embedded)) == waiting
