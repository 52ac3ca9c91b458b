"""Libraries are made the same each time, and everything that ``bench.scale`` tells of one is measured."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from ingest.formats import parse
from kb.transcripts.canonical import canonicalise
from kb.transcripts.chunking import chunk

from .conftest import MATERIAL, ROOT, environment


def test_a_library_is_made_of_whole_passages_and_begins_as_a_smaller_one(tmp_path: Path) -> None:
    from bench.scale.made import passages_of, write_episodes

    passages = passages_of(sorted((MATERIAL / "changelog").glob("*/*.md")), 300, 1)
    texts = {" ".join(text for _, text in said) for said in passages}
    made = []
    for name, count in (("small", 2), ("large", 4)):
        (tmp_path / name).mkdir()
        made.append([path.read_text("utf-8") for path in write_episodes(tmp_path / name, passages, 0, count, 1)])
    assert made[0] == made[1][:2]
    cut = []
    for path in sorted((tmp_path / "large").glob("*.md")):
        canonical = canonicalise(parse(path, path.read_bytes()))
        cut += [" ".join(canonical.text[c.char_start : c.char_end].split()) for c in chunk(canonical, "any", 1)]
    assert sum(text in texts for text in cut) > 0.9 * len(cut) > 100  # so that most vectors are computed once


@pytest.mark.slow
def test_a_small_library_is_measured(tmp_path: Path) -> None:
    places = ["--data", MATERIAL, "--cache", tmp_path, "--place", tmp_path, "--out", tmp_path / "figures.json"]
    draws = find_spec("matplotlib") is not None  # of the extra "bench"
    picture = tmp_path / "figures.svg"
    sizes_of = ["--episodes", "1,2", "--questions", "3", "--passages", "60"]
    done = subprocess.run(
        [sys.executable, "-m", "bench.scale", *sizes_of, *places, *(["--plot", picture] if draws else [])],
        cwd=ROOT,
        env=environment(tmp_path / "none"),
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    table = done.stdout[done.stdout.rindex("| | 1 episodes | 2 episodes |") :].strip().splitlines()
    assert len(table) > 20
    assert all(re.search(r"\d", row.split("|")[-2]) for row in table[2:])
    sizes = json.loads((tmp_path / "figures.json").read_text("utf-8"))
    assert [size["episodes"] for size in sizes] == [1, 2]
    assert all(time > 0 for size in sizes for times in size["asked"]["times"].values() for time in times)
    assert not draws or picture.read_text("utf-8").count("<path") > 20


@pytest.mark.slow
def test_the_comparison_under_filters_is_measured(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bench.filters", "--passages", "5000", "--place", tmp_path],
        cwd=ROOT,
        env=environment(tmp_path / "none"),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("5,000 passages, 8 MB of vectors")
    assert len(re.findall(r"^\| .* \| [\d,]+ \| [\d.]+ times \| [\d.]+ times \|$", done.stdout, re.MULTILINE)) == 4
    assert not list(tmp_path.glob("*/index"))
