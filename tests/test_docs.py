"""Every command that the documentation shows is run, and prints what it is said to print."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import CORPUS, ROOT, environment

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
#: Commands that need what a test has not: a person, another machine's file, the network.
_NOT_RUN = re.compile(r"kb (serve|users|ingest (FILE_OR_FOLDER|~)|models fetch|.*(/media/usb|https?://))")


def examples(page: Path) -> Iterator[tuple[str, str]]:
    """Yield each ``$ command`` of a page's console blocks with the output shown below it."""
    for block in re.findall(r"```console\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_print_what_the_page_shows(page: Path, corpus_home: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(corpus_home, tmp_path / "home"))
    fresh = tmp_path / "fresh"
    place = tmp_path / "place"
    place.mkdir()
    shutil.copytree(CORPUS, place / "corpus")
    gold = re.search(r"```json\n(.*?)```", (ROOT / "docs" / "evaluating.md").read_text("utf-8"), re.DOTALL)
    (place / "gold.jsonl").write_text(gold[1] if gold else "", "utf-8")
    (place / "questions.jsonl").write_text('{"question": "Who called it a dragnet?"}\n')
    for command, output in examples(page):
        if _NOT_RUN.search(command):
            continue
        program, *arguments = shlex.split(command, comments=True)
        assert program == "kb", command
        done = subprocess.run(
            [sys.executable, "-m", "kb", *arguments],
            cwd=place,
            env=environment(fresh if arguments[0] == "ingest" else home),
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        if output.strip():
            assert done.stdout.strip() == output.strip(), command


def test_links_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_command_is_documented() -> None:
    from typer.main import get_command

    from kb.cli.app import app

    text = "".join(page.read_text("utf-8") for page in PAGES)
    for name in get_command(app).commands:  # type: ignore[attr-defined]
        assert f"kb {name}" in text, name
