"""What each feature of a sentence adds: the program is run without it, on question sets that its weights were not
fitted on.

    python -m bench.ablation --data DATA

For each of three sets, weights are set on the other two's development halves; the table shows first quote right / in
five on the third's, nothing refused.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from platformdirs import user_cache_path

from kb.answers.signs import ANSWER_SIGNS
from kb.answers.weights import Weights
from kb.embedding import DEFAULT_MODEL, MATCHES

from .common import MATERIAL
from .confidence import WITH_READER, Case, compared, ids_of, judged, read_all, sentence_weights
from .retrieval.data import SETS, files_asked_about, own_questions
from .retrieval.homes import add_transcripts, home

#: Features that measure nearly the same are also left out together.
_TOGETHER = {
    "how tokens match": MATCHES,
}
_SCORE = np.array([float(sign == "score") for sign in ANSWER_SIGNS])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.ablation", description=__doc__)
    parser.add_argument("--data", type=Path, default=MATERIAL / "data")
    parser.add_argument("--cache", type=Path, default=user_cache_path("verbatim-kb") / "bench")
    given = parser.parse_args()
    files = files_asked_about(given.data)
    with home(given.cache, "asked", files, add_transcripts, DEFAULT_MODEL) as kb:
        questions = [question for question in own_questions(kb, files) if question.split == "dev"]
        cases = list(read_all(kb, questions, ids_of(files)))
    cells = [(name, within) for within in (True, False) for name in SETS]
    print(f"| signs | {' | '.join(f'{name} {scope(within)}' for name, within in cells)} | mean |")
    print(f"| --- |{' --- |' * (len(cells) + 1)}")
    for without, left_out in {"none": (), **{sign: (sign,) for sign in WITH_READER}, **_TOGETHER}.items():
        found = measured(cases, [sign for sign in WITH_READER if sign not in left_out])
        shown = [found[cell] for cell in cells]
        told = [f"{first:.2f}/{five:.2f}" for first, five in [*shown, tuple(np.mean(shown, axis=0))]]
        print(f"| {'all' if without == 'none' else f'without {without}'} | {' | '.join(told)} |", flush=True)


def measured(cases: Sequence[Case], signs: Sequence[str]) -> dict[tuple[str, bool], tuple[float, float]]:
    """Return first quote right and in five of each set and scope, with weights of ``signs`` from the other sets."""
    found: defaultdict[tuple[str, bool], list[tuple[bool, bool]]] = defaultdict(list)
    for held in SETS:
        others = [some for case in cases if case.question.set != held and (some := compared(case))]
        weights = Weights(sentence_weights(others, signs), _SCORE, 0.0, 0 * _SCORE, 0.5, 0.0)
        for case in cases:
            if case.question.set == held:
                right = judged(case, weights).right
                found[case.cell].append((any(right[:1]), any(right)))
    return {cell: tuple(np.mean(some, axis=0).tolist()) for cell, some in found.items()}


def scope(within: bool) -> str:
    """Return the name of a scope."""
    return "within" if within else "pooled"


if __name__ == "__main__":
    main()
