"""Backups are whole and of one moment while others write, and never in the place of anything else."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from ingest.files.sources import find_sources
from ingest.queue.batch import ingest
from kb.backups.manifest import CATALOGUE
from kb.backups.packing import backup
from kb.backups.unpacking import restore
from kb.catalogue import Catalogue
from kb.errors import BackupError, UsageError
from kb.knowledge_base import KnowledgeBase
from kb.web.background.backups import BackupWork, planned

from ..conftest import CORPUS, SEGMENT, Run
from ..test_collections import SAID, quote_of, take_in
from .conftest import texts


@pytest.mark.slow
def test_the_drill_of_the_documentation(run: Run, tmp_path: Path) -> None:
    """docs/backups.md: save, lose everything, restore elsewhere, and ask."""
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    shutil.copytree(CORPUS, tmp_path / "corpus")
    assert run("ingest", tmp_path / "corpus").returncode == 0
    with KnowledgeBase(home) as kb:
        asked = kb.ask("Who called it a dragnet?")
    done = run("backup", tmp_path / "library.backup", "--recordings")
    assert done.stdout.startswith("Saved 1 episode, 1 file beside the catalogue, "), done.stderr
    shutil.rmtree(home)
    shutil.rmtree(tmp_path / "corpus")
    done = run("restore", tmp_path / "library.backup", home=elsewhere)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Restored 1 episode, as of 20")
    assert [line.split("  ")[2:] for line in run("log", home=elsewhere).stdout.splitlines()][-1] == [
        "restored a backup",
        "library.backup",
    ]
    checked = run("check", home=elsewhere)
    assert (checked.returncode, "BROKEN" in checked.stdout) == (0, False), checked.stdout
    with KnowledgeBase(elsewhere) as kb:
        assert [quote.id for quote in kb.ask("Who called it a dragnet?").quotes] == [quote.id for quote in asked.quotes]
        audio = Path(str(kb.catalogue.episodes.get(SEGMENT).audio))
    assert audio.is_relative_to(elsewhere)
    assert audio.stat().st_size > 100_000


def test_a_backup_is_of_one_moment_while_others_write(corpus_kb: KnowledgeBase, tmp_path: Path) -> None:
    """Pages are copied in steps, and an episode comes in between two of them."""
    corpus_kb.catalogue.set_setting("ballast", "x" * 3_000_000)
    before = corpus_kb.catalogue.census().arrivals
    came: list[str] = []

    def meanwhile(what: str, done: int, total: int) -> None:
        if what == "Copying the catalogue" and 0 < done < total and not came:
            with KnowledgeBase(corpus_kb.home) as other:
                came.append(take_in(other, "This came in meanwhile."))

    backup(corpus_kb.catalogue, corpus_kb.home, tmp_path / "b.vb", progress=meanwhile)
    assert came, "the copy was made in one step"
    restore(tmp_path / "b.vb", tmp_path / "restored")
    catalogue = Catalogue(tmp_path / "restored" / CATALOGUE)
    assert catalogue.census().arrivals == before
    assert catalogue.integrity() == ()
    catalogue.close()
    assert corpus_kb.catalogue.census().arrivals == before + 1


def test_collections_places_and_jobs_move_with_the_folder(corpus_kb: KnowledgeBase, tmp_path: Path) -> None:
    inside = corpus_kb.home / "uploads" / "a"
    inside.mkdir(parents=True)
    (inside / "talk.txt").write_text("Ann: It began in Ohio, and it went on.\n", "utf-8")
    (result,) = ingest(corpus_kb, find_sources([inside]))
    uri = (inside / "late.txt").resolve().as_uri()
    corpus_kb.catalogue.jobs.enqueue([(uri, json.dumps({"source": str(inside.resolve() / "late.txt")}))])
    made = corpus_kb.catalogue.collections.begin("dragnet")[0]
    corpus_kb.catalogue.collections.add(
        made, quote_of(corpus_kb, str(result.episode_id), "It began in Ohio, and it went on.")
    )
    secret = corpus_kb.catalogue.tokens.add("indexer", "admin", 1)
    backup(corpus_kb.catalogue, corpus_kb.home, tmp_path / "b.vb")
    new = tmp_path / "odd 'name' %"
    assert restore(tmp_path / "b.vb", new)[1:] == (0, 1)
    assert corpus_kb.catalogue.tokens.find(secret)
    with KnowledgeBase(new) as kb:
        assert kb.catalogue.sources.find((new.resolve() / "uploads/a/talk.txt").as_uri())
        (job,) = kb.catalogue.jobs.all()
        assert job.uri == (new.resolve() / "uploads" / "a" / "late.txt").as_uri()
        assert json.loads(job.request)["source"] == str(new.resolve() / "uploads" / "a" / "late.txt")
        assert [each.name for each in kb.catalogue.collections.all()] == ["dragnet"]
        assert kb.catalogue.tokens.find(secret) is None  # whoever made the backup may know it
        assert (new / "uploads" / "a" / "talk.txt").read_text("utf-8").startswith("Ann")
        # Without recordings, an episode still plays what lies outside the folder, where it lay.
        assert kb.catalogue.episodes.get(SEGMENT).audio == corpus_kb.catalogue.episodes.get(SEGMENT).audio


def test_nothing_is_overwritten_that_is_no_backup(corpus_kb: KnowledgeBase, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    for target, told in (
        (tmp_path / "notes.txt", "is not a backup"),
        (corpus_kb.home / "b.vb", "lies in the data folder"),
        (tmp_path / "none" / "b.vb", "There is no folder"),
    ):
        with pytest.raises(UsageError, match=told):
            backup(corpus_kb.catalogue, corpus_kb.home, target)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    for _ in range(2):  # the second one takes the first one's place
        backup(corpus_kb.catalogue, corpus_kb.home, tmp_path / "b.vb")
    with pytest.raises(UsageError, match="is not empty"):
        restore(tmp_path / "b.vb", corpus_kb.home)
    (tmp_path / "empty").mkdir()
    restore(tmp_path / "b.vb", tmp_path / "empty")
    with pytest.raises(UsageError, match="name a backup that 'kb backup' made"):
        restore(tmp_path / "none.vb", tmp_path / "new")
    assert texts(tmp_path / "empty") == texts(corpus_kb.home)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_a_damaged_catalogue_is_not_saved_over_a_sound_one(corpus_kb: KnowledgeBase, saved: Path) -> None:
    before = saved.read_bytes()
    corpus_kb.close()
    with sqlite3.connect(corpus_kb.home / CATALOGUE) as sql:
        (root,) = sql.execute("SELECT rootpage FROM sqlite_master WHERE name = 'turns_by_speaker'").fetchone()
        (page,) = sql.execute("PRAGMA page_size").fetchone()
    sql.close()
    with (corpus_kb.home / CATALOGUE).open("r+b") as file:
        file.seek((root - 1) * page)
        file.write(b"\xff" * page)
    catalogue = Catalogue(corpus_kb.home / CATALOGUE)
    with pytest.raises(BackupError, match=r"is damaged .* --salvage"):
        backup(catalogue, corpus_kb.home, saved)
    catalogue.close()
    assert saved.read_bytes() == before


def test_a_server_makes_backups_when_they_are_due(corpus_kb: KnowledgeBase, tmp_path: Path) -> None:
    target = tmp_path / "nightly.vb"
    plan = planned(corpus_kb.home, 24, target)
    assert plan is not None
    work = BackupWork(corpus_kb, plan)
    assert 23 * 3600 < work.turn(plan) <= 24 * 3600  # there was none: made at once
    first = target.read_bytes()
    take_in(corpus_kb, *SAID)
    assert work.turn(plan) > 23 * 3600
    assert target.read_bytes() == first  # not due
    os.utime(target, (0, 0))
    work.turn(plan)
    restore(target, tmp_path / "new")
    assert len(texts(tmp_path / "new")) == 2
    with pytest.raises(UsageError, match="belong together"):
        planned(corpus_kb.home, 24, None)
    with pytest.raises(UsageError, match="lies in the data folder"):
        planned(corpus_kb.home, 24, corpus_kb.home / "b")
