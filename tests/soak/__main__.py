"""``make soak``: try every fault many times, and tell what was tried, survived and lost.

    python -m tests.soak [FAULT ...] [--times N] [--seed N] [--out FILE]

Ends with 1 if anything was lost. The table is printed, and written to build/soak.md.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from ..conftest import ROOT
from .faults import FAULTS
from .trial import Outcome, Place

__all__ = ["main", "soak", "table"]


def soak(names: list[str], times: int | None, seed: int) -> list[Outcome]:
    """Try these faults, each in a folder of its own, and say how each goes."""
    outcomes = []
    for name in names:
        fault, usual = FAULTS[name]
        begin = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            outcome = fault(Place(Path(folder), random.Random(f"{seed} {name}")), times or usual)
        outcomes.append(outcome)
        print(f"{outcome.fault}: {time.monotonic() - begin:.0f} s", file=sys.stderr, flush=True)
        for lost in outcome.lost:
            print(f"  LOST  {lost}", file=sys.stderr, flush=True)
    return outcomes


def table(outcomes: list[Outcome]) -> str:
    """Return the closing table in Markdown."""
    rows = [
        f"| {each.fault} | {each.tried} | {each.survived} | {len(each.lost)} | {each.remark} |" for each in outcomes
    ]
    return "\n".join(["| fault | tried | survived | lost | |", "|---|---|---|---|---|", *rows])


def main() -> None:
    """Try what is named, or everything."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("faults", nargs="*", choices=[[], *FAULTS], metavar="FAULT", help=f"of {', '.join(FAULTS)}")
    parser.add_argument("--times", type=int, metavar="N", help="how often each is tried, if not as usual")
    parser.add_argument("--seed", type=int, default=int(time.time()), metavar="N", help="to try the same again")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "soak.md", metavar="FILE", help="for the table")
    given = parser.parse_args()
    print(f"seed {given.seed}", file=sys.stderr, flush=True)
    outcomes = soak(given.faults or list(FAULTS), given.times, given.seed)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(table(outcomes) + "\n", "utf-8")
    print(table(outcomes))
    raise SystemExit(any(outcome.lost for outcome in outcomes))


if __name__ == "__main__":
    main()
