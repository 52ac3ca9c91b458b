"""Titles sort as people count."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kb.text.ordering import title_key


def test_numbers_sort_by_value_and_letters_without_case_and_accents() -> None:
    titles = ["Zebra 12", "part 010", "#1", "elan 20", "Part 2", "Élan 3", "Part 11", "zebra ٣"]
    expected = ["#1", "Élan 3", "elan 20", "Part 2", "part 010", "Part 11", "zebra ٣", "Zebra 12"]
    assert sorted(titles, key=title_key) == expected


@given(st.text(), st.integers(0, 10**30), st.integers(0, 10**30))
def test_any_two_numbers_after_the_same_words_sort_by_value(words: str, one: int, other: int) -> None:
    keys = [title_key(f"{words} {number}") for number in (one, other)]
    assert (keys[0] < keys[1]) == (one < other)
    assert (keys[0] == keys[1]) == (one == other)
