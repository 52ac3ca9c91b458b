"""A revision gets other times, and keeps its letters and its turns."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.transcripts.canonical import Canonical, canonicalise
from kb.transcripts.corrections import correct_turn
from kb.transcripts.retiming import has_times, retimed, timed_segments, with_marks
from kb.transcripts.timings import TimedSpan, Timings
from kb.types import Segment, Transcript, Turn, Word

LATER = 60.0


def canonical(*segments: Segment) -> Canonical:
    return canonicalise(Transcript(segments))


def spoken(text: str, start: float, speaker: str | None = "Ann", by_word: bool = True) -> Segment:
    """Return a segment of a second a word."""
    words = tuple(Word(word, start + n, start + n + 0.9, 0.5) for n, word in enumerate(text.split()))
    return Segment(start, start + len(words), text, speaker, words if by_word else ())


def later(segment: Segment, by: float = LATER) -> Segment:
    def moved(seconds: float | None) -> float | None:
        return None if seconds is None else seconds + by

    words = tuple(replace(word, start=moved(word.start), end=moved(word.end)) for word in segment.words)
    return replace(segment, start=moved(segment.start), end=moved(segment.end), words=words)


def all_later(found: Canonical, by: float = LATER) -> Canonical:
    spans = [replace(span, start=span.start + by, end=span.end + by) for span in found.timings.spans()]
    turns = [
        replace(t, start=None if t.start is None else t.start + by, end=None if t.end is None else t.end + by)
        for t in found.turns
    ]
    return Canonical(found.text, tuple(turns), Timings.from_spans(spans))


MIXED = canonical(
    spoken("The river rose. Nobody saw it.", 0),
    spoken("Who closed the gates? They did", 10, "Bo", by_word=False),
    spoken("not say.", 16, "Bo", by_word=False),
    Segment(20.0, None, "Nobody knows when.", "Cy"),
    spoken("Yes.", 30, "Bo", by_word=False),
    Segment(None, None, "And nobody ever will.", "Cy"),
)
STARTS = canonical(
    Segment(0.0, None, "The river rose. Nobody", "Ann"),
    Segment(4.0, None, "saw it.", "Ann"),
    Segment(8.0, None, "Who closed the gates?", "Bo"),
    Segment(None, 20.0, "They did.", "Bo"),
)
UNSPACED = canonical(
    Segment(
        0.0,
        4.0,
        "川が上がった。誰も見なかった。",
        "Ann",
        (Word("川が", 0.0, 1.0), Word("上がった。", 1.0, 2.0), Word("誰も", 2.0, 3.0), Word("見なかった。", 3.0, 4.0)),
    )
)
SPLIT = correct_turn(MIXED, 0, "The river rose.\n\nNobody saw it.", ["Ann", "Ann"])


@pytest.mark.parametrize("found", [MIXED, STARTS, UNSPACED, SPLIT], ids=["mixed", "starts", "unspaced", "two turns"])
def test_all_times_move_and_no_letter_and_no_turn_does(found: Canonical) -> None:
    assert retimed(found, timed_segments(found)) is found
    moved = retimed(found, [later(segment) for segment in timed_segments(found)])
    expected = all_later(found)
    assert (moved.text, moved.turns) == (expected.text, expected.turns)
    assert moved.timings.spans() == expected.timings.spans()


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Yes.", "The river rose.", "“No,” he said; then left. Twice!", "a b"]),
            st.sampled_from(["Ann", "Bo", None]),
            st.sampled_from(["words", "caption", "start", "none"]),
        ),
        min_size=1,
        max_size=6,
    ),
    st.integers(1, 5_000),
)
def test_any_mixture_of_times_moves(said: list[tuple[str, str | None, str]], by: int) -> None:
    segments = []
    for n, (text, speaker, how) in enumerate(said):
        segment = spoken(text, 10.0 * n, speaker, by_word=how == "words")
        if how in ("start", "none"):
            segment = replace(segment, start=10.0 * n if how == "start" else None, end=None)
        segments.append(segment)
    found = canonical(*segments)
    moved = retimed(found, [later(segment, float(by)) for segment in timed_segments(found)])
    assert moved.text == found.text
    assert moved.timings.spans() == all_later(found, float(by)).timings.spans()
    assert moved.turns == all_later(found, float(by)).turns


def test_starts_without_ends_are_those_of_the_segments() -> None:
    found = timed_segments(STARTS)
    assert [(segment.start, segment.text) for segment in found] == [
        (0.0, "The river rose."),
        (None, "Nobody"),
        (4.0, "saw it."),
        (8.0, "Who closed the gates?"),
        (None, "They did."),
    ]
    assert has_times(STARTS)
    assert not has_times(canonical(Segment(None, 20.0, "They did.", "Bo")))


def test_a_caption_that_something_was_inserted_into_is_parted() -> None:
    found = canonical(spoken("one two three four", 0, by_word=False))
    parts = [Segment(0.0, 2.0, "one two", "Ann"), Segment(62.0, 64.0, "three four", "Ann")]
    moved = retimed(found, parts)
    assert moved.timings.spans() == (TimedSpan(0, 7, 0.0, 2.0), TimedSpan(8, 18, 62.0, 64.0))
    assert moved.turns == (Turn("Ann", 0.0, 64.0, 0, 18),)


def test_words_without_a_time_in_the_recording_have_none() -> None:
    found = canonical(spoken("one two", 0), spoken("three four", 2, "Bo"))
    first, second = timed_segments(found)
    lost = replace(second, start=None, end=None, words=tuple(replace(w, start=None, end=None) for w in second.words))
    moved = retimed(found, [first, lost])
    assert [span.start for span in moved.timings.spans()] == [0.0, 1.0]
    assert (moved.turns[1].start, moved.turns[1].end) == (None, None)


def test_an_advertisement_becomes_a_turn_of_its_own() -> None:
    found = canonical(spoken("We are back. Buy a boat. The river rose.", 0), spoken("It did.", 9, "Bo"))
    why = "Its chapter is titled “Sponsor”."
    marked = [replace(s, advert=why if "boat" in s.text else None) for s in timed_segments(found)]
    new = with_marks(found, marked)
    assert new.text == "We are back.\n\nBuy a boat.\n\nThe river rose.\n\nIt did."
    assert [(turn.speaker, turn.advert) for turn in new.turns] == [
        ("Ann", None),
        ("Ann", why),
        ("Ann", None),
        ("Bo", None),
    ]
    assert [span.start for span in new.timings.spans()] == [span.start for span in found.timings.spans()]
    assert with_marks(found, timed_segments(found)) == found


def test_a_speaker_that_is_only_carried_over_stays_so() -> None:
    carried = replace(spoken("Buy a boat. The river rose.", 3), attribution="carried")
    found = canonical(spoken("We are back.", 0), carried)
    marked = [replace(s, advert="Paid." if "boat" in s.text else None) for s in timed_segments(found)]
    assert [(turn.attribution, turn.carried_after) for turn in with_marks(found, marked).turns] == [
        ("given", None),
        ("carried", 0),
        ("carried", 0),
    ]
