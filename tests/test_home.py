"""A file of ours is there whole or as it was before, and closed to others where it holds secrets."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from kb.home import privately, replacing


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_replaced_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "users.json"
    target.write_bytes(b"old")
    with replacing(target) as file:
        file.write(b"new")
        file.flush()
        assert target.read_bytes() == b"old"
        assert [mode(path) for path in tmp_path.iterdir() if path != target] == [0o600]  # from its first byte on
    assert (target.read_bytes(), mode(target)) == (b"new", 0o600)
    assert list(tmp_path.iterdir()) == [target]


def test_what_is_broken_off_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "users.json"
    target.write_bytes(b"old")

    def write_half() -> None:
        with replacing(target) as file:
            file.write(b"ne")
            raise RuntimeError("broken off")

    with pytest.raises(RuntimeError, match="broken off"):
        write_half()
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_what_lies_at_the_half_written_files_place_is_not_written_into(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"somebody's")
    (tmp_path / ".users.json.part").symlink_to(elsewhere)
    with replacing(tmp_path / "users.json") as file:
        file.write(b"new")
    assert elsewhere.read_bytes() == b"somebody's"
    assert (tmp_path / "users.json").read_bytes() == b"new"
    assert not (tmp_path / "users.json").is_symlink()


def test_a_report_is_as_open_as_the_users_shell_says(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with replacing(tmp_path / "direct.md", private=False):
            pass
        with privately(), replacing(tmp_path / "command.md", private=False):
            pass
    finally:
        os.umask(before)
    assert [mode(tmp_path / name) for name in ("direct.md", "command.md")] == [0o644, 0o644]
