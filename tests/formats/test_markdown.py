from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ingest.formats import parse_markdown
from kb.errors import FormatError
from kb.transcripts.canonical import canonicalise
from kb.types import Segment, Transcript

from ..conftest import MATERIAL
from .samples import SAMPLES


def read(text: str) -> tuple[Segment, ...]:
    return parse_markdown(Path("talk.md"), text.encode()).segments


def said(text: str) -> list[tuple[str | None, str]]:
    return [(segment.speaker, segment.text) for segment in read(text)]


def test_all_that_a_markdown_transcript_holds() -> None:
    assert parse_markdown(Path("talk.md"), SAMPLES["talk.md"]).segments == (
        Segment(None, None, "Hi, [laughs] all of you at the fair.", "Ann Lee", attribution="label"),
        Segment(241.06, None, "Go on.", "Ann Lee", attribution="label"),
        Segment(None, 260.0, "1984. It was 5 * 3, snake_case.", "Ann Lee", attribution="carried"),
        Segment(300.0, None, "Nobody's.", new_voice=True),
        Segment(None, None, "So?", "Bob", attribution="label"),
        Segment(None, None, "No.", "Ann Lee", attribution="label"),
    )


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("**Jerod Santo:** Hi.", "Jerod Santo"),
        ("**Jerod Santo**: Hi.", "Jerod Santo"),
        ("**Jerod Santo** : Hi.", "Jerod Santo"),
        ("**Jerod Santo: ** Hi.", "Jerod Santo"),
        ("**Jerod Santo:**Hi.", "Jerod Santo"),
        ("**:Jerod Santo:** Hi.", "Jerod Santo"),
        ("**Jerod Santo:**\n\nHi.", "Jerod Santo"),
        ("**Clip from *Changelog & Friends* 28:** Hi.", "Clip from Changelog & Friends 28"),
        ("**sam boyer:** Hi.", "sam boyer"),
        ("**Unknown speaker:** Hi.", None),
    ],
)
def test_labels_as_editors_type_them(label: str, name: str | None) -> None:
    assert said(label) == [(name, "Hi.")]


@pytest.mark.parametrize("text", ["**So** it goes: well.", "**Ann** said: no.", "Hi **Ann:** no."])
def test_other_bold_words_are_no_label(text: str) -> None:
    assert said(f"**Bob:** Hi.\n\n{text}")[1] == ("Bob", text.replace("**", ""))


@pytest.mark.parametrize("text", ["**Note:** go on.", "**Find out more about us:** online.", "**On Wednesday:** news."])
def test_a_bold_phrase_that_names_no_one_ends_the_speaker(text: str) -> None:
    assert said(f"**Bob:** Hi.\n\n{text}\n\n**Bob:** So.")[1] == (None, text.replace("**", ""))


@pytest.mark.parametrize(
    "break_",
    [
        "**Break:**",
        "**Break** \\[04:20\\]",
        "# **Jingle:** \\[04:20\\] to \\[04:30\\]",
        "**Break: \\[4:20\\]**",
        "**Song extract:** \\[4:20\\]",
    ],
)
def test_a_break_is_no_speech_and_ends_the_speaker(break_: str) -> None:
    assert said(f"**Bob:** Hi.\n\n{break_}\n\nHo.") == [("Bob", "Hi."), (None, "Ho.")]


def test_words_on_either_side_of_a_break_are_bounded_by_its_time() -> None:
    text = "**Bob:** [10:00] Hi.\n\n**Ann:** So.\n\n**Break:** [13:54]\n\n**Bob:** Ho.\n\n**Ann:** [20:01] No."
    canonical = canonicalise(parse_markdown(Path("talk.md"), text.encode()))
    whens = [canonical.timings.when(turn.char_start, turn.char_end) for turn in canonical.turns]
    assert [(when.earliest, when.latest) for when in whens] == [(600, 834), (600, 834), (834, 1201), (1201, None)]


def test_a_break_before_the_words_above_it_says_nothing_of_their_end() -> None:
    assert [segment.end for segment in read("**Bob:** [10:00] Hi.\n\n**Break:** [4:20]\n\nHo.")] == [None, None]


@pytest.mark.parametrize(
    ("mark", "seconds"),
    [
        ("\\[04:01\\]", 241.0),
        ("[04:01]", 241.0),
        ("\\[00:04:01.06\\]", 241.06),
        ("\\[\\00:04:01.06\\]", 241.06),
        ("\\[00:04:01.06\\\\\\]", 241.06),
        ("\\[83:07\\]", 4987.0),
        ("[1:02:03:04]", 3723.04),
    ],
)
def test_times_as_editors_type_them(mark: str, seconds: float) -> None:
    assert read(f"**Bob:** {mark} Hi. {mark}\n\nHo.") == (
        Segment(seconds, seconds, "Hi.", "Bob", attribution="label"),
        Segment(seconds, None, "Ho.", "Bob", attribution="carried"),
    )


def test_what_could_not_be_understood_stays() -> None:
    assert said("**Bob:** So \\[unintelligible 00:04:01.06\\] it was.") == [
        ("Bob", "So [unintelligible 00:04:01.06] it was.")
    ]


def test_markup_becomes_words_and_tags_go() -> None:
    text = "**Bob:** A [link](https://example.org/(x)) and <https://example.org>, ![picture](x.png) `a_b`, **_so_** &amp; <br>5 < 6"
    assert said(text) == [("Bob", "A link and https://example.org, a_b, so & 5 < 6")]


def test_a_file_without_words_is_refused() -> None:
    with pytest.raises(FormatError, match="no spoken words"):
        read("# Title\n\n**Break:** \\[04:20\\]\n\n---\n")


def test_real_transcripts_have_speakers_all_through() -> None:
    paths = sorted((MATERIAL / "changelog").glob("*/*.md"))
    assert len({path.parent for path in paths}) == 11  # shows
    spoken = named = 0
    for path in paths:
        segments = parse_markdown(path, path.read_bytes()).segments
        spoken += len(segments)
        named += sum(segment.speaker is not None for segment in segments)
        assert not any("\\[" in segment.text or segment.text.startswith("**") for segment in segments), path
        assert {"Break", "Jingle", "Outro"}.isdisjoint(segment.speaker for segment in segments), path
    assert named > 0.99 * spoken  # songs and the like are nobody's


def test_one_real_transcript_closely() -> None:
    path = MATERIAL / "changelog/gotime/go-time-71.md"
    segments = parse_markdown(path, path.read_bytes()).segments
    assert {segment.speaker for segment in segments} == {
        "Erik St. Martin",
        "Carlisia Thompson",
        "Brian Ketelsen",
        "Carmen Andoh",
    }
    assert segments[1] == Segment(None, None, "Hi, there.", "Carlisia Thompson", attribution="label")
    # A long answer of three paragraphs, labelled once.
    at = next(place for place, segment in enumerate(segments) if segment.text.startswith("Well, what many people"))
    assert [segment.speaker for segment in segments[at : at + 3]] == ["Carmen Andoh"] * 3
    assert segments[at + 1].text.startswith("Then I kind of fell into the university town")


QUOTED = """**Ann Lee:** The paper is short. Nick writes:

> Rivers carry salt.
and the sea does.
>
> So do lakes.

I agree.
Ann goes on:
> Salt is cheap.
"""


def test_a_block_quote_is_read_out_and_no_letter_of_the_text_is_another() -> None:
    segments = read(QUOTED)
    assert {segment.speaker for segment in segments} == {"Ann Lee"}
    assert [segment.text for segment in segments if segment.read_out] == [
        "Rivers carry salt. and the sea does.",
        "So do lakes.",
        "Salt is cheap.",
    ]
    plain = canonicalise(Transcript(read(QUOTED.replace("> ", "").replace(">", ""))))
    marked = canonicalise(Transcript(segments))
    assert marked.text == plain.text
    assert [replace(turn, read_out=()) for turn in marked.turns] == list(plain.turns)


def test_a_transcript_that_is_a_block_quote_and_another_voice_are_not_read_out() -> None:
    assert not any(segment.read_out for segment in read("> **Ann:** Yes.\n>\n> I said so.\n>\n> **Bo:** No.\n"))
    assert not any(segment.read_out for segment in read("**Ann:** Yes.\n\n>> No.\n"))
