"""Text to unit vectors by a real sentence-transformers model made on the spot."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kb.catalogue import Source
from kb.embedding import Embedder, load_embedder
from kb.embedding.sentence_transformer import SentenceTransformerEmbedder
from kb.errors import ModelNotAvailable
from kb.knowledge_base import KnowledgeBase
from kb.types import Episode, Segment, Transcript
from tests.conftest import ROOT

TEXTS = ["Police scanned driver's license photographs.", "Ángström, Straße, 李雷 und 3.5", "the of and"]

# A random BERT of two thousand weights with a vocabulary of letters; written and read without any network.
_MAKE_MODEL = """
import sys, torch
from pathlib import Path
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
from transformers import BertConfig, BertModel, BertTokenizerFast

bert, folder = Path(sys.argv[1]), Path(sys.argv[2])
bert.mkdir()
letters = "abcdefghijklmnopqrstuvwxyz"
words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *("##" + letter for letter in letters)]
(bert / "vocab.txt").write_text("\\n".join(words))
torch.manual_seed(0)
size = dict(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, max_position_embeddings=64)
BertModel(BertConfig(vocab_size=len(words), **size)).save_pretrained(bert)
BertTokenizerFast(str(bert / "vocab.txt")).save_pretrained(bert)
model = SentenceTransformer(modules=[Transformer(str(bert), max_seq_length=32), Pooling(16)], device="cpu")
model.prompts = {"query": "question: ", "document": "passage: "}
model.save(str(folder))
"""
# As multilingual-e5 and paraphrase-multilingual are built: an XLM-RoBERTa with a Unigram vocabulary of many scripts.
_MAKE_MULTILINGUAL = """
import sys, torch
from pathlib import Path
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast, XLMRobertaConfig, XLMRobertaModel

roberta, folder = Path(sys.argv[1]), Path(sys.argv[2])
roberta.mkdir()
special = ["<s>", "<pad>", "</s>", "<unk>"]
letters = sorted(set("".join(sys.argv[3:]).replace(" ", "")))
pieces = [(word, 0.0) for word in special] + [(letter, -5.0) for letter in ["\u2581", *letters]] + [("<mask>", 0.0)]
tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3))
tokenizer.normalizer = normalizers.NFKC()
tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
tokenizer.decoder = decoders.Metaspace()
tokenizer.post_processor = processors.TemplateProcessing("<s> $A </s>", "<s> $A </s> $B </s>", [("<s>", 0), ("</s>", 2)])
names = dict(bos_token="<s>", pad_token="<pad>", eos_token="</s>", unk_token="<unk>", cls_token="<s>", sep_token="</s>")
PreTrainedTokenizerFast(tokenizer_object=tokenizer, mask_token="<mask>", **names).save_pretrained(roberta)
torch.manual_seed(0)
size = dict(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, max_position_embeddings=66)
config = XLMRobertaConfig(vocab_size=len(pieces), pad_token_id=1, bos_token_id=0, eos_token_id=2, type_vocab_size=1, **size)
XLMRobertaModel(config).save_pretrained(roberta)
modules = [Transformer(str(roberta), max_seq_length=64), Pooling(16), Normalize()]
model = SentenceTransformer(modules=modules, device="cpu")
model.prompts = {"query": "query: ", "document": "passage: "}
model.save(str(folder))
"""
_USE_MODEL = """
import sys
from kb.embedding import load_embedder
embedder = load_embedder(sys.argv[1])
vectors = embedder.embed_passages(["one two", "three"])
print(embedder.name, embedder.revision, embedder.dimension, vectors.shape, vectors.dtype)
"""

_FIND_MODEL = "import sys; from kb.embedding import load_embedder; print(load_embedder(sys.argv[1]).revision)"


def unit(vectors: np.ndarray) -> bool:
    return bool(np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5))


def run(program: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a program as a user would: other hash seed, nothing of this process."""
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "1", "OMP_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
        timeout=240,
    )


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny model; made in a process of its own, for torch is slow to import and slower to forget."""
    folder = tmp_path_factory.mktemp("models")
    made = run(_MAKE_MODEL, str(folder / "bert"), str(folder / "tiny"), HF_HUB_OFFLINE="1")
    assert made.returncode == 0, made.stderr
    return folder / "tiny"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch.*", "ignore::DeprecationWarning:transformers.*")
def test_a_model_from_a_folder(model: Path) -> None:
    embedder: Embedder = load_embedder(str(model))
    assert embedder.name == str(model)
    assert embedder.dimension == 16
    passages = embedder.embed_passages([*TEXTS, "", "x " * 10_000])
    assert passages.shape == (5, 16)
    assert passages.dtype == np.float32
    assert unit(passages)
    assert np.allclose(passages[:2], embedder.embed_passages(TEXTS[:2]), atol=1e-5)
    # The prompts of the model's card go before questions and passages.
    assert not np.allclose(embedder.embed_questions(TEXTS), passages[:3], atol=1e-3)
    assert embedder.embed_passages([]).shape[0] == 0


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch.*", "ignore::DeprecationWarning:transformers.*")
def test_a_multilingual_model_is_one_setting(tmp_path: Path) -> None:
    """It is named once; an episode in Chinese is then embedded with it, and found by its vector alone."""
    said = {
        "zh": "三峡水坝建成于二零零六年。",
        "th": "ปีนี้เกิดน้ำท่วมใหญ่ในภาคใต้",
        "de": "Die Krankheiten breiteten sich aus.",
    }
    folder = tmp_path / "multilingual"
    made = run(_MAKE_MULTILINGUAL, str(tmp_path / "roberta"), str(folder), *said.values(), HF_HUB_OFFLINE="1")
    assert made.returncode == 0, made.stderr
    home = tmp_path / "home"
    with KnowledgeBase(home, embedding=str(folder)) as kb:
        for language, text in said.items():
            transcript = Transcript((Segment(0, 9, text, None),), language)
            episode = Episode(language, "Show", "Title", language=language)
            kb.add(episode, transcript, Source(f"file:///{language}.txt", language))
        kb.sync()
    with KnowledgeBase(home) as kb:
        embedder = kb.semantic.embedder
        assert embedder.name == str(folder)
        assert kb.semantic.pending() == 0
        assert {hit.episode.id for hit in kb.search("水坝", k=3)} >= {"zh"}
        vectors = embedder.embed_passages(list(said.values()))
        assert unit(vectors)
        # Its vocabulary knows these scripts: other words of the same length have another vector.
        other = embedder.embed_passages([text[::-1] for text in said.values()])
        assert not np.isclose((vectors * other).sum(axis=1), 1, atol=1e-6).any()


@pytest.mark.slow
def test_a_model_from_the_hub_cache(model: Path, tmp_path: Path) -> None:
    snapshot = tmp_path / "hub" / "models--some--tiny" / "snapshots" / ("a" * 40)
    shutil.copytree(model, snapshot)
    (snapshot.parent.parent / "refs").mkdir()
    (snapshot.parent.parent / "refs" / "main").write_text("a" * 40)
    revision = SentenceTransformerEmbedder(str(model)).revision
    said = f"some/tiny {revision} 16 (2, 16) float32\n"
    # Without HF_HUB_OFFLINE: it must not be needed. The network is a proxy that nobody listens at.
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9"}
    used = run(_USE_MODEL, "some/tiny", HF_HOME=str(tmp_path), **nowhere)
    assert used.stdout == said, used.stderr
    found = run(_FIND_MODEL, "some/tiny", HF_HUB_CACHE=str(tmp_path / "hub"), **nowhere)
    assert found.stdout == f"{revision}\n", found.stderr


@pytest.mark.slow
def test_the_revision_changes_with_the_weights_and_the_settings_only(model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(model, folder)
    revision = SentenceTransformerEmbedder(str(model)).revision
    assert SentenceTransformerEmbedder(str(folder)).revision == revision
    (folder / "README.md").write_text("Other words")
    assert SentenceTransformerEmbedder(str(folder)).revision == revision
    for name in ("model.safetensors", "config_sentence_transformers.json"):
        data = bytearray((folder / name).read_bytes())
        data[-2] ^= 1
        (folder / name).write_bytes(data)
        changed = SentenceTransformerEmbedder(str(folder)).revision
        assert changed != revision
        revision = changed


@pytest.mark.slow
@pytest.mark.parametrize("broken", ["model.safetensors", "config.json", "modules.json", "tokenizer.json"])
def test_a_damaged_model_is_not_available(model: Path, tmp_path: Path, broken: str) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(model, folder)
    (folder / broken).write_bytes(b"{ this is not it")
    with pytest.raises(ModelNotAvailable, match="not a usable sentence-transformers model"):
        load_embedder(str(folder)).embed_passages(["one"])


def test_a_folder_that_holds_no_model_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with pytest.raises(ModelNotAvailable, match=r"holds no modules\.json") as caught:
        load_embedder(str(tmp_path))
    assert str(tmp_path) in str(caught.value)


@pytest.mark.parametrize(
    "name", ["", ".", "~nobody-of-that-name/x", "x" * 5_000, "a\0b", "../..", "no such/model/at all", "\ud800"]
)
def test_an_odd_name_is_not_available(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelNotAvailable):
        load_embedder(name)


@pytest.fixture
def silent_proxy() -> Iterator[str]:
    """A proxy that accepts every connection and never answers, as on some company networks."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        for connection in held:
            connection.close()


_MISSING = """
import time
import kb.embedding.sentence_transformer, huggingface_hub.errors
from kb.catalogue import Source
from kb.errors import ModelNotAvailable
from kb.knowledge_base import KnowledgeBase
from kb.types import Episode, Segment, Transcript
start = time.monotonic()
try:
    kb.embedding.load_embedder("all-MiniLM-L6-v2")
except ModelNotAvailable as error:
    print(time.monotonic() - start, error, sep="|")
"""


@pytest.mark.slow
def test_a_missing_model_says_so_at_once_whatever_the_network_does(silent_proxy: str, tmp_path: Path) -> None:
    proxies = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy", "ALL_PROXY"), silent_proxy)
    began = time.monotonic()
    said = run(_MISSING, HF_HOME=str(tmp_path), **proxies)
    assert time.monotonic() - began < 60
    seconds, message = said.stdout.strip().split("|")
    assert float(seconds) < 5
    assert "'all-MiniLM-L6-v2' is not on this machine" in message
    for place in (
        str(ROOT / "all-MiniLM-L6-v2"),
        str(tmp_path / "hub"),
        "sentence-transformers/all-MiniLM-L6-v2",
        "--embedding",
    ):
        assert place in message
