"""``kb ask`` and ``kb search``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import UsageError
from ..inputs import checked_filters
from .app import app, opened
from .bars import Bars
from .files import check_out, read_json_lines, write_results
from .options import AsJson, Collections, Shows, Since, Speakers, Until, WithAds
from .summarising import Llm, LlmModel, LlmSeconds, Summariser, print_summary, summary_json, summary_text

if TYPE_CHECKING:
    from ..knowledge_base import KnowledgeBase
    from ..types import Answer, Filters
    from .summarising import Summary

_COLUMNS = (
    "question answered verdict quote speaker show title published start end score link id earliest latest cautions"
).split()

AnswerWithSummary = tuple["Answer", "Summary | None"]


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="The question, in quotation marks.")] = None,
    k: Annotated[int, typer.Option("--k", help="At most this many quotes.")] = 5,
    show: Shows = None,
    speaker: Speakers = None,
    since: Since = None,
    until: Until = None,
    collection: Collections = None,
    with_ads: WithAds = False,
    as_json: AsJson = False,
    batch: Annotated[Path | None, typer.Option(help='A file with one {"question": ...} per line.')] = None,
    out: Annotated[Path | None, typer.Option(help="Where --batch writes its answers: .jsonl or .csv.")] = None,
    llm: Llm = None,
    llm_model: LlmModel = None,
    llm_seconds: LlmSeconds = 60.0,
) -> None:
    """Answer a question with verbatim quotes, or say that nothing in your library does."""
    chosen = checked_filters(show, speaker, since, until, collection, with_ads)
    if (question is None) == (batch is None):
        raise UsageError("Give either a question or --batch FILE.")
    if out and not batch:
        raise UsageError("--out goes with --batch.")
    summarise = Summariser.of(llm, llm_model, llm_seconds)
    if batch:
        _ask_all(batch, out, k, chosen, summarise)
    else:
        with opened() as kb:
            answer = kb.ask(question or "", k, chosen)
        _print((answer, summarise(answer) if summarise else None), as_json)
    if summarise and summarise.failed:
        raise typer.Exit(1)


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    k: Annotated[int, typer.Option("--k", help="At most this many passages.")] = 10,
    show: Shows = None,
    speaker: Speakers = None,
    since: Since = None,
    until: Until = None,
    collection: Collections = None,
    as_json: AsJson = False,
) -> None:
    """List the passages that fit a query best."""
    from ..wire import hit_json
    from .printing import print_hit, print_json

    chosen = checked_filters(show, speaker, since, until, collection)
    with opened() as kb:
        hits = kb.search(query, k, chosen)
        if as_json:
            print_json([hit_json(hit) for hit in hits])
            return
        for hit in hits:
            print_hit(hit)
        if not hits:
            typer.echo(kb.why_nothing(chosen) or "No passage fits.")


def _print(answered: AnswerWithSummary, as_json: bool) -> None:
    from .printing import print_answer, print_json

    if as_json:
        print_json(_line(answered))
        return
    answer, summary = answered
    if summary:
        print_summary(summary)
    print_answer(answer, numbered=summary is not None and summary.synthesis is not None)


def _ask_all(batch: Path, out: Path | None, k: int, chosen: Filters, summarise: Summariser | None) -> None:
    """Answer a file of questions, in order; ``UsageError`` names its first bad line before any is asked."""
    check_out("--out", out, batch)
    questions = list(_questions(batch))
    bars = Bars()
    columns = [*_COLUMNS, "synthesis"] if summarise else _COLUMNS
    with opened(bars) as kb:
        write_results(out, _answers(kb, questions, k, chosen, summarise, bars), _line, columns, _rows)


def _questions(path: Path) -> Iterator[str]:
    for number, line in read_json_lines(path):
        question = line.get("question")
        if not isinstance(question, str) or not question.strip():
            raise UsageError(
                f'{path}, line {number}: expected {{"question": "..."}} with a question that is not empty.'
            )
        yield question


def _answers(
    kb: KnowledgeBase, questions: list[str], k: int, chosen: Filters, summarise: Summariser | None, bars: Bars
) -> Iterator[AnswerWithSummary]:
    for number, question in enumerate(questions, 1):
        answer = kb.ask(question, k, chosen)
        summary = summarise(answer) if summarise else None
        if summary and summary.problem:
            typer.echo(f"kb: Question {number}: {summary.problem}", err=True)
        bars.step("Answering questions", number, len(questions), f"{number} of {len(questions)}")
        yield answer, summary


def _line(answered: AnswerWithSummary) -> dict[str, Any]:
    from ..wire import answer_json

    answer, summary = answered
    return {**answer_json(answer), **({"synthesis": summary_json(summary)} if summary else {})}


def _rows(answered: AnswerWithSummary) -> Iterator[list[Any]]:
    """Yield one row per quote, or one row for a question without quotes."""
    answer, summary = answered
    beside = [summary_text(summary)] if summary else []
    told = (answer.question, answer.answered, answer.verdict)
    for quote in answer.quotes:
        episode = (quote.episode.show, quote.episode.title, quote.episode.published)
        when = (getattr(quote, key) for key in _COLUMNS[_COLUMNS.index("start") : -1])
        cautions = " ".join(filter(None, (*quote.cautions, quote.episode.audio_note)))
        yield [*told, quote.text, quote.speaker, *episode, *when, cautions, *beside]
    if not answer.quotes:
        yield [*told, *[None] * (len(_COLUMNS) - len(told)), *beside]
