"""The reader: numpy's scores are torch's, and what it says does not depend on when a passage was read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from kb.embedding import Reader, Text
from tests.conftest import ROOT, environment

TURNIPS = Text(
    "The garden. Ann Lee:",
    (
        "The farmers of Kent grow turnips every winter.",
        "Nobody else came.",
        "Who grows cabbages?",
        "It rained all day.",
    ),
)
BRIDGES = Text("The river. Bob Ray:", ("The bridge over the river was closed on Monday.", "Cars wait for hours."))

# A reader with weights at random over a random BERT of a few thousand weights, and texts whose tokens are at random:
# torch's logits, numpy's of the same tokens, and numpy's of what is kept of them.
_BOTH = """
import sys
from pathlib import Path
import numpy as np, torch
from transformers import BertConfig, BertModel
from kb.embedding.kept import Kept, keep, kept, unit
from kb.embedding.reader import scores
from kb.embedding.transformer import Head, TokenVectors
from training.reader.model import NARROW, Reader, Sentences

torch.manual_seed(0)
size = dict(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
BertModel(BertConfig(vocab_size=40, **size), add_pooling_layer=False).save_pretrained(sys.argv[1])
reader = Reader(Path(sys.argv[1])).eval()
with torch.no_grad():
    for weights in (reader.weight, reader.answer, reader.narrow, reader.down_q, reader.down_s):
        weights.weight.normal_()
    reader.mix.copy_(torch.tensor([7.0, -5.0, 4.0, 3.0, -2.0]))
    passages = torch.randn(3, 20, 16)
    spans = [[(1, 5), (5, 6), (6, 15)], [(3, 19)], [(1, 2), (2, 9)]]
    question = torch.randn(1, 6, 16)
    expected = reader.logits(question, torch.ones(1, 6), Sentences.of(passages, spans))[0].numpy()
state = {name: value.detach().numpy() for name, value in reader.named_parameters()}
flat = ("weight", "answer")
head = Head(state["mix"], *(
    state[f"{name}.weight"].reshape(-1) if name in flat else state[f"{name}.weight"] for name in Head._fields[1:]
))
tokens = [TokenVectors(vectors.numpy(), tuple(some)) for vectors, some in zip(passages, spans)]
cut = [each.vectors[a:b] for each in tokens for a, b in each.spans]
exact = Kept(
    unit(np.concatenate(cut) @ head.narrow.T),
    np.array([len(some) for some in cut]),
    np.stack([some.mean(axis=0) for some in cut]),
    np.array([len(each.spans) for each in tokens]),
)
asked = question[0].numpy()
rounded = kept([keep(each, head) for each in tokens], head)
np.savez(sys.argv[2], torch=expected, exact=scores(head, asked, exact)[0], rounded=scores(head, asked, rounded)[0])
"""


@pytest.mark.slow
def test_numpy_gives_torchs_logits_and_what_is_kept_gives_them_within_the_rounding(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _BOTH, tmp_path / "bert", tmp_path / "logits.npz"],
        cwd=ROOT,
        env={**environment(tmp_path), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    found = np.load(tmp_path / "logits.npz")
    assert found["torch"].shape == (6,)
    assert np.ptp(found["torch"]) > 1
    assert np.allclose(found["exact"], found["torch"], atol=1e-3)
    assert np.allclose(found["rounded"], found["torch"], atol=0.25)
    assert np.abs(found["rounded"] - found["torch"]).max() > 0  # it is rounded


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def test_a_sentence_that_answers_is_above_the_others(reader: Reader) -> None:
    first, second = reader.read("What do the farmers of Kent grow every winter?", reader.keep([TURNIPS, BRIDGES]))
    assert (len(first.logits), len(second.logits)) == (4, 2)
    assert first.logits.argmax() == first.cosines.argmax() == 0
    assert first.logits[0] > second.logits.max()


def test_a_passage_is_read_the_same_in_any_company(reader: Reader) -> None:
    question = "When was the bridge closed?"
    (alone,) = reader.read(question, reader.keep([BRIDGES]))
    together = reader.read(question, reader.keep([TURNIPS, BRIDGES, Text("", ())]))
    # int8 activations are rounded by the largest of a whole batch.
    assert np.allclose(alone.logits, together[1].logits, atol=1.0)
    assert np.allclose(alone.cosines, together[1].cosines, atol=0.05)
    assert len(together[2].logits) == 0


def test_nothing_and_what_is_beyond_the_longest_passage_are_read_without_an_error(reader: Reader) -> None:
    assert reader.read("anything", []) == []
    endless = Text("x " * 5_000, (*(f"Sentence {n} says {'very ' * 60}little." for n in range(40)), "", "\ud800"))
    (found,) = reader.read("\ud800" * 9_999 + " what?", reader.keep([endless]))
    assert len(found.logits) == 42
    assert np.isfinite(found.logits).all()
    assert found.logits[39] < -10  # it was not read, and that is no answer
