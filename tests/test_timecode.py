"""Seconds as people and subtitle files write them."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kb.timecode import clock, parse_timecode, srt_timestamp, vtt_timestamp

_times = st.floats(0, 3_599_999.999)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("00:00:00.000", 0.0),
        ("00:01:02.500", 62.5),
        ("00:01:02,500", 62.5),
        ("1:02", 62.0),
        ("1:02.5", 62.5),
        ("01:02.05", 62.05),
        ("100:00:00", 360_000.0),
        ("999:59:59.999", 3_599_999.999),
        (" 0:00:01 \n", 1.0),
    ],
)
def test_reading(text: str, seconds: float) -> None:
    assert parse_timecode(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "00:99:00",
        "60:00",
        "00:00:60",
        "-1:00",
        "1:02.1234",
        "1000:00:00",
        "١:٠٢",
        "1:2:3:4",
        "00:01:02.",
        "0x1:00",
        "nan",
        "1 :02",
    ],
)
def test_what_is_no_time_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time such as"):
        parse_timecode(text)


@given(st.integers(0, 3_599_999_999))
def test_written_milliseconds_come_back(milliseconds: int) -> None:
    seconds = milliseconds / 1000
    assert parse_timecode(vtt_timestamp(seconds)) == seconds
    assert parse_timecode(srt_timestamp(seconds)) == seconds


@given(_times)
@example(59.9996)
@example(3_599_999.999)
def test_written_times_are_right_to_half_a_millisecond(seconds: float) -> None:
    assert abs(parse_timecode(vtt_timestamp(seconds)) - seconds) <= 0.000501
    assert srt_timestamp(seconds).replace(",", ".") == vtt_timestamp(seconds)


@given(st.floats())
@example(3_599_999.9996)
@example(3_599_999.9994)
@example(-0.0001)
def test_every_number_is_written_so_that_it_can_be_read_or_refused(seconds: float) -> None:
    if 0 <= seconds < 3_599_999.9995:
        assert abs(parse_timecode(vtt_timestamp(seconds)) - seconds) <= 0.000501
    else:
        with pytest.raises(ValueError, match="is not a time in a recording"):
            vtt_timestamp(seconds)


@pytest.mark.parametrize("seconds", [-1.0, math.nan, math.inf, -math.inf, 3_600_000.0])
def test_what_is_no_time_is_not_written(seconds: float) -> None:
    with pytest.raises(ValueError, match="expected 0 to 3,599,999"):
        srt_timestamp(seconds)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0.0, "0:00"),
        (59.999, "0:59"),
        (60.0, "1:00"),
        (3599.0, "59:59"),
        (3600.0, "1:00:00"),
        (36_061.5, "10:01:01"),
        (61 - 1e-9, "1:01"),
    ],
)
def test_the_clock_that_a_listener_reads(seconds: float, shown: str) -> None:
    assert clock(seconds) == shown


@given(_times)
def test_playing_from_the_clock_misses_nothing(seconds: float) -> None:
    parts = [int(part) for part in clock(seconds).split(":")]
    shown = sum(part * 60**power for power, part in enumerate(reversed(parts)))
    assert shown <= seconds + 1e-5
    assert seconds < shown + 1 + 1e-5
