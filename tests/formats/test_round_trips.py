from __future__ import annotations

import html
from dataclasses import replace
from pathlib import Path

import pytest
import srt
import webvtt
from hypothesis import example, given

from ingest.formats import compose_srt, compose_vtt, parse_srt, parse_vtt
from kb.errors import UsageError
from kb.types import Segment, Word

from . import strategies as own


@own.patient
@given(own.spoken(own.any_speakers, with_words=True))
@example((Segment(0.0, 1.0, "I said no.", "0"), Segment(1.0, 2.0, "主持人： <i>")))
def test_webvtt_reads_back_as_it_was(segments: tuple[Segment, ...]) -> None:
    assert parse_vtt(Path("x.vtt"), compose_vtt(segments).encode()).segments == segments


@own.patient
@given(own.spoken(own.names))
def test_subrip_reads_back_as_it_was(segments: tuple[Segment, ...]) -> None:
    back = parse_srt(Path("x.srt"), compose_srt(segments).encode()).segments
    assert [segment.speaker for segment in back] == [segment.speaker for segment in segments]
    assert [replace(segment, attribution="given", new_voice=False) for segment in back] == list(segments)


@own.patient
@given(own.spoken(own.any_speakers))
def test_subrip_never_gives_one_speakers_words_to_another(segments: tuple[Segment, ...]) -> None:
    back = parse_srt(Path("x.srt"), compose_srt(segments).encode()).segments
    assert [segment.text for segment in back] == [segment.text for segment in segments]
    # In capitals a name is read as it is spelled: "BOB" is Bob.
    names = [
        (new.speaker and new.speaker.casefold(), old.speaker and old.speaker.casefold())
        for new, old in zip(back, segments, strict=True)
    ]
    assert all(new in (old, None) for new, old in names)


PLAIN = (
    Segment(0.5, 2.25, "Is it safe & sound?", "Sarah"),
    Segment(3723.001, 3725.0, "Yes -- it is.", "Bob"),
    Segment(3726.0, 3727.0, "(They leave.)"),
)


def test_other_readers_see_the_same_webvtt() -> None:
    captions = webvtt.from_string(compose_vtt(PLAIN))
    assert [(caption.start, caption.end, caption.voice, html.unescape(caption.text)) for caption in captions] == [
        ("00:00:00.500", "00:00:02.250", "Sarah", "Is it safe & sound?"),
        ("01:02:03.001", "01:02:05.000", "Bob", "Yes -- it is."),
        ("01:02:06.000", "01:02:07.000", None, "(They leave.)"),
    ]


def test_other_readers_see_the_same_subrip() -> None:
    cues = list(srt.parse(compose_srt(PLAIN)))
    assert [(cue.index, cue.start.total_seconds(), cue.end.total_seconds(), cue.content) for cue in cues] == [
        (1, 0.5, 2.25, "Sarah: Is it safe & sound?"),
        (2, 3723.001, 3725.0, "Bob: Yes -- it is."),
        (3, 3726.0, 3727.0, "Unknown speaker: (They leave.)"),
    ]


def test_an_unknown_end_becomes_the_next_start_or_the_time_to_read_it() -> None:
    open_ended = (Segment(1.0, None, "One."), Segment(4.0, None, "Fifteen letters."))
    back = parse_vtt(Path("x.vtt"), compose_vtt(open_ended).encode()).segments
    assert [(segment.start, segment.end) for segment in back] == [(1.0, 4.0), (4.0, pytest.approx(5.067))]


def test_words_that_the_text_does_not_hold_are_passed_over() -> None:
    words = (Word("Is", 0.5, 1.0), Word("that", 1.0, 1.5), Word("safe", 1.5, 2.0))
    text = compose_vtt([Segment(0.5, 2.25, "Is it safe?", None, words)])
    assert "Is<00:00:01.000> it <00:00:01.500>safe<00:00:02.000>?" in text
    assert parse_vtt(Path("x.vtt"), text.encode()).segments[0].text == "Is it safe?"


@pytest.mark.parametrize("compose", [compose_vtt, compose_srt])
def test_a_transcript_without_times_cannot_be_subtitles(compose) -> None:
    with pytest.raises(UsageError, match=r"no times.*text or json"):
        compose([Segment(None, None, "Hello.")])
