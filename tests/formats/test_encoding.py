from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats import parse
from ingest.formats.encoding import MAX_BYTES, decode
from kb.errors import FormatError

from .strategies import patient

HERE = Path("talk.vtt")
WORDS = "Élysée – “naïve” café\nsecond line\n"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_each_encoding_met_in_the_wild(codec: str) -> None:
    text = WORDS * 10 if codec != "cp1252" else WORDS + "The rest of the page is plain English. " * 5
    assert decode(HERE, text.encode(codec)) == text


def test_utf16_of_both_byte_orders() -> None:
    assert decode(HERE, b"\xfe\xff" + WORDS.encode("utf-16-be")) == WORDS
    assert decode(HERE, b"\xff\xfe" + WORDS.encode("utf-16-le")) == WORDS


@patient
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufeff"), min_size=1))
def test_utf8_is_never_taken_for_anything_else(text: str) -> None:
    if text.strip():
        assert decode(HERE, text.encode()) == text


def test_every_line_ending_becomes_one() -> None:
    assert decode(HERE, b"a\r\nb\rc\nd") == "a\nb\nc\nd"


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "blank"),
        (b"ID3\x04\x00\x00\x00\x00\x00#TSSE" + bytes(range(256)) * 4, "binary"),
        (b"WEBVTT\n\n\x00\x00", "binary"),
        (b"\x01\x02\x03\x04 WEBVTT", "binary"),
        (b"\xff\xfe\x00", "UTF-16"),
        (b"WEBVTT \x81\x8d", "neither"),
        ("Привет, это не Запад".encode("cp1251"), "not UTF-8"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(FormatError, match=problem) as caught:
        decode(HERE, data)
    assert str(caught.value).startswith("talk.vtt")
    assert caught.value.remedy


def test_damaged_utf8_is_refused_with_its_line_and_not_read_as_other_letters() -> None:
    data = "première\nligne\ncassée: é".encode() + b"\xe9\n"
    with pytest.raises(FormatError, match=r"talk\.vtt, line 3: .*no character") as caught:
        decode(HERE, data)
    assert caught.value.line == 3


def test_too_much_is_refused_before_it_is_read() -> None:
    with pytest.raises(FormatError, match=r"too large for a transcript \(32 MB; at most 32 MB\)"):
        decode(HERE, b"a" * (MAX_BYTES + 1))


def test_an_unknown_suffix_names_the_known_ones() -> None:
    with pytest.raises(FormatError, match=r"'\.pdf' is not a transcript's suffix.*\.srt.*\.txt.*\.vtt"):
        parse(Path("talk.pdf"), b"%PDF-1.7")
    with pytest.raises(FormatError, match="No suffix"):
        parse(Path("talk"), b"words")
