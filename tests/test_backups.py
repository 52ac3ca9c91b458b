"""Backups: whole and of one moment while others write, verified before anything is put back, and never half there."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.files.sources import find_sources
from ingest.queue.batch import ingest
from kb.backups.manifest import CATALOGUE, MANIFEST
from kb.backups.packing import backup
from kb.backups.salvaging import salvage_folder
from kb.backups.unpacking import restore
from kb.catalogue import Catalogue
from kb.errors import BackupError, UsageError
from kb.knowledge_base import KnowledgeBase
from kb.web.background.backups import BackupWork, planned

from .conftest import CORPUS, ROOT, SEGMENT, Run, environment
from .test_collections import SAID, quote_of, take_in


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


def rewritten(
    source: Path, target: Path, change: Callable[[dict[str, bytes], dict[str, object]], None], packed: int = 0
) -> Path:
    """Return a backup with other contents, whose manifest says what ``change`` makes of it."""
    with zipfile.ZipFile(source) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members.pop(MANIFEST))
    change(members, manifest)
    with zipfile.ZipFile(target, "w", packed) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.writestr(MANIFEST, json.dumps(manifest))
    return target


def declared(manifest: dict[str, object], name: str, content: bytes) -> None:
    """Let a manifest name a file as it is."""
    files = [each for each in manifest["files"] if each["name"] != name]  # type: ignore[attr-defined]
    entry = {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "origin": None}
    manifest["files"] = [*files, entry]


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
    assert done.stdout.startswith("Restored 1 episode, as they were at 20")
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
    made = corpus_kb.catalogue.collections.ensure("dragnet")
    corpus_kb.catalogue.collections.add(
        made, quote_of(corpus_kb, str(result.episode_id), "It began in Ohio, and it went on.")
    )
    secret = corpus_kb.catalogue.tokens.add("indexer", "admin", 1)
    backup(corpus_kb.catalogue, corpus_kb.home, tmp_path / "b.vb")
    new = tmp_path / "odd 'name' %"
    assert restore(tmp_path / "b.vb", new)[1:] == (0, 1)
    assert corpus_kb.catalogue.tokens.find(secret)
    with KnowledgeBase(new) as kb:
        assert kb.catalogue.episodes.find_source((new.resolve() / "uploads/a/talk.txt").as_uri())
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
        (tmp_path / "notes.txt", "is no backup"),
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
    with pytest.raises(UsageError, match="name one that 'kb backup' has written"):
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


def test_a_changed_byte_anywhere_is_noticed_and_nothing_is_put_in_place(saved: Path, tmp_path: Path) -> None:
    content = saved.read_bytes()
    for place in range(100, len(content), len(content) // 40):
        (tmp_path / "bad.vb").write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        with pytest.raises(BackupError):
            restore(tmp_path / "bad.vb", tmp_path / "new")
        assert not (tmp_path / "new").exists()
    (tmp_path / "bad.vb").write_bytes(content[: len(content) // 2])
    with pytest.raises(BackupError, match="is no backup, or a damaged one"):
        restore(tmp_path / "bad.vb", tmp_path / "new")
    assert not [path for path in tmp_path.iterdir() if "new" in path.name]


@pytest.mark.parametrize(
    "name",
    [
        "../evil.txt",
        "/etc/evil",
        "uploads/../../evil",
        "uploads\\evil",
        "witness.json",
        "index/x",
        "uploads//x",
        "uploads/\x07",
    ],
)
def test_a_name_that_is_no_place_of_a_backup_is_refused(saved: Path, tmp_path: Path, name: str) -> None:
    def change(members: dict[str, bytes], manifest: dict[str, object]) -> None:
        members[name] = b"x"
        declared(manifest, name, b"x")

    with pytest.raises(BackupError, match="not as Verbatim writes it"):
        restore(rewritten(saved, tmp_path / "evil.vb", change), tmp_path / "in" / "new")
    assert list((tmp_path / "in").iterdir()) == []


def test_a_catalogue_with_a_trigger_of_its_own_is_refused(saved: Path, tmp_path: Path) -> None:
    def change(members: dict[str, bytes], manifest: dict[str, object]) -> None:
        (tmp_path / "c").write_bytes(members[CATALOGUE])
        with sqlite3.connect(tmp_path / "c") as sql:
            sql.execute("CREATE TRIGGER evil AFTER INSERT ON episodes BEGIN DELETE FROM ledger; END")
        sql.close()
        members[CATALOGUE] = (tmp_path / "c").read_bytes()
        declared(manifest, CATALOGUE, members[CATALOGUE])

    with pytest.raises(BackupError, match=r"other tables or triggers .*\(evil\)"):
        restore(rewritten(saved, tmp_path / "evil.vb", change), tmp_path / "new")


def test_a_catalogue_cannot_have_the_server_play_what_is_no_sound(saved: Path, tmp_path: Path) -> None:
    def change(members: dict[str, bytes], manifest: dict[str, object]) -> None:
        (tmp_path / "c").write_bytes(members[CATALOGUE])
        with sqlite3.connect(tmp_path / "c") as sql:
            sql.execute("UPDATE episodes SET audio = '/etc/passwd'")
        sql.close()
        members[CATALOGUE] = (tmp_path / "c").read_bytes()
        declared(manifest, CATALOGUE, members[CATALOGUE])

    _, lost, _ = restore(rewritten(saved, tmp_path / "evil.vb", change), tmp_path / "new")
    assert lost == 1
    catalogue = Catalogue(tmp_path / "new" / CATALOGUE)
    assert catalogue.episodes.get(SEGMENT).audio is None
    catalogue.close()


def test_a_backup_that_would_grow_is_refused(saved: Path, tmp_path: Path) -> None:
    bomb = rewritten(saved, tmp_path / "bomb.vb", lambda members, manifest: None, packed=zipfile.ZIP_DEFLATED)
    with pytest.raises(BackupError, match="packed in another way"):
        restore(bomb, tmp_path / "new")


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
    assert history() == "Nothing that was here has gone but what people removed."
    with KnowledgeBase(home) as kb:
        for episode in kb.catalogue.episodes.all():
            kb.remove(episode.id)
        assert all(found.ok for found in kb.check())  # which people may do
    (home / "witness.json").unlink()
    (home / CATALOGUE).unlink()
    with KnowledgeBase(home) as kb:
        assert "This knowledge base is new" in kb.check()[0].detail


def test_an_index_without_its_catalogue_is_told_by_itself(corpus_kb: KnowledgeBase) -> None:
    corpus_kb.close()
    (corpus_kb.home / "witness.json").unlink()
    (corpus_kb.home / CATALOGUE).unlink()
    with KnowledgeBase(corpus_kb.home) as kb:
        (finding,) = (found for found in kb.check() if found.name == "history")
    assert not finding.ok
    assert "made of 7 passages, and it has none" in finding.detail


@pytest.mark.slow
def test_every_file_of_the_data_folder_is_the_users_own(run: Run, corpus_home: Path, tmp_path: Path) -> None:
    """Under the usual mask of a shell, with which others may read; also of a folder that was open before."""
    home = Path(shutil.copytree(corpus_home, tmp_path / "open"))
    for path in (home, *home.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    before = os.umask(0o022)
    try:
        assert run("ingest", CORPUS, home=tmp_path / "fresh").returncode == 0
        assert run("backup", tmp_path / "b.vb", home=home).returncode == 0
        assert run("export", f"{SEGMENT}@1:3188-3278", "--out", tmp_path / "q.md", home=home).returncode == 0
    finally:
        os.umask(before)
    for folder in (home, tmp_path / "fresh"):
        modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (folder, *folder.rglob("*"))}
        assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}, modes
        assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}, modes
    assert stat.S_IMODE((tmp_path / "b.vb").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "q.md").stat().st_mode) == 0o644  # a report is for others


@pytest.mark.slow
def test_a_full_disk_costs_no_earlier_backup(corpus_kb: KnowledgeBase, saved: Path, tmp_path: Path) -> None:
    """A real disk of a megabyte, in a mount namespace of its own, with an earlier backup on it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    own_user = [] if os.geteuid() == 0 else ["--map-root-user"]
    script = 'mount -t tmpfs -o size=1m none "$0" && echo old > "$0/other" && shift 0; "$@"; echo "rc $?"; ls -A "$0"'
    command = [sys.executable, "-m", "kb", "--home", str(corpus_kb.home), "backup", str(disk / "b.vb"), "--recordings"]
    done = subprocess.run(
        ["unshare", "--mount", *own_user, "sh", "-c", script, str(disk), *command],
        capture_output=True, text=True, cwd=ROOT, env=environment(corpus_kb.home),
    )  # fmt: skip
    if "rc" not in done.stdout:
        pytest.skip(f"nothing can be mounted here: {done.stderr}")
    assert done.stdout.split() == ["rc", "1", "other"], done.stdout + done.stderr
    assert "cannot be" in done.stderr
    assert "Is there room on" in done.stderr
    assert "Traceback" not in done.stderr


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


KILLED = """
import os, signal, sys
from pathlib import Path
from kb.backups.packing import backup
from kb.backups.salvaging import salvage_folder
from kb.backups.salvaging import salvage_folder
from kb.backups.unpacking import restore
from kb.catalogue import Catalogue

deed, what, source, target = sys.argv[1:]

def die(now, done, total):
    if now == what:
        os.kill(os.getpid(), signal.SIGKILL)

if deed == "backup":
    backup(Catalogue(Path(source) / "catalogue.sqlite3"), Path(source), Path(target), True, die)
elif deed == "restore":
    restore(Path(source), Path(target), die)
else:
    salvage_folder(Path(source), Path(target), die)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("deed", "what"),
    [
        ("backup", "Copying the catalogue"),
        ("backup", "Packing"),
        ("restore", "Verifying"),
        ("salvage", "Reading what can be read"),
    ],
)
def test_a_kill_leaves_what_was_there_and_the_next_one_cleans_up(
    corpus_kb: KnowledgeBase, saved: Path, tmp_path: Path, deed: str, what: str
) -> None:
    corpus_kb.close()
    place = tmp_path / "place"
    place.mkdir()
    target = place / "it"
    source = saved if deed == "restore" else corpus_kb.home
    if deed == "backup":
        shutil.copyfile(saved, target)
    before = {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}
    done = subprocess.run([sys.executable, "-c", KILLED, deed, what, str(source), str(target)], cwd=ROOT)
    assert done.returncode == -9
    left = [path for path in place.iterdir() if path != target]
    assert len(left) == 1  # what it was making, which nobody takes for whole
    assert {path: path.read_bytes() for path in before} == before
    assert target.exists() == (deed == "backup")
    if deed == "backup":
        with KnowledgeBase(corpus_kb.home) as kb:
            backup(kb.catalogue, kb.home, target, recordings=True)
    elif deed == "restore":
        restore(saved, target)
    else:
        salvage_folder(corpus_kb.home, target)
    assert list(place.iterdir()) == [target]
