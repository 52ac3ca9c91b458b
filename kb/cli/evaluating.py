"""``kb eval``: how well the knowledge base answers questions whose answers are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import NotFound, UsageError
from ..inputs import checked_filters
from .app import app, opened
from .bars import Bars
from .files import check_out, read_json_lines, write_results
from .options import AsJson, Collections, Shows, Since, Speakers, Until

if TYPE_CHECKING:
    from ..evaluation import Figure, Outcome
    from ..knowledge_base import KnowledgeBase
    from ..types import Answer, Filters

_EXPECTED = 'expected {"question": "...", "quotes": ["...", ...]} or {"question": "...", "answerable": false}'
_COLUMNS = "line question answerable answered rank score quote id".split()
#: How many quotes a question gets; the rank of gold text is looked for among them.
_QUOTES = 10
_MOST_GOLD = 100


@dataclass(frozen=True, slots=True)
class MarkedQuestion:
    """A question and the quotes that answer it; no quotes if nothing in the library does."""

    line: int
    question: str
    episode: str | None
    gold: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """The result for a marked question."""

    marked: MarkedQuestion
    answer: Answer
    outcome: Outcome


@app.command("eval")
def evaluate(
    questions: Annotated[
        Path,
        typer.Argument(help='A file of lines: {"question": ..., "quotes": [...]} or {..., "answerable": false}.'),
    ],
    within: Annotated[
        bool, typer.Option("--within-episode", help="Search only the episode that a line names, if it names one.")
    ] = False,
    details: Annotated[Path | None, typer.Option(help="Write each question's result: .jsonl or .csv.")] = None,
    show: Shows = None,
    speaker: Speakers = None,
    since: Since = None,
    until: Until = None,
    collection: Collections = None,
    as_json: AsJson = False,
) -> None:
    """Ask questions whose answers are known, and show how many were found."""
    check_out("--details", details, questions)
    marked = list(_read(questions))
    if not marked:
        raise UsageError(f"{questions}: there is no question in it; {_EXPECTED} per line.")
    chosen = checked_filters(show, speaker, since, until, collection)
    bars = Bars()
    with opened(bars) as kb:
        _check_episodes(kb, questions, marked)
        judged = list(_judged(kb, marked, chosen, within, bars))
    if details:
        write_results(details, judged, _line, _COLUMNS, lambda each: [list(_line(each).values())])
    _print(judged, as_json)


def _read(path: Path) -> Iterator[MarkedQuestion]:
    for number, line in read_json_lines(path):
        question, episode = line.get("question"), line.get("episode")
        gold, answerable = line.get("quotes"), line.get("answerable", True)
        if not isinstance(question, str) or not question.strip() or not isinstance(answerable, bool):
            raise UsageError(f"{path}, line {number}: {_EXPECTED}.")
        if answerable != bool(gold) or not isinstance(gold or [], list):
            raise UsageError(f"{path}, line {number}: {_EXPECTED}.")
        texts = tuple(gold or ())
        if len(texts) > _MOST_GOLD or not all(isinstance(text, str) and _has_words(text) for text in texts):
            raise UsageError(
                f'{path}, line {number}: "quotes" has to hold up to {_MOST_GOLD} texts with words in them.'
            )
        if not isinstance(episode, str | None):
            raise UsageError(f"{path}, line {number}: \"episode\" has to be an id, as 'kb episodes' lists them.")
        yield MarkedQuestion(number, question, episode, texts)


def _has_words(text: str) -> bool:
    from ..text.terms import terms

    return any(True for _ in terms(text))


def _check_episodes(kb: KnowledgeBase, path: Path, marked: list[MarkedQuestion]) -> None:
    for each in marked:
        try:
            if each.episode is not None:
                kb.episode(each.episode)
        except NotFound as error:
            raise UsageError(f"{path}, line {each.line}: {error}") from error


def _judged(
    kb: KnowledgeBase, marked: list[MarkedQuestion], chosen: Filters, within: bool, bars: Bars
) -> Iterator[Judged]:
    from ..evaluation import Outcome, rank_of_gold

    for number, each in enumerate(marked, 1):
        only = replace(chosen, episodes=(each.episode,)) if within and each.episode else chosen
        answer = kb.ask(each.question, _QUOTES, only)
        # The same words in another episode do not count as the marked text.
        said = [quote.text if each.episode in (None, quote.episode.id) else "" for quote in answer.quotes]
        best = (*answer.quotes, *answer.nearest)[:1]
        score = best[0].score if best else 0.0
        bars.step("Asking questions", number, len(marked), f"{number} of {len(marked)}")
        yield Judged(each, answer, Outcome(bool(each.gold), answer.answered, rank_of_gold(said, each.gold), score))


def _line(judged: Judged) -> dict[str, Any]:
    """Return a question's result, with the best quote or else the nearest passage."""
    marked, outcome = judged.marked, judged.outcome
    best = next(iter((*judged.answer.quotes, *judged.answer.nearest)), None)
    return {
        "line": marked.line,
        "question": marked.question,
        "answerable": outcome.answerable,
        "answered": outcome.answered,
        "rank": outcome.rank,
        "score": outcome.score,
        "quote": best.text if best else None,
        "id": best.id if best else None,
    }


def _print(judged: list[Judged], as_json: bool) -> None:
    from ..evaluation import figures
    from .printing import print_json

    found = figures([each.outcome for each in judged])
    answerable = sum(each.outcome.answerable for each in judged)
    if as_json:
        counted = {"questions": len(judged), "answerable": answerable, "unanswerable": len(judged) - answerable}
        print_json({**counted, "figures": [asdict(figure) for figure in found]})
        return
    typer.echo(f"{len(judged)} questions, {answerable} with an answer and {len(judged) - answerable} without.")
    typer.echo(f"\n{'':<18}{'value':>8}{'95 % interval':>18}{'n':>7}")
    for figure in found:
        typer.echo(_row(figure))


def _row(figure: Figure) -> str:
    return f"{figure.name:<18}{figure.value:>8.3f}{f'{figure.low:.3f} to {figure.high:.3f}':>18}{figure.n:>7}"
