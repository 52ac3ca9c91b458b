"""What is measured, and the tables that it makes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from kb.embedding import DEFAULT_MODEL
from kb.knowledge_base import KnowledgeBase
from kb.types import Answer

from ..common import WHERE
from . import data
from .data import Question, Unanswerable
from .evaluate import Judged, ask, chunks_of, judge, not_verbatim
from .homes import add_meetings, add_transcripts, home
from .metrics import mean_with_interval
from .report import Table, cell
from .systems import FULL_TEXT, KB_SEARCH, QUOTINGS, RANKINGS

__all__ = ["POOL", "Options", "about_meetings", "about_our_questions"]

#: Over how many episodes our own questions are asked, unless another number is named.
POOL = 500
_COLUMNS = ("R@5", "R@10", "nDCG@10", "MRR@10", "S@1", "S@5")
_MRR, _SUCCESS_1, _SUCCESS_5 = 3, 4, 5
_SCOPES = ((True, "within"), (False, "pooled"))
_SPLITS = ("dev", "test", "all")
#: Questions of which the gold holds a smaller share than this are "in other words".
_FEW = 0.2
_QUICK_MEETINGS, _QUICK_POOL = 2, 8


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for."""

    data: Path
    embeddings: tuple[str, ...]
    pool: int
    split: str | None
    cache: Path
    quick: bool

    def command(self, part: str) -> str:
        """Return the command that prints a part's tables."""
        more = [] if self.embeddings == (DEFAULT_MODEL,) else ["--embedding", *self.embeddings]
        more += ["--pool", str(self.pool)] if self.pool != POOL else []
        more += ["--split", self.split] if self.split else []
        more += ["--quick"] if self.quick else []
        return " ".join(["python -m bench.retrieval", part, *more])


@dataclass(slots=True)
class _Runs:
    """What all systems scored, within a meeting or episode and over all of them."""

    rankings: dict[bool, list[Judged]] = field(default_factory=lambda: {True: [], False: []})
    quotings: dict[bool, list[Judged]] = field(default_factory=lambda: {True: [], False: []})
    passages: int = 0


def about_meetings(split: str, options: Options) -> Iterator[Table]:
    """Yield the tables about QMSum's specific queries in ``split``."""
    files = sorted((options.data / "qmsum" / split).glob("*.json"))[: _QUICK_MEETINGS if options.quick else None]
    if not files:
        raise SystemExit(f"{options.data / 'qmsum' / split} holds no meetings. {WHERE}")
    runs = _Runs()
    questions: list[Question] = []
    for number, embedding in enumerate(options.embeddings):
        with home(options.cache, f"qmsum-{split}", files, add_meetings, embedding) as kb:
            questions = list(data.meeting_questions(kb, files))
            _run(runs, kb, questions, options, number)
    about = f"`{options.command(split)}`: {len(questions)} queries, {len(files)} meetings, {runs.passages:,} passages;"
    for within, scope in _SCOPES:
        where = "searched within the query's meeting" if within else "searched in all meetings"
        yield _rankings(f"{split}-{scope}", f"{about} {where}.", questions, runs.rankings[within])
    yield Table(
        f"{split}-quotes",
        f"{about} a quote is right when it touches a gold turn.",
        ("quotes", "searched", "S@1", "S@5", "MRR@10"),
        [
            (judged.title, scope, *_cells(questions, judged, (_SUCCESS_1, _SUCCESS_5, _MRR)))
            for within, scope in _SCOPES
            for judged in runs.quotings[within]
        ],
    )


def about_our_questions(options: Options) -> Iterator[Table]:
    """Yield the tables about our own questions."""
    if not (options.data / "changelog").is_dir():
        raise SystemExit(f"There are no transcripts in {options.data / 'changelog'}. {WHERE}")
    if options.quick:
        files = data.pool(options.data, _QUICK_POOL, data.asked_about(options.data))
    else:
        files = data.pool(options.data, options.pool)
    runs = _Runs()
    questions: list[Question] = []
    for number, embedding in enumerate(options.embeddings):
        with home(options.cache, f"pool-{len(files)}", files, add_transcripts, embedding) as kb:
            questions = [q for q in data.own_questions(kb, files) if options.split in (None, q.split)]
            _run(runs, kb, questions, options, number)
    about = f"`{options.command('questions')}`: {len(questions)} questions;"
    over = f"searched in {len(files)} episodes ({runs.passages:,} passages)"
    for within, scope in _SCOPES:
        where = "searched within the question's episode" if within else over
        yield _rankings(f"questions-{scope}", f"{about} {where}.", questions, runs.rankings[within])
    yield Table(
        "questions-quotes",
        f"{about} a quote is right when it touches a gold sentence; pooled: {over}.",
        ("", "searched", *(f"{column} {split}" for column in ("S@1", "S@5") for split in _SPLITS)),
        list(_by_split(questions, runs)),
    )
    few = sum(map(_is_in_other_words, questions))
    yield Table(
        "questions-in-other-words",
        f"{about} only those {few} whose gold holds under {100 * _FEW:.0f} % of their content words; pooled: {over}.",
        ("", "searched", "S@1", "S@5"),
        list(_in_other_words(questions, runs)),
    )


def _run(runs: _Runs, kb: KnowledgeBase, questions: Sequence[Question], options: Options, number: int) -> None:
    """Ask everything in both scopes."""
    chunks = chunks_of(kb)
    runs.passages = len(chunks)
    # Full text depends on no embedding, so it is asked once.
    rankings = {name: system for name, system in RANKINGS.items() if not (number and name == FULL_TEXT)}
    for within, _ in _SCOPES:
        asked = ask(kb, questions, chunks, within)
        label = options.embeddings[number] if len(options.embeddings) > 1 else ""
        runs.rankings[within] += _labelled(judge(questions, asked, rankings), label)
        runs.quotings[within] += _labelled(judge(questions, asked, QUOTINGS), label)
        _insist(kb, [one.answer for one in asked])


def _labelled(found: Iterable[Judged], label: str) -> Iterator[Judged]:
    return (judged if judged.system == FULL_TEXT else replace(judged, embedding=label) for judged in found)


def _insist(kb: KnowledgeBase, answers: Sequence[Answer]) -> None:
    shown, wrong = not_verbatim(kb, answers)
    if wrong:
        raise SystemExit(f"{wrong} of {shown} quotes differ from the transcript.")


def _rankings(name: str, caption: str, questions: Sequence[Question], runs: Sequence[Judged]) -> Table:
    rows = [(judged.title, *_cells(questions, judged, range(len(_COLUMNS)))) for judged in runs]
    return Table(name, caption, ("passages", *_COLUMNS), rows)


def _cells(questions: Sequence[Question], judged: Judged, columns: Iterable[int]) -> list[str]:
    intervals = mean_with_interval(judged.scores, [question.episode for question in questions])
    return [cell(intervals[column]) for column in columns]


def _by_split(questions: Sequence[Question], runs: _Runs) -> Iterator[Sequence[str]]:
    """Yield a row for each of the program's commands, with success on ``dev``, ``test`` and all."""
    for within, scope in _SCOPES:
        program = [judged for judged in runs.rankings[within] if judged.system == KB_SEARCH]
        for judged in (*program, *runs.quotings[within]):
            parts = [_part(questions, judged, partial(_is_of, split)) for split in _SPLITS]
            yield judged.title, scope, *(part[column] for column in (0, 1) for part in parts)


def _in_other_words(questions: Sequence[Question], runs: _Runs) -> Iterator[Sequence[str]]:
    """Yield a row for every system, with success on the questions that share few words with their gold."""
    for within, scope in _SCOPES:
        for judged in (*runs.rankings[within], *runs.quotings[within]):
            yield judged.title, scope, *_part(questions, judged, _is_in_other_words)


def _is_of(split: str, question: Question | Unanswerable) -> bool:
    return split in (question.split, "all")


def _is_in_other_words(question: Question) -> bool:
    return question.overlap is not None and question.overlap < _FEW


def _part(questions: Sequence[Question], judged: Judged, wanted: Callable[[Question], bool]) -> Sequence[str]:
    """Return success at 1 and at 5 on those questions that are wanted."""
    some = [number for number, question in enumerate(questions) if wanted(question)]
    part = replace(judged, scores=tuple(judged.scores[number] for number in some))
    return _cells([questions[number] for number in some], part, (_SUCCESS_1, _SUCCESS_5)) if some else ("-", "-")
