"""The measurements start: each imports without the work it measures, and tells its arguments."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import MATERIAL, ROOT, environment
from .meetings import write_meeting

MODULES = sorted(path.stem for path in (ROOT / "bench").glob("[a-z]*.py"))
WITH_ARGUMENTS = [name for name in MODULES if "ArgumentParser(" in (ROOT / "bench" / f"{name}.py").read_text("utf-8")]


@pytest.mark.parametrize("name", MODULES)
def test_it_imports(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    importlib.import_module(f"bench.{name}")


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_ARGUMENTS)
def test_it_tells_its_arguments(name: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{name}", "--help"],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("usage:")
    assert re.search(r"^  --[a-z]+ [A-Z]+", done.stdout, re.MULTILINE)


def test_the_modules_that_take_arguments_are_known() -> None:
    assert {"transcription", "whisper_command"} <= set(WITH_ARGUMENTS)


@pytest.mark.slow
def test_a_cost_is_that_of_the_whole_process(tmp_path: Path) -> None:
    from bench.whisper_command import measured

    cost = measured([sys.executable, "-c", "block = b'x' * 500_000_000"], tmp_path)
    assert cost.peak > 500
    assert cost.cpu > 0
    assert cost.wall > 0


@pytest.mark.slow
def test_a_command_that_fails_is_not_measured(tmp_path: Path) -> None:
    from bench.whisper_command import measured

    with pytest.raises(SystemExit, match="no such thing"):
        measured([sys.executable, "-c", "raise SystemExit('no such thing')"], tmp_path)


@pytest.mark.slow
def test_the_program_stays_small() -> None:
    heavy = "import sys, bench.whisper_command; print(sorted({'torch', 'whisper', 'av', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", heavy], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "[]", "its size would count into the peak of the commands that it measures"


@pytest.mark.slow
def test_the_page_is_measured(corpus_home: Path, tmp_path: Path) -> None:
    from bench.page import _BROWSERS

    if not any(map(shutil.which, _BROWSERS)):
        pytest.skip("Chromium is not installed (on Debian: apt-get install chromium)")
    home = shutil.copytree(corpus_home, tmp_path / "home")
    done = measured_page(home, "--runs", "2", tmp_path=tmp_path)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"(first (page|card)   median [\d,]+ ms, longest [\d,]+ ms\n){2}", done.stdout)
    assert len(re.findall(r"^ *[\d.]+ s  (?:page|card) [12] of 2: [\d,]+ ms$", done.stderr, re.MULTILINE)) == 4

    late = measured_page(home, "--limit", "0.1", tmp_path=tmp_path)
    assert late.returncode == 1
    assert "The server was not up within" in late.stderr


@pytest.mark.slow
def test_no_page_is_measured_over_a_folder_that_is_no_data_folder(tmp_path: Path) -> None:
    done = measured_page(tmp_path / "nothing", tmp_path=tmp_path)
    assert done.returncode == 2
    assert "it holds no catalogue.sqlite3" in done.stderr
    assert not (tmp_path / "nothing").exists()


def measured_page(home: Path, *options: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bench.page", home, *options],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=240,
    )


@pytest.mark.slow
def test_retrieval_is_measured_and_put_into_the_page(tmp_path: Path) -> None:
    page = tmp_path / "retrieval.md"
    page.write_text((ROOT / "docs" / "retrieval.md").read_text("utf-8"), "utf-8")
    shutil.copytree(MATERIAL / "changelog", tmp_path / "data" / "changelog")
    (tmp_path / "data" / "qmsum" / "val").mkdir(parents=True)
    for name in ("first", "second"):
        write_meeting(tmp_path / "data" / "qmsum" / "val" / f"{name}.json")
    places = ["--data", tmp_path / "data", "--cache", tmp_path / "cache", "--write", page]
    done = subprocess.run(
        [sys.executable, "-m", "bench.retrieval", "val", "questions", "--quick", *places],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    written = page.read_text("utf-8")
    tables = done.stdout.split("`python -m bench.retrieval ")[1:]
    assert len(tables) == 7
    for table in tables:
        assert table.strip() in written
    success = [float(figure) for figure in re.findall(r"\| (\d\.\d{3})", done.stdout)]
    assert len(success) > 100
    assert all(0 <= figure <= 1 for figure in success)
    assert max(success) > 0.5  # it finds something


@pytest.mark.slow
def test_retrieval_without_its_data_says_so(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.retrieval", "val", "--data", tmp_path, "--cache", tmp_path],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert "holds no meetings" in done.stderr
    assert "Traceback" not in done.stderr
