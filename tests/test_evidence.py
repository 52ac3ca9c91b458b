"""What a question wants to see, and which sentence shows it."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.questions.answer_type import AnswerType, shows, wanted


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How much did Basecamp pay for its drives?", "money"),
        ("What salary does Emma earn?", "money"),
        ("What did fast storage cost in 2012?", "money"),
        ("How many millions did Block pay?", "money"),
        ("How long did it take?", "duration"),
        ("How many years was she there?", "duration"),
        ("How many photos can they search?", "number"),
        ("What share of them failed?", "number"),
        ("How much effort was it?", "amount"),
        ("When was it founded?", "time"),
        ("Which year was that?", "time"),
        ("Who called it a dragnet?", "person"),
        ("Why did they leave?", None),
        ("What is the yearly budget of the foundation?", "money"),
        ("What did Bedoya say about the cost of it?", None),
        ("What did Bedoya say about the price of eggs?", None),
    ],
)
def test_what_a_question_wants(question: str, kind: AnswerType | None) -> None:
    assert wanted(question) == kind


@pytest.mark.parametrize(
    ("kind", "sentence", "shown"),
    [
        ("money", "It was like 30k a year.", True),
        ("money", "They paid $12.", True),
        ("money", "It cost a million.", True),
        ("money", "It was 12 years ago.", False),
        ("number", "We have 215 flags.", True),
        ("number", "Dozens of them.", True),
        ("number", "There was one before.", False),  # which counts nothing
        ("duration", "It took a full year.", True),
        ("duration", "Every hour.", True),
        ("duration", "It took for ever.", False),
        ("time", "It was in 2014.", True),
        ("person", "It was Ann Lee who said so.", True),
        ("person", "Nobody did.", False),
        ("person", "I sow them in March.", False),
    ],
)
def test_which_sentence_shows_it(kind: AnswerType, sentence: str, shown: bool) -> None:
    assert shows(kind, sentence) == shown


@given(st.text(max_size=300))
def test_any_text_can_be_a_question_and_a_sentence(text: str) -> None:
    kind = wanted(text)
    for each in (*get_args(AnswerType), kind or "person"):
        assert shows(each, text) in (True, False)
