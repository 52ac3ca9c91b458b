"""Shifts of a publisher's times are found from heard words, and moving by them keeps every word, in order."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.transcribing.matching import Match, Written
from ingest.transcribing.moving import borders, moved
from ingest.transcribing.shifts import Shift, settled, stretches_of
from kb.transcripts.canonical import canonicalise
from kb.types import Segment, Transcript, Word


def heard(count: int, shift: float, first: int = 0, noise: float = 0.2, seed: int = 5) -> list[Match]:
    """Words at a pace of three a second, ``shift`` seconds late."""
    rng = random.Random(seed + first)
    found = []
    for word in range(first, first + count):
        start = word / 3 + shift + rng.uniform(-noise, noise)
        found.append(Match(word, word / 3, start, start + 0.2))
    return found


def test_one_shift_is_found_among_words_heard_wrongly() -> None:
    stray = [Match(n, n / 3, n / 3 + 17.0 * (n % 4), 0.0) for n in range(40, 52)]
    (found,) = stretches_of([*heard(40, 62.0), *stray, *heard(60, 62.0, 52)])
    assert found.seconds == pytest.approx(62.0, abs=0.1)
    assert (found.first, found.last) == (0, 111)


def test_each_insertion_begins_a_stretch() -> None:
    found = stretches_of([*heard(50, 0.3), *heard(50, 30.3, 50), *heard(40, 92.3, 100)])
    assert [(stretch.first, stretch.last) for stretch in found] == [(0, 49), (50, 99), (100, 139)]
    # What a publisher's captions are always off by is no shift.
    assert [stretch.seconds for stretch in settled(found)] == pytest.approx([0.0, 30.0, 92.0], abs=0.15)


def test_a_few_words_between_equal_shifts_are_no_stretch() -> None:
    (found,) = stretches_of([*heard(60, 60.0), *heard(30, 79.0, 60), *heard(60, 60.0, 90)])
    assert (found.first, found.last) == (0, 149)


def test_too_few_words_tell_nothing() -> None:
    assert stretches_of(heard(5, 62.0)) == ()
    assert stretches_of([Match(n, n / 3, n * 4.0, n * 4.0) for n in range(30)]) == ()


def test_words_that_the_recording_lacks_have_no_time() -> None:
    segments = [Segment(n * 2.0, n * 2.0 + 1.8, f"Sentence number {n} ends here.", "Ann") for n in range(60)]
    written = Written(segments)
    matches = [
        Match(word, start, start + by, start + by + 0.2)
        for words, by in ((range(0, 100), 0.0), (range(175, 300), -30.0))
        for word in words
        if (start := written.starts[word]) is not None
    ]
    stretches = stretches_of(matches)
    after = moved(written, stretches, matches, 90.0)
    assert [(s.start, s.end) for s in after[20:35]] == [(None, None)] * 15
    assert after[:20] == tuple(segments[:20])
    assert [s.start for s in after[35:]] == pytest.approx([n * 2.0 - 30.0 for n in range(35, 60)], abs=0.01)
    (border,) = borders(written, stretches, matches)
    assert border.by == pytest.approx(-30.0)


def test_a_caption_is_parted_where_something_was_inserted_into_it() -> None:
    caption = Segment(10.0, 14.0, "we will be right back. Welcome back to us", "Ann", new_voice=True)
    written = Written([Segment(0.0, 9.0, " ".join(["before"] * 30), "Ann"), caption])
    matches = [
        Match(word, start, start + (0.0 if word < 35 else 60.0), start + (0.2 if word < 35 else 60.2))
        for word, start in enumerate(written.starts)
        if start is not None
    ]
    stretches = (Shift(0, 34, 0.0), Shift(35, 38, 60.0))
    after = moved(written, stretches, matches, 80.0)
    assert [segment.text for segment in after[1:]] == ["we will be right back.", "Welcome back to us"]
    assert after[1].start == 10.0
    assert after[1].end is not None
    assert after[1].end < 14.0
    assert after[2].start is not None
    assert after[2].start > 70.0
    assert (after[2].end, after[1].new_voice, after[2].new_voice) == (74.0, True, False)
    assert canonicalise(Transcript(after)).text == canonicalise(Transcript(written.segments)).text


@st.composite
def timed(draw: st.DrawFn) -> list[Segment]:
    """Segments, some with times of their words, some overlapping, some without times."""
    found = []
    at = draw(st.floats(0, 20))
    for _ in range(draw(st.integers(2, 12))):
        tokens = draw(st.lists(st.sampled_from(["one", "two.", "three", "four?"]), min_size=1, max_size=6))
        start, end = round(at, 3), round(at + draw(st.floats(0.1, 8)), 3)
        words: tuple[Word, ...] = ()
        if draw(st.booleans()):
            step = (end - start) / len(tokens)
            words = tuple(
                Word(t, round(start + n * step, 3), round(start + (n + 1) * step, 3)) for n, t in enumerate(tokens)
            )
        has_times = draw(st.integers(0, 9)) > 0
        found.append(Segment(start if has_times else None, end if has_times else None, " ".join(tokens), "Ann", words))
        at = max(0.0, at + draw(st.floats(-1, 10)))
    return found


@given(timed(), st.data())
def test_no_shift_reorders_words_or_leaves_the_recording(segments: list[Segment], data: st.DataObject) -> None:
    written = Written(segments)
    count = len(written.starts)
    known = [word for word, start in enumerate(written.starts) if start is not None]
    if not known:
        return
    cuts = sorted(data.draw(st.sets(st.sampled_from(known), min_size=1, max_size=4)))
    spans = [(first, after - 1) for first, after in zip(cuts, [*cuts[1:], count], strict=True)]
    stretches = []
    for first, last in spans:
        # Words at a stretch's ends may be misheard.
        ends = [word for word in known if first <= word <= last]
        low = data.draw(st.sampled_from(ends))
        high = data.draw(st.sampled_from([word for word in ends if word >= low]))
        stretches.append(Shift(low, high, data.draw(st.floats(-120, 120).map(lambda x: round(x, 3)))))
    matches = [
        Match(word, start, max(0.0, start + stretch.seconds), max(0.0, start + stretch.seconds) + 0.2)
        for stretch in stretches
        for word in {stretch.first, stretch.last}
        if (start := written.starts[word]) is not None
    ]
    length = data.draw(st.floats(1, 200))
    after = moved(written, stretches, sorted(matches, key=lambda match: match.word), length)

    assert [word for segment in after for word in segment.text.split()] == [
        word for segment in segments for word in segment.text.split()
    ]
    assert [w.text for s in after for w in s.words] == [w.text for s in segments for w in s.words]
    times = [
        t for s in after for t in (s.start, s.end, *(t for w in s.words for t in (w.start, w.end))) if t is not None
    ]
    assert all(0 <= time <= length for time in times)
    old = [word.start for segment in segments for word in segment.words]
    new = [word.start for segment in after for word in segment.words]
    for i in range(len(old)):
        for j in range(i + 1, len(old)):
            a, b, was, now = new[i], new[j], old[i], old[j]
            if a is not None and b is not None and was is not None and now is not None and was <= now:
                assert a <= b, (i, j)
    assert canonicalise(Transcript(after)).text == canonicalise(Transcript(tuple(segments))).text
