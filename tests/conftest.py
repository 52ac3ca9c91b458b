"""What every test may use: the real material, the corpus taken in, and the command line."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from ingest.files.sources import find_sources
from ingest.queue.batch import ingest
from kb.knowledge_base import KnowledgeBase

from . import fast

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "corpus"
#: Real transcripts, feeds and recordings; its README names the source and licence of each.
MATERIAL = ROOT / "tests" / "material"
SEGMENT = "npr-2019-07-08-ice-dmv-facial-recognition"

Run = Callable[..., subprocess.CompletedProcess[str]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fast", action="store_true", help="leave out what starts a program or hears sound")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--fast"):
        fast.try_fewer_examples()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With ``--fast``, pass over files of slow tests alone: their imports (torch, gradio, mcp) take longer than the rest."""
    if config.getoption("--fast") and collection_path.suffix == ".py":
        return True if fast.is_slow_file(collection_path) else None
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--fast"):
        fast.only_fast()
        slow = [item for item in items if fast.is_slow(item)]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in set(slow)]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let a skipped test fail in CI, whose machine has all that the tests need."""
    report = yield
    if report.skipped and os.environ.get("CI") and not item.get_closest_marker("network"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report


@pytest.fixture
def kb(tmp_path: Path) -> Iterator[KnowledgeBase]:
    """An empty knowledge base."""
    with KnowledgeBase(tmp_path / "home") as opened:
        yield opened


@pytest.fixture(scope="session")
def corpus_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the corpus taken in; not to be changed."""
    home = tmp_path_factory.mktemp("corpus-home")
    with KnowledgeBase(home) as opened:
        results = ingest(opened, find_sources([CORPUS]))
        assert [result.status for result in results] == ["added"]
    return home


@pytest.fixture
def corpus_kb(corpus_home: Path, tmp_path: Path) -> Iterator[KnowledgeBase]:
    """A knowledge base of its own with the corpus in it, and its vector index."""
    shutil.copytree(corpus_home, tmp_path / "home")
    with KnowledgeBase(tmp_path / "home") as opened:
        opened.sync()
        yield opened


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run ``kb`` in a process of its own, in a fresh home unless ``home`` names one."""

    def call(*arguments: str | Path, home: Path | None = None, **more: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "kb", *map(str, arguments)],
            cwd=ROOT,
            env=environment(home or tmp_path / "home"),
            capture_output=True,
            text=True,
            timeout=120,
            **more,  # type: ignore[call-overload]
        )

    return call


def heed_interrupts() -> None:
    """Let a child end on Ctrl+C: a runner that was started in the background ignores it, and children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def environment(home: Path) -> dict[str, str]:
    """Return a process's environment with ``home`` as its data folder and nothing of the developer's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KB_", "HF_"))}
    return {**kept, "KB_HOME": str(home), "PYTHONPATH": str(ROOT), "COLUMNS": "100"}
