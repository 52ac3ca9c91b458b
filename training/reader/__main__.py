"""Train the reader, or go on with its training, and write the model that the project ships.

    python -m training.reader train --data DATA --base FOLDER --from kb/models/verbatim-reader --out reader.pt
    python -m training.reader export reader.pt --base FOLDER --out kb/models/verbatim-reader

``FOLDER`` holds all-MiniLM-L6-v2 (its ``model.safetensors`` is checked), ``--data`` the folder with ``reading/`` and
``changelog/``. Without ``--from`` the training begins from all-MiniLM-L6-v2 itself.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
from pathlib import Path

import torch

from .batches import Settings, batches
from .checkpoint import check_base, load
from .material import Passage, read_passages, read_talk
from .model import Reader, Tokens
from .train import Schedule, train

QUESTIONS = Path(__file__).parents[2] / "bench" / "questions"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.reader", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    training = commands.add_parser("train")
    training.add_argument("--data", type=Path, required=True)
    training.add_argument("--from", dest="begin", type=Path, help="a checkpoint, or a folder with an int8 model")
    training.add_argument("--minutes", type=float, default=60)
    training.add_argument("--rate", type=float, default=Schedule(0).rate)
    training.add_argument("--threads", type=int, default=1)
    training.add_argument("--seed", type=int, default=1)
    writing = commands.add_parser("export")
    writing.add_argument("checkpoint", type=Path)
    for command in (training, writing):
        command.add_argument("--base", type=Path, required=True)
        command.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    check_base(given.base)
    reader = Reader(given.base)
    if given.command == "export":
        from .export import export

        load(reader, given.checkpoint)
        export(reader, given.base, given.out)
        return
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    if given.begin:
        load(reader, given.begin)
    passages = material(given.data, given.seed)
    print(f"{len(passages)} passages, {sum(len(p.questions) for p in passages)} questions", flush=True)
    stream = batches(passages, speakers(given.data), Settings(), random.Random(given.seed))
    seen = train(reader, Tokens(given.base), stream, Schedule(given.minutes, given.rate), given.out)
    print(f"{seen} questions seen, written to {given.out}")


def material(data: Path, seed: int) -> list[Passage]:
    """Return everything that is trained on; no episode that a question of the benchmark asks about."""
    with gzip.open(data / "reading" / "changelog_turns.jsonl.gz", "rt", encoding="utf-8") as lines:
        episodes = {json.loads(line)["doc"].removeprefix("turns:") for line in lines}
    for file in QUESTIONS.glob("*.jsonl"):
        episodes -= {json.loads(line).get("episode", "") for line in file.read_text("utf-8").splitlines()}
    return read_passages(data / "reading", seed) + list(read_talk(data / "changelog", episodes))


def speakers(data: Path) -> list[str]:
    """Return people's names as transcripts write them, to stand before a passage's words."""
    found: set[str] = set()
    for path in sorted((data / "changelog").glob("*/*.md"))[::9]:
        found.update(re.findall(r"^\*\*([A-Z][\w.' -]+ [A-Z][\w.'-]+):\*\*", path.read_text("utf-8"), re.M))
    return sorted(found)


if __name__ == "__main__":
    main()
