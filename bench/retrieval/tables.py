"""What is measured, and the tables that it makes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from kb.knowledge_base import KnowledgeBase
from kb.types import Answer

from . import data
from .data import Question
from .evaluate import Judged, abstention, ask, chunks_of, judge, not_verbatim
from .homes import home
from .metrics import mean_with_interval
from .report import Table, cell, share
from .systems import FULL_TEXT, QUOTINGS, RANKINGS

__all__ = ["Options", "about_meetings", "about_our_questions"]

_COLUMNS = ("R@5", "R@10", "nDCG@10", "MRR@10", "S@1", "S@5")
_MRR, _SUCCESS_1, _SUCCESS_5 = 3, 4, 5
_SCOPES = ((True, "within"), (False, "pooled"))
_QUICK_MEETINGS, _QUICK_POOL = 2, 8


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for."""

    data: Path
    embeddings: Sequence[str]
    pool: int
    split: str | None
    cache: Path
    quick: bool

    def command(self, part: str) -> str:
        """Return the command that prints a part's tables."""
        more = [] if len(self.embeddings) == 1 else ["--embedding", *self.embeddings]
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
        raise SystemExit(f"{options.data / 'qmsum' / split} holds no meetings; name the folder with --data.")
    runs = _Runs()
    questions: list[Question] = []
    for number, embedding in enumerate(options.embeddings):
        with home(options.cache, f"qmsum-{split}", files, data.add_meetings, embedding) as kb:
            questions = list(data.meeting_questions(kb, files))
            _run(runs, kb, questions, options, number)
    about = f"`{options.command(split)}`: {len(questions)} queries, {len(files)} meetings, {runs.passages:,} passages;"
    for within, scope in _SCOPES:
        where = "searched within the query's meeting" if within else "searched in all meetings"
        yield _rankings(f"{split}-{scope}", f"{about} {where}.", questions, runs.rankings[within])
    yield Table(
        f"{split}-quotes",
        f"{about} a quote is right when it lies in a gold turn.",
        ("quotes", "searched", "S@1", "S@5", "MRR@10"),
        [
            (judged.system, scope, *_cells(questions, judged, (_SUCCESS_1, _SUCCESS_5, _MRR)))
            for within, scope in _SCOPES
            for judged in runs.quotings[within]
        ],
    )


def about_our_questions(options: Options) -> Iterator[Table]:
    """Yield the tables about our own questions, and about those without an answer."""
    if not (options.data / "changelog").is_dir():
        raise SystemExit(f"There are no transcripts in {options.data / 'changelog'}; name the folder with --data.")
    files = data.pool(options.data, _QUICK_POOL if options.quick else options.pool)
    runs = _Runs()
    silence: list[Sequence[str]] = []
    questions: list[Question] = []
    for number, embedding in enumerate(options.embeddings):
        with home(options.cache, f"pool-{len(files)}", files, data.add_pool, embedding) as kb:
            questions = [q for q in data.own_questions(kb, files) if options.split in (None, q.split)]
            answers = _run(runs, kb, questions, options, number)
            silence += _silence(kb, questions, answers, options, embedding)
    about = f"`{options.command('questions')}`: {len(questions)} questions;"
    over = f"searched in {len(files)} episodes ({runs.passages:,} passages)"
    for within, scope in _SCOPES:
        where = "searched within the question's episode" if within else over
        yield _rankings(f"questions-{scope}", f"{about} {where}.", questions, runs.rankings[within])
    yield Table(
        "questions-quotes",
        f"{about} a quote is right when it holds a gold sentence; pooled: {over}.",
        ("", "searched", *(f"{column} {split}" for column in ("S@1", "S@5") for split in ("dev", "test", "all"))),
        list(_by_split(questions, runs)),
    )
    head = (
        "answers",
        "questions",
        "AUROC",
        "refused though answerable",
        "answered: near misses",
        "answered: off topic",
    )
    yield Table("abstention", f"{about} {over}.", (*head, "answered at 10 % refused"), silence)


def _run(runs: _Runs, kb: KnowledgeBase, questions: Sequence[Question], options: Options, number: int) -> list[Answer]:
    """Ask everything in both scopes and return the answers over the whole base."""
    chunks = chunks_of(kb)
    runs.passages = len(chunks)
    # Full text depends on no embedding, so it is asked once.
    rankings = {name: system for name, system in RANKINGS.items() if not (number and name == FULL_TEXT)}
    answers: list[Answer] = []
    for within, _ in _SCOPES:
        asked = ask(kb, questions, chunks, within)
        label = options.embeddings[number] if len(options.embeddings) > 1 else ""
        runs.rankings[within] += _labelled(judge(questions, asked, rankings), label)
        runs.quotings[within] += _labelled(judge(questions, asked, QUOTINGS), label)
        answers = [one.answer for one in asked]
        _insist(kb, answers)
    return answers


def _labelled(found: Iterable[Judged], label: str) -> Iterator[Judged]:
    for judged in found:
        plain = not label or judged.system == FULL_TEXT
        yield judged if plain else replace(judged, system=f"{judged.system} ({label})")


def _insist(kb: KnowledgeBase, answers: Sequence[Answer]) -> None:
    shown, wrong = not_verbatim(kb, answers)
    if wrong:
        raise SystemExit(f"{wrong} of {shown} quotes differ from the transcript.")


def _rankings(name: str, caption: str, questions: Sequence[Question], runs: Sequence[Judged]) -> Table:
    rows = [(judged.system, *_cells(questions, judged, range(len(_COLUMNS)))) for judged in runs]
    return Table(name, caption, ("passages", *_COLUMNS), rows)


def _cells(questions: Sequence[Question], judged: Judged, columns: Iterable[int]) -> list[str]:
    intervals = mean_with_interval(judged.scores, [question.episode for question in questions])
    return [cell(intervals[column]) for column in columns]


def _by_split(questions: Sequence[Question], runs: _Runs) -> Iterator[Sequence[str]]:
    for within, scope in _SCOPES:
        for judged in (*runs.rankings[within], *runs.quotings[within]):
            if judged.system.startswith("**") or "nearest" in judged.system:
                yield judged.system, scope, *_split_cells(questions, judged)


def _split_cells(questions: Sequence[Question], judged: Judged) -> Iterator[str]:
    for column in (_SUCCESS_1, _SUCCESS_5):
        for wanted in ("dev", "test", None):
            some = [n for n, question in enumerate(questions) if wanted in (None, question.split)]
            part = replace(judged, scores=tuple(judged.scores[n] for n in some))
            yield _cells([questions[n] for n in some], part, (column,))[0] if some else "-"


def _silence(
    kb: KnowledgeBase, questions: Sequence[Question], answers: Sequence[Answer], options: Options, embedding: str
) -> Iterator[Sequence[str]]:
    """Yield a row of the abstention table for each split."""
    others = [(question, kb.ask(question.text)) for question in data.unanswerable()]
    _insist(kb, [answer for _, answer in others])
    for split in ("dev", "test", "all") if options.split is None else (options.split,):
        ours = [answer for q, answer in zip(questions, answers, strict=True) if split in ("all", q.split)]
        theirs = [(question, answer) for question, answer in others if split in ("all", question.split)]
        found = abstention(ours, [answer for _, answer in theirs])
        kinds = {kind: [answer.answered for q, answer in theirs if q.kind == kind] for kind in ("near", "off")}
        yield (
            f"`kb ask` ({embedding})",
            split,
            f"{found.auroc:.3f}",
            share(found.refused, found.answerable),
            *(share(sum(answered), len(answered)) for answered in kinds.values()),
            share(found.above_tenth, found.unanswerable),
        )
