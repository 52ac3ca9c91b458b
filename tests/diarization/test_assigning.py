"""Each word goes to whom it belongs, nothing else changes, and whatever fails, the transcript stays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.diarization import (
    SpeakerSpan,
    add_speakers,
    assign_speakers,
    split_by_channel,
)
from kb.errors import AudioError
from kb.types import Segment, Word

seconds = st.floats(0, 60).map(lambda value: round(value, 2))
span_lists = st.lists(
    st.builds(lambda a, b, who: SpeakerSpan(min(a, b), max(a, b), who), seconds, seconds, st.sampled_from("ABC")),
    max_size=12,
)
word_texts = st.text("abc,.é日", min_size=1, max_size=4)


@st.composite
def transcripts(draw: st.DrawFn) -> list[Segment]:
    segments = []
    for _ in range(draw(st.integers(0, 4))):
        texts = draw(st.lists(word_texts, max_size=8))
        marks = sorted(draw(st.lists(seconds, min_size=2 * len(texts) + 2, max_size=2 * len(texts) + 2)))
        words = tuple(
            Word(draw(st.sampled_from(["", " "])) + text, *draw(st.sampled_from([(a, b), (a, b), (None, None)])), 0.5)
            for text, a, b in zip(texts, marks[1:-1:2], marks[2::2], strict=True)
        )
        text = draw(st.sampled_from(["", " "])) + draw(st.sampled_from([" ", "", "  "])).join(texts)
        kept = draw(st.sampled_from([words, words, words, ()]))
        speaker = draw(st.sampled_from([None, None, None, "Aarti Shahani", "Speaker 1"]))
        segments.append(Segment(marks[0], marks[-1], text, speaker, kept, -0.3, 0.01))
    return segments


@given(transcripts(), span_lists)
def test_text_words_and_times_stay(segments: list[Segment], spans: list[SpeakerSpan]) -> None:
    parts = assign_speakers(segments, spans)
    assert "".join(part.text for part in parts) == "".join(segment.text for segment in segments)
    assert [word for part in parts for word in part.words] == [word for segment in segments for word in segment.words]
    assert {part.start for part in parts} >= {segment.start for segment in segments}
    assert {part.end for part in parts} >= {segment.end for segment in segments}
    assert all((part.avg_logprob, part.no_speech_prob) == (-0.3, 0.01) for part in parts)
    assert [part for part in parts if part.speaker == "Aarti Shahani"] == [
        segment for segment in segments if segment.speaker == "Aarti Shahani"
    ]


@given(transcripts(), span_lists)
def test_unknown_speakers_are_numbered_in_the_order_of_appearance(
    segments: list[Segment], spans: list[SpeakerSpan]
) -> None:
    given_names = {segment.speaker for segment in segments}
    speakers = [part.speaker for part in assign_speakers(segments, spans) if part.speaker not in given_names]
    first = 2 if "Speaker 1" in given_names else 1
    assert list(dict.fromkeys(speakers)) == [f"Speaker {first + k}" for k in range(len(set(speakers)))]


@given(transcripts(), span_lists)
def test_each_word_goes_to_who_overlaps_it_most(segments: list[Segment], spans: list[SpeakerSpan]) -> None:
    def overlap(word: Word, who: str) -> float:
        if word.start is None or word.end is None:
            return 0
        return sum(
            max(0, min(word.end, span.end) - max(word.start, span.start)) for span in spans if span.speaker == who
        )

    for part in assign_speakers(segments, spans, {"A": "A", "B": "B", "C": "C"}):
        places = "".join(word.text.strip() for word in part.words) == "".join(part.text.split())
        for word in part.words if part.speaker in {"A", "B", "C"} and places else ():
            shares = {who: overlap(word, who) for who in "ABC"}
            assert part.speaker is not None
            assert shares[part.speaker] == pytest.approx(max(shares.values()))


@given(transcripts())
def test_without_spans_nothing_changes(segments: list[Segment]) -> None:
    assert assign_speakers(segments, ()) == tuple(segments)


def words_at(text: str, *starts: float) -> tuple[Word, ...]:
    return tuple(Word(f" {word}", start, start + 0.5) for word, start in zip(text.split(), starts, strict=True))


def test_a_segment_is_split_where_the_speaker_changes() -> None:
    text = " Is it new? Yes it is."
    segment = Segment(0.0, 6.5, text, None, words_at(text, 0, 1, 2, 4, 5, 6))
    parts = assign_speakers([segment], [SpeakerSpan(0, 3, "SPEAKER_07"), SpeakerSpan(3.5, 7, "SPEAKER_02")])
    assert [(part.speaker, part.text, part.start, part.end) for part in parts] == [
        ("Speaker 1", " Is it new?", 0.0, 2.5),
        ("Speaker 2", " Yes it is.", 4, 6.5),
    ]


def test_a_word_in_a_gap_goes_with_its_neighbour() -> None:
    segment = Segment(0.0, 3.5, "Is it new?", None, words_at("Is it new?", 0, 1.2, 2.5))
    assert assign_speakers([segment], [SpeakerSpan(0, 1, "x"), SpeakerSpan(2, 4, "x")]) == (
        Segment(0.0, 3.5, "Is it new?", "Speaker 1", segment.words, attribution="diarization"),
    )


def test_a_segment_whose_words_are_not_its_text_stays_whole() -> None:
    segment = Segment(0.0, 4.0, "Something else.", None, words_at("two words", 0, 3))
    parts = assign_speakers([segment], [SpeakerSpan(0, 1, "x"), SpeakerSpan(1, 4, "y")])
    assert [(part.text, part.speaker) for part in parts] == [("Something else.", "Speaker 1")]


def test_a_segment_that_nobody_overlaps_stays_unknown() -> None:
    segment = Segment(10.0, 12.0, "Hello.", None, words_at("Hello.", 10))
    assert assign_speakers([segment], [SpeakerSpan(0, 5, "x")])[0].speaker is None


def test_names_are_used_and_never_given_twice() -> None:
    segments = [Segment(0.0, 1.0, "a"), Segment(2.0, 3.0, "b")]
    parts = assign_speakers(segments, [SpeakerSpan(0, 1, "x"), SpeakerSpan(2, 3, "y")], {"x": "Speaker 1"})
    assert [part.speaker for part in parts] == ["Speaker 1", "Speaker 2"]


TRANSCRIPT = (Segment(0.0, 1.0, "Kept."),)


@pytest.mark.parametrize(
    ("failure", "warning"),
    [
        (RuntimeError("CUDA out of memory"), "RuntimeError: CUDA out of memory"),
        (AudioError("a.mp3", "is damaged.", "Fetch it again."), "a.mp3: is damaged. Fetch it again."),
        (IndexError("list index out of range"), "the transcript is complete without them"),
        (MemoryError(), "MemoryError"),
    ],
)
def test_a_diarization_that_fails_keeps_the_transcript(failure: Exception, warning: str) -> None:
    def broken(blocks: object) -> tuple[SpeakerSpan, ...]:
        raise failure

    segments, said = add_speakers(TRANSCRIPT, [], broken)
    assert segments == TRANSCRIPT
    assert (said or "").startswith("The speakers were not told apart")
    assert warning in (said or "")


def test_one_voice_is_no_failure_and_none_is_said() -> None:
    assert add_speakers(TRANSCRIPT, [], lambda blocks: (SpeakerSpan(0, 1, "x"),))[1] is None
    segments, said = add_speakers(TRANSCRIPT, [np.zeros((16000, 2), np.float32)], split_by_channel)
    assert (segments, said) == (TRANSCRIPT, "The speakers were not told apart: no two voices could be distinguished.")


def test_a_person_who_stops_it_is_obeyed() -> None:
    def stopped(blocks: object) -> tuple[SpeakerSpan, ...]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        add_speakers(TRANSCRIPT, [], stopped)
