"""Which candidates become quotes: the first ones, and the same words once."""

from __future__ import annotations

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
