"""Titles in headline capitals and inside quotation marks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.citations.seams import joined, requoted, sealed
from kb.citations.titles import headline, main_title


@pytest.mark.parametrize(
    ("title", "capitals"),
    [
        ("ICE is using DMV photos for facial recognition", "ICE Is Using DMV Photos for Facial Recognition"),
        ("ICE Turned To DMV Databases For Help With It", "ICE Turned to DMV Databases for Help with It"),
        ("the state of AI: a first look", "The State of AI: A First Look"),
        ("what's a driver's licence for?", "What's a Driver's Licence For?"),
        ("how iPhone and npr.org met", "How iPhone and npr.org Met"),
        ("face-recognition and state-of-the-art models", "Face-Recognition and State-of-the-Art Models"),
        ("“the dragnet” is here", "“The Dragnet” Is Here"),
        ("Wake Up Call", "Wake Up Call"),
        ("On the inside", "On the Inside"),
        ("1A", "1A"),
        ("", ""),
    ],
)
def test_headline_capitals(title: str, capitals: str) -> None:
    assert headline(title, "en-GB") == capitals
    assert headline(title, None) == capitals
    assert headline(capitals, "en") == capitals


def test_other_languages_keep_their_own_capitals() -> None:
    assert headline("Die Lage der Nation", "de") == "Die Lage der Nation"
    assert headline("la voix est libre", "fr-FR") == "la voix est libre"


@given(st.text())
def test_capitals_change_no_letter(title: str) -> None:
    assert headline(title, "en").casefold() == title.casefold()
    assert headline(headline(title, "en"), "en") == headline(title, "en")


@pytest.mark.parametrize(
    ("title", "within"),
    [
        ('Reads "On the Street"', "Reads ‘On the Street’"),
        ("Reads “On the Street”", "Reads ‘On the Street’"),
        ("A driver's licence", "A driver's licence"),
        ('"No"', "‘No’"),
    ],
)
def test_quotation_marks_within_quotation_marks(title: str, within: str) -> None:
    assert joined(requoted(sealed(title), "‘", "’"), american=True) == within


@pytest.mark.parametrize(
    ("title", "set_as"),
    [
        ("a talk with Ursula von der Leyen", "A Talk with Ursula von der Leyen"),
        ("Ludwig Mies van der Rohe and the chair", "Ludwig Mies van der Rohe and the Chair"),
        ("van Gogh's letters", "Van Gogh's Letters"),  # the first word
        ("in the den of lions", "In the Den of Lions"),
        ("how la nina changes the weather", "How La Nina Changes the Weather"),
    ],
)
def test_a_names_particles_stay_small(title: str, set_as: str) -> None:
    assert headline(title, "en") == set_as


def test_a_short_title_is_the_main_title() -> None:
    assert main_title("Emily Young: Stone Carver") == "Emily Young"
    assert main_title("2:15 and after") == "2:15 and after"
    assert main_title(": x") == ": x"
