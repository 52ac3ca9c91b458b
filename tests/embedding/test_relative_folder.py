"""A model's folder that is named from where one stands is found again from everywhere else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kb.embedding.sentence_transformer import SentenceTransformerEmbedder
from kb.knowledge_base import KnowledgeBase
from tests.conftest import environment
from training.embedding.export import export_model
from training.embedding.vocabulary import build_vocabulary

SAID = "The bureau asked first. The farmers of Kent grow turnips every winter. Nobody else came."


def make_model(folder: Path) -> Path:
    """Write a model of random vectors of a few words in the format of sentence-transformers' ``StaticEmbedding``."""
    words = {word.strip("."): 5.0 for word in SAID.lower().split()}
    vocabulary = build_vocabulary(words, {word: word for word in words}, 80, 60)
    matrix = np.random.default_rng(0).standard_normal((vocabulary.size, 8)).astype(np.float32)
    matrix[0] = 0
    export_model(folder, matrix, vocabulary, "A card\n", "A licence\n")
    return folder


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("models") / "tiny")


def kb(home: Path, where: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run ``kb`` in the folder ``where``."""
    return subprocess.run(
        [sys.executable, "-m", "kb", *arguments],
        cwd=where,
        env={**environment(home), **variables},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize("told", ["option", "variable"])
def test_it_is_remembered_as_it_is_found_from_everywhere(model: Path, tmp_path: Path, told: str) -> None:
    home, relative = tmp_path / "home", f"./{model.name}"
    if told == "option":
        first = kb(home, model.parent, "--embedding", relative, "episodes")
    else:
        first = kb(home, model.parent, "episodes", KB_EMBEDDING=relative)
    assert first.returncode == 0, first.stderr
    later = kb(home, tmp_path, "episodes")
    assert later.returncode == 0, later.stderr
    with KnowledgeBase(home) as opened:
        assert opened.semantic.embedder.name == str(model)


def test_a_folder_that_has_gone_is_told_by_its_whole_path(model: Path, tmp_path: Path) -> None:
    here = tmp_path / "here"
    moved = make_model(here / "moving")
    assert kb(tmp_path / "home", here, "--embedding", "moving", "episodes").returncode == 0
    moved.rename(tmp_path / "elsewhere")
    later = kb(tmp_path / "home", tmp_path, "episodes")
    assert later.returncode == 1
    assert str(moved) in later.stderr
    assert "Traceback" not in later.stderr


@pytest.mark.slow
def test_what_was_embedded_with_it_is_asked_from_another_folder(model: Path, tmp_path: Path) -> None:
    home, source = tmp_path / "home", tmp_path / "said.txt"
    source.write_text(SAID)
    taken = kb(home, model.parent, "--embedding", model.name, "ingest", str(source))
    assert taken.returncode == 0, taken.stderr
    asked = kb(home, tmp_path, "ask", "Who grows turnips?", "--json")
    assert asked.returncode == 0, asked.stderr
    assert [quote["text"] for quote in json.loads(asked.stdout)["quotes"]] == [
        "The farmers of Kent grow turnips every winter."
    ]


@pytest.mark.parametrize("given", ["e5-small", "./e5-small", "e5-small/", "e5-small/1_Normalize/..", "."])
def test_it_is_the_same_model_however_its_folder_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str
) -> None:
    # A folder of this name gets the prompts of the model of this name: they are part of what its vectors are.
    folder = make_model(tmp_path / "e5-small")
    monkeypatch.chdir(folder if given == "." else tmp_path)
    found = SentenceTransformerEmbedder(given)
    assert found.name == str(folder)
    assert found.revision == SentenceTransformerEmbedder(str(folder)).revision
    assert found.revision != SentenceTransformerEmbedder(str(make_model(tmp_path / "other"))).revision


def test_it_is_the_same_model_when_a_link_leads_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_model(tmp_path / "e5-small")
    (tmp_path / "link").symlink_to("e5-small")
    monkeypatch.chdir(tmp_path)
    found = SentenceTransformerEmbedder("link")
    assert SentenceTransformerEmbedder(found.name).revision == found.revision
