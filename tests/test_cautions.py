"""What a reader is told to mind about a quote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.answers.cautions import cautions


@pytest.mark.parametrize(
    ("text", "reported", "negated"),
    [
        ("He said it was a dragnet.", True, False),
        ("Alvaro Bedoya - he called the ICE-DMV tag-teaming a dragnet.", True, False),
        ("According to the report, it failed.", True, False),
        ("The state allegedly knew.", True, False),
        ("I said it was wrong.", False, False),
        ("It isn't taking into account what a state wants.", False, True),
        ("They never asked, he told us.", True, True),
        ("Nothing was known.", False, True),
        ("San Francisco outlawed it.", False, False),
        ("A knot is no problem.", False, True),
        ("", False, False),
    ],
)
def test_signs(text: str, reported: bool, negated: bool) -> None:
    told = " ".join(cautions(text))
    assert ("reports" in told) is reported
    assert ("negation" in told) is negated


@given(st.text(max_size=300))
def test_any_text_is_borne(text: str) -> None:
    assert len(cautions(text)) <= 2
