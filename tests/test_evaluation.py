"""The figures of an evaluation, on outcomes whose figures are known, and the command on the corpus."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.cli.evaluating import _read
from kb.errors import UsageError
from kb.evaluation import Outcome, auroc, figures, holds_gold, rank_of_gold
from tests.conftest import SEGMENT, Run
from tests.strategies import hostile_text, prose

scores = st.lists(st.floats(0, 1), min_size=1, max_size=12).map(np.array)
outcomes = st.lists(
    st.builds(
        lambda answerable, answered, rank, score: Outcome(
            answerable, answered, rank if answerable and answered else None, score
        ),
        st.booleans(),
        st.booleans(),
        st.none() | st.integers(1, 10),
        st.floats(0, 1),
    ),
    max_size=12,
)


def test_the_figures_of_a_small_set_are_those_reckoned_by_hand() -> None:
    found = figures(
        [
            Outcome(True, True, 1, 0.9),
            Outcome(True, True, 4, 0.6),
            Outcome(True, True, None, 0.5),
            Outcome(True, False, None, 0.2),
            Outcome(False, True, None, 0.55),
            Outcome(False, False, None, 0.1),
        ]
    )
    assert {figure.name: (figure.value, figure.n) for figure in found} == {
        "success@1": (0.25, 4),
        "success@5": (0.5, 4),
        "MRR": ((1 + 1 / 4) / 4, 4),
        "refused": (0.25, 4),
        "wrongly answered": (0.5, 2),
        "AUROC": ((2 + 2 + 1 + 1) / 8, 6),
    }


def test_intervals_narrow_with_more_questions_and_repeat() -> None:
    few, many = (figures([Outcome(True, True, 1, 1), Outcome(True, True, None, 1)] * n) for n in (10, 250))
    assert few == figures([Outcome(True, True, 1, 1), Outcome(True, True, None, 1)] * 10)
    assert few != figures([Outcome(True, True, 1, 1), Outcome(True, True, None, 1)] * 10, seed=1)
    # The normal approximation: half of the interval is 1.96 standard errors.
    for found, n in ((few[0], 20), (many[0], 500)):
        assert (found.high - found.low) / 2 == pytest.approx(1.96 * math.sqrt(0.25 / n), rel=0.15)


@settings(max_examples=30)
@given(outcomes)
def test_figures_of_anything_are_shares_within_their_intervals(some: list[Outcome]) -> None:
    for figure in figures(some):
        assert 0 <= figure.low <= figure.value + 1e-9
        assert figure.value <= figure.high + 1e-9
        assert figure.high <= 1


@given(scores, scores)
def test_auroc_is_the_share_of_pairs_in_the_right_order(right: np.ndarray, wrong: np.ndarray) -> None:
    pairs = [1.0 if a > b else 0.5 if a == b else 0.0 for a in right for b in wrong]
    assert auroc(right, wrong) == pytest.approx(sum(pairs) / len(pairs))
    assert auroc(wrong, right) == pytest.approx(1 - auroc(right, wrong))


GOLD = "San Francisco recently banned the use of facial recognition by police."


@pytest.mark.parametrize(
    ("quote", "gold", "held"),
    [
        (GOLD, GOLD, True),
        (GOLD.upper().replace(" ", " - "), GOLD, True),
        (f"And he is not alone in his concerns. {GOLD} It was a first.", GOLD, True),
        (GOLD, f"And he is not alone. {GOLD} It is unreliable, says the largest maker of body cameras.", True),
        ("San Francisco recently banned the use of it, and a good thing too.", GOLD, True),
        ("San Francisco is a city, and facial recognition is banned by its police.", GOLD, False),
        ("Yes.", "Yes", True),
        ("Yes, we banned it because we had to.", "Yes, of course", False),
        ("It is hot.", "It is cold", False),
        ("", GOLD, False),
        ("...", "...", False),
        ("李雷 说", "李雷 说", True),
    ],
)
def test_gold_text_is_held_if_half_of_the_shorter_one_is_there(quote: str, gold: str, held: bool) -> None:
    assert holds_gold(quote, gold) is held
    assert holds_gold(gold, quote) is held


@given(st.lists(prose, max_size=3), hostile_text | prose)
def test_what_holds_itself_is_found_at_its_place(others: list[str], gold: str) -> None:
    rank = rank_of_gold([*others, gold], [gold])
    if holds_gold(gold, gold):
        assert rank is not None
        assert rank <= len(others) + 1
    else:
        assert not any(c.isalnum() for c in gold)


# --- The file of questions ---


@pytest.mark.parametrize(
    "line",
    [
        {}, {"question": "a"}, {"question": " ", "quotes": ["b"]}, {"question": 7, "quotes": ["b"]},
        {"question": "a", "quotes": []}, {"question": "a", "quotes": "b"}, {"question": "a", "quotes": [" "]},
        {"question": "a", "quotes": ["..."]}, {"question": "a", "quotes": [1]}, {"question": "a", "answerable": True},
        {"question": "a", "answerable": False, "quotes": ["b"]}, {"question": "a", "answerable": "no"},
        {"question": "a", "quotes": ["b"], "episode": 1}, {"question": "a", "quotes": ["b"] * 101},
        {"question": "a", "quotes": {"b": 1}}, {"question": "a", "answerable": 0},
    ],
)  # fmt: skip
def test_a_bad_line_is_named(tmp_path: Path, line: object) -> None:
    (tmp_path / "q.jsonl").write_text(f'{{"question": "a", "answerable": false}}\n{json.dumps(line)}\n')
    with pytest.raises(UsageError, match=r"q\.jsonl, line 2: "):
        list(_read(tmp_path / "q.jsonl"))


# --- The command ---

QUESTIONS = [
    {"question": "Which city outlawed police use of face recognition?", "quotes": [GOLD], "episode": SEGMENT},
    {"question": "Who described the collaboration as a dragnet?", "quotes": ["he called it a dragnet", "a dragnet"]},
    {"question": "How many women did it fail to identify?", "quotes": ["nobody said anything like this"]},
    {"question": "What recipe is best for sourdough bread?", "answerable": False, "note": "=1+1"},
]


def test_a_corpus_is_evaluated(run: Run, corpus_home: Path, tmp_path: Path) -> None:
    questions = tmp_path / "q.jsonl"
    questions.write_text("\n".join(map(json.dumps, QUESTIONS)))
    done = run("eval", questions, "--json", "--details", tmp_path / "d.jsonl", home=corpus_home)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert {key: told[key] for key in ("questions", "answerable", "unanswerable")} == {
        "questions": 4,
        "answerable": 3,
        "unanswerable": 1,
    }
    found = {figure["name"]: figure for figure in told["figures"]}
    assert set(found["MRR"]) == {"name", "value", "low", "high", "n"}
    details = [json.loads(line) for line in (tmp_path / "d.jsonl").read_text("utf-8").splitlines()]
    assert [each["rank"] for each in details] == [1, 1, None, None]
    assert [each["answered"] for each in details][3] is False
    assert found["success@1"]["value"] == pytest.approx(2 / 3)
    assert found["wrongly answered"]["value"] == 0

    table = run("eval", questions, "--within-episode", "--details", tmp_path / "d.csv", home=corpus_home).stdout
    assert table.startswith("4 questions, 3 with an answer and 1 without.\n")
    assert table.splitlines()[3].split() == ["success@1", "0.667", "0.000", "to", "1.000", "3"]
    with (tmp_path / "d.csv").open(newline="", encoding="utf-8") as file:
        assert [row["rank"] for row in csv.DictReader(file)] == ["1", "1", "", ""]


def test_an_unknown_episode_is_named_with_its_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text('\n{"question": "a", "quotes": ["b"], "episode": "nowhere"}')
    done = run("eval", tmp_path / "q.jsonl")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "line 2: There is no episode 'nowhere'" in done.stderr
