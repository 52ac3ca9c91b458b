"""Markdown tables, and writing them into their place in a page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .metrics import Interval

__all__ = ["Table", "cell", "replace_tables"]

_BLOCK = re.compile(r"(<!-- table (?P<name>[\w-]+) -->\n).*?(<!-- end -->)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a name to find its place by, and the sentence above it."""

    name: str
    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __str__(self) -> str:
        lines = [self.head, ["---"] * len(self.head), *self.rows]
        return f"{self.caption}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def cell(interval: Interval) -> str:
    """Return a mean with half the width of its interval: ``0.43 ±.03``."""
    half = f"{(interval.high - interval.low) / 2:.2f}".removeprefix("0")
    return f"{interval.mean:.3f} ±{half}"


def replace_tables(page: Path, tables: Iterable[Table]) -> None:
    """Put each table between its marks in ``page``; a table without a place there is an error, other text stays."""
    new = {table.name: str(table) for table in tables}
    text = page.read_text("utf-8")
    places = {block["name"] for block in _BLOCK.finditer(text)}
    if missing := sorted(set(new) - places):
        raise SystemExit(f"{page} has no place for {missing[0]}: write <!-- table {missing[0]} --> and <!-- end -->.")
    text = _BLOCK.sub(
        lambda block: f"{block[1]}{new[block['name']]}{block[3]}" if block["name"] in new else block[0], text
    )
    page.write_text(text, "utf-8")
