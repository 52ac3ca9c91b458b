"""Which words of a question are names, and whether a text says them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.questions.names import unsaid
from kb.questions.query import analyse
from kb.text.terms import Term


def names(question: str, *languages: str) -> list[str]:
    return [term.word for term in analyse(question, ["Alvaro Bedoya"], ["All Things Considered"], languages).names]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("How many people work at Tailscale?", ["Tailscale"]),
        ("GitPrime says what about IBM?", ["GitPrime", "IBM"]),
        ("Should I call Bedoya?", ["Bedoya"]),
        ("What did Bedoya say on All Things Considered in July 2019?", ["Bedoya"]),
        ("Who pays for roads?", []),
        ("Who is Renee French?", ["Renee", "French"]),
        ("Why Every City Wants Faster Trains", []),
        ("WHO OWNS THE FASTEST TRAINS HERE?", []),
        ("", []),
    ],
)
def test_names_are_words_with_capitals_that_are_neither_shows_nor_times(question: str, found: list[str]) -> None:
    assert names(question, "en") == found


def test_german_writes_every_noun_with_a_capital() -> None:
    assert names("Was sagt der Minister über die Steuer in Hamburg?", "de", "en") == []
    assert names("What did the minister say in Hamburg?", "de", "en") == ["Hamburg"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("Tailscale", "we used tailscale's network", True),
        ("Tailscale", "a scale with a tail", False),
        ("Gophers", "The Gopher was born", True),
        ("Petrovic", "dann kam “Petrović” – zuletzt", True),
        ("Meier", "Frau Müller-Meier", True),
        ("Go", "we are going", False),
        ("Go", "we write Go, mostly", True),
        ("Kris", "", False),
        ("Emily", "emily asked", True),
    ],
)
def test_a_name_is_said_by_a_word_that_begins_with_it(name: str, text: str, said: bool) -> None:
    (term,) = analyse(f"What of {name}?").names
    assert (unsaid([term], text) == ()) is said


@given(st.text(max_size=30), st.text(max_size=200))
def test_any_name_and_any_text_are_borne(name: str, text: str) -> None:
    term = Term.at(name, 0, len(name))
    assert unsaid([term], text) in ((), (term,))
