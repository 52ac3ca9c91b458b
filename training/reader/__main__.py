"""Train the reader, or go on with its training, and write the model that the project ships.

    python -m training.reader train --data DATA --from kb/models/verbatim-reader --out reader.pt
    python -m training.reader measure reader.pt --data DATA
    python -m training.reader export reader.pt --out kb/models/verbatim-reader

``DATA`` holds ``reading/`` and ``changelog/``. Without ``--from`` training begins from all-MiniLM-L6-v2 itself, which
``--base`` names (its ``model.safetensors`` is checked). ``measure`` reads the questions about talk that are kept apart.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

import torch

from .asked import is_kept_apart, read_asked, stretch_batches
from .batches import Settings, batches
from .checkpoint import check_base, load
from .material import Passage, read_passages, read_talk
from .measure import measured
from .model import Reader, Tokens
from .train import Schedule, train

SHIPPED = Path(__file__).parents[2] / "kb" / "models" / "verbatim-reader"
QUESTIONS = Path(__file__).parents[2] / "bench" / "questions"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training.reader", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    training = commands.add_parser("train")
    training.add_argument("--from", dest="begin", type=Path, help="a checkpoint, or a folder with an int8 model")
    training.add_argument("--minutes", type=float, default=60)
    training.add_argument("--rate", type=float, default=Schedule(0).rate)
    training.add_argument("--threads", type=int, default=1)
    training.add_argument("--seed", type=int, default=1)
    training.add_argument("--asked", type=float, default=0.5, help="the share of batches with questions about talk")
    writing = commands.add_parser("export")
    measuring = commands.add_parser("measure")
    for command in (writing, measuring):
        command.add_argument("checkpoint", type=Path, help="a checkpoint, or a folder with an int8 model")
    for command in (training, measuring):
        command.add_argument("--data", type=Path, required=True)
    for command in (training, writing):
        command.add_argument("--out", type=Path, required=True)
    for command in (training, writing, measuring):
        command.add_argument("--base", type=Path, help="all-MiniLM-L6-v2; not needed where a checkpoint goes on")
    given = parser.parse_args()
    if given.base:
        check_base(given.base)
    elif given.command == "train" and not given.begin:
        parser.error("Name what to begin from: --base FOLDER or --from CHECKPOINT.")
    reader = Reader(given.base)
    tokenizer = given.base or SHIPPED
    if given.command == "export":
        from .export import export

        load(reader, given.checkpoint)
        export(reader, tokenizer, given.out)
        return
    if given.command == "measure":
        load(reader, given.checkpoint)
        apart = [each for each in read_asked(given.data) if is_kept_apart(each.episode)]
        print(measured(reader, Tokens(tokenizer), apart))
        return
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    if given.begin:
        load(reader, given.begin, has_base=bool(given.base))
    passages = material(given.data, given.seed)
    print(f"{len(passages)} passages, {sum(len(p.questions) for p in passages)} questions", flush=True)
    rng = random.Random(given.seed)
    talk = [each for each in read_asked(given.data) if not is_kept_apart(each.episode)]
    stream = mixed(
        batches(passages, speakers(given.data), Settings(), rng), stretch_batches(talk, rng), given.asked, rng
    )
    seen = train(reader, Tokens(tokenizer), stream, Schedule(given.minutes, given.rate), given.out)
    print(f"{seen} questions seen, written to {given.out}")


def mixed(
    written: Iterator[list[Passage]], talk: Iterator[list[Passage]], share: float, rng: random.Random
) -> Iterator[list[Passage]]:
    """Yield batches of two streams; ``share`` of them of the second."""
    while True:
        yield next(talk if rng.random() < share else written)


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
