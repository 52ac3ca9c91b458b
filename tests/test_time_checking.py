"""What is heard to check a publisher's times, how much of it, and what is said; the words are heard without an error."""

from __future__ import annotations

import pytest

from ingest.transcribing.time_checking import CheckedTimes, check_times, most_heard
from kb.types import Segment

from .perfect_hearing import Recording, captions, inserted


def notes(found: CheckedTimes) -> list[str]:
    return [remark.note for remark in found.remarks if remark.kind == "note"]


@pytest.mark.parametrize("seconds", [60.0, 180.0])
def test_an_advertisement_is_found_for_little(seconds: float) -> None:
    segments = captions(3600)
    recording = Recording(segments, 3600 + seconds, inserted(1380, seconds))
    found = recording.check(segments)
    assert notes(found) == [f"Times are {seconds:.0f} s later from 22:59 on: something was inserted there."]
    assert [s.start for s in found.segments] == [s.start + (seconds if s.start >= 1380 else 0) for s in segments]  # type: ignore[operator]
    assert recording.seconds <= most_heard(recording.length)


def test_three_breaks_in_an_hour_are_found() -> None:
    segments = captions(3600)
    breaks = (800, 1380, 2500)
    recording = Recording(segments, 3960, lambda t: t + 120 * sum(t >= at for at in breaks))
    found = recording.check(segments)
    starts = [s.start or 0.0 for s in segments]
    assert [s.start for s in found.segments] == [t + 120 * sum(t >= at for at in breaks) for t in starts]
    assert recording.seconds <= most_heard(recording.length)


def test_something_left_out_is_told_as_that() -> None:
    segments = captions(1800)
    found = Recording(segments, 1740, lambda t: t if t < 1000 else None if t < 1060 else t - 60).check(segments)
    assert notes(found) == ["Times are 60 s earlier from 16:39 on: something was left out there."]
    assert [s.start for s in found.segments if s.text in {x.text for x in segments[250:265]}] == [None] * 15


def test_times_that_drift_are_kept_after_the_first_places() -> None:
    segments = captions(3600)
    recording = Recording(segments, 3744, lambda t: t * 1.04)
    found = recording.check(segments)
    assert (list(found.segments), found.sure) == (segments, False)
    assert "not by a few constant shifts" in notes(found)[0]
    assert recording.seconds < 300


def test_many_changes_cost_no_more_than_the_limit() -> None:
    segments = captions(1500)
    recording = Recording(segments, 2100, lambda t: t + 40 * (t // 100))
    found = recording.check(segments)
    assert (list(found.segments), found.sure) == (segments, False)
    assert recording.seconds <= most_heard(2100) == 600


def test_a_change_where_nothing_fits_is_not_claimed() -> None:
    """Twenty minutes in the middle are paraphrased, and somewhere in them a minute was inserted."""
    segments = captions(3600)
    recording = Recording(segments, 3660, lambda t: None if 1200 <= t < 2400 else t if t < 1800 else t + 60)
    found = recording.check(segments)
    assert (list(found.segments), found.sure) == (segments, False)
    (note,) = notes(found)
    assert note.startswith("The publisher's times are uncertain from 19:59 on: somewhere between 19:59 and 40:00")
    assert recording.seconds <= most_heard(3660)


def test_a_long_recording_of_which_only_the_ends_fit_are_not_heard_whole() -> None:
    segments = captions(7_200)
    recording = Recording(segments, 7_260, lambda t: t if t < 400 else t + 60 if t > 6_800 else None)
    assert recording.check(segments).sure is False
    assert recording.seconds <= most_heard(7_260)


def test_one_place_that_fits_does_not_vouch_for_the_others() -> None:
    segments = captions(1500)
    found = Recording(segments, 1530, lambda t: t if t < 60 else t + 30 if 100 < t < 400 else None).check(segments)
    assert (list(found.segments), found.sure) == (segments, False)
    assert notes(found)[0].startswith("The publisher's times are unchecked")


def test_an_advertisement_where_the_last_words_were_hides_none() -> None:
    segments = captions(1500)
    found = Recording(segments, 1720, lambda t: t if t < 1112 else t + 150 if t < 1320 else t + 220).check(segments)
    (note,) = notes(found)
    assert note.startswith("Times are 150 s later from 18:31 on and 220 s later from 24:")


def test_loose_captions_do_not_move() -> None:
    segments = captions(1800)
    found = Recording(segments, 1804, inserted(900, 3)).check(segments)
    assert (list(found.segments), found.remarks) == (segments, ())


def test_what_comes_after_the_end_has_no_time() -> None:
    segments = captions(3600)
    found = Recording(segments, 1800, lambda t: t if t < 1800 else None).check(segments)
    assert notes(found) == ["The recording ends at 30:00; the transcript goes on to 1:00:00."]
    assert list(found.segments[:450]) == segments[:450]
    assert {(s.start, s.end) for s in found.segments[450:]} == {(None, None)}


def test_a_length_that_is_only_guessed_takes_no_times() -> None:
    segments = captions(400)
    recording = Recording(segments, 400, lambda t: t)
    assert check_times(segments, 300, recording.cut, recording.hear).segments == tuple(segments)


def test_one_place_is_heard_once() -> None:
    segments = captions(3600)[850:]
    recording = Recording(segments, 130, lambda t: None)
    recording.check(segments)
    assert len(recording.places) == len(set(recording.places)) == 1


def test_one_time_per_turn_is_too_little_to_check() -> None:
    segments = [Segment(n * 60.0, None, f"This is what somebody says in turn {n}.", "Ann") for n in range(30)]
    recording = Recording([], 1800, lambda t: t)
    found = recording.check(segments)
    assert notes(found) == ["The transcript has too few times to check them against the recording."]
    assert (list(found.segments), recording.places) == (segments, [])


def test_silence_and_other_words_are_told_apart() -> None:
    segments = captions(600)
    told = [notes(Recording(segments, 600, lambda t: None, others).check(segments)) for others in (False, True)]
    assert "no words were heard" in told[0][0]
    assert "nothing that was heard" in told[1][0]
