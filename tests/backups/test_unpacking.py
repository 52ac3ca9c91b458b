"""A backup from a stranger or a bad disk: nothing is put in place that is not as Verbatim writes it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from kb.backups.manifest import CATALOGUE, MANIFEST
from kb.backups.unpacking import restore
from kb.catalogue import Catalogue
from kb.errors import BackupError

from ..conftest import SEGMENT


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


def test_a_changed_byte_anywhere_is_noticed_and_nothing_is_put_in_place(saved: Path, tmp_path: Path) -> None:
    content = saved.read_bytes()
    for place in range(100, len(content), len(content) // 40):
        (tmp_path / "bad.vb").write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        with pytest.raises(BackupError):
            restore(tmp_path / "bad.vb", tmp_path / "new")
        assert not (tmp_path / "new").exists()
    (tmp_path / "bad.vb").write_bytes(content[: len(content) // 2])
    with pytest.raises(BackupError, match="is not a backup, or is damaged"):
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
    with pytest.raises(BackupError, match="was not made by 'kb backup'"):
        restore(bomb, tmp_path / "new")
