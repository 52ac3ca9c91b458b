"""Whether a number counts what was asked for, and what is no count at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.counting import counted_in, counts
from kb.embedding import StaticEmbedder

WORDS = StaticEmbedder().embed_words


@pytest.mark.parametrize(
    ("question", "things"),
    [
        ("How many schools use the robot?", ["schools", "use"]),
        ("How many of the core maintainers left?", ["core", "maintainers", "left"]),
        ("And how many are there?", []),
        ("What share of its staff is paid?", ["staff"]),
        ("Who called it a dragnet?", []),
    ],
)
def test_what_is_to_be_counted(question: str, things: list[str]) -> None:
    assert [term.word for term in counted_in(question)] == things


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("There are nine schools.", True),
        ("About 1,000 or 1,500 different colleges signed up.", True),
        ("Hundreds of them: universities, clubs.", True),
        ("I think it was six or eight.", True),
        ("It has a 20-page manual for schools.", False),
        ("Schools opened at 10:30.", False),
        ("Schools use version 1.3.2 of it.", False),
        ("It cost $500, schools said.", False),
        ("Schools waited for two years.", False),
        ("Three dogs were there.", False),
        ("Schools use it.", False),
    ],
)
def test_a_number_counts_what_stands_after_it(text: str, counted: bool) -> None:
    things = counted_in("How many schools use the robot?")
    assert counts(text, things, WORDS) == counted


def test_where_nothing_is_named_every_count_will_do() -> None:
    assert counts("Three dogs.", (), WORDS)
    assert not counts("At 10:30, for $500 and two years.", (), WORDS)


@given(st.text(max_size=400), st.text(max_size=200))
def test_any_text_can_be_asked_and_said(question: str, text: str) -> None:
    things = counted_in(f"How many {question}?")
    assert counts(text, things, WORDS) in (True, False)
