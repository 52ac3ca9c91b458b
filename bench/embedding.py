"""The built-in embeddings beside a transformer in torch: passages a second, time to load, size on disk.

The one in torch has all-MiniLM-L6-v2's shape (6 layers of 384, 12 heads, 30,522 tokens) and random weights: no
download, and the same arithmetic.
"""

from __future__ import annotations

import argparse
import functools
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from kb.embedding import Embedder, Text, load_embedder
from kb.embedding.shipped import shipped
from kb.text.sentences import split_sentences

from .common import MATERIAL, ROOT, WHERE, median_seconds

_SHAPE = {"hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.embedding", description=__doc__)
    parser.add_argument("--passages", type=int, default=500, help="how many passages are embedded")
    parser.add_argument("--data", type=Path, default=MATERIAL, metavar="FOLDER", help=f"other transcripts. {WHERE}")
    given = parser.parse_args()
    some = passages(given.passages, given.data)
    words = statistics.mean(len(text.split()) for text in some)
    with tempfile.TemporaryDirectory() as folder:
        make_transformer(Path(folder), some)
        print(
            f"{len(some)} passages of {words:.0f} words on average, {os.environ.get('OMP_NUM_THREADS', 'all')} threads"
        )
        print("| model | passages/s | first question after | on disk |\n|---|---|---|---|")
        models = [(own.name, own.name, own.folder) for own in shipped()]
        for name, model, where in (*models, ("MiniLM-shaped, in torch", folder, Path(folder))):
            texts = [Text("", tuple(text[a:b] for a, b in split_sentences(text, 0, len(text)))) for text in some]
            speed = len(some) / median_seconds(lambda model=model, texts=texts: embedder(model).embed(texts), 3)
            print(f"| {name} | {speed:,.0f} | {first(model):.2f} s | {size(where):.1f} MB |", flush=True)


def passages(count: int, data: Path) -> list[str]:
    """Return the first passages of real podcast transcripts, repeated if there are too few."""
    from kb.knowledge_base import KnowledgeBase  # only here: it is not measured

    from .common import filled, transcripts

    with tempfile.TemporaryDirectory() as home:
        kb: KnowledgeBase = filled(Path(home), min(count // 60, len(transcripts(data))), data)
        with kb:
            found = [text for _, text in kb.catalogue.passages.read(range(1, count + 1)).values()]
    return (found * (count // len(found) + 1))[:count]


def make_transformer(folder: Path, some: list[str]) -> None:
    """Write a random BERT of MiniLM's shape into ``folder``, with a vocabulary of the passages' own pieces."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as parts:
        words = BertWordPieceTokenizer()
        words.train_from_iterator(some, vocab_size=30_522, show_progress=False)
        BertTokenizerFast(tokenizer_object=words).save_pretrained(parts)
        BertModel(BertConfig(vocab_size=30_522, max_position_embeddings=512, **_SHAPE)).save_pretrained(parts)
        modules = [Transformer(parts, max_seq_length=256), Pooling(_SHAPE["hidden_size"])]
        SentenceTransformer(modules=modules, device="cpu").save(str(folder))


def first(model: str) -> float:
    """Return the seconds that a new process needs to load the model and embed one question."""
    program = (
        "import sys, time\nbegan = time.perf_counter()\nfrom kb.embedding import load_embedder\n"
        "embedder = load_embedder(sys.argv[1])\n"
        "embedder.embed_questions(['Who is a lawyer?'])\nprint(time.perf_counter() - began)"
    )
    took = [
        float(subprocess.run([sys.executable, "-c", program, model], cwd=ROOT, capture_output=True, check=True).stdout)
        for _ in range(3)
    ]
    return statistics.median(took)


@functools.cache
def embedder(model: str) -> Embedder:
    return load_embedder(model)


def size(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


if __name__ == "__main__":
    main()
