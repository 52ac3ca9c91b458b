"""The cost of reading transcripts in a child process: the same ones are ingested with and without it, in one run.

The transcripts are pieces of real ones, small, so that the child's share is at its largest.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from bench.common import MATERIAL


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--transcripts", type=int, default=200, help="how many")
    parser.add_argument("--rounds", type=int, default=3, help="how often each; medians are told")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = pieces(Path(folder), arguments.transcripts)
        taking_in(paths[:2])  # imports, and caches that a first run fills
        seconds: dict[str, list[float]] = {"in this process": [], "in a child": []}
        for _ in range(arguments.rounds):  # in turn, since a machine is not as fast at all times
            with nothing_apart():
                seconds["in this process"].append(taking_in(paths))
            seconds["in a child"].append(taking_in(paths))
    print(f"| {len(paths)} transcripts read | wall s | ratio |\n|---|---|---|")
    alone = median(seconds["in this process"])
    for name, times in seconds.items():
        print(f"| {name} | {median(times):.2f} | {median(times) / alone:.2f} |")


def pieces(folder: Path, count: int, size: int = 2_000) -> list[Path]:
    """Write ``count`` pieces of the tests' transcripts, each of ``size`` characters or more, and return their paths."""
    paths: list[Path] = []
    for file in sorted((MATERIAL / "changelog").glob("*/*.md")):
        part = ""
        for paragraph in file.read_text("utf-8").split("\n\n"):
            part += paragraph + "\n\n"
            if len(part) >= size:
                paths.append(folder / f"{file.stem}-{len(paths)}.md")
                paths[-1].write_text(part, "utf-8")
                part = ""
            if len(paths) == count:
                return paths
    raise SystemExit(f"{MATERIAL / 'changelog'} is enough for {len(paths)} pieces, not {count}; ask for fewer.")


def taking_in(paths: list[Path]) -> float:
    """Return the seconds in which a new knowledge base takes the transcripts in, embedded and indexed."""
    from ingest.queue.batch import ingest
    from kb.knowledge_base import KnowledgeBase

    with tempfile.TemporaryDirectory() as folder, KnowledgeBase(Path(folder) / "home") as kb:
        begin = time.perf_counter()
        results = ingest(kb, paths)
        seconds = time.perf_counter() - begin
    assert all(result.status == "added" for result in results), results
    return seconds


@contextmanager
def nothing_apart() -> Iterator[None]:
    """Let this process read transcripts itself, without a child process."""
    from ingest.files import strangers

    def directly(name: object, function: Callable[..., Any], *arguments: object, **_: float) -> Any:
        return function(*arguments)

    before, strangers.call = strangers.call, directly
    try:
        yield
    finally:
        strangers.call = before


if __name__ == "__main__":
    main()
