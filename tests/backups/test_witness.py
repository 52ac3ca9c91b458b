"""An emptied, replaced or older catalogue is sound by itself, and is told all the same."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from kb.backups.manifest import CATALOGUE
from kb.knowledge_base import KnowledgeBase

from ..test_collections import SAID, take_in


def test_an_emptied_a_replaced_and_an_older_catalogue_are_told(corpus_kb: KnowledgeBase, tmp_path: Path) -> None:
    home = corpus_kb.home

    def history() -> str:
        with KnowledgeBase(home) as kb:
            return next(found.detail for found in kb.check() if found.name == "history")

    with sqlite3.connect(home / CATALOGUE) as sql:
        sql.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    sql.close()
    older = (home / CATALOGUE).read_bytes()
    take_in(corpus_kb, *SAID)
    corpus_kb.sync()
    assert next(found.ok for found in corpus_kb.check() if found.name == "history")
    corpus_kb.close()
    whole = (home / CATALOGUE).read_bytes()
    (home / CATALOGUE).write_bytes(older)
    assert "held 2 episodes on" in history()
    assert "and holds 1, though nobody removed the others" in history()
    (home / CATALOGUE).unlink()
    for _ in range(2):  # looking does not make it forget
        assert "held 2 episodes on" in history()
        assert "and is empty" in history()
    (home / CATALOGUE).write_bytes(whole)
    assert history() == "Nothing is missing except what people removed."
    with KnowledgeBase(home) as kb:
        for episode in kb.catalogue.episodes.all():
            kb.remove(episode.id)
        assert all(found.ok for found in kb.check())  # which people may do
    (home / "witness.json").unlink()
    (home / CATALOGUE).unlink()
    with KnowledgeBase(home) as kb:
        assert "Your library is empty" in kb.check()[0].detail


def test_an_index_without_its_catalogue_is_told_by_itself(corpus_kb: KnowledgeBase) -> None:
    corpus_kb.close()
    (corpus_kb.home / "witness.json").unlink()
    (corpus_kb.home / CATALOGUE).unlink()
    with KnowledgeBase(corpus_kb.home) as kb:
        (finding,) = (found for found in kb.check() if found.name == "history")
    assert not finding.ok
    assert "made of 7 passages, but the catalogue has none" in finding.detail
