"""A quote's words in another version of its transcript."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.transcripts.anchoring import anchor

from .strategies import prose, storable_text

OLD = (
    "Thank you for coming. We start with the budget. Thank you. The committee has never met in secret, "
    "and it will not. Thank you. Good night."
)


def of(text: str, within: str = OLD, nth: int = 0) -> tuple[int, int]:
    place = -1
    for _ in range(nth + 1):
        place = within.index(text, place + 1)
    return place, place + len(text)


def found(new: str, text: str, nth: int = 0, old: str = OLD) -> tuple[str, str]:
    at = anchor(old, *of(text, old, nth), new)
    return at.kind, new[at.char_start : at.char_end]


SECRET = "The committee has never met in secret, and it will not."


def test_words_that_did_not_change_are_found_behind_a_change() -> None:
    new = OLD.replace("budget", "annual budget of the town").replace("Good night.", "Good night, everybody.")
    assert found(new, SECRET) == ("same", SECRET)


@pytest.mark.parametrize("nth", [1, 2])
def test_of_equal_sentences_the_one_with_the_same_neighbours_is_taken(nth: int) -> None:
    new = OLD.replace("budget", "levy").replace("Good night.", "Good bye.").replace("Thank you for", "Thanks for")
    at = anchor(OLD, *of("Thank you.", OLD, nth - 1), new)
    assert (at.kind, at.char_start) == ("same", of("Thank you.", new, nth - 1)[0])


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        ("never met", "ever met", "The committee has ever met in secret, and it will not."),
        ("The committee", "Da committee", "Da committee has never met in secret, and it will not."),
        ("not. Thank", "now. Thank", "The committee has never met in secret, and it will now."),
        (
            "has never met in secret",
            "never met",
            "The committee never met, and it will not.",
        ),
        ("secret,", "secret, ever,", "The committee has never met in secret, ever, and it will not."),
    ],
)
def test_changed_words_are_told_with_what_they_are_now(was: str, now: str, expected: str) -> None:
    new = OLD.replace(was, now).replace("Thank you for", "Thanks for").replace("night", "bye")
    assert found(new, SECRET) == ("changed", expected)


def test_a_changed_sentence_is_not_taken_for_its_equal_elsewhere() -> None:
    place = of("Thank you.", OLD, 0)
    new = OLD[: place[0]] + "Thanks." + OLD[place[1] :]
    at = anchor(OLD, *place, new)
    assert (at.kind, new[at.char_start : at.char_end]) == ("changed", "Thanks.")


def test_words_that_were_taken_out_are_deleted() -> None:
    new = OLD.replace(SECRET + " ", "").replace("budget", "levy").replace("night", "bye")
    assert found(new, SECRET)[0] == "deleted"
    assert anchor(OLD, *of(SECRET), "").kind == "deleted"


def test_a_passage_that_was_moved_is_found() -> None:
    new = f"{SECRET} Thank you for coming, all. We start with the levy. Thank you. Thank you. Good bye."
    assert found(new, SECRET) == ("same", SECRET)


def test_a_day_of_speech_is_anchored_in_bounded_memory() -> None:
    """200,000 words aligned whole would take gigabytes; the changes here are spread over all of it."""
    words = [f"w{n % 5_000}" for n in range(200_000)]
    old = " ".join(words)
    new = " ".join(word if n % 97 else f"changed{n}" for n, word in enumerate(words))
    start = old.index("w2500", len(old) // 2)
    text = old[start : start + 400].rsplit(" ", 1)[0]
    at = anchor(old, start, start + len(text), new)
    kept = sum(word in new[at.char_start : at.char_end].split() for word in text.split())
    assert at.kind == "changed"
    assert kept >= len(text.split()) - 2


texts = prose | storable_text | st.text("ab .\n", max_size=30)


@st.composite
def quoted(draw: st.DrawFn) -> tuple[str, int, int]:
    text = draw(texts.filter(bool))
    start = draw(st.integers(0, len(text) - 1))
    return text, start, draw(st.integers(start + 1, len(text)))


@given(quoted(), texts)
def test_what_is_the_same_is_equal_and_what_is_changed_is_not(old: tuple[str, int, int], new: str) -> None:
    text, start, end = old
    at = anchor(text, start, end, new)
    assert 0 <= at.char_start <= at.char_end <= len(new)
    there = new[at.char_start : at.char_end]
    assert (there == text[start:end]) == (at.kind == "same")
    assert (there == "") == (at.kind == "deleted")


@given(quoted(), texts, texts)
def test_what_is_put_before_or_after_moves_a_quote_and_no_more(
    old: tuple[str, int, int], before: str, after: str
) -> None:
    text, start, end = old
    assert anchor(text, start, end, text) == anchor(text, start, end, text + after)
    assert anchor(text, start, end, text).kind == "same"
    moved = anchor(text, start, end, before + text)
    assert moved.kind == "same"


@given(st.data())
def test_other_words_around_it_do_not_lose_a_quote(data: st.DataObject) -> None:
    """For all: words that are each said once keep their place, whatever words beside them are put for others."""
    words = [f"word{n}" for n in range(data.draw(st.integers(1, 40)))]
    start = data.draw(st.integers(0, len(words) - 1))
    end = data.draw(st.integers(start + 1, len(words)))
    changes = data.draw(st.sets(st.integers(0, len(words) - 1), max_size=8))
    new_words = [f"other{n}" if n in changes and not start <= n < end else word for n, word in enumerate(words)]
    old, new, quote = " ".join(words), " ".join(new_words), " ".join(words[start:end])
    at = anchor(old, old.index(quote), old.index(quote) + len(quote), new)
    assert (at.kind, new[at.char_start : at.char_end]) == ("same", quote)
