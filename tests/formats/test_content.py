"""A file is read as what it is, whatever it is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingest.formats import SUFFIXES, parse
from kb.errors import FormatError

from .samples import SAMPLES

VTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Hi.\n\n00:02.000 --> 00:03.000\n<v Bob>Ho.\n"
SRT = b"1\n00:00:01,000 --> 00:00:02,000\nHi.\n\n2\n00:00:02,000 --> 00:00:03,000\nHo.\n"
JSON = b'{"segments": [{"start": 1, "end": 2, "text": "Hi."}, {"start": 2, "end": 3, "text": "Ho."}]}'
PAGE = b"<!DOCTYPE html>\n<html><body><p><cite>Ann:</cite> <time>0:01</time> <p>Hi.</p><p>Ho.</p></body></html>"
TABLE = b"start\tend\ttext\n1000\t2000\tHi.\n2000\t3000\tHo.\n"


@pytest.mark.parametrize(
    "data", [VTT, b"\xef\xbb\xbf" + VTT, SRT, JSON, PAGE, TABLE], ids=lambda data: data[:6].decode()
)
@pytest.mark.parametrize("suffix", sorted(SUFFIXES | {".VTT", ".bin", ""}))
def test_the_name_decides_nothing_that_the_content_tells(data: bytes, suffix: str) -> None:
    segments = parse(Path(f"talk{suffix}"), data).segments
    assert [segment.text for segment in segments] == ["Hi.", "Ho."]
    assert segments[0].start == 1.0


@pytest.mark.parametrize("suffix", sorted(SUFFIXES))
def test_a_word_document_is_one_under_any_name(suffix: str) -> None:
    assert parse(Path(f"talk{suffix}"), SAMPLES["talk.docx"]) == parse(Path("talk.docx"), SAMPLES["talk.docx"])


def test_captions_without_their_header_are_told_by_their_times() -> None:
    cues = VTT.removeprefix(b"WEBVTT\n\n")
    for name in ("talk.vtt", "talk.txt", "talk.srt"):
        assert [segment.speaker for segment in parse(Path(name), cues).segments] == ["Ann", "Bob"]


def test_an_arrow_among_the_words_of_a_text_makes_no_captions() -> None:
    text = b"Ann: We went.\n\nBob: Where?\n\nAnn: From\n\nBob: 1\n\nAnn: There.\n\n0:10 -> 0:20\n\nBob: Yes.\n"
    assert {segment.speaker for segment in parse(Path("talk.txt"), text).segments} == {"Ann", "Bob"}


def test_a_labelled_text_under_the_name_of_captions_is_a_text() -> None:
    text = b"ANN LEE, HOST: Hi all.\n\nBOB ROE: Ho.\n\nLEE: Bye.\n"
    assert [segment.speaker for segment in parse(Path("talk.vtt"), text).segments] == ["Ann Lee", "Bob Roe", "Ann Lee"]


@pytest.mark.parametrize("suffix", [".vtt", ".srt", ".json", ".txt"])
def test_a_page_that_says_that_the_transcript_is_gone_is_none(suffix: str) -> None:
    page = b"<html><head><title>404</title></head><body><p>This page is gone.</p><p>Try another one.</p></body></html>"
    with pytest.raises(FormatError, match="web page without speakers"):
        parse(Path(f"talk{suffix}"), page)


@pytest.mark.parametrize("suffix", [".vtt", ".srt", ".json", ".tsv"])
def test_words_alone_under_the_name_of_captions_are_refused(suffix: str) -> None:
    with pytest.raises(FormatError):
        parse(Path(f"talk{suffix}"), b"Not found.\n")


def test_a_broken_json_is_no_text() -> None:
    with pytest.raises(FormatError, match="not JSON"):
        parse(Path("talk.txt"), JSON[:-3])


def test_rich_text_is_told() -> None:
    with pytest.raises(FormatError, match="Rich Text"):
        parse(Path("talk.txt"), rb"{\rtf1\ansi Hi.}")


def test_a_row_of_a_table_that_cannot_be_read_keeps_its_words() -> None:
    transcript = parse(Path("talk.tsv"), TABLE + b"x\t4000\tHe.\n5000\t4000\tHm.\n")
    assert [(segment.start, segment.text) for segment in transcript.segments][2:] == [(None, "He."), (None, "Hm.")]
    assert transcript.remarks[0].note.startswith("2 of 4 segments are faulty")
