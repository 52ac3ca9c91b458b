"""The built-in transformer: the default embedding, its vectors, and that a damaged copy is refused in a sentence."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.embedding import DEFAULT_MODEL, Embedder, Reader, Text, TransformerEmbedder, load_embedder
from kb.embedding.kept import kept
from kb.embedding.transformer import FOLDER, loaded
from kb.errors import ModelNotAvailable
from tests.conftest import ROOT, Run, environment
from tests.strategies import hostile_text, prose

EMBEDDER = TransformerEmbedder()

_WITHOUT_TORCH = """
import sys
from kb.embedding import Text, load_embedder
embedder = load_embedder()
embedder.embed([Text("", ("a lawyer",))])
print(embedder.revision, [name for name in ("torch", "transformers", "sentence_transformers") if name in sys.modules])
"""


@pytest.mark.slow
def test_it_is_the_default_and_needs_no_torch(tmp_path: Path) -> None:
    embedder: Embedder = load_embedder()
    assert (embedder.name, embedder.revision) == (DEFAULT_MODEL, EMBEDDER.revision)
    for former in ("hashing", "verbatim-static"):  # what older data folders say
        assert load_embedder(former).name == DEFAULT_MODEL
    assert Reader().revision == EMBEDDER.revision  # so the reader may use what it kept
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_TORCH],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout.strip() == f"{EMBEDDER.revision} []", done.stderr


@settings(max_examples=25)
@given(st.lists(st.builds(Text, hostile_text, st.lists(hostile_text | prose, max_size=3).map(tuple)), max_size=3))
def test_vectors_are_unit_vectors_and_each_passage_keeps_its_sentences(some: list[Text]) -> None:
    found = EMBEDDER.embed(some)
    assert found.passages.shape == (len(some), EMBEDDER.dimension)
    assert found.passages.dtype == np.float32
    assert np.allclose(np.linalg.norm(found.passages, axis=1), 1, atol=1e-4)
    sentences = kept(found.kept, loaded(FOLDER).head).sentences
    assert sentences.tolist() == [len(text.sentences) for text in some]


@settings(max_examples=25)
@given(hostile_text | prose)
def test_any_question_has_a_unit_vector(text: str) -> None:
    (vector,) = EMBEDDER.embed_questions([text])
    assert vector.shape == (EMBEDDER.dimension,)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-4)
    assert EMBEDDER.embed_questions([]).shape == (0, EMBEDDER.dimension)


def test_what_means_the_same_is_near() -> None:
    asked = EMBEDDER.embed_questions(["How much does the doctor earn?"])[0]
    salary, bug = EMBEDDER.embed(
        [Text("", ("The physician's salary is high.",)), Text("", ("The software has a bug.",))]
    ).passages
    assert asked @ salary > asked @ bug + 0.1


def damaged(folder: Path, file: str, damage: str) -> Path:
    """Copy the model into ``folder`` with one of its files missing, cut, or something else."""
    shutil.copytree(FOLDER, folder)
    path = folder / file
    data = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes(data[: len(data) // 2] if damage == "cut" else b"{}")
    return folder


@pytest.mark.parametrize("file", ["reader.onnx", "tokenizer.json", "head.npz"])
@pytest.mark.parametrize("damage", ["missing", "cut", "other"])
def test_a_damaged_copy_says_so(tmp_path: Path, file: str, damage: str) -> None:
    folder = damaged(tmp_path / "verbatim-reader", file, damage)
    for load in (TransformerEmbedder, Reader):
        with pytest.raises(ModelNotAvailable, match="install it again") as caught:
            load(folder)
        assert str(folder) in str(caught.value)


@pytest.mark.parametrize("name", ["mix", "weight", "answer", "narrow", "down_q", "down_s"])
@pytest.mark.parametrize("shape", ["longer", "flat", "gone"])
def test_a_head_of_another_shape_is_refused(tmp_path: Path, name: str, shape: str) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "verbatim-reader"))
    with np.load(folder / "head.npz") as file:
        parts = dict(file)
    wide = np.concatenate([parts[name], parts[name][..., :1]], axis=-1)
    parts |= {name: wide if shape == "longer" else parts[name].reshape(-1)[:2]}
    if shape == "gone":
        del parts[name]
    np.savez(folder / "head.npz", **parts)
    with pytest.raises(ModelNotAvailable, match="install it again"):
        Reader(folder)


def test_another_model_in_its_place_is_refused(tmp_path: Path) -> None:
    """A pickle in the head's place is not run, and a folder of another kind is no model."""
    folder = Path(shutil.copytree(FOLDER, tmp_path / "verbatim-reader"))
    np.savez(folder / "head.npz", **{"mix": np.array([print], dtype=object)})
    with pytest.raises(ModelNotAvailable, match="install it again"):
        Reader(folder)
    with pytest.raises(ModelNotAvailable, match="install it again"):
        Reader(tmp_path)


def test_a_question_without_the_reader_is_answered_by_the_command_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("The farmers of Kent grow turnips every winter. Nobody else came.")
    assert run("--embedding", "static", "ingest", tmp_path / "a.txt").returncode == 0
    done = run("--no-reader", "ask", "turnips grown by the farmers of Kent", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert "grow turnips" in done.stdout
