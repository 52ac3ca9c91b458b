"""Which candidates become quotes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from kb.quotes import Candidate

from kb.answers.selection import choose
from kb.types import Chunk, Episode

EPISODES = {name: Episode(id=name, show=f"Show {name[0]}", title=name) for name in ("a1", "a2", "b1", "c1")}


def candidate(episode: str, start: int, speaker: str | None, score: float = 1.0) -> Candidate:
    chunk = Chunk(f"{episode}-{start}", episode, 1, 0, None, None, 0, 1_000, ())
    return Candidate(chunk, start, start + 10, speaker, score, 1.0)


def texts(n: int) -> list[str]:
    return [
        f"{word} is what somebody once said of it" for word in "alpha bravo charlie delta echo foxtrot golf".split()
    ][:n]


def test_a_third_of_the_same_voice_comes_after_the_others() -> None:
    given_ = [candidate("a1", n, "Ann") for n in range(0, 40, 10)] + [
        candidate("b1", 0, "Bob"),
        candidate("c1", 0, None),
    ]
    chosen = [pick.candidate for pick in choose(given_, texts(6), EPISODES, 5)]
    assert chosen == [given_[0], given_[1], given_[4], given_[5], given_[2]]


def test_the_same_words_are_shown_once_with_their_other_places() -> None:
    given_ = [candidate("a1", 0, "Ann"), candidate("b1", 0, "Ann"), candidate("c1", 0, "Ann")]
    said = ["Thanks for listening, everybody!", "thanks for listening everybody", "Something else was said here."]
    first, second = choose(given_, said, EPISODES, 5)
    assert first.elsewhere == (given_[1],)
    assert second.candidate == given_[2]


def test_short_texts_that_differ_are_not_the_same() -> None:
    given_ = [candidate("a1", 0, None), candidate("b1", 0, None)]
    assert len(choose(given_, ["No.", "Yes."], EPISODES, 5)) == 2
    assert len(choose(given_, ["!", "?"], EPISODES, 5)) == 2


@given(
    st.lists(st.tuples(st.sampled_from(sorted(EPISODES)), st.integers(0, 5), st.text(max_size=30)), max_size=12),
    st.integers(1, 6),
)
def test_everything_chosen_was_given_and_nothing_twice(drawn: list[tuple[str, int, str]], most: int) -> None:
    given_ = [candidate(episode, 10 * n, f"S{speaker}") for n, (episode, speaker, _) in enumerate(drawn)]
    picks = choose(given_, [text for *_, text in drawn], EPISODES, most)
    shown = [pick.candidate for pick in picks]
    assert len(shown) == len(set(shown)) == min(most, len(shown))
    assert set(shown) <= set(given_)
    assert bool(shown) is bool(given_)
