"""The tests need nothing but the clone: no path leads out of it, and all that they read has a source and a licence."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

from .conftest import CORPUS, MATERIAL, ROOT

SOURCES = sorted(path for folder in ("tests", "bench", "training") for path in (ROOT / folder).rglob("*.py"))
_KNOWN = {"ROOT": ROOT, "CORPUS": CORPUS, "MATERIAL": MATERIAL}
#: What belongs to the machine and not to its user.
_SYSTEM = ("/proc/", "/dev/", "/usr/", "/etc/", "/bin/")


def value(node: ast.AST, file: Path) -> Path | None:
    """Return the path that an expression of ``file`` names, if it can be told without running it."""
    match node:
        case ast.Name(id=name):
            return _KNOWN.get(name)
        case ast.Call(func=ast.Name(id="Path"), args=[ast.Name(id="__file__")]):
            return file
        case ast.Call(func=ast.Attribute(value=base, attr="resolve" | "absolute")):
            return value(base, file)
        case ast.Attribute(value=base, attr="parent"):
            path = value(base, file)
            return path and path.parent
        case ast.Subscript(value=ast.Attribute(value=base, attr="parents"), slice=ast.Constant(value=int(number))):
            path = value(base, file)
            return path and path.parents[number]
        case ast.BinOp(left=left, op=ast.Div(), right=ast.Constant(value=str(name))):
            path = value(left, file)
            return path and Path(*resolved((path / name).parts))
    return None


def resolved(parts: tuple[str, ...]) -> list[str]:
    """Take ``..`` out of a path."""
    kept: list[str] = []
    for part in parts:
        if part == "..":
            kept.pop()
        else:
            kept.append(part)
    return kept


def leading_out(text: str, file: Path) -> Iterator[str]:
    """Yield the expressions of ``text`` that name a place outside the clone."""
    for node in ast.walk(ast.parse(text)):
        path = value(node, file)
        if path and not path.is_relative_to(ROOT):
            yield ast.unparse(node)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\0" not in node.value:
            named = node.value if node.value.startswith(("/", "../")) and len(node.value) < 200 else ""
            if named.strip("/.").count("/") and not named.startswith(_SYSTEM) and (file.parent / named).exists():
                yield named


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_path_leads_out_of_the_clone(path: Path) -> None:
    assert list(leading_out(path.read_text("utf-8"), path)) == []


@pytest.mark.parametrize(
    "text",
    [
        'ROOT.parent / "shared"',
        "Path(__file__).parents[2]",
        "Path(__file__).resolve().parent.parent.parent",
        'CORPUS / "../../beside"',
    ],
)
def test_a_path_that_leads_out_is_noticed(text: str) -> None:
    assert list(leading_out(text, ROOT / "tests" / "test_example.py"))


def test_a_path_of_this_machine_is_noticed(tmp_path: Path) -> None:
    assert list(leading_out(f"open({str(tmp_path)!r})", ROOT / "tests" / "test_example.py"))


@pytest.mark.parametrize("text", ["Path(__file__).parents[1]", 'ROOT / "docs"', 'f"{name}/../evil"', '"/nowhere/tiny"'])
def test_a_path_within_is_none(text: str) -> None:
    assert list(leading_out(text, ROOT / "tests" / "test_example.py")) == []


def test_every_file_has_a_source_and_a_licence() -> None:
    for path in sorted(MATERIAL.rglob("*")):
        if path.is_dir() or path.name in ("README.md", "LICENSE"):
            continue
        page = next(folder / "README.md" for folder in path.parents if (folder / "README.md").exists())
        text = page.read_text("utf-8")
        named = re.findall(r"`([^`\n]+)`", text)
        here = path.relative_to(page.parent).as_posix()
        assert page.parent != MATERIAL or any(fnmatch(here, name) for name in named), f"{page} does not name {here}"
        assert re.search(r"licen[cs]e", text, re.IGNORECASE), f"{page} names no licence"


def test_the_material_stays_small() -> None:
    assert sum(path.stat().st_size for path in MATERIAL.rglob("*") if path.is_file()) < 8_000_000
