"""Which candidates become quotes: the first ones, and the same words once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.answers.quotes import Candidate
from kb.answers.selection import choose
from kb.retrieval.passages import Passage
from kb.types import Chunk, Episode, Hit


def candidate(episode: str, text: str, speaker: str | None = None) -> Candidate:
    """Return a candidate that is the whole of a passage of these words."""
    chunk = Chunk(f"{episode}-0", episode, 1, 0, None, None, 0, len(text), ())
    hit = Hit(chunk, Episode(episode, "A show", episode), text, 0.0)
    return Candidate(Passage(0, hit, ()), 0, len(text), speaker, 1.0)


def test_the_same_words_are_shown_once_with_their_other_places() -> None:
    said = ["Thanks for listening, everybody!", "thanks for listening everybody", "Something else was said here."]
    given_ = [candidate(episode, text) for episode, text in zip("abc", said, strict=True)]
    first, second = choose(given_, 5)
    assert (first.candidate, first.elsewhere) == (given_[0], (given_[1],))
    assert second.candidate == given_[2]


def test_what_is_said_elsewhere_is_told_of_the_last_one_too() -> None:
    given_ = [candidate("a", "Thanks for listening, everybody!"), candidate("b", "Something else was said here.")]
    (only,) = choose([*given_, candidate("c", "Thanks for listening, everybody.")], 1)
    assert [other.address.episode_id for other in only.elsewhere] == ["c"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("This is the news of the week of Monday, September 8th, 2024.",
         "This is the news of the week of Monday, September 25th, 2023."),
        ("The white beetles eat the leaves of cabbage.", "The red beetles eat the leaves of cabbage."),
        ("The council did vote for the new bridge last night.", "The council did not vote for the new bridge last night."),
        ("I can tell you where all the money has gone since.", "I can't tell you where all the money has gone since."),
    ],
)  # fmt: skip
def test_another_figure_word_or_not_is_another_statement(one: str, other: str) -> None:
    assert [pick.elsewhere for pick in choose([candidate("a", one), candidate("b", other)], 5)] == [(), ()]


def test_two_hearings_of_one_broadcast_are_the_same_words() -> None:
    one = "Mister Bedoya said the agents of the ICE had asked the states for all of it."
    other = "Mister Bedoia said the agents of ICE had asked states for all of it."
    assert len(choose([candidate("a", one), candidate("b", other)], 5)) == 1


def test_short_texts_that_differ_are_not_the_same() -> None:
    assert len(choose([candidate("a", "No."), candidate("b", "Yes.")], 5)) == 2
    assert len(choose([candidate("a", "!"), candidate("b", "?")], 5)) == 2


@given(st.lists(st.text(max_size=30), max_size=12), st.integers(1, 6))
def test_everything_chosen_was_given_in_its_order_and_nothing_twice(texts: list[str], most: int) -> None:
    given_ = [candidate(f"e{number}", text) for number, text in enumerate(texts)]
    picks = choose(given_, most)
    places = [given_.index(pick.candidate) for pick in picks]
    assert places == sorted(set(places))
    assert len(picks) <= most
    assert bool(picks) is bool(given_)
    shown = places + [given_.index(other) for pick in picks for other in pick.elsewhere]
    assert len(shown) == len(set(shown))
