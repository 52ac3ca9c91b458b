"""Dates that questions name."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.questions.periods import Period, period_in


@pytest.mark.parametrize(
    ("question", "since", "until"),
    [
        ("What was said in July 2019?", "2019-07-01", "2019-07-31"),
        ("What was said in Feb. 2020?", "2020-02-01", "2020-02-29"),
        ("What did she say on 8 July 2019?", "2019-07-08", "2019-07-08"),
        ("What did she say on July 8, 2019?", "2019-07-08", "2019-07-08"),
        ("the 8th of July 2019", "2019-07-08", "2019-07-08"),
        ("What was aired on 2019-07-08?", "2019-07-08", "2019-07-08"),
        ("Who spoke of DMVs in 2019?", "2019-01-01", "2019-12-31"),
        ("Who spoke of DMVs since 2019?", "2019-01-01", None),
        ("Who spoke of DMVs after July 2019?", "2019-08-01", None),
        ("Who spoke of DMVs before 2019?", None, "2018-12-31"),
        ("Who spoke of DMVs until May 2019?", None, "2019-05-31"),
        ("between 2018 and 2020", "2018-01-01", "2020-12-31"),
        ("from June 2018 to May 3rd, 2020", "2018-06-01", "2020-05-03"),
    ],
)
def test_dates_are_read(question: str, since: str | None, until: str | None) -> None:
    found = period_in(question)
    assert found is not None
    assert found[0] == Period(since, until)
    assert (since or until or "")[:4] in question[found[1] : found[2]] or "before" in question or "after" in question


@pytest.mark.parametrize(
    "question",
    [
        "", "What may happen?", "Did 2000 people march?", "What about section 1983?", "on 31 June 2019",
        "Is 2019 mentioned?", "between 2020 and 2018", "What happened last week?", "a march in may",
    ],
)  # fmt: skip
def test_what_is_no_date_is_none(question: str) -> None:
    assert period_in(question) is None


@given(
    st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from(["%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%b %d %Y"])
)
def test_every_day_is_read_in_every_form(day: date, form: str) -> None:
    found = period_in(f"What was said on {day.strftime(form)} about it?")
    assert found is not None
    assert found[0] == Period(day.isoformat(), day.isoformat())
    assert found[0].holds(day.isoformat())
    assert not found[0].holds(None)


@given(st.text(max_size=200))
def test_any_text_is_borne(text: str) -> None:
    period_in(text)
