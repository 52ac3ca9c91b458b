"""A kill, a full disk and curious neighbours: what was there stays, whole and the user's own."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kb.backups.packing import backup
from kb.backups.salvaging import salvage_folder
from kb.backups.unpacking import restore
from kb.knowledge_base import KnowledgeBase

from ..conftest import CORPUS, ROOT, SEGMENT, Run, environment


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


KILLED = """
import os, signal, sys
from pathlib import Path
from kb.backups.packing import backup
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
