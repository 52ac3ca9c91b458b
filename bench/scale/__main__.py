"""Libraries of growing size: questions, filters, many users, memory, disk, opening, ingestion; also engines alone.

Episodes are made of passages of real transcripts, shuffled with a seed. Their vectors are computed once and kept in a
file, and the seconds of ingestion do not include that work. Everything of one size is measured in one run, each part in
a process of its own.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path

from bench.chroma_server import some_questions
from bench.common import DATA, MATERIAL, ROOT, WHERE, transcripts
from bench.scale.engines import ask_engines, size_of
from bench.scale.made import passages_of, write_episodes
from bench.scale.phases import apart, ask, take_in
from bench.scale.report import Size, draw, table


def main() -> None:
    given = _arguments()
    paths = transcripts(given.data) or transcripts(MATERIAL)
    passages = passages_of(paths, given.passages, given.seed)
    questions = some_questions(given.questions)
    given.cache.mkdir(parents=True, exist_ok=True)
    print(f"made of {len(passages):,} passages of {len(paths):,} transcripts; {len(questions)} questions", flush=True)
    sizes = []
    with tempfile.TemporaryDirectory(dir=given.place) as folder:
        for episodes in (int(size) for size in given.episodes.split(",")):
            sizes.append(_measure(Path(folder), episodes, passages, questions, given))
            if given.out:
                given.out.write_text(json.dumps([asdict(size) for size in sizes], indent=1), "utf-8")
            print(f"\n{table(sizes)}\n", flush=True)
    if given.plot:
        draw(sizes, given.plot)


def _measure(folder: Path, episodes: int, passages: list, questions: list[str], given: argparse.Namespace) -> Size:
    home, sources, vectors = folder / "home", folder / "sources", given.cache / "scale.sqlite3"
    sources.mkdir()
    files = write_episodes(sources, passages, 0, episodes + 1, given.seed)
    taken_in = apart(take_in, home, files[:-1], vectors)
    apart(take_in, folder / "warm", files[-1:], vectors)  # computes what the last one needs
    asked = apart(ask, home, questions, episodes)
    alone = apart(ask_engines, home, folder / "chroma", questions, episodes)
    parts = {
        "catalogue": size_of(home) - size_of(home / "index"),
        "index": size_of(home / "index"),
        "Chroma alone, with texts": alone.disk,
    }
    one_more = apart(take_in, home, files[-1:], vectors)
    for used in (home, sources, folder / "warm"):
        shutil.rmtree(used)
    return Size(episodes, taken_in, one_more, asked, alone, parts)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.scale", description=__doc__)
    parser.add_argument("--episodes", default="100,1000", metavar="N", help="sizes, e.g. 100,1000,10000")
    parser.add_argument("--data", type=Path, default=DATA, metavar="FOLDER", help=f"else the tests' fifteen. {WHERE}")
    parser.add_argument("--passages", type=int, default=20_000, metavar="N", help="how many different ones to shuffle")
    parser.add_argument("--questions", type=int, default=100, metavar="N", help="how many to ask")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the shuffling")
    parser.add_argument("--cache", type=Path, default=ROOT / "bench" / "results", metavar="FOLDER", help="for vectors")
    parser.add_argument("--place", type=Path, metavar="FOLDER", help="where the libraries are made, if not in /tmp")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write every figure as JSON")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the figures as SVG (needs matplotlib)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
