"""A model's folder that is named from where one stands is found again from everywhere else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kb.embedding.sentence_transformer import SentenceTransformerEmbedder
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


#: Open the knowledge base: which model it remembers, and whether that took loading it.
_OPEN = """
import os, sys
from pathlib import Path
from kb.knowledge_base import KnowledgeBase
with KnowledgeBase(Path(os.environ["KB_HOME"])) as kb:
    print(kb.semantic.embedder.name, "sentence_transformers" in sys.modules)
"""


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


@pytest.mark.slow
def test_it_is_remembered_as_it_is_found_from_everywhere_and_told_when_it_has_gone(tmp_path: Path) -> None:
    model, home = make_model(tmp_path / "here" / "tiny"), tmp_path / "home"
    first = kb(home, model.parent, "episodes", KB_EMBEDDING="./tiny")
    assert first.returncode == 0, first.stderr
    later = subprocess.run(
        [sys.executable, "-c", _OPEN], cwd=tmp_path, env=environment(home), capture_output=True, text=True, timeout=120
    )
    assert later.stdout == f"{model} False\n", later.stderr

    model.rename(tmp_path / "elsewhere")
    gone = kb(home, model.parent, "episodes")
    assert gone.returncode == 1
    assert str(model) in gone.stderr
    assert "Traceback" not in gone.stderr


@pytest.mark.slow
def test_what_was_embedded_with_it_is_asked_from_another_folder(tmp_path: Path) -> None:
    model, home, source = make_model(tmp_path / "here" / "tiny"), tmp_path / "home", tmp_path / "said.txt"
    source.write_text(SAID)
    taken = kb(home, model.parent, "--embedding", model.name, "ingest", str(source))
    assert taken.returncode == 0, taken.stderr
    asked = kb(home, tmp_path, "ask", "Who grows turnips?", "--json")
    assert asked.returncode == 0, asked.stderr
    assert json.loads(asked.stdout)["quotes"][0]["text"] == "The farmers of Kent grow turnips every winter."


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
