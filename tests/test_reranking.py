"""Passages in the order of a cross-encoder: a real one of the real architecture, small and random, made on the spot."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import ModelNotAvailable
from kb.knowledge_base import KnowledgeBase
from kb.quotes import Passage
from kb.reranking import NONE, CrossEncoderReranker, rerank
from kb.types import Chunk, Episode, Hit
from tests.conftest import ROOT, Run

# A random BERT with one output for a pair of texts, as the MS MARCO cross-encoders have, and one with two.
_MAKE_MODELS = """
import sys, torch
from pathlib import Path
from sentence_transformers import CrossEncoder
from transformers import BertConfig, BertForSequenceClassification, BertModel, BertTokenizerFast

folder = Path(sys.argv[1])
letters = "abcdefghijklmnopqrstuvwxyz"
words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *("##" + letter for letter in letters)]
(folder / "vocab.txt").write_text("\\n".join(words))
size = dict(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, max_position_embeddings=64)
for name, labels in (("one", 1), ("two", 2)):
    torch.manual_seed(0)
    config = BertConfig(vocab_size=len(words), num_labels=labels, initializer_range=1.0, **size)
    BertForSequenceClassification(config).save_pretrained(folder / f"{name}-raw")
    BertTokenizerFast(str(folder / "vocab.txt"), model_max_length=64).save_pretrained(folder / f"{name}-raw")
    CrossEncoder(str(folder / f"{name}-raw")).save_pretrained(str(folder / name))
BertModel(BertConfig(vocab_size=len(words), **size)).save_pretrained(folder / "embedding")
print(CrossEncoder(str(folder / "one")).predict([("who", "a b c"), ("who", "x y z")], activation_fn=torch.nn.Sigmoid()).tolist())
"""

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning:torch.*", "ignore::DeprecationWarning:transformers.*"
)


def python(program: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
        timeout=240,
    )


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[float]]:
    """A folder of models, and what the library itself says of two pairs."""
    folder = tmp_path_factory.mktemp("models")
    made = python(_MAKE_MODELS, str(folder), HF_HUB_OFFLINE="1")
    assert made.returncode == 0, made.stderr
    return folder, json.loads(made.stdout.splitlines()[-1])


def passage(text: str, score: float = 0.5) -> Passage:
    chunk = Chunk(f"c-{text}", "e", 1, 0, None, None, 0, len(text), ())
    return Passage(Hit(chunk, Episode("e", "A show", "A title"), text, score), (), (), (), ())


class Known:
    """Scores texts by a table, and stops where time would be up."""

    def __init__(self, scores: Sequence[float]) -> None:
        self._scores = list(scores)

    def scores(self, question: str, texts: Sequence[str]) -> list[float]:
        return self._scores[: len(texts)]


@given(st.lists(st.floats(0, 1), max_size=8), st.integers(0, 10))
def test_what_was_scored_comes_first_and_nothing_is_lost(scores: list[float], count: int) -> None:
    before = [passage(str(n)) for n in range(count)]
    after = rerank(Known(scores), "q", before)
    done = min(len(scores), count)
    assert sorted(p.hit.text for p in after) == sorted(p.hit.text for p in before)
    ranked = [p.hit.score for p in after[:done]]
    assert ranked == sorted((round(score, 4) for score in scores[:count]), reverse=True)
    assert [p.hit.text for p in after[done:]] == [p.hit.text for p in before[done:]]


# --- A real cross-encoder ---


@pytest.mark.slow
def test_scores_are_the_models_own(models: tuple[Path, list[float]]) -> None:
    folder, told = models
    reranker = CrossEncoderReranker(str(folder / "one"))
    assert reranker.scores("who", ["a b c", "x y z"]) == pytest.approx(told, abs=1e-5)
    assert told[0] != pytest.approx(told[1], abs=1e-3)
    many = reranker.scores("who", ["a b c", "", "x " * 10_000, "\u202e李雷\x00"] * 5)
    assert len(many) == 20
    assert all(0 <= score <= 1 for score in many)
    assert many[:4] == pytest.approx(many[16:], abs=1e-5)
    assert reranker.scores("who", []) == []


@pytest.mark.slow
def test_when_time_is_up_no_further_batch_is_begun(models: tuple[Path, list[float]]) -> None:
    reranker = CrossEncoderReranker(str(models[0] / "one"), seconds=0)
    assert len(reranker.scores("who", ["a b c"] * 50)) == 8


@pytest.mark.slow
def test_questions_are_answered_in_its_order(models: tuple[Path, list[float]], corpus_kb: KnowledgeBase) -> None:
    question = "What is said about facial recognition?"
    before = corpus_kb.search(question)
    folder = str(models[0] / "one")
    scores = CrossEncoderReranker(folder).scores(question, [hit.text for hit in before])
    wanted = [hit.chunk.id for _, hit in sorted(zip(scores, before, strict=True), key=lambda pair: -pair[0])]
    corpus_kb.close()
    with KnowledgeBase(corpus_kb.home, reranker=folder) as kb:
        assert [hit.chunk.id for hit in kb.search(question)] == wanted != [hit.chunk.id for hit in before]
        answer = kb.ask(question)
        assert answer.answered
        for quote in answer.quotes:
            assert kb.quote(quote.id).text == quote.text
    with KnowledgeBase(corpus_kb.home) as kb:  # it is remembered
        assert [hit.chunk.id for hit in kb.search(question)] == wanted
    with KnowledgeBase(corpus_kb.home, reranker=NONE) as kb:
        assert kb.search(question) == before
    with KnowledgeBase(corpus_kb.home) as kb:
        assert kb.search(question) == before


@pytest.mark.slow
def test_what_is_no_cross_encoder_is_refused(models: tuple[Path, list[float]], tmp_path: Path) -> None:
    folder, _ = models
    with pytest.raises(ModelNotAvailable, match=r"it is made for BertModel.*--reranker none"):
        CrossEncoderReranker(str(folder / "embedding")).find()
    with pytest.raises(ModelNotAvailable, match="it sorts into 2 classes"):
        CrossEncoderReranker(str(folder / "two")).scores("a", ["b"])
    for broken in ("model.safetensors", "tokenizer.json"):
        damaged = tmp_path / broken
        shutil.copytree(folder / "one", damaged)
        (damaged / broken).write_bytes(b"{ this is not it")
        with pytest.raises(ModelNotAvailable, match="no usable cross-encoder"):
            CrossEncoderReranker(str(damaged)).scores("a", ["b"])


@pytest.mark.slow
def test_a_model_from_the_hub_cache_is_found_without_any_network(
    models: tuple[Path, list[float]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = tmp_path / "hub" / "models--cross-encoder--tiny" / "snapshots" / ("a" * 40)
    shutil.copytree(models[0] / "one", snapshot)
    (snapshot.parent.parent / "refs").mkdir()
    (snapshot.parent.parent / "refs" / "main").write_text("a" * 40)
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    found = "from kb.reranking import CrossEncoderReranker as C; print(C('tiny').find())"
    assert python(found, HF_HOME=str(tmp_path)).stdout.strip() == str(snapshot)


@pytest.mark.parametrize(
    "config", [b"", b"[]", b"{}", b'{"architectures": 7}', b'{"architectures": []}', b"[" * 99_999]
)
def test_a_folder_without_a_usable_config_is_refused(tmp_path: Path, config: bytes) -> None:
    (tmp_path / "config.json").write_bytes(config)
    with pytest.raises(ModelNotAvailable, match="no usable cross-encoder"):
        CrossEncoderReranker(str(tmp_path)).find()


_MISSING = """
import sys, time
from pathlib import Path
from kb.errors import ModelNotAvailable
from kb.knowledge_base import KnowledgeBase
import huggingface_hub.errors
start = time.monotonic()
try:
    KnowledgeBase(Path(sys.argv[1]), reranker="ms-marco-MiniLM-L6-v2")
except ModelNotAvailable as error:
    print(time.monotonic() - start, error, sep="|")
"""


@pytest.mark.slow
def test_a_missing_reranker_is_told_at_once_and_not_remembered(tmp_path: Path) -> None:
    """The network is a proxy that accepts and never answers; it is not asked."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        proxy = f"http://127.0.0.1:{silent.getsockname()[1]}"
        proxies = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), proxy)
        said = python(_MISSING, str(tmp_path / "home"), HF_HOME=str(tmp_path / "hf"), **proxies)
    seconds, message = said.stdout.strip().split("|")
    assert float(seconds) < 5
    for told in (
        "'ms-marco-MiniLM-L6-v2' is not on this machine",
        "cross-encoder/ms-marco-MiniLM-L6-v2",
        "--reranker none",
    ):
        assert told in message
    with KnowledgeBase(tmp_path / "home") as kb:
        assert kb.catalogue.setting("reranker") is None


def test_a_remembered_reranker_that_is_gone_stops_questions_only(kb: KnowledgeBase, run: Run) -> None:
    kb.catalogue.set_setting("reranker", "/media/usb/gone")
    kb.close()
    assert run("episodes", home=kb.home).returncode == 0
    done = run("ask", "Who?", home=kb.home)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "'/media/usb/gone' is not on this machine" in done.stderr
    assert run("ask", "Who?", "--reranker", "none", home=kb.home).returncode == 0
