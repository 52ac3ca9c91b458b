"""A data folder on a disk that can only be read: everything but adding works, and adding says why it does not."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from kb.catalogue import Catalogue
from kb.errors import CatalogueError
from kb.knowledge_base import KnowledgeBase

from .conftest import ROOT

pytestmark = pytest.mark.slow  # programs in a mount namespace

Kb = Callable[..., "subprocess.CompletedProcess[str]"]
QUESTION = "What did Alvaro Bedoya call it?"


def _mounted(home: Path, command: list[str]) -> list[str]:
    """Return ``command`` as it runs where ``home`` is mounted read-only, in a mount namespace of its own."""
    mount = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
    own_user = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", "--mount", *own_user, "sh", "-c", mount, str(home), *command]


def _can_mount(home: Path) -> bool:
    probe = _mounted(home, ["sh", "-c", 'touch "$0/probe" 2>/dev/null && echo written || echo refused', str(home)])
    return shutil.which("unshare") is not None and (
        subprocess.run(probe, capture_output=True, text=True).stdout.strip() == "refused"
    )


@pytest.fixture
def archive(corpus_home: Path, tmp_path: Path) -> Path:
    home = tmp_path / "archive"
    shutil.copytree(corpus_home, home)
    with KnowledgeBase(home) as kb:
        kb.sync()
    return home


@pytest.fixture
def read(archive: Path, tmp_path: Path) -> Kb:
    """Run ``kb`` on the archive's folder where nobody can write to it, not even root."""
    if not _can_mount(archive):
        if os.geteuid() == 0:
            pytest.fail("root can write everywhere and may not mount here: run the tests as another user")
        for path in (*archive.rglob("*"), archive):
            path.chmod(0o555 if path.is_dir() else 0o444)

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "kb", "--home", str(archive), *arguments]
        if _can_mount(archive):
            command = _mounted(archive, command)
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)

    return call


def test_an_archive_is_asked_read_cited_exported_and_checked(read: Kb, archive: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in archive.rglob("*")}
    asked = read("ask", QUESTION)
    assert asked.returncode == 0, asked.stderr
    assert "dragnet" in asked.stdout
    episode = read("episodes").stdout.split()[0]
    quote = next(word.strip("[]") for word in asked.stdout.split() if f"{episode}@" in word)
    for arguments in (
        ("episodes", "--json"),
        ("search", "dragnet"),
        ("transcript", episode, "--format", "vtt"),
        ("cite", quote),
        ("export", quote, "--format", "md"),
        ("export", quote, "--format", "zip", "--out", str(tmp_path / "evidence.zip")),
        ("check",),
        ("saved",),
        ("jobs",),
        ("feeds", "list"),
        ("backup", str(tmp_path / "archive.backup")),
    ):
        done = read(*arguments)
        assert done.returncode == 0, (arguments, done.stderr)
        assert "BROKEN" not in done.stdout
    assert "It is read-only" in read("check").stdout
    assert {path: path.stat().st_mtime_ns for path in archive.rglob("*")} == before


def test_what_would_change_an_archive_says_that_nothing_can_be_added(read: Kb, archive: Path, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("Ann: He said so.\n", "utf-8")
    episode = read("episodes").stdout.split()[0]
    for arguments in (
        ("ingest", str(tmp_path / "new.txt")),
        ("episodes", "edit", episode, "--title", "Another"),
        ("episodes", "remove", episode, "--yes"),
        ("check", "--repair"),
    ):
        done = read(*arguments)
        told = f"{done.stdout}{done.stderr}"
        if arguments[0] == "check":
            assert "It is read-only" in told
            continue
        assert done.returncode == 1, (arguments, told)
        assert "this data folder is read-only" in told, (arguments, told)
        assert "--home" in told
        assert "Traceback" not in told
        assert "bug in Verbatim" not in told
    assert len(read("episodes", "--json").stdout) > 10


def test_an_old_archive_says_that_a_copy_has_to_be_brought_up_to_date(archive: Path, read: Kb) -> None:
    database = sqlite3.connect(archive / "catalogue.sqlite3")
    database.execute("PRAGMA user_version = 3")
    database.commit()
    database.close()
    done = read("episodes")
    assert done.returncode == 1
    assert "written by an older Verbatim" in done.stderr


def test_a_writable_folder_is_none_of_that(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "catalogue.sqlite3")
    assert not catalogue.read_only
    catalogue.close()
    with pytest.raises(CatalogueError):
        Catalogue(tmp_path / "catalogue.sqlite3" / "below")


def test_a_new_folder_is_new_and_not_broken(
    run: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    checked = run("check", home=tmp_path / "fresh")
    assert checked.returncode == 0, checked.stdout
    assert "Your library is empty" in checked.stdout
    assert "BROKEN" not in checked.stdout
