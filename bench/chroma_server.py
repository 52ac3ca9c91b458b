"""The same questions over the embedded index and over a Chroma server, in one run: are the answers the same, how long.

The server is started from the installed package, on this machine; two front ends ask it in turn. Chroma's graph is
built with random numbers, and its results near the hundredth place differ from one graph to another, so the embedded
index is also rebuilt and compared with itself.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.common import MATERIAL, ROOT, WHERE, filled
from kb.knowledge_base import KnowledgeBase
from kb.types import Answer

_CHROMA = "import sys; sys.argv[0] = 'chroma'; from chromadb.cli.cli import app; app()"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.chroma_server", description=__doc__)
    parser.add_argument("--episodes", type=int, default=15, metavar="N", help="episodes beside the example")
    parser.add_argument("--questions", type=int, default=200, metavar="N", help="how many to ask")
    parser.add_argument("--data", type=Path, default=MATERIAL, metavar="FOLDER", help=f"more than 15 episodes. {WHERE}")
    given = parser.parse_args()
    questions = some_questions(given.questions)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        with filled(home, given.episodes, given.data) as kb:
            episodes, passages = kb.catalogue.passages.count()
            kb.sync()
            print(f"{episodes} episodes, {passages:,} passages, {len(questions)} questions")
            expected, times = _asked(kb, questions)
            _tell("embedded", expected, expected, times)
            kb.semantic.rebuild()
            _tell("embedded, anew", expected, *_asked(kb, questions))
        shutil.rmtree(home / "index")  # so that it is not asked by mistake
        with _server(Path(folder)) as url:
            os.environ["KB_CHROMA_URL"] = url
            with KnowledgeBase(home) as one, KnowledgeBase(home) as two:
                begin = time.perf_counter()
                one.sync()
                print(f"the server's collection was made in {time.perf_counter() - begin:.1f} s")
                two.sync()
                for name, kb in (("first front end", one), ("second front end", two)):
                    found, times = _asked(kb, questions)
                    if not kb.semantic.owned:
                        raise SystemExit("The server stopped during the run; nothing was measured.")
                    _tell(name, expected, found, times)


def some_questions(most: int) -> list[str]:
    """Return questions of all our sets, answerable and not, a share of each."""
    sets = []
    for path in sorted((ROOT / "bench" / "questions").glob("*.jsonl")):
        lines = path.read_text("utf-8").splitlines()
        sets.append([json.loads(line)["question"] for line in lines if line.strip()])
    mixed = [some[number] for number in range(max(map(len, sets))) for some in sets if number < len(some)]
    return list(dict.fromkeys(mixed))[:most]


def _asked(kb: KnowledgeBase, questions: Sequence[str]) -> tuple[list[Answer], list[float]]:
    found, times = [], []
    kb.ask(questions[0])
    for question in questions:
        begin = time.perf_counter()
        found.append(kb.ask(question))
        times.append((time.perf_counter() - begin) * 1000)
    return found, times


def _tell(name: str, expected: Sequence[Answer], found: Sequence[Answer], times: Sequence[float]) -> None:
    pairs = list(zip(map(_said, expected), map(_said, found), strict=True))
    same = sum(one == other for one, other in pairs)
    first = sum((one[0], one[1][:1]) == (other[0], other[1][:1]) for one, other in pairs)
    p95 = statistics.quantiles(times, n=20)[-1]
    median = statistics.median(times)
    print(
        f"{name:<16} all quotes the same {same}/{len(found)}, verdict and first quote {first}/{len(found)}; "
        f"median {median:.0f} ms, p95 {p95:.0f} ms",
        flush=True,
    )


def _said(answer: Answer) -> tuple[bool, tuple[str, ...]]:
    """Return the verdict, and what is quoted or shown as nearest."""
    return answer.answered, tuple(quote.id for quote in (*answer.quotes, *answer.nearest))


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    arguments = ["run", "--path", str(folder / "vectors"), "--host", "127.0.0.1", "--port", str(port)]
    with (folder / "chroma.log").open("w") as log:
        server = subprocess.Popen([sys.executable, "-c", _CHROMA, *arguments], cwd=folder, stdout=log, stderr=log)
    try:
        for _ in range(300):
            if "listening on address" in (folder / "chroma.log").read_text("utf-8"):
                break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
