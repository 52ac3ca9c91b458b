"""How well a model finds passages by their vectors alone: QMSum's meetings, and questions in other words.

    python -m training.embedding.measure [MODEL] --data FOLDER

For deciding what to train. ``python -m bench.retrieval`` measures the whole search.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.common import DATA, WHERE
from bench.retrieval.metrics import scored
from ingest.formats import parse_markdown
from kb.embedding.static import FOLDER, StaticEmbedder
from kb.types import Segment, Transcript

from .texts import Passage, passages_of, spoken_passages

__all__ = ["Asked", "ask_developers", "ask_meetings", "scores"]

_DEV = Path(__file__).parent / "dev.jsonl"
_MARK = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the passages of its episode, and which of them are right."""

    question: str
    passages: tuple[Passage, ...]
    right: NDArray[np.bool_]


def ask_developers(changelog: Path, file: Path = _DEV) -> Iterator[Asked]:
    """Yield our questions about episodes that were kept from training, each with one right passage."""
    paths = {path.stem: path for path in changelog.glob("*/*.md")}
    for line in file.read_text("utf-8").splitlines():
        asked = json.loads(line)
        path = paths[asked["episode"]]
        passages = tuple(passages_of(parse_markdown(path, path.read_bytes())))
        right = np.array([asked["quote"] in " ".join(passage) for passage in passages])
        yield Asked(asked["question"], passages, right)


def ask_meetings(folder: Path) -> Iterator[Asked]:
    """Yield QMSum's specific queries (Zhong et al. 2021); passages that touch the marked turns are right."""
    for file in sorted(folder.glob("*.json")):
        meeting = json.loads(file.read_text("utf-8"))
        turns = [_MARK.sub("", turn["content"]) for turn in meeting["meeting_transcripts"]]
        # Each turn's speaker is its number, so that every passage tells which turns it holds.
        segments = tuple(Segment(None, None, text, str(number)) for number, text in enumerate(turns))
        passages, speakers = zip(*spoken_passages(Transcript(segments)), strict=True)
        for query in meeting["specific_query_list"]:
            marked = {
                n for first, last in query["relevant_text_span"] for n in map(str, range(int(first), int(last) + 1))
            }
            right = np.array([not marked.isdisjoint(numbers) for numbers in speakers])
            if right.any():
                yield Asked(query["query"], passages, right)


def scores(embedder: StaticEmbedder, asked: Asked) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return each passage's cosine to the question, and the same plus that of its best sentence."""
    question = embedder.embed_questions([asked.question])[0]
    whole = embedder.embed_passages([" ".join(passage) for passage in asked.passages]) @ question
    best = [float((embedder.embed_passages(passage) @ question).max()) for passage in asked.passages]
    return whole, whole + np.array(best, dtype=np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.embedding.measure", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER, help="the model (default: the built-in one)")
    parser.add_argument("--data", type=Path, default=DATA, metavar="FOLDER", help=WHERE)
    given = parser.parse_args()
    embedder = StaticEmbedder(given.folder)
    print(f"{'':<40}   R@5  nDCG@10  S@1   S@5   MRR@10")
    for name, questions in (
        ("QMSum val, within a meeting", ask_meetings(given.data / "qmsum" / "val")),
        ("dev.jsonl, within the episode", ask_developers(given.data / "changelog")),
    ):
        found = [(asked.right, *scores(embedder, asked)) for asked in questions]
        for column, kind in ((1, "passage"), (2, "passage and best sentence")):
            judged = [
                scored(row[0][np.argsort(-row[column], kind="stable")].tolist(), int(row[0].sum())) for row in found
            ]
            means = np.mean([(s.recall_5, s.ndcg_10, s.success_1, s.success_5, s.mrr_10) for s in judged], axis=0)
            print(f"{name}, {kind:<24}", *(f"{mean:6.3f}" for mean in means))


if __name__ == "__main__":
    main()
