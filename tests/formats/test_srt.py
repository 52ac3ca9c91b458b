from __future__ import annotations

from collections import Counter
from itertools import groupby
from pathlib import Path

import pytest

from ingest.formats import parse_srt
from kb.errors import FormatError
from kb.types import Segment

from ..conftest import MATERIAL


def read(text: str) -> tuple[Segment, ...]:
    return parse_srt(Path("talk.srt"), text.encode()).segments


def said(*cues: str) -> list[tuple[str | None, str]]:
    text = "\n\n".join(f"{n}\n00:00:{n:02},000 --> 00:00:{n:02},900\n{cue}" for n, cue in enumerate(cues, 1))
    return [(segment.speaker, segment.text) for segment in read(text)]


def test_the_specifications_example() -> None:
    path = MATERIAL / "podcasting20/example.srt"
    segments = parse_srt(path, path.read_bytes()).segments
    assert Counter(segment.speaker for segment in segments).keys() == {"Travis", "Sarah", "Gilon"}
    assert segments[0] == Segment(
        0.179, 2.399, "When you first get started in podcasting, it's", "Travis", attribution="label"
    )
    turns = " ".join(speaker or "?" for speaker, _ in groupby(segment.speaker for segment in segments))
    assert turns == "Travis Sarah Travis Gilon Travis Gilon Travis Sarah Gilon Travis"
    sarah = next(segment for segment in segments if segment.speaker == "Sarah")
    assert (sarah.start, sarah.text) == (53.03, "Creating good audio is really key to keeping your")


def test_what_editors_leave_behind_is_read() -> None:
    text = (
        "\ufeff1\r\n00:00:01,000 --> 00:00:02,000 X1:100 X2:200\r\nwith a comma\r\n\r\nand a blank line\r\n\r\n"
        "00:00:02.5 --> 00:00:03.000\r\nno number, a dot\r\n"
        "3\r\n0:00:04,000-->0:00:05,000\r\nno blank line above\r\n\r\n\r\n"
        "4\r\n00:00:05,000 --> 00:00:06,000\r\n\r\n"
        "5\r\n00:00:06,000 --> 00:00:07,000\r\n1984"
    )
    assert [(segment.start, segment.end, segment.text) for segment in read(text)] == [
        (1.0, 2.0, "with a comma and a blank line"),
        (2.5, 3.0, "no number, a dot"),
        (4.0, 5.0, "no blank line above"),
        (6.0, 7.0, "1984"),
    ]


def test_tags_go_and_anything_else_in_brackets_stays() -> None:
    cue = '{\\an8}<i>Is</i> <FONT color="#fff">it</FONT> <script>alert(1)</script> &amp; <b>so</b>? <3'
    assert said(cue) == [(None, "Is it alert(1) & so? <3")]


def test_a_speaker_goes_on_until_the_next_name() -> None:
    cues = "Sarah: Hi\nthere, all", "of you.", "Bob: Hi.", "Unknown speaker: Ho.", "Ho."
    assert said(*cues) == [
        ("Sarah", "Hi there, all"),
        ("Sarah", "of you."),
        ("Bob", "Hi."),
        (None, "Ho."),
        (None, "Ho."),
    ]


def test_two_names_in_one_cue_share_its_time() -> None:
    text = "1\n00:00:10,000 --> 00:00:20,000\nBob: Four\nAnn: more!!\n\n2\n00:00:20,000 --> 00:00:21,000\nAnn: So.\n"
    assert read(text)[:2] == (
        Segment(10.0, 14.0, "Four", "Bob", attribution="label"),
        Segment(14.0, 20.0, "more!!", "Ann", attribution="label"),
    )


def test_an_arrow_ahead_of_a_nameless_voice_ends_the_named_one() -> None:
    assert said(">> Bob: Hi.", "Hi.", ">> Ho.") == [("Bob", "Hi."), ("Bob", "Hi."), (None, "Ho.")]


@pytest.mark.parametrize(
    "cues",
    [("Well, he said: no.", "And then: yes."), ("It is late.", "Note: at 10:30 we go."), ("So be it.", "Bob: no.")],
)
def test_a_colon_alone_makes_no_speaker(cues: tuple[str, ...]) -> None:
    assert said(*cues) == [(None, cue) for cue in cues]


def test_rolling_captions_converted_from_youtube_are_taken_once() -> None:
    cues = [
        ("00,160", "02,470", "yeah"),
        ("02,470", "02,480", "yeah"),
        ("02,480", "04,390", "yeah\nand so"),
        ("04,390", "04,400", "and so"),
    ]
    text = "\n\n".join(f"{n}\n00:00:{a} --> 00:00:{b}\n{words}" for n, (a, b, words) in enumerate(cues, 1))
    assert [(segment.start, segment.text) for segment in read(text)] == [(0.16, "yeah"), (2.48, "and so")]


def test_an_arrow_in_the_words_is_no_time() -> None:
    assert said("Go from A --> B", "1 --> 2") == [(None, "Go from A --> B"), (None, "1 --> 2")]


@pytest.mark.parametrize(
    ("times", "problem"),
    [
        ("00:00:01,000 --> 00:61:02,000", "'00:61:02,000' is not a time"),
        ("x00:00:01,000 --> 00:00:02,000", "'x00:00:01,000' is not a time"),
        ("00:00:05,000 --> 00:00:02,000", "before it starts"),
    ],
)
def test_a_cue_with_a_bad_time_keeps_its_words_and_is_told(times: str, problem: str) -> None:
    cues = f"1\n00:00:01,000 --> 00:00:02,000\nHi.\n\n2\n{times}\nHo.\n\n3\n00:00:07,000 --> 00:00:08,000\nHe.\n"
    transcript = parse_srt(Path("talk.srt"), cues.encode())
    assert [(segment.end, segment.text) for segment in transcript.segments] == [(2, "Hi."), (None, "Ho."), (8, "He.")]
    (remark,) = transcript.remarks
    assert remark.note.startswith("1 of 3 cues has a time that cannot be read")
    assert f"line 6: {problem}" in remark.note.replace("The cue ends (00:00:02,000) ", "")
    assert "“Ho.”" in remark.note


def test_a_file_without_cues_is_refused() -> None:
    with pytest.raises(FormatError, match="no cue"):
        read("Only words.\n")
