"""Which second belongs to which character."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.text.sentences import split_sentences
from kb.transcripts.canonical import TURN_BREAK, canonicalise, fold
from kb.transcripts.timings import TimedSpan, Timings, When
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
        (0, 0.0, 1.0),  # before the first span: a recording begins at 0
        (2, 1.0, 1.0),
        (7, 1.5, 1.5),  # half-way through
        (12, 2.0, 2.0),
        (14, 2.0, 3.5),  # in the gap: from the end of what was before, to the beginning of what follows
        (15, 2.0 + 1.5, 3.5),
        (17, 3.75, 3.75),
        (19, None, 4.0),
        (99, None, None),  # after the last one, for as long as the recording goes on
    ],
)
def test_between_the_borders(offset: int, start: float | None, end: float | None) -> None:
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


@pytest.mark.parametrize(
    ("place", "when"),
    [
        ((0, 9), When(0.0, None, 0.0, 490.0)),  # it begins where its span does
        ((20, 30), When(None, None, 0.0, 490.0)),  # in the middle of eight minutes, where an even pace is a guess
        ((90, 100), When(None, 490.0, 0.0, 490.0)),
        ((0, 100), When(0.0, 490.0, 0.0, 490.0)),
        ((102, 110), When(490.0, None, 490.0, 1447.0)),  # a mark whose end nobody gave
        ((120, 130), When(None, None, 490.0, 1447.0)),
        ((120, 250), When(None, None, 490.0, 1447.0)),  # up to the next mark
        ((252, 260), When(1447.0, None, 1447.0, 1467.0)),  # that a short mark follows: see below
        ((290, 300), When(1447.0, 1467.0, 1447.0, 1467.0)),
        ((302, 310), When(1467.0, None, 1467.0, None)),
        ((311, 320), When(None, None, 1467.0, None)),
    ],
)
def test_between_marks_that_are_far_apart_there_is_no_time(place: tuple[int, int], when: When) -> None:
    marks = (TimedSpan(0, 100, 0.0, 490.0), *(TimedSpan(n, n, t, t) for n, t in ((102, 490.0), (252, 1447.0))))
    timings = Timings.from_spans([*marks, TimedSpan(302, 302, 1467.0, 1467.0)])
    told = timings.when(*place)
    if place == (252, 260):  # twenty seconds to the next mark: a time, the later one, lest the end be missed
        when = replace(when, end=1467.0)
    assert told == when


def test_before_the_first_mark_the_recording_has_begun() -> None:
    timings = Timings.from_spans([TimedSpan(50, 50, 300.0, 300.0)])
    assert timings.when(0, 50) == When(None, 300.0, 0.0, 300.0)
    assert timings.when(10, 20) == When(None, None, 0.0, 300.0)


def test_a_clock_that_runs_backwards_gives_no_end() -> None:
    timings = Timings.from_spans([TimedSpan(0, 9, 3600.0, 3605.0), TimedSpan(10, 19, 0.0, 5.0)])  # two files in one
    assert timings.when(0, 19) == When(3600.0, None, 3600.0, None)
    assert timings.when(9, 10) == When(None, None, 0.0, 3605.0)


def test_the_bytes_of_older_revisions_read_as_they_did() -> None:
    """Written by Verbatim 0.1, before there were marks."""
    data = bytes.fromhex("020000000c000000e8030000d00700000000c07f0f00000013000000ac0d0000a00f00000000803e")
    timings = Timings.from_bytes(data)
    assert timings.within(0, 99) == timings.spans() == SPANS
    assert timings.to_bytes() == Timings.from_spans(SPANS).to_bytes() == data


@given(timed_transcripts())
def test_times_rise_with_the_text(transcript: Transcript) -> None:
    canonical = canonicalise(transcript)
    offsets = range(len(canonical.text) + 1)
    starts = [t for n in offsets if (t := canonical.timings.start_at(n)) is not None]
    ends = [t for n in offsets if (t := canonical.timings.end_at(n)) is not None]
    assert all(a <= b for a, b in pairwise(starts))
    assert all(a <= b for a, b in pairwise(ends))
    for n in offsets[:-1]:
        when = canonical.timings.when(n, n + 1)
        known = [time for time in (when.earliest, when.start, when.end, when.latest) if time is not None]
        assert known == sorted(known)
        assert when.start in (None, when.earliest)
        assert when.end in (None, when.latest)


@given(timed_transcripts())
def test_no_time_lies_outside_the_marks_around_it(transcript: Transcript) -> None:
    canonical = canonicalise(transcript)
    marks = list(given_times(transcript))
    for start, end in split_sentences(canonical.text):
        when = canonical.timings.when(start, end)
        before = max((time for place, time in marks if place <= start), default=0.0)
        after = min((time for place, time in marks if place >= end), default=None)
        assert_between(when, before, after)


def given_times(transcript: Transcript) -> Iterator[tuple[int, float]]:
    """Yield when each segment begins and ends, by its words if they are timed, and where; without ``Timings``."""
    offset, speaker = 0, None
    for segment in transcript.segments:
        text, who = fold(segment.text), segment.speaker and (fold(segment.speaker) or None)
        if not text:
            continue
        offset += (1 if who == speaker else len(TURN_BREAK)) if offset else 0
        ends = [time for word in segment.words if fold(word.text) for time in (word.start, word.end)]
        start, end = (ends[0], ends[-1]) if ends else (segment.start, segment.end)
        yield from ((p, t) for p, t in ((offset, start), (offset + len(text), end)) if t is not None)
        offset, speaker = offset + len(text), who


def assert_between(when: When, before: float, after: float | None) -> None:
    for time in (when.start, when.end):
        assert time is None or (before <= time and (after is None or time <= after)), (when, before, after)
    assert when.earliest is None or when.earliest >= before
    assert after is None or when.earliest is None or when.latest is not None
    assert after is None or when.latest is None or when.latest <= after
