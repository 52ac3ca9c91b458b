"""The layers of docs/architecture.md, read off the code's own imports."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import ROOT

#: The rooms of ``kb``, the lowest first: a room may import rooms of its own line and of lines above it here.
LAYERS = [
    {"types", "errors", "timecode", "home", "translatable"},
    {"text", "phrasing", "outputs"},
    {"addresses", "inputs", "evaluation"},
    {"transcripts", "questions", "embedding", "citations", "summary"},
    {"catalogue"},
    {"retrieval", "backups"},
    {"answers", "checking", "revisions", "translations"},
    {"correcting", "intake", "saved", "timing"},
    {"knowledge_base"},
    {"exports", "wire"},
    {"mcp_server"},
    {"cli", "web"},
]
#: The rooms of ``ingest``, likewise.
INGEST_LAYERS = [
    {"isolation", "models", "fetching", "diarization"},
    {"sound", "formats"},
    {"metadata", "transcribing"},
    {"feeds"},
    {"files", "cluster"},
    {"queue"},
    {"podcasts"},
]
#: Where each heavy library may be imported.
OWNERS = {
    "sqlite3": ("kb/catalogue/",),
    "chromadb": ("kb/retrieval/vectors.py", "kb/retrieval/chroma_server.py"),
    "sentence_transformers": ("kb/embedding/sentence_transformer.py",),
    "onnxruntime": ("kb/embedding/transformer.py",),
    "tokenizers": ("kb/embedding/static.py", "kb/embedding/transformer.py"),
    "safetensors": ("kb/embedding/static.py",),
    "httpx": ("ingest/fetching/", "kb/summary/language_model.py"),
    "text_to_num": ("kb/summary/claims.py",),
    "gradio": ("kb/web/",),
    "jinja2": ("kb/web/server/templating.py",),
    "markupsafe": ("kb/web/server/templating.py",),
    "babel": ("kb/web/server/",),
    "argon2": ("kb/web/access/accounts.py",),
    "mcp": ("kb/mcp_server.py",),
    "typer": ("kb/cli/",),
    "citeproc": ("kb/citations/csl.py", "kb/citations/styles/official.py"),
    "lxml": ("kb/citations/csl.py", "kb/citations/styles/official.py"),
    "av": ("ingest/sound/decoding.py", "ingest/sound/clips.py"),
    "docx": ("kb/exports/docx_file.py", "kb/exports/docx_footnotes.py"),
    "xlsxwriter": ("kb/exports/xlsx_file.py",),
    "chardet": ("ingest/formats/code_pages.py",),
    "snowballstemmer": ("kb/text/stemming.py",),
    "jellyfish": ("kb/text/sounding.py",),
    "langcodes": ("ingest/metadata/tags.py",),
    "feedparser": ("ingest/feeds/reader.py",),
    "httpcore": ("ingest/fetching/connection.py",),
    "tenacity": ("ingest/fetching/retrying.py",),
    "ray": ("ingest/cluster/connection.py",),
    "whisper": ("ingest/transcribing/engines.py",),
    "faster_whisper": (
        "ingest/transcribing/engines.py",
        "ingest/sound/voice_activity.py",
    ),  # the detector ships with it
}
#: The rooms of ``kb`` that use ``ingest``.
USERS = {"cli", "web", "exports", "backups"}
#: The rooms of ``kb`` that are handed the catalogue. All others ask the knowledge base, or one of its doors.
STORAGE = {"catalogue", "retrieval", "backups", "answers", "checking", "revisions", "correcting", "intake", "saved"}
STORAGE |= {"translations", "timing"}
DOOR = "kb/knowledge_base.py"
#: What rooms of ``ingest`` that do not write into the knowledge base may know of it.
KNOWN = {"types", "errors", "timecode", "home", "text", "translatable"}
WRITERS = {"files", "queue", "podcasts"}
MODULES = sorted((ROOT / "kb").rglob("*.py")) + sorted((ROOT / "ingest").rglob("*.py"))


@functools.cache
def imported(path: Path) -> tuple[str, ...]:
    """Return the absolute name of every module that ``path`` imports, at its top or inside a function."""
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def room(name: str) -> str:
    """Return ``ROOM`` of ``kb.ROOM...`` or ``ingest.ROOM...``."""
    return name.split(".")[1] if name.count(".") else ""


def layer(name: str, layers: list[set[str]]) -> int | None:
    """Return the number of a module's layer."""
    return next((number for number, rooms in enumerate(layers) if room(name) in rooms), None)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_point_down(path: Path) -> None:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for name in imported(path):
        for top, layers in (("kb.", LAYERS), ("ingest.", INGEST_LAYERS)):
            if module.startswith(top) and name.startswith(top):
                here, there = layer(module, layers), layer(name, layers)
                if here is not None and there is not None:
                    assert there <= here, f"{module} imports {name}"
        if module.startswith("kb.") and name.startswith("ingest"):
            assert room(module) in USERS, f"{module} imports {name}"
        if module.startswith("ingest.") and name.startswith("kb.") and room(module) not in WRITERS:
            assert room(name) in KNOWN, f"{module} imports {name}"


@pytest.mark.parametrize(("top", "layers"), [("kb", LAYERS), ("ingest", INGEST_LAYERS)])
def test_every_room_has_a_layer(top: str, layers: list[set[str]]) -> None:
    there = (ROOT / top).iterdir()
    names = {path.stem for path in there if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert {name for name in names if not name.startswith("__")} == set().union(*layers)


@pytest.mark.parametrize("library", OWNERS)
def test_a_heavy_library_has_one_owner(library: str) -> None:
    users = {
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        if any(name == library or name.startswith(f"{library}.") for name in imported(path))
    }
    assert all(user.startswith(OWNERS[library]) for user in users), users


def test_nobody_reaches_through_the_door() -> None:
    for path in MODULES:
        name = path.relative_to(ROOT).as_posix()
        if name == DOOR:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        lines = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "catalogue"]
        assert not lines, f"{name} takes the catalogue out of the knowledge base in lines {lines}"
        if room(name.removesuffix(".py").replace("/", ".")) not in STORAGE:
            assert "kb.catalogue.Catalogue" not in imported(path), f"{name} is handed the catalogue"


def test_files_stay_small() -> None:
    files = [*MODULES, *(ROOT / "tests").rglob("*.py")]
    long = {path.relative_to(ROOT).as_posix(): n for path in files if (n := len(path.read_text().splitlines())) > 400}
    assert not long


def _meanings(path: Path) -> Iterator[tuple[str, str]]:
    """Yield every class and every name of a type of a module, and what it means: a class is itself alone."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield node.name, f"class of {path.relative_to(ROOT).as_posix()}"
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name, value = node.targets[0].id, ast.unparse(node.value)
            # ``Annotated`` is how a door takes an option, which is no type of its own.
            if re.fullmatch("_?[A-Z][a-z][A-Za-z]*", name) and not value.startswith("Annotated["):
                yield name, value


def test_a_name_means_one_thing() -> None:
    found: dict[str, set[str]] = {}
    for path in MODULES:
        for name, meaning in _meanings(path):
            found.setdefault(name, set()).add(meaning)
    assert not {name: meanings for name, meanings in found.items() if len(meanings) > 1}


def test_nothing_names_a_machine() -> None:
    for path in [*MODULES, *(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "Makefile"]:
        text = path.read_text("utf-8") if path.exists() else ""
        for word in ("/" + "work/", "/" + "root/", "/home/"):
            assert word not in text, f"{path} names {word}"
