from __future__ import annotations

from pathlib import Path

import pytest

from ingest.formats import parse_text
from kb.types import Segment

from ..conftest import MATERIAL


def read(text: str) -> tuple[Segment, ...]:
    return parse_text(Path("talk.txt"), text.encode()).segments


def said(text: str) -> list[tuple[str | None, str]]:
    return [(segment.speaker, segment.text) for segment in read(text)]


RADIO = """AUDIE CORNISH, HOST:

Now to ICE. Here's NPR's Aarti Shahani and Sarah McCammon.

(SOUNDBITE OF MUSIC)

AARTI SHAHANI, BYLINE: Hi. He said: no.

CORNISH: Three states - (SOUNDBITE OF TV SHOW, "THE WIRE") Utah,
Washington and Vermont. At 10:30 we asked.

MCCAMMON: Note: this is not a label.

A paragraph that nobody is named for.

SEN. BERNIE SANDERS, I-VT: (Through interpreter) So.

SEAN O'BRIEN, JR.: The FBI (INAUDIBLE).

UNIDENTIFIED PERSON #1: Yes.

SANDERS: Yes.
"""


def test_radios_printed_shape() -> None:
    assert said(RADIO) == [
        ("Audie Cornish", "Now to ICE. Here's NPR's Aarti Shahani and Sarah McCammon."),
        ("Aarti Shahani", "Hi. He said: no."),
        ("Audie Cornish", "Three states - Utah, Washington and Vermont. At 10:30 we asked."),
        ("McCammon", "Note: this is not a label."),
        (None, "A paragraph that nobody is named for."),
        ("Sen. Bernie Sanders", "(Through interpreter) So."),
        ("Sean O'Brien Jr.", "The FBI (INAUDIBLE)."),
        ("Unidentified Person #1", "Yes."),
        ("Sen. Bernie Sanders", "Yes."),
    ]


def test_a_surname_is_completed_only_from_one_person_named_before() -> None:
    text = "SMITH: One.\n\nJOHN SMITH, HOST: Two.\n\nSMITH: Three.\n\nJANE SMITH, BYLINE: Four.\n\nSMITH: Five.\n"
    assert [speaker for speaker, _ in said(text)] == ["Smith", "John Smith", "John Smith", "Jane Smith", "Smith"]


def test_blanks_around_a_role_are_not_the_names() -> None:
    assert [speaker for speaker, _ in said("ANN LE , HOST : Hi.\n\nBOB ROE\t, BYLINE: Ho.\n\nLE: So.\n")] == [
        "Ann Le",
        "Bob Roe",
        "Ann Le",
    ]


def test_the_texts_own_spelling_of_a_name_is_taken() -> None:
    text = (
        "JD VANCE, GUEST: Hi, Ursula von der Leyen.\n\nURSULA VON DER LEYEN, GUEST: Hi, JD Vance. A von der Leyen...\n"
    )
    assert [speaker for speaker, _ in said(text)] == ["JD Vance", "Ursula von der Leyen"]


def test_mixed_case_names_with_times() -> None:
    text = "[00:00:05] Jane Doe: Hello.\n[00:00:09.5] Bob: Hi.\n[00:12] Jane Doe (host): So\nwe go on.\n"
    assert read(text) == (
        Segment(5.0, 9.5, "Hello.", "Jane Doe", attribution="label"),
        Segment(9.5, 12.0, "Hi.", "Bob", attribution="label"),
        Segment(12.0, None, "So we go on.", "Jane Doe", attribution="label"),
    )


@pytest.mark.parametrize("header", ["Jane Doe  0:03\n", "Jane Doe (00:03):\n", "Jane Doe [00:00:03]:\n\n"])
def test_the_headers_of_transcription_services(header: str) -> None:
    assert read(f"{header}Hello there.\n\n{header.replace('03', '09')}And bye.\n") == (
        Segment(3.0, 9.0, "Hello there.", "Jane Doe", attribution="label"),
        Segment(9.0, None, "And bye.", "Jane Doe", attribution="label"),
    )


def test_prose_is_nobodys_paragraph_by_paragraph() -> None:
    text = "Remember: it was late.\nHe said: no.\n\nWarning: this is\nlong.\n\nAt 10:30 we left.\n"
    assert said(text) == [
        (None, "Remember: it was late. He said: no."),
        (None, "Warning: this is long."),
        (None, "At 10:30 we left."),
    ]


def test_lines_without_blank_ones_between_are_paragraphs() -> None:
    assert said("First.\nSecond.") == [(None, "First."), (None, "Second.")]
    assert said("Ann: First.\nstill first.\nBob: Second.") == [("Ann", "First. still first."), ("Bob", "Second.")]


def test_turns_joined_into_one_line_are_parted_again() -> None:
    (path,) = (MATERIAL / "seed").glob("*.txt")
    segments = parse_text(path, path.read_bytes()).segments
    assert len(segments) == 12
    assert (segments[1].text, segments[-1].text) == ("Hi.", "Thank you.")
    assert " ".join(segment.text for segment in segments) == " ".join(path.read_text().split())


def test_two_spaces_after_every_sentence_part_nothing() -> None:
    assert said("One.  Two.  Three.  Four.") == [(None, "One. Two. Three. Four.")]
