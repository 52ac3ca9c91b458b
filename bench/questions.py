"""The time of a question after warm-up, and of its full-text query alone; on growing bases of real transcripts."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from bench.common import MATERIAL, WHERE, filled, median_seconds
from kb.knowledge_base import KnowledgeBase

QUESTIONS = [
    "Who described the collaboration as a dragnet?",
    "What recipe is best for sourdough bread?",
    "How did GitLab start?",
    "What did people say about remote work?",
    "Why is testing software hard?",
    "When was the first version released?",
]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.questions", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[0, 15], help="episodes beside the example")
    parser.add_argument("--data", type=Path, default=MATERIAL, metavar="FOLDER", help=f"more than 15 episodes. {WHERE}")
    parser.add_argument(
        "--embedding", help="a model's folder or its name in the hub cache; the built-in one if not given"
    )
    given = parser.parse_args()
    for size in given.sizes:
        with tempfile.TemporaryDirectory() as home:
            begin = time.perf_counter()
            with filled(Path(home), size, given.data, given.embedding) as kb:
                took = time.perf_counter() - begin
                episodes, passages = kb.catalogue.passages.count()
                asked = [median_seconds(lambda q=q: _anew(kb, q), 5) for q in QUESTIONS]
                bare = statistics.median(
                    median_seconds(lambda q=q: kb.catalogue.passages.match(_any_word(q), 60), 5) for q in QUESTIONS
                )
                print(
                    f"{episodes:>5} episodes {passages:>7} passages: taken in at {passages / took:6.0f} passages/s; "
                    f"warm question median {statistics.median(asked) * 1000:5.1f} ms, "
                    f"worst {max(asked) * 1000:5.1f} ms "
                    f"({statistics.median(asked) / bare:4.1f} x the bare full-text query)"
                )


def _anew(kb: KnowledgeBase, question: str) -> None:
    kb._find.cache_clear()
    kb.ask(question)


def _any_word(question: str) -> str:
    return " OR ".join(f'"{word}"' for word in question.strip("?").split())


if __name__ == "__main__":
    main()
