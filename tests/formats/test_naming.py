from __future__ import annotations

import pytest

from ingest.formats.naming import Likeness, likeness, tidy


@pytest.mark.parametrize(
    "text",
    [
        "Sarah", "SPEAKER_00", "Speaker 1", "speaker 0", "S01", "Ludwig van Beethoven", "Mary-Jane O’Neil", "REPORTER",
        "李雷", "אבי", "प्रिया शर्मा", "Jose\u0301 Mun\u0303oz", "Doris Day", "Hafez al-Khatib", "Maria do Carmo",
        "J.-P. Renard", "'t Hart", "de la Cruz", "Jean-Luc d'Arc", "Student #2", "2nd caller", "THE WITNESS",
        "Unidentified Male #1", "Ann & Bob", "Simon and Garfunkel", "JD", "Frank “Tank” Abagnale", "VM (Vicky) Roe",
        "Paul Frazee✌", "Mr. Speaker", "LAWRENCE O`DONNELL",
    ],
)  # fmt: skip
def test_what_is_written_like_a_name(text: str) -> None:
    assert likeness(text) is Likeness.SURE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("orsolya kiss", Likeness.LIKELY),
        ("Rita Moll | Harbour Office", Likeness.LIKELY),
        ("Doerr, Jane", Likeness.LIKELY),
        ("In Soo Park", Likeness.LIKELY),
        ("The President", Likeness.LIKELY),
        ("Q", Likeness.LIKELY),
        ("Jane doe", Likeness.PHRASE),
        ("Man in the blue coat", Likeness.PHRASE),
    ],
)
def test_what_may_be_a_name(text: str, expected: Likeness) -> None:
    assert likeness(text) is expected


@pytest.mark.parametrize(
    "text",
    [
        "He said", "Note", "NOTE", "Editor's Note", "Step 2", "Part One", "At 10", "Well, Bob", "12", "", "A" * 81,
        "Learn more about our people", "The question is", "On Wednesday", "Further Reading", "https://example.org",
        "Thank you", "the host said", "It was late. Then he", "Why? Because",
    ],
)  # fmt: skip
def test_what_is_nobodys_name(text: str) -> None:
    assert likeness(text) is Likeness.NO


def test_a_name_is_kept_in_one_form() -> None:
    assert tidy(" Jose\u0301  O`Neil: ") == "José O'Neil"
