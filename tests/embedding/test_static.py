"""The built-in model: its vectors, and that other programs load the same file and get the same ones."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.embedding import Embedder, StaticEmbedder, Text, load_embedder
from kb.embedding.static import FOLDER
from kb.errors import ModelNotAvailable
from tests.conftest import ROOT
from tests.strategies import hostile_text, prose

EMBEDDER = StaticEmbedder()

texts = st.lists(hostile_text | prose, max_size=4)


def run(program: str, *arguments: str | Path) -> str:
    """Run a program in a process of its own, with another hash seed, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "7", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@given(texts)
def test_vectors_are_unit_vectors_or_zero(some: list[str]) -> None:
    vectors = EMBEDDER.embed_passages(some)
    assert vectors.shape == (len(some), EMBEDDER.dimension)
    assert vectors.dtype == np.float32
    norms = np.linalg.norm(vectors, axis=1)
    assert np.all((np.abs(norms - 1) < 1e-5) | (norms == 0))


@given(texts)
def test_a_vector_does_not_depend_on_company_nor_on_what_was_read_before(some: list[str]) -> None:
    together = EMBEDDER.embed_passages(some)
    fresh = StaticEmbedder.__new__(StaticEmbedder)
    fresh.__dict__.update(EMBEDDER.__dict__, _known={})
    for text, vector in zip(some, together, strict=True):
        assert np.array_equal(fresh.embed_questions([text])[0], vector)


@given(prose, st.sampled_from(["\n", "\t", " ", "\u2028", "  ", " — ", "... "]))
def test_space_case_and_punctuation_say_nothing(text: str, between: str) -> None:
    other = between.join(text.upper().split())
    assert np.allclose(EMBEDDER.embed_passages([text]), EMBEDDER.embed_passages([other]), atol=1e-6)


@pytest.mark.parametrize(
    ("question", "near", "far"),
    [
        ("lawyer", "attorney", "banana"),
        ("How much does the doctor earn?", "The physician's salary is high.", "The software has a bug."),
        ("police", "law enforcement officers", "a recipe for bread"),
        ("Did Bedoya scan licenses?", "Bedoya scanned a license.", "It rained all day."),
    ],
)
def test_what_means_the_same_or_is_spelt_alike_is_near(question: str, near: str, far: str) -> None:
    asked, one, other = EMBEDDER.embed_passages([question, near, far])
    assert asked @ one > asked @ other + 0.1


@pytest.mark.slow
def test_it_is_chosen_by_its_name_and_needs_no_torch() -> None:
    embedder: Embedder = load_embedder("static")
    assert (embedder.name, embedder.revision) == ("static", EMBEDDER.revision)
    program = """
import sys
from kb.embedding import load_embedder
embedder = load_embedder("static")
embedder.embed_passages(["a lawyer"])
print(embedder.revision, [name for name in ("torch", "transformers", "sentence_transformers") if name in sys.modules])
"""
    assert run(program) == f"{EMBEDDER.revision} []"


_BY_SENTENCE_TRANSFORMERS = """
import json, sys
import numpy as np
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(sys.argv[1], device="cpu", local_files_only=True)
texts = json.loads(open(sys.argv[2], encoding="utf-8").read())
np.save(sys.argv[3], model.encode(texts, batch_size=7))
"""


@pytest.mark.slow
def test_sentence_transformers_gives_the_same_vectors(tmp_path: Path) -> None:
    told = next((ROOT / "corpus").glob("*.vtt")).read_text("utf-8")
    some = [line for line in told.splitlines() if len(line) > 20][:200]
    some += [
        "Ángström, Straße, 李雷 und 3.5",
        "e\u0301 \u0301",
        '("quoted")',
        "don't stop-gap",
        "ΣΑΣ Σ σς",
        "İstanbul",
        "\x1f x",
    ]
    (tmp_path / "texts.json").write_text(json.dumps(some))
    run(_BY_SENTENCE_TRANSFORMERS, FOLDER, tmp_path / "texts.json", tmp_path / "vectors.npy")
    assert np.allclose(np.load(tmp_path / "vectors.npy"), EMBEDDER.embed_passages(some), atol=1e-5)


def test_an_unseen_name_says_nothing() -> None:
    assert not EMBEDDER.embed_questions(["Xerbedoya?"]).any()
    seen, named = EMBEDDER.embed_passages(["The lawyer spoke.", "The lawyer Xerbedoya spoke."])
    assert seen @ named > 0.999


def test_a_passage_is_its_heading_and_its_sentences() -> None:
    text = Text("News. Ann:", ("The lawyer spoke.", "Nobody came."))
    found = EMBEDDER.embed([text])
    assert found.kept == ()  # the reader's model alone keeps something
    assert np.array_equal(found.passages, EMBEDDER.embed_passages(["News. Ann: The lawyer spoke. Nobody came."]))


def test_the_folder_is_small_and_its_card_tells_whence_it_came() -> None:
    assert sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()) <= 12_000_000
    card = (FOLDER / "README.md").read_text("utf-8")
    for source in ("Changelog", "MedQuAD", "OpenStax", "WordNet"):
        assert re.search(rf"{source}.*(CC BY|WordNet 3\.0 licen)", card), source
    assert "python -m training.embedding" in card


@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("damage", ["missing", "cut", "other"])
def test_a_damaged_copy_says_so(tmp_path: Path, file: str, damage: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(FOLDER, folder)
    path = folder / "0_StaticEmbedding" / file
    data = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes(data[: len(data) // 2] if damage == "cut" else b"{}")
    with pytest.raises(ModelNotAvailable, match="install it again"):
        StaticEmbedder(folder)
