"""The layers of docs/architecture.md, read off the code's own imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import ROOT

#: What each layer of ``kb`` may import of ``kb``: its own layer's and every lower one's modules.
LAYERS = [
    {"types", "errors", "timecode", "home", "cleaning", "phrasing"},
    {
        "addresses",
        "claims",
        "correcting",
        "evaluation",
        "evidence",
        "inputs",
        "periods",
        "questions",
        "sentences",
        "spelling",
        "stemming",
        "stop_words",
        "terms",
        "threads",
        "timings",
        "unspaced",
        "canonical",
        "chunking",
        "anchoring",
        "citations",
    },
    {"catalogue", "vectors", "embedding", "language_model", "local_models", "prompts"},
    {"retrieval", "semantic"},
    {"answers"},
    {"checking", "collecting", "marking", "synthesis", "watching"},
    {"knowledge_base"},
    {"exports", "jsonable"},
    {"assistant"},
    {"cli", "exporting", "verifying", "web"},
]
#: Where each heavy library may be imported.
OWNERS = {
    "sqlite3": ("kb/catalogue/",),
    "chromadb": ("kb/retrieval/vectors.py",),
    "sentence_transformers": ("kb/embedding/sentence_transformer.py",),
    "onnxruntime": ("kb/embedding/transformer.py",),
    "tokenizers": ("kb/embedding/static.py", "kb/embedding/transformer.py"),
    "safetensors": ("kb/embedding/static.py",),
    "httpx": ("ingest/fetching/", "kb/summary/language_model.py"),
    "text_to_num": ("kb/summary/claims.py",),
    "gradio": ("kb/web/",),
    "mcp": ("kb/mcp_server.py",),
    "typer": ("kb/cli/",),
    "citeproc": ("kb/citations/csl.py", "kb/citations/styles/official.py"),
    "lxml": ("kb/citations/csl.py", "kb/citations/styles/official.py"),
    "av": ("ingest/sound/decoding.py", "ingest/sound/clips.py"),
    "docx": ("kb/exports/docx_file.py", "kb/exports/docx_footnotes.py"),
    "xlsxwriter": ("kb/exports/xlsx_file.py",),
    "chardet": ("ingest/formats/code_pages.py",),
    "snowballstemmer": ("kb/text/stemming.py",),
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
#: ``ingest`` modules that write into the knowledge base; the others know only its types.
WRITERS = {"batch", "corrections", "following", "known_items", "media", "replacing", "siblings", "sync"}
MODULES = sorted((ROOT / "kb").rglob("*.py")) + sorted((ROOT / "ingest").rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """Yield the absolute name of every module that ``path`` imports, at its top or inside a function."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *([node.module] if node.module else [])])
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def layer(name: str) -> int | None:
    """Return the layer of ``kb.NAME...``."""
    part = name.split(".")[1] if name.count(".") else ""
    return next((number for number, names in enumerate(LAYERS) if part in names), None)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_point_down(path: Path) -> None:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for name in imported(path):
        if module.startswith("kb.") and name.startswith("kb."):
            here, there = layer(module), layer(name)
            if here is not None and there is not None:
                assert there <= here, f"{module} imports {name}"
        if module.startswith("kb.") and name.startswith("ingest"):
            assert layer(module) == len(LAYERS) - 1, f"{module} imports {name}"
        if module.startswith("ingest.") and name.startswith("kb.") and module.split(".")[1] not in WRITERS:
            assert name.split(".")[1] in LAYERS[0], f"{module} imports {name}"


def test_every_module_of_kb_has_a_layer() -> None:
    names = {path.stem for path in (ROOT / "kb").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert {name for name in names if not name.startswith("__")} == set().union(*LAYERS)


@pytest.mark.parametrize("library", OWNERS)
def test_a_heavy_library_has_one_owner(library: str) -> None:
    users = {
        path.relative_to(ROOT).as_posix()
        for path in MODULES
        if any(name == library or name.startswith(f"{library}.") for name in imported(path))
    }
    assert all(user.startswith(OWNERS[library]) for user in users), users


def test_files_stay_small() -> None:
    long = {path.relative_to(ROOT).as_posix(): n for path in MODULES if (n := len(path.read_text().splitlines())) > 400}
    assert not long


def test_nothing_names_a_machine() -> None:
    for path in [*MODULES, *(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "Makefile"]:
        text = path.read_text("utf-8") if path.exists() else ""
        for word in ("/" + "work/", "/" + "root/", "/home/"):
            assert word not in text, f"{path} names {word}"
