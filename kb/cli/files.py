"""Files of JSON lines that commands read, and the JSON lines or tables that they write."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, TypeVar

import typer

from ..errors import UsageError
from ..home import as_usual

__all__ = ["check_out", "read_json_lines", "write_results"]

T = TypeVar("T")

_MOST_LINES = 100_000
_LONGEST_LINE = 1_000_000


def read_json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each line's number and its JSON object, blank lines left out; ``UsageError`` names the first bad line."""
    try:
        # Split at "\n" only: a JSON string may hold other line separators.
        with path.open("r", encoding="utf-8-sig", newline="\n") as file:
            for number, line in enumerate(iter(lambda: file.readline(_LONGEST_LINE + 1), ""), start=1):
                if len(line) > _LONGEST_LINE or number > _MOST_LINES:
                    raise UsageError(
                        f"{path}, line {number}: a file may have {_MOST_LINES:,} lines of {_LONGEST_LINE:,} characters."
                    )
                if line.strip():
                    yield number, _object(path, number, line)
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror or error}). Check the name.") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: cannot be read as UTF-8; save it as UTF-8.") from error


def check_out(option: str, path: Path | None, source: Path) -> None:
    """Refuse an output file that is neither .jsonl nor .csv, or that is the input file."""
    if path is None:
        return
    if path.suffix.lower() not in (".jsonl", ".csv"):
        raise UsageError(f"{option} {path} has to end in .jsonl or .csv.")
    if path.exists() and source.exists() and path.samefile(source):
        raise UsageError(f"{option} {path} is the file that the questions are in; name another one.")


def write_results(
    out: Path | None,
    results: Iterable[T],
    line: Callable[[T], dict[str, Any]],
    columns: Sequence[str],
    rows: Callable[[T], Iterable[Sequence[Any]]],
) -> None:
    """Write one JSON line per result, or its rows into a table; to standard output without a path."""
    if out is None:
        _write_lines(typer.get_text_stream("stdout"), results, line)
        return
    is_new = not out.exists()
    try:
        with out.open("w", encoding="utf-8", newline="") as file:
            if is_new:
                as_usual(out)
            if out.suffix.lower() == ".csv":
                _write_table(file, results, columns, rows)
            else:
                _write_lines(file, results, line)
    except OSError as error:
        raise UsageError(f"{out}: cannot be written ({error.strerror}).") from error


def _object(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
        # A lone surrogate can be written in JSON and nowhere else.
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}, line {number}: not JSON, found {line.strip()[:80]!r}.") from error
    if not isinstance(found, dict):
        raise UsageError(f"{path}, line {number}: expected a JSON object, found {line.strip()[:80]!r}.")
    return found


def _write_lines(file: IO[str], results: Iterable[T], line: Callable[[T], dict[str, Any]]) -> None:
    for result in results:
        file.write(json.dumps(line(result), ensure_ascii=False) + "\n")
        file.flush()  # a long batch keeps its answers when it is stopped


def _write_table(
    file: IO[str], results: Iterable[T], columns: Sequence[str], rows: Callable[[T], Iterable[Sequence[Any]]]
) -> None:
    from ..exports.csv_file import harmless

    table = csv.writer(file)
    table.writerow(columns)
    for result in results:
        table.writerows([harmless(value) for value in row] for row in rows(result))
        file.flush()
