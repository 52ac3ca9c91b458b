"""``docs/formats.md`` tells the truth about suffixes and messages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ingest.formats import SUFFIXES, parse
from kb.errors import FormatError

PAGE = (Path(__file__).parents[2] / "docs/formats.md").read_text(encoding="utf-8")


def test_every_suffix_is_in_the_table() -> None:
    assert set(re.findall(r"`(\.[a-z]+)`", PAGE.split("## What is kept")[0])) == SUFFIXES


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("talk.vtt", b""),
        ("talk.vtt", b"ID3\x04\0\0\0"),
        ("talk.srt", "première\nligne\ncassée: é".encode() + b"\xe9\n"),
        ("talk.srt", b"a\x81\x83b\xfe\xc3c\xa3\xa3\xffd \xa5\xa5e\xff"),
        ("talk.srt", b"words"),
        ("talk.vtt", b"WEBVTT\n\n00:00:01.000 --> 00:99:02.000\nHi."),
        ("talk.vtt", b"WEBVTT\n\n00:00:03.000 --> 00:00:02.000\nHi."),
        ("talk.json", b'{"segments": [\n{"body": "Hi."\n'),
        ("talk.srt", b"a" * (40 * 1024 * 1024)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_message_is_as_documented(name: str, data: bytes) -> None:
    with pytest.raises(FormatError) as caught:
        parse(Path(name), data)
    assert f"`{caught.value}`" in PAGE
