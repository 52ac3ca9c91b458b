"""A backup of the corpus, and what is in one."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from kb.backups.manifest import CATALOGUE
from kb.backups.packing import backup
from kb.knowledge_base import KnowledgeBase


def texts(home: Path) -> dict[str, str]:
    """Return every revision's text by its address."""
    with sqlite3.connect(home / CATALOGUE) as sql:
        found = {
            f"{row[0]}@{row[1]}": row[2] for row in sql.execute("SELECT episode_id, revision, text FROM revisions")
        }
    sql.close()
    return found


@pytest.fixture
def saved(corpus_kb: KnowledgeBase, tmp_path: Path) -> Path:
    """A backup of the corpus with its recording."""
    backup(corpus_kb.catalogue, corpus_kb.home, tmp_path / "b.vb", recordings=True)
    return tmp_path / "b.vb"
