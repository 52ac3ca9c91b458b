"""What comes with Verbatim or stands behind it: packages by hash, their licences, and the tests of each defence."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import ROOT
from .test_packaging import declared, normal


def pinned(path: Path) -> dict[str, str]:
    """Return the version of each package that a file of requirements names."""
    found = re.findall(r"^([\w.\[\]-]+)==([^\s;\\]+)", path.read_text("utf-8"), re.MULTILINE)
    return {normal(name): version for name, version in found}


def test_the_lock_names_the_tested_versions_each_with_its_hashes() -> None:
    tested, locked = pinned(ROOT / "constraints.txt"), pinned(ROOT / "requirements.lock")
    assert set(declared()) <= set(locked), "run 'make lock'"
    assert {name: version for name, version in locked.items() if tested.get(name, version) != version} == {}
    parts = re.split(r"^(?=[\w.-]+==)", (ROOT / "requirements.lock").read_text("utf-8"), flags=re.MULTILINE)[1:]
    assert len(parts) == len(locked)
    assert [part.split()[0] for part in parts if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", part)] == []


@pytest.mark.slow
def test_licences_are_told_as_the_bill_of_materials_tells_them(tmp_path: Path) -> None:
    bill = {
        "components": [
            {"name": "one", "version": "1", "licenses": [{"license": {"id": "MIT"}}]},
            {"name": "two", "version": "2", "licenses": [{"expression": "MIT OR ISC"}]},
            {"name": "three", "version": "3", "licenses": [{"license": {"name": "License :: OSI Approved :: BSD"}}]},
            {"name": "four", "version": "4"},
        ]
    }
    path = tmp_path / "sbom.json"

    def told() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, ROOT / ".ci" / "licences.py", path]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    assert "make sbom" in told().stderr
    path.write_text(json.dumps(bill), "utf-8")
    assert told().stdout.splitlines() == [
        "BSD (1): three 3",
        "MIT (1): one 1",
        "MIT OR ISC (1): two 2",
        "told only in the package's own files (1): four 4",
    ]


def test_each_threat_names_tests_that_are_there() -> None:
    page = (ROOT / "docs" / "security.md").read_text("utf-8")
    table = page.partition("| threat | defence | test |\n|---|---|---|\n")[2].partition("\n\n")[0].splitlines()
    assert len(table) > 40
    for row in table:
        file, tests = re.fullmatch(r"\|.+\|.+\| `(tests/\S+\.py)`: ((?:`\w+`(?:, )?)+) \|", row).groups()  # type: ignore[union-attr]
        there = {node.name for node in ast.walk(ast.parse((ROOT / file).read_text("utf-8"))) if isinstance(node, ast.FunctionDef)}  # fmt: skip
        assert set(re.findall(r"\w+", tests)) <= there, row
