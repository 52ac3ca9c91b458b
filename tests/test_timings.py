"""Which second belongs to which character."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.canonical import canonicalise
from kb.timings import TimedSpan, Timings
from kb.types import Transcript
from tests.strategies import timed_transcripts

#: "so we | went" said from 1 to 2, a gap of three characters, "home" from 3.5 to 4 with a probability.
SPANS = (TimedSpan(2, 12, 1.0, 2.0), TimedSpan(15, 19, 3.5, 4.0, 0.25))


@st.composite
def spans(draw: st.DrawFn) -> tuple[TimedSpan, ...]:
    """Spans that rise in characters and in time, as ``from_spans`` asks for them."""
    found = []
    offset = clock = 0
    for gap, length, pause, duration in draw(
        st.lists(
            st.tuples(*[st.integers(0, 9), st.integers(1, 9), st.integers(0, 999), st.integers(0, 9_999)]), max_size=20
        )
    ):
        start, begin = offset + gap, clock + pause
        offset, clock = start + length, begin + duration
        probability = draw(st.none() | st.integers(0, 1000).map(lambda n: n / 1000))
        found.append(TimedSpan(start, offset, begin / 1000, clock / 1000, probability))
    return tuple(found)


@given(spans())
def test_spans_come_back_from_bytes_as_they_were(given_spans: tuple[TimedSpan, ...]) -> None:
    timings = Timings.from_spans(given_spans)
    again = Timings.from_bytes(timings.to_bytes())
    assert again.within(0, 1_000_000) == timings.within(0, 1_000_000) == given_spans
    assert again.to_bytes() == timings.to_bytes()
    assert len(again) == len(given_spans)
    assert len(timings.to_bytes()) == 20 * len(given_spans)


@given(spans(), st.integers(0, 250), st.integers(0, 250))
def test_within_gives_what_lies_wholly_inside(given_spans: tuple[TimedSpan, ...], start: int, end: int) -> None:
    inside = tuple(s for s in given_spans if start <= s.char_start and s.char_end <= end)
    assert Timings.from_spans(given_spans).within(start, end) == inside


def test_bytes_of_a_wrong_length_are_refused() -> None:
    with pytest.raises(ValueError, match="size"):
        Timings.from_bytes(b"x" * 21)


def test_without_times_there_are_none() -> None:
    timings = Timings.from_spans(())
    assert (timings.start_at(0), timings.end_at(3), timings.probability(0, 9), timings.within(0, 9)) == (
        None,
        None,
        None,
        (),
    )


@pytest.mark.parametrize(
    ("offset", "start", "end"),
    [
        (0, 1.0, 1.0),  # before the first span: its beginning
        (2, 1.0, 1.0),
        (7, 1.5, 1.5),  # half-way through
        (12, 2.0, 2.0),
        (14, 2.0, 3.5),  # in the gap: from the end of what was before, to the beginning of what follows
        (15, 2.0 + 1.5, 3.5),
        (17, 3.75, 3.75),
        (19, 4.0, 4.0),
        (99, 4.0, 4.0),
    ],
)
def test_between_the_borders(offset: int, start: float, end: float) -> None:
    timings = Timings.from_spans(SPANS)
    assert (timings.start_at(offset), timings.end_at(offset)) == (start, end)


def test_the_mean_probability_is_that_of_the_words_that_have_one() -> None:
    timings = Timings.from_spans([*SPANS, TimedSpan(20, 24, 4.0, 5.0, 0.75)])
    assert timings.probability(0, 24) == 0.5
    assert timings.probability(0, 19) == 0.25
    assert timings.probability(0, 15) is None
    assert timings.probability(16, 19) is None  # the half of a word is none


def test_a_probability_of_zero_is_one() -> None:
    assert Timings.from_spans([TimedSpan(0, 1, 0.0, 1.0, 0.0)]).probability(0, 1) == 0.0


@given(timed_transcripts())
def test_times_rise_with_the_text(transcript: Transcript) -> None:
    canonical = canonicalise(transcript)
    offsets = range(len(canonical.text) + 1)
    starts = [canonical.timings.start_at(offset) for offset in offsets]
    ends = [canonical.timings.end_at(offset) for offset in offsets]
    if not len(canonical.timings):
        assert set(starts) == set(ends) == {None}
        return
    assert all(a <= b for a, b in pairwise(starts))
    assert all(a <= b for a, b in pairwise(ends))
    assert all(start <= end for start, end in zip(starts, ends[1:], strict=False))


@given(timed_transcripts())
def test_times_stay_inside_the_segments(transcript: Transcript) -> None:
    canonical = canonicalise(transcript)
    first = min((s.start for s in transcript.segments if s.start is not None), default=0)
    last = max((s.end for s in transcript.segments if s.end is not None), default=0)
    for offset in range(len(canonical.text) + 1):
        for time in (canonical.timings.start_at(offset), canonical.timings.end_at(offset)):
            assert time is None or first <= time <= last
