"""What is taken out of folders and archives."""

from __future__ import annotations

import zipfile
from pathlib import Path

from ingest.files.sources import find_sources

from .conftest import CORPUS, SEGMENT, Run


def test_an_archive_is_a_folder(run: Run, tmp_path: Path) -> None:
    archive = tmp_path / "All Things Considered.zip"
    with zipfile.ZipFile(archive, "w") as members:
        for path in CORPUS.iterdir():
            members.write(path, path.name)
        members.writestr("../escape.vtt", "WEBVTT\n")
        members.writestr("broken.json", "{")
    done = run("ingest", tmp_path)
    assert done.returncode == 1
    assert done.stdout == f"added      {SEGMENT}\n"
    told = done.stderr.splitlines()
    assert len(told) == 2
    assert any("escape.vtt: names a place outside" in line for line in told)
    assert any("broken.json" in line for line in told)
    assert not list(tmp_path.rglob("escape.vtt"))
    assert "unchanged" in run("ingest", tmp_path).stdout
    assert "dragnet" in run("ask", "Who called it a dragnet?").stdout


def test_a_sidecar_is_no_source(tmp_path: Path) -> None:
    (tmp_path / "talk.txt").write_text("Words.")
    (tmp_path / "talk.json").write_text('{"title": "A talk"}')
    (tmp_path / "other.json").write_text('{"segments": []}')
    assert [path.name for path in find_sources([tmp_path])] == ["other.json", "talk.txt"]
