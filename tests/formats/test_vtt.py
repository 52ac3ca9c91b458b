from __future__ import annotations

import re
from pathlib import Path

import pytest

from ingest.formats import parse_vtt
from kb.errors import FormatError
from kb.types import Segment, Word

from ..conftest import MATERIAL


def read(text: str) -> tuple[Segment, ...]:
    return parse_vtt(Path("talk.vtt"), text.encode()).segments


def said(text: str) -> list[tuple[str | None, str]]:
    return [(segment.speaker, segment.text) for segment in read(text)]


def test_the_specifications_example() -> None:
    path = MATERIAL / "podcasting20/example.vtt"
    transcript = parse_vtt(path, path.read_bytes())
    assert transcript.source == "unknown"  # its format tells nobody who wrote it down
    assert [(segment.speaker, segment.start, segment.end) for segment in transcript.segments] == [
        ("Sarah", 0.0, 2.76),
        ("Sarah", 2.76, 6.09),
        ("Sarah", 6.09, 11.61),
        ("Sarah", 11.61, 15.75),
        ("Sarah", 15.75, 18.63),
        ("Gillian", 19.08, 21.45),
        ("Gillian", 21.45, 25.35),
    ]
    assert transcript.segments[2].text == "include in one? Welcome to Podcasting Q&A, where you learn"


def test_a_voice_goes_on_where_tags_mark_only_changes() -> None:
    # The snippet of the Podcasting 2.0 transcript specification, shortened.
    text = """WEBVTT

00:05.000 --> 00:10.000
<v Tom>Yeah, absolutely.

00:10.000 --> 00:15.000
It's amazing.

00:20.000 --> 00:25.000
<v John>Exactly, Tom.
"""
    assert said(text) == [("Tom", "Yeah, absolutely."), ("Tom", "It's amazing."), ("John", "Exactly, Tom.")]


@pytest.mark.parametrize(
    "first",
    ["<v Tom>Yeah.</v>", "<v Tom>Yeah.\n\n00:06.000 --> 00:07.000\n<v Tom>Yeah."],
    ids=["closed voice", "voice repeated in each cue"],
)
def test_untagged_words_are_nobodys_elsewhere(first: str) -> None:
    assert said(f"WEBVTT\n\n00:05.000 --> 00:06.000\n{first}\n\n00:10.000 --> 00:15.000\n[music]\n")[-1] == (
        None,
        "[music]",
    )


def test_everything_that_is_not_words_is_left_out() -> None:
    text = """WEBVTT - a title
Kind: captions

STYLE
::cue(v) { color: red }

REGION
id:fred

NOTE a comment
on two lines

intro
01:00.000 --> 01:02.000 align:start position:0%
<v.loud.first Mary Beth><c.yellow>Hi</c>, <i>all</i> <b>of</b> <lang en-GB>you</lang> &amp; <ruby>me<rt>them</rt></ruby>

NOTE 01 done

100:00:02.000 --> 100:00:03.000
<v Mary Beth>1 &lt; 2 <3 <script>
"""
    first, second = read(text)
    assert (first.start, first.end, first.speaker) == (60.0, 62.0, "Mary Beth")
    assert first.text == "Hi, all of you & methem"
    assert (second.start, second.text) == (360002.0, "1 < 2 <3")


def test_several_voices_share_a_cue_by_the_length_of_their_words() -> None:
    segments = read("WEBVTT\n\n00:10.000 --> 00:20.000\n<v A>abcdefgh</v> <v B>ab\n")
    assert segments == (Segment(10.0, 18.0, "abcdefgh", "A"), Segment(18.0, 20.0, "ab", "B"))


def test_several_voices_share_a_cue_by_its_inline_times() -> None:
    segments = read("WEBVTT\n\n00:10.000 --> 00:20.000\n<v A>Hi <00:11.000>there</v> <00:19.000><v B>Ho\n")
    assert segments == (
        Segment(10.0, 19.0, "Hi there", "A", (Word("Hi", 10.0, 11.0), Word("there", 11.0, 19.0))),
        Segment(19.0, 20.0, "Ho", "B", (Word("Ho", 19.0, 20.0),)),
    )


def test_inline_times_give_words_and_only_what_is_known_of_them() -> None:
    (segment,) = read("WEBVTT\n\n00:01.000 --> 00:09.000\none two three<00:03.000> four<00:02.000> five\n")
    assert segment.text == "one two three four five"
    assert segment.words == (
        Word("one", 1.0, None),
        Word("two", None, None),
        Word("three", None, 3.0),
        Word("four", 3.0, None),  # 00:02 runs backwards, so it tells nothing
        Word("five", None, 9.0),
    )


YOUTUBE = """WEBVTT
Kind: captions
Language: en

00:00:00.160 --> 00:00:02.470 align:start position:0%
 
yeah<00:00:00.480><c> and</c><00:00:00.640><c> welcome</c>

00:00:02.470 --> 00:00:02.480 align:start position:0%
yeah and welcome
 

00:00:02.480 --> 00:00:04.390 align:start position:0%
yeah and welcome
to<00:00:02.720><c> the</c><00:00:02.879><c> show</c>

00:00:04.390 --> 00:00:04.400 align:start position:0%
to the show
 

00:00:04.400 --> 00:00:06.000 align:start position:0%
to the show
to<00:00:04.720><c> the</c><00:00:04.879><c> show</c>
"""  # noqa: W293


@pytest.mark.parametrize("held", ["{}", "<c.colorE5E5E5>{}</c>"], ids=["plain", "coloured"])
def test_rolling_captions_are_taken_once(held: str) -> None:
    segments = read(re.sub(r"^(yeah and welcome|to the show)$", lambda line: held.format(line[0]), YOUTUBE, flags=re.M))
    assert [(segment.start, segment.end, segment.text) for segment in segments] == [
        (0.16, 2.47, "yeah and welcome"),
        (2.48, 4.39, "to the show"),
        (4.4, 6.0, "to the show"),  # said twice: the second has times of its own
    ]
    assert [(word.text, word.start, word.end) for word in segments[1].words] == [
        ("to", 2.48, 2.72),
        ("the", 2.72, 2.879),
        ("show", 2.879, 4.39),
    ]


def test_two_line_rollup_without_still_cues_is_taken_once() -> None:
    lines = ["one", "two", "three", "four", "five"]
    cues = [f"00:0{at}.000 --> 00:0{at + 1}.000\n{lines[at]}\n{lines[at + 1]}\n" for at in range(4)]
    assert [text for _, text in said("WEBVTT\n\n" + "\n".join(cues))] == ["one two", "three", "four", "five"]


def test_words_that_are_really_said_twice_stay() -> None:
    cue = "00:0{}.000 --> 00:0{}.000\n{}\n"
    cues = [cue.format(1, 2, "No."), cue.format(2, 3, "No."), cue.format(3, 4, "No.\nNo.")]
    assert [text for _, text in said("WEBVTT\n\n" + "\n".join(cues))] == ["No.", "No.", "No. No."]


def test_names_before_the_words_are_read_only_without_voice_tags() -> None:
    cues = "00:01.000 --> 00:02.000\n{}Jane Doe: Hi.\n\n00:02.000 --> 00:03.000\n{}Bob: Hi.\n"
    assert said("WEBVTT\n\n" + cues.format("", "")) == [("Jane Doe", "Hi."), ("Bob", "Hi.")]
    assert said("WEBVTT\n\n" + cues.format("<v A>", "<v B>")) == [("A", "Jane Doe: Hi."), ("B", "Bob: Hi.")]


def test_a_label_takes_its_words_times_along() -> None:
    (segment,) = read("WEBVTT\n\n00:01.000 --> 00:09.000\nJane Doe:<00:03.000> Hi<00:04.000> all.\n")
    assert segment.speaker == "Jane Doe"
    assert segment.words == (Word("Hi", 3.0, 4.0), Word("all.", 4.0, 9.0))


def test_a_blank_line_inside_a_cue_loses_no_words() -> None:
    assert said("WEBVTT\n\n00:01.000 --> 00:02.000\nbefore\n\nafter\n\nid7\n00:02.000 --> 00:03.000\nnext\n") == [
        (None, "before after"),
        (None, "next"),
    ]


@pytest.mark.parametrize(
    ("cue", "line", "problem"),
    [
        ("00:00:0x.000 --> 00:00:02.000", 3, "'00:00:0x.000' is not a time"),
        ("00:00:01.000 --> 00:99:02.000", 3, "'00:99:02.000' is not a time"),
        ("00:00:01.000 -->", 3, "'' is not a time"),
        ("00:00:03.000 --> 00:00:02.000", 3, r"ends \(00:00:02.000\) before it starts \(00:00:03.000\)"),
    ],
)
def test_where_no_time_can_be_read_the_first_is_named_with_its_line(cue: str, line: int, problem: str) -> None:
    with pytest.raises(FormatError, match=rf"talk\.vtt, line {line}: .*{problem}") as caught:
        read(f"WEBVTT\n\n{cue}\nwords\n")
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("text", "problem"),
    [("WEBVTT\n\nNOTE nothing\n", "no cue"), ("WEBVTT\n\n00:01.000 --> 00:02.000\n<i></i>\n", "no spoken words")],
)
def test_a_file_without_words_is_refused(text: str, problem: str) -> None:
    with pytest.raises(FormatError, match=problem):
        read(text)
