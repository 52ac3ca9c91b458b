"""Set ``kb/answers/weights.json`` on the development halves of all question sets, and judge it on the others.

    python -m bench.confidence --data DATA            print the tables
    python -m bench.confidence --data DATA --write    also write the weights
    python -m bench.confidence --data DATA --plot docs/confidence.svg

``DATA`` holds ``changelog/`` (https://github.com/thechangelog/transcripts) and ``qmsum/val``
(https://github.com/Yale-LILY/QMSum). Every question is asked within its episode and over all episodes that any question
is about. The last table is of the questions about meetings, on which nothing was set; ``REFUSED`` was lowered once
after looking at it.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path
from scipy.optimize import minimize

from kb.addresses import slug
from kb.answers.answering import least_shown
from kb.answers.quotes import Candidate, candidates
from kb.answers.signs import ANSWER_SIGNS, SENTENCE_SIGNS, sentence_signs
from kb.answers.weights import Weights
from kb.embedding import DEFAULT_MODEL, Reading
from kb.knowledge_base import KnowledgeBase
from kb.questions.query import Query
from kb.retrieval.passages import Passage
from kb.types import Filters, Verdict

from .common import MATERIAL, ROOT
from .plots import draw_confidence
from .retrieval.data import (
    Question,
    Span,
    Unanswerable,
    files_asked_about,
    meeting_notes,
    own_questions,
    unanswerable,
)
from .retrieval.homes import add_meetings, add_transcripts, home
from .retrieval.metrics import auroc

WEIGHTS = ROOT / "kb" / "answers" / "weights.json"
#: Share of a set's answerable questions that may be refused; probability from which a quote counts as an answer.
REFUSED, ANSWERS = 0.05, 0.5
#: Quotes of an answer whose reader asks for more, twice.
_MORE = 20
#: Sentences of each question that its weights are set on.
_COMPARED = 150
#: Strength of L2 regularisation; chosen by cross-validation: weights of two sets, questions of the third.
_SENTENCE_RIDGE, _ANSWER_RIDGE = 0.2, 0.02
#: The features of a sentence and of an answer that are used, with the reader and without it. With the reader, word
#: overlap is left out: few of the hard questions share a word with their answer, by design, so that the fitted weights
#: would be negative.
WITH_READER = tuple(sign for sign in SENTENCE_SIGNS if sign not in {"words", "question", "short"})
_WITHOUT = ("passage", "unnamed", "voice", "asker", "words", "question", "short")
_SUPPORT = {True: ("around", "figure", "unnamed"), False: ("score", "figure", "unnamed")}
#: Features whose weight must keep its sign (positive or negative), whatever the questions give.
_BOUNDS = {sign: (None, 0.0) if sign in {"figure", "unnamed"} else (0.0, None) for sign in ANSWER_SIGNS}


#: The features of a question's sentences, which of them are gold, and the set and scope that it counts for.
Compared = tuple[NDArray[np.float64], NDArray[np.bool_], tuple[str, bool]]


@dataclass(frozen=True)
class Case:
    """A question with the sentences that were read for it."""

    question: Question | Unanswerable
    within: bool
    query: Query
    passages: tuple[Passage, ...]
    readings: tuple[Reading, ...]

    @property
    def answerable(self) -> bool:
        return isinstance(self.question, Question)

    @property
    def cell(self) -> tuple[str, bool]:
        """The set and scope that it counts for."""
        return self.question.set, self.within

    @property
    def is_read(self) -> bool:
        """Return whether a gold sentence is among those that were read."""
        return any(
            self.is_gold(passage.hit.chunk.episode_id, sentence.char_start, sentence.char_end)
            for passage in self.passages
            for sentence in passage.sentences
        )

    def is_gold(self, episode: str, start: int, end: int) -> bool:
        """Return whether these characters share one with the gold."""
        gold: Sequence[Span] = self.question.gold if isinstance(self.question, Question) else ()
        return any(episode == span.episode and start < span.end and span.start < end for span in gold)


@dataclass(frozen=True)
class Outcome:
    """The first five quotes' probabilities and whether each is right, and the verdict on the first."""

    case: Case
    probabilities: tuple[float, ...]
    right: tuple[bool, ...]
    signs: NDArray[np.float64]
    support: float
    verdict: Verdict
    #: Of the first quote.
    sentences: int


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.confidence", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=MATERIAL / "data")
    parser.add_argument("--cache", type=Path, default=user_cache_path("verbatim-kb") / "bench")
    parser.add_argument("--no-reader", action="store_true", help="set the weights that are used without the reader")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--plot", type=Path, metavar="SVG", help="draw reliability and risk over coverage, on 'test'")
    given = parser.parse_args()
    files = files_asked_about(given.data)
    with home(given.cache, "asked", files, add_transcripts, DEFAULT_MODEL) as kb:
        kb._reads = not given.no_reader
        cases = list(read_all(kb, (*own_questions(kb, files), *unanswerable()), ids_of(files)))
    meetings = sorted((given.data / "qmsum" / "val").glob("*.json"))
    with home(given.cache, "meetings", meetings, add_meetings, DEFAULT_MODEL) as kb:
        kb._reads = not given.no_reader
        unseen = list(read_all(kb, meeting_notes(kb), ids_of(meetings)))
    dev = [case for case in cases if case.question.split == "dev"]
    weights = fitted(dev, not given.no_reader)
    if given.write:
        kept = json.loads(WEIGHTS.read_text("utf-8"))
        kept["no reader" if given.no_reader else "reader"] = jsonable(weights)
        WEIGHTS.write_text(json.dumps(kept, indent=2) + "\n", "utf-8")
    for split in ("dev", "test"):
        outcomes = [judged(case, weights) for case in cases if case.question.split == split]
        print(f"\n{split}\n{table(outcomes)}\n\n{reliability(outcomes)}")
        print(left_out([outcome.case for outcome in outcomes], weights))
        if given.plot and split == "test":
            sets = {f"{name} {'within' if within else 'pooled'}" for name, within in (o.case.cell for o in outcomes)}
            draw_confidence({name: _of_set(outcomes, name) for name in sorted(sets, reverse=True)}, given.plot)
    print(f"\nmeetings\n{table([judged(case, weights) for case in unseen])}")


def ids_of(files: Sequence[Path]) -> dict[str, str]:
    """Return the episode of each file, by how questions name it."""
    return {f"{file.parent.name}/{file.name}": slug(file.stem) for file in files}


def read_all(
    kb: KnowledgeBase, questions: Iterable[Question | Unanswerable], episodes: Mapping[str, str]
) -> Iterator[Case]:
    """Yield every question with what the program reads for it, in both scopes; ``episodes`` are ``ids_of``."""
    for question in questions:
        episode = question.episode if isinstance(question, Question) else episodes.get(question.episode, "")
        for within in (True, False):
            if episode or not within:
                filters = Filters(episodes=(episode,)) if within else None
                found = kb.reading(question.text, filters)
                yield Case(question, within, found.query, found.passages, found.readings)


def fitted(cases: Sequence[Case], reader: bool) -> Weights:
    """Fit the weights of a sentence, then those of an answer and its support, then set the thresholds."""
    rated = [some for case in cases if case.answerable and (some := compared(case))]
    sentence = sentence_weights(rated, WITH_READER if reader else _WITHOUT)
    nothing = np.zeros(len(ANSWER_SIGNS))
    score = np.array([float(sign == "score") for sign in ANSWER_SIGNS])
    plain = Weights(sentence, score, 0.0, nothing, 0.5, 0.0)
    outcomes = [outcome for case in cases if (outcome := judged(case, plain)).right]
    names = ANSWER_SIGNS if reader else [sign for sign in ANSWER_SIGNS if sign != "around"]
    answer, constant = _answer_weights(outcomes, [outcome.right[0] for outcome in outcomes], names)
    support, _ = _answer_weights(outcomes, [outcome.case.answerable for outcome in outcomes], _SUPPORT[reader])
    weights = Weights(sentence, answer, constant, support, ANSWERS, 0.0)
    supports: defaultdict[tuple[str, bool], list[float]] = defaultdict(list)
    for case in cases:
        if case.answerable and (outcome := judged(case, weights)).right:
            supports[case.cell].append(weights.supports(outcome.signs))
    nearest = min(float(np.quantile(some, REFUSED)) for some in supports.values())
    return Weights(sentence, answer, constant, support, ANSWERS, nearest)


def compared(case: Case) -> Compared | None:
    """Return the features of a case's sentences, which are gold, and its cell; ``None`` if no gold one was read."""
    signs = np.concatenate(sentence_signs(case.query, case.passages, case.readings))
    gold = np.array(
        [
            case.is_gold(passage.hit.chunk.episode_id, sentence.char_start, sentence.char_end)
            for passage in case.passages
            for sentence in passage.sentences
        ]
    )
    if not gold.any():
        return None
    first = SENTENCE_SIGNS.index("reader" if case.readings[0].is_read else "passage")
    kept = np.union1d(np.argsort(-signs[:, first])[:_COMPARED], np.flatnonzero(gold))
    return signs[kept], gold[kept], case.cell


def sentence_weights(cases: Sequence[Compared], names: Sequence[str]) -> NDArray[np.float64]:
    """Maximise the share that gold sentences have of all (a conditional logit); every set and scope counts the same.

    Only the features in ``names`` are used.
    """
    columns = [SENTENCE_SIGNS.index(name) for name in names]
    data = [(signs[:, columns], gold, cell) for signs, gold, cell in cases]
    counts = Counter(cell for _, _, cell in data)
    scale = np.concatenate([signs for signs, _, _ in data]).std(axis=0) + 1e-9

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        total, slope = _SENTENCE_RIDGE * float(weights @ weights), 2 * _SENTENCE_RIDGE * weights
        for signs, gold, cell in data:
            logits = signs / scale @ weights
            shares = np.exp(logits - logits.max())
            every, ours = shares / shares.sum(), np.where(gold, shares, 0) / shares[gold].sum()
            total -= float(np.log(shares[gold].sum() / shares.sum())) / counts[cell]
            slope = slope - (ours - every) @ (signs / scale) / counts[cell]
        return total, slope

    found = np.zeros(len(SENTENCE_SIGNS))
    found[columns] = minimize(loss, np.zeros(len(columns)), jac=True, method="L-BFGS-B").x / scale
    return found


def _answer_weights(
    outcomes: Sequence[Outcome], happened: Sequence[bool], names: Sequence[str]
) -> tuple[NDArray[np.float64], float]:
    """Fit a logistic regression on the features in ``names``; every set and scope counts the same."""
    columns = [ANSWER_SIGNS.index(name) for name in names]
    signs = np.stack([outcome.signs[columns] for outcome in outcomes])
    right = np.array(happened, dtype=float)
    counts = Counter(outcome.case.cell for outcome in outcomes)
    share = np.array([1 / counts[outcome.case.cell] for outcome in outcomes])
    mean, scale = signs.mean(axis=0), signs.std(axis=0) + 1e-9

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        logits = (signs - mean) / scale @ weights[1:] + weights[0]
        slope = share * (1 / (1 + np.exp(-logits)) - right)
        some = weights[1:]
        total = float(share @ (np.logaddexp(0, logits) - right * logits)) + _ANSWER_RIDGE * float(some @ some)
        return total, np.array([slope.sum(), *(slope @ ((signs - mean) / scale) + 2 * _ANSWER_RIDGE * some)])

    bounds = [(None, None), *(_BOUNDS[name] for name in names)]
    found = minimize(loss, np.zeros(signs.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=bounds).x
    weights = np.zeros(len(ANSWER_SIGNS))
    weights[columns] = found[1:] / scale
    return weights, float(found[0] - mean @ (found[1:] / scale))


def judged(case: Case, weights: Weights) -> Outcome:
    """Return the first five quotes of a case, as the program would make them."""
    found = _shown(case, candidates(case.query, case.passages, case.readings, weights)[:5])
    right = tuple(_is_right(case, candidate) for candidate in found)
    signs = found[0].signs if found else np.zeros(len(ANSWER_SIGNS))
    likely = tuple(candidate.probability for candidate in found)
    sentences = _sentences(found[0]) if found else 0
    return Outcome(case, likely, right, signs, weights.supports(signs), weights.verdict(signs), sentences)


def left_out(cases: Sequence[Case], weights: Weights) -> str:
    """Return how often a right quote is among the first twenty, and among those of them that are likely enough."""
    every, likely = [], []
    for case in (case for case in cases if case.answerable):
        found = candidates(case.query, case.passages, case.readings, weights)[:_MORE]
        every.append(any(_is_right(case, candidate) for candidate in found))
        likely.append(any(_is_right(case, candidate) for candidate in _shown(case, found)))
    return f"Right in {_MORE}: {np.mean(every):.3f}, and {np.mean(likely):.3f} without those that are left out."


def _shown(case: Case, found: Sequence[Candidate]) -> list[Candidate]:
    best = found[0].probability if found else 0.0
    return [candidate for candidate in found if candidate.probability >= least_shown(case.query, best)]


def _is_right(case: Case, quote: Candidate) -> bool:
    return case.is_gold(quote.address.episode_id, quote.char_start, quote.char_end)


def _sentences(quote: Candidate) -> int:
    return sum(quote.char_start <= each.char_start < quote.char_end for each in quote.passage.sentences)


def table(outcomes: Sequence[Outcome]) -> str:
    """Return one line for each set and scope: success, AUROC, refusals, and wrong answers.

    *Read*: a gold sentence is among those that were read. AUROC is by the support, and by the first probability.
    """
    names = (
        *("questions", "searched", "n", "read", "first quote right", "in five", "refused", "AUROC", "by probability"),
        *("unanswerable said to be answered", "unanswerable refused", "right where it says so"),
    )
    lines = [f"| {' | '.join(names)} |", f"|{' --- |' * len(names)}"]
    for name, within in sorted({outcome.case.cell for outcome in outcomes}, key=lambda cell: (not cell[1], cell[0])):
        some = [outcome for outcome in outcomes if outcome.case.cell == (name, within)]
        ours = [outcome for outcome in some if outcome.case.answerable]
        theirs = [outcome for outcome in some if not outcome.case.answerable]
        said = [outcome for outcome in some if outcome.verdict == "answers"]
        shown = [outcome for outcome in ours if outcome.verdict != "none"]
        pairs = (
            ([o.support for o in ours], [o.support for o in theirs]),
            (list(map(_sure, ours)), list(map(_sure, theirs))),
        )
        told = [f"{auroc(*pair):.2f}" if theirs else "-" for pair in pairs]
        cells = (
            f"{name} | {'within' if within else 'pooled'} | {len(ours)} + {len(theirs)}",
            f"{sum(o.case.is_read for o in ours) / len(ours):.2f}",
            f"{sum(any(o.right[:1]) for o in shown) / len(ours):.2f}",
            f"{sum(any(o.right) for o in shown) / len(ours):.2f}",
            f"{1 - len(shown) / len(ours):.2f}",
            *told,
            f"{sum(o.verdict == 'answers' for o in theirs) / max(1, len(theirs)):.2f}",
            f"{sum(o.verdict == 'none' for o in theirs) / max(1, len(theirs)):.2f}",
            f"{sum(any(o.right[:1]) for o in said) / max(1, len(said)):.2f} ({len(said)})",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def reliability(outcomes: Sequence[Outcome]) -> str:
    """Return how often the first quote is right, by its predicted probability, and the calibration error."""
    sure = np.array([_sure(outcome) for outcome in outcomes])
    right = np.array([any(outcome.right[:1]) for outcome in outcomes])
    lines = ["| said to be | n | mean | right |", "| --- | --- | --- | --- |"]
    error = 0.0
    for low in np.arange(0, 1, 0.1):
        inside = (sure >= low) & (sure < low + 0.1)
        if inside.any():
            error += abs(sure[inside].mean() - right[inside].mean()) * inside.mean()
            lines.append(
                f"| {low:.1f}-{low + 0.1:.1f} | {inside.sum()} "
                f"| {sure[inside].mean():.2f} | {right[inside].mean():.2f} |"
            )
    order = np.argsort(-sure)
    covered = [
        f"{share:.0%} {right[order][: int(share * len(order))].mean():.2f}" for share in (0.1, 0.25, 0.5, 0.75, 1)
    ]
    mean = np.mean([outcome.sentences for outcome in outcomes if outcome.sentences])
    return "\n".join(lines) + (
        f"\n\nExpected calibration error {error:.3f}. Right at coverage: {', '.join(covered)}. "
        f"A first quote has {mean:.2f} sentences."
    )


def _of_set(outcomes: Sequence[Outcome], name: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    kind, scope = name.split()
    some = [outcome for outcome in outcomes if outcome.case.cell == (kind, scope == "within")]
    return np.array([_sure(o) for o in some]), np.array([any(o.right[:1]) for o in some])


def jsonable(weights: Weights) -> dict[str, object]:
    return {
        "sentence": dict(zip(SENTENCE_SIGNS, np.round(weights.sentence, 4).tolist(), strict=True)),
        "answer": dict(zip(ANSWER_SIGNS, np.round(weights.answer, 4).tolist(), strict=True)),
        "constant": round(weights.constant, 4),
        "support": dict(zip(ANSWER_SIGNS, np.round(weights.support, 4).tolist(), strict=True)),
        "thresholds": {"answers": round(weights.answers, 3), "nearest": round(weights.nearest, 3)},
    }


def _sure(outcome: Outcome) -> float:
    return outcome.probabilities[0] if outcome.probabilities else 0.0


if __name__ == "__main__":
    main()
