"""Measure rankings, quotes and abstentions on real questions and print the tables of docs/retrieval.md."""

from __future__ import annotations

import argparse
from pathlib import Path

from platformdirs import user_cache_path

from kb.embedding import DEFAULT_MODEL
from kb.errors import VerbatimError

from ..common import DATA, WHERE
from .report import Table, replace_tables
from .tables import POOL, Options, about_meetings, about_our_questions

PARTS = ("val", "train", "questions")


def main() -> None:
    try:
        run()
    except VerbatimError as error:  # a model that is not here, a damaged folder
        raise SystemExit(str(error)) from error


def run() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.retrieval", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(PARTS)}; all unless named")
    parser.add_argument("--data", type=Path, default=DATA, metavar="FOLDER", help=WHERE)
    parser.add_argument("--embedding", nargs="+", default=[DEFAULT_MODEL], help="embedding models, one after another")
    parser.add_argument("--pool", type=int, default=POOL, help="over how many episodes our own questions are asked")
    parser.add_argument("--split", choices=["dev", "test"], help="only these of our own questions")
    parser.add_argument(
        "--cache",
        type=Path,
        default=user_cache_path("verbatim-kb") / "bench",
        help="where filled data folders are kept",
    )
    parser.add_argument("--quick", action="store_true", help="few meetings and episodes, to see that it runs")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="also replace the tables in this page")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"there is no part {min(unknown)!r}; choose from {', '.join(PARTS)}")
    options = Options(given.data, tuple(given.embedding), given.pool, given.split, given.cache, given.quick)
    tables: list[Table] = []
    for part in given.parts or PARTS:
        for table in about_our_questions(options) if part == "questions" else about_meetings(part, options):
            print(table, flush=True)
            tables.append(table)
    if given.write:
        replace_tables(given.write, tables)


if __name__ == "__main__":
    main()
