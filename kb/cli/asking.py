"""``kb ask`` and ``kb search``."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from ..errors import UsageError
from .app import app, opened
from .options import AsJson, Shows, Since, Speakers, Until, filters

if TYPE_CHECKING:
    from ..types import Answer

_COLUMNS = "question answered quote speaker show title published start end score link id".split()


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="The question, in quotation marks.")] = None,
    k: Annotated[int, typer.Option("--k", help="At most this many quotes.")] = 5,
    show: Shows = None,
    speaker: Speakers = None,
    since: Since = None,
    until: Until = None,
    as_json: AsJson = False,
    batch: Annotated[Path | None, typer.Option(help='A file with one {"question": ...} a line.')] = None,
    out: Annotated[Path | None, typer.Option(help="Where --batch writes its answers: .jsonl or .csv.")] = None,
) -> None:
    """Answer a question with verbatim quotes, or say that the corpus does not."""
    from ..jsonable import answer_json
    from .printing import print_answer, print_json

    chosen = filters(show, speaker, since, until)
    if (question is None) == (batch is None):
        raise UsageError("Give either a question or --batch FILE.")
    if out and not batch:
        raise UsageError("--out goes with --batch.")
    questions = None if batch is None else list(_questions(batch))
    with opened() as kb:
        if questions is None:
            answer = kb.ask(question or "", k, chosen)
            print_json(answer_json(answer)) if as_json else print_answer(answer)
        else:
            _write((kb.ask(each, k, chosen) for each in questions), out)


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    k: Annotated[int, typer.Option("--k", help="At most this many passages.")] = 10,
    show: Shows = None,
    speaker: Speakers = None,
    since: Since = None,
    until: Until = None,
    as_json: AsJson = False,
) -> None:
    """List the passages that fit a query best."""
    from ..jsonable import hit_json
    from .printing import print_hit, print_json

    with opened() as kb:
        hits = kb.search(query, k, filters(show, speaker, since, until))
        if as_json:
            print_json([hit_json(hit) for hit in hits])
            return
        for hit in hits:
            print_hit(hit)
        if not hits:
            typer.echo("No passage fits.")


def _questions(path: Path) -> Iterator[str]:
    """Yield the questions of a JSON-lines file; ``UsageError`` names the first line that is none."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as UTF-8 text ({error}).") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            question = json.loads(line)["question"]
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(f'{path}, line {number}: expected {{"question": "..."}}, found {line[:80]!r}.') from error
        if not isinstance(question, str) or not question.strip():
            raise UsageError(f"{path}, line {number}: the question is empty or no text.")
        yield question


def _write(answers: Iterator[Answer], out: Path | None) -> None:
    """Write one answer a line, in order; to standard output without ``--out``."""
    if out is None:
        _write_jsonl(answers, typer.get_text_stream("stdout"))
        return
    if out.suffix.lower() not in (".jsonl", ".csv"):
        raise UsageError(f"--out {out} has to end in .jsonl or .csv.")
    try:
        with out.open("w", encoding="utf-8", newline="") as file:
            _write_csv(answers, file) if out.suffix.lower() == ".csv" else _write_jsonl(answers, file)
    except OSError as error:
        raise UsageError(f"{out}: cannot be written ({error.strerror}).") from error


def _write_jsonl(answers: Iterator[Answer], file: IO[str]) -> None:
    from ..jsonable import answer_json

    for answer in answers:
        file.write(json.dumps(answer_json(answer), ensure_ascii=False) + "\n")


def _write_csv(answers: Iterator[Answer], file: IO[str]) -> None:
    """Write one row a quote, and one row for a question without any."""
    table = csv.writer(file)
    table.writerow(_COLUMNS)
    for answer in answers:
        table.writerows([_cell(value) for value in row] for row in _rows(answer))


def _rows(answer: Answer) -> Iterator[list[Any]]:
    for quote in answer.quotes:
        episode = quote.episode
        yield [
            answer.question,
            answer.answered,
            quote.text,
            quote.speaker,
            episode.show,
            episode.title,
            episode.published,
            quote.start,
            quote.end,
            quote.score,
            quote.link,
            quote.id,
        ]
    if not answer.quotes:
        yield [answer.question, answer.answered]


def _cell(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula (CWE-1236)."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
