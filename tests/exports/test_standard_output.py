"""``kb export --out -`` in a process of its own: into a pipe, a file and a terminal."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import docx
import pytest

from kb.exports.package import MANIFEST
from kb.exports.verifying import verify

from ..conftest import SEGMENT, environment

pytestmark = pytest.mark.slow

BEDOYA = f"{SEGMENT}@1:3357-3552"
SAID = "The question that people need to ask themselves"


def export(home: Path, cwd: Path, *arguments: str, stdout: int | io.IOBase = subprocess.PIPE) -> tuple[int, bytes, str]:
    """Return the exit code, what was printed and what was complained about; ``cwd`` is where a file would appear."""
    done = subprocess.run(
        [sys.executable, "-m", "kb", "export", BEDOYA, *arguments],
        cwd=cwd,
        env=environment(home),
        stdout=stdout,  # type: ignore[arg-type]
        stderr=subprocess.PIPE,
        timeout=120,
    )
    assert not list(cwd.glob("*-*")), "a file is named after the hyphen"
    return done.returncode, done.stdout or b"", done.stderr.decode()


@pytest.mark.parametrize(
    ("form", "begins"),
    [
        (None, "# Quotes\n"),
        ("html", "<!doctype html>"),
        ("csv", "\ufeffnumber,text"),
        ("vtt", "WEBVTT"),
        ("srt", "1\n"),
    ],
)
def test_texts_are_printed_as_they_are_without_out(
    corpus_home: Path, tmp_path: Path, form: str | None, begins: str
) -> None:
    chosen = ("--format", form) if form else ()
    code, printed, wrong = export(corpus_home, tmp_path, "--out", "-", *chosen)
    assert (code, wrong) == (0, "")
    assert printed.decode().lower().startswith(begins.lower())
    assert SAID in printed.decode()
    assert export(corpus_home, tmp_path, *chosen) == (0, printed, "")


def test_a_package_goes_through_a_pipe_and_is_sound(corpus_home: Path, tmp_path: Path) -> None:
    code, printed, told = export(corpus_home, tmp_path, "--out", "-", "--format", "zip")
    assert code == 0
    (tmp_path / "x.zip").write_bytes(printed)
    found = verify(tmp_path / "x.zip")
    assert (found.problems, found.quotes, found.clips) == ((), 1, 1)
    with zipfile.ZipFile(io.BytesIO(printed)) as archive:
        digest = hashlib.sha256(archive.read(MANIFEST)).hexdigest()
    assert told == f"manifest   SHA-256 {digest}\n"  # beside the package and not in it


def test_a_word_document_goes_into_a_file(corpus_home: Path, tmp_path: Path) -> None:
    with (tmp_path / "x.docx").open("wb") as file:
        assert export(corpus_home, tmp_path, "--out", "-", "--format", "docx", stdout=file) == (0, b"", "")
    assert SAID in "".join(paragraph.text for paragraph in docx.Document(str(tmp_path / "x.docx")).paragraphs)


@pytest.mark.parametrize("form", ["docx", "xlsx", "zip"])
def test_what_is_no_text_is_kept_from_a_terminal(corpus_home: Path, tmp_path: Path, form: str) -> None:
    ours, theirs = os.openpty()
    try:
        code, _, wrong = export(corpus_home, tmp_path, "--out", "-", "--format", form, stdout=theirs)
    finally:
        os.close(theirs)
        os.close(ours)
    assert code == 2
    assert wrong == f"kb: A terminal cannot show {form}; redirect it with > or |, or name a file with --out.\n"
