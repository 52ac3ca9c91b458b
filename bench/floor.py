"""A simple baseline with sentence-transformers, on our questions, to compare ``bench.confidence`` with.

    python -m bench.floor --data DATA --minilm FOLDER --prototype FOLDER

``FOLDER`` of ``--minilm`` holds all-MiniLM-L6-v2: passages are ordered by its cosine alone. ``--prototype`` holds the
first reader of ``training/reader`` (``reader.onnx``, ``head.npz`` over all 384 dimensions, ``tokenizer.json``), whose
logit alone then orders the sentences of the best passages. Nothing is refused. Scores are kept in ``--cache``.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

from kb.addresses import slug
from kb.embedding import DEFAULT_MODEL, Reader, Reading, load_embedder
from kb.knowledge_base import KnowledgeBase
from kb.retrieval.passages import Passage, heading_of, read_passages, text_of
from kb.types import Filters

from .common import MATERIAL
from .retrieval.data import Question, Unanswerable, files_asked_about, own_questions, pool, unanswerable
from .retrieval.homes import add_transcripts, home
from .retrieval.metrics import auroc

#: Passages that are read for a question.
_READ = 10
_BATCH = 256


@dataclass(frozen=True)
class Found:
    """The first five sentences for a question: whether each is right, and the first one's logit."""

    set: str
    split: str
    within: bool
    answerable: bool
    right: tuple[bool, ...]
    logit: float


class Prototype:
    """The prototype reader, run by the program's own code; of a token it keeps all dimensions, not 64."""

    def __init__(self, folder: Path) -> None:
        with tempfile.TemporaryDirectory() as whole:
            for name in ("reader.onnx", "tokenizer.json"):
                shutil.copy(folder / name, whole)
            head = dict(np.load(folder / "head.npz"))
            np.savez(Path(whole) / "head.npz", narrow=np.eye(len(head["weight"]), dtype=np.float32), **head)
            self._reader = Reader(Path(whole))
        self._kept: dict[int, bytes] = {}

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """Return the scores of the sentences for ``question``; each passage is encoded once."""
        for passage in passages:
            if passage.row not in self._kept:
                self._kept[passage.row] = self._reader.keep([text_of(passage)])[0]
        return self._reader.read(question, [self._kept[passage.row] for passage in passages])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.floor", description=__doc__)
    parser.add_argument("--data", type=Path, default=MATERIAL / "data")
    parser.add_argument("--minilm", required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--prototype", type=Path, required=True)
    parser.add_argument("--pool", type=int, help="over so many episodes, instead of those that questions are about")
    parser.add_argument("--cache", type=Path, default=user_cache_path("verbatim-kb") / "bench")
    given = parser.parse_args()
    files = pool(given.data, given.pool) if given.pool else files_asked_about(given.data)
    with home(
        given.cache, "asked" if not given.pool else f"pool{given.pool}", files, add_transcripts, DEFAULT_MODEL
    ) as kb:
        print(table(list(found(kb, files, given.minilm, Prototype(given.prototype), given.cache))))


def found(kb: KnowledgeBase, files: Sequence[Path], minilm: str, reader: Prototype, cache: Path) -> Iterator[Found]:
    """Yield what the baseline finds for each question, within its episode and over all."""
    rows = [
        row
        for e in kb.catalogue.episodes.all()
        for row in kb.catalogue.passages.select(Filters(episodes=(e.id,))).tolist()
    ]
    passages = read_passages(kb.catalogue, rows)
    rows = sorted(passages)
    embedder = load_embedder(minilm)
    kept = cache / f"minilm-{len(rows)}.npy"
    if not kept.is_file():
        texts = [text_of(passages[row], heading_of(passages[row])) for row in rows]
        parts = [embedder.embed(texts[i : i + _BATCH]).passages for i in range(0, len(texts), _BATCH)]
        np.save(kept, np.concatenate(parts).astype(np.float32))
    vectors = np.load(kept)
    ids = {f"{file.parent.name}/{file.name}": slug(file.stem) for file in files}
    episodes = np.array([passages[row].hit.chunk.episode_id for row in rows])
    for question in (*own_questions(kb, files), *unanswerable()):
        episode = question.episode if isinstance(question, Question) else ids.get(question.episode, "")
        near = vectors @ embedder.embed_questions([question.text])[0]
        for within in (True, False):
            if episode or not within:
                of = np.flatnonzero(episodes == episode) if within else np.arange(len(rows))
                best = of[np.argsort(-near[of])[:_READ]]
                yield _judged(question, within, [passages[rows[i]] for i in best], reader)


def _judged(question: Question | Unanswerable, within: bool, passages: Sequence[Passage], reader: Prototype) -> Found:
    scored: dict[tuple[str, int, int], float] = {}
    for passage, reading in zip(passages, reader.read(question.text, passages), strict=True):
        for sentence, logit in zip(passage.sentences, reading.logits, strict=True):
            place = passage.hit.chunk.episode_id, sentence.char_start, sentence.char_end  # passages overlap
            scored[place] = max(scored.get(place, -99.0), float(logit))
    best = sorted(scored, key=lambda place: -scored[place])[:5]
    gold = question.gold if isinstance(question, Question) else ()
    right = tuple(any(e == g.episode and a < g.end and g.start < b for g in gold) for e, a, b in best)
    return Found(question.set, question.split, within, isinstance(question, Question), right, scored[best[0]])


def table(results: Sequence[Found]) -> str:
    """Return one line for each set, scope and half."""
    lines = [
        "| questions | searched | half | n | first sentence right | in five | AUROC |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for cell in sorted({(not r.within, r.set, r.split) for r in results}):
        some = [result for result in results if (not result.within, result.set, result.split) == cell]
        ours, theirs = ([result for result in some if result.answerable is kind] for kind in (True, False))
        told = auroc([r.logit for r in ours], [r.logit for r in theirs]) if theirs else float("nan")
        first = sum(any(r.right[:1]) for r in ours) / len(ours)
        five = sum(any(r.right) for r in ours) / len(ours)
        scope = "pooled" if cell[0] else "within"
        lines.append(
            f"| {cell[1]} | {scope} | {cell[2]} | {len(ours)} + {len(theirs)} | {first:.2f} | {five:.2f} | {told:.2f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
