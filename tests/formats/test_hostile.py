"""Whatever the bytes, a parser returns a sound transcript or raises ``FormatError``, and does not take for ever."""

from __future__ import annotations

import random
from math import isfinite
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.formats import SUFFIXES, parse
from kb.errors import FormatError
from kb.text.cleaning import fold
from kb.types import Segment, Transcript

from .samples import SAMPLES, docx
from .strategies import SNARES, patient


def check(transcript: Transcript) -> None:
    assert transcript.segments
    for segment in transcript.segments:
        check_words(segment.text)
        if segment.speaker is not None:
            check_words(segment.speaker)
        check_times(segment)


def check_words(text: str) -> None:
    assert text
    assert text == fold(text)
    text.encode("utf-8")  # fails on lone surrogates, which neither SQLite nor a file can hold


def check_times(segment: Segment) -> None:
    known = [time for time in (segment.start, segment.end) if time is not None]
    assert all(isfinite(time) and time >= 0 for time in known)
    assert known == sorted(known)
    for word in segment.words:
        assert word.text
        assert not any(letter.isspace() for letter in word.text)
        assert word.start is None or word.end is None or word.start <= word.end
        assert word.probability is None or 0 <= word.probability <= 1


def check_bytes(suffix: str, data: bytes) -> None:
    refused: FormatError | None = None
    try:
        check(parse(Path(f"talk{suffix}"), data))
    except FormatError as error:
        refused = error
    if refused:
        assert refused.problem
        assert refused.remedy
        assert "\n" not in str(refused)


suffixes = st.sampled_from(sorted(SUFFIXES))


@patient
@given(suffixes, st.binary(max_size=400))
def test_any_bytes(suffix: str, data: bytes) -> None:
    check_bytes(suffix, data)


@patient
@given(suffixes, st.text(max_size=400))
def test_any_text(suffix: str, text: str) -> None:
    check_bytes(suffix, text.encode("utf-8", errors="surrogatepass"))


PARTS = [
    *SNARES,
    "\n",
    "\n\n",
    " ",
    "00:01.000 --> 00:02.000\n",
    "1\n00:00:01,000 --> 00:00:09,000\n",
    "<v Ann>",
    "<00:01.500>",
]
PARTS += [
    "Ann: ",
    "ANN LEE, HOST: ",
    "LEE: ",
    "(SOUNDBITE OF A)",
    "[00:05] ",
    "Ann 0:03\n",
    "**Ann:** ",
    "**Break:** ",
    "> ",
    "# ",
]
PARTS += [
    "<p>",
    "</p>",
    "<cite>",
    "</cite>",
    "<time>",
    "</time>",
    "0:07",
    "<br>",
    "<!--",
    "-->",
    "<script>",
    "</script>",
    "<h1>",
]
PARTS += [
    '{"segments":[',
    '{"body":"',
    '{"text":"',
    '"},',
    '"}]}',
    '"start":',
    '"words":[',
    "null",
    "-1",
    "]",
    "}",
    ",",
    "\\[1:02\\]",
]


@patient
@given(suffixes, st.lists(st.sampled_from(PARTS), max_size=40))
def test_anything_made_of_the_formats_own_marks(suffix: str, parts: list[str]) -> None:
    check_bytes(suffix, "".join(parts).encode())


TAGS = [
    "<w:p>",
    "</w:p>",
    "<w:r>",
    "</w:r>",
    "<w:t>",
    "</w:t>",
    "<w:br/>",
    "<w:tab/>",
    "<w:del>",
    "</w:del>",
    "&amp;",
    "a",
    ": ",
    "Ann",
]


@patient
@given(st.lists(st.sampled_from(TAGS), max_size=40))
def test_word_documents_of_any_tags(parts: list[str]) -> None:
    check_bytes(".docx", docx("".join(parts)))


@patient
@given(st.sampled_from(sorted(SAMPLES)), st.integers(0, 2**32), st.integers(1, 12))
def test_samples_with_bytes_changed_moved_and_cut(name: str, seed: int, changes: int) -> None:
    data = bytearray(SAMPLES[name])
    chance = random.Random(seed)
    for _ in range(changes):
        at, to = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        match chance.randrange(4):
            case 0:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del data[at : min(to, at + 40)]
            case 2:
                data[at:at] = data[at : min(to, at + 40)]
            case 3:
                data[at:at] = chance.choice(
                    [b"\n\n", b"-->", b"<v ", b"99:99:99.999", b"{", b"\xff", b"null", b"1e999"]
                )
    check_bytes(Path(name).suffix, bytes(data))


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_the_samples_themselves_are_read(name: str) -> None:
    check(parse(Path(name), SAMPLES[name]))


TIMES = "00:00:01.000 --> 00:00:02.000\n"
ADVERSARIES: dict[str, list[str]] = {
    ".vtt": ["WEBVTT\n\n" + TIMES + "a\n", "NOTE A.\n\n", "X-TIMESTAMP-MAP=", "<v ", "<v.", "<00:", "<", "&amp", "-->", ":", "Bob: ", "NOTE\n", "\n", "<v A>b", "<c>a", "<00:01.500>a", TIMES, TIMES + "a\n\n"],
    ".tsv": ["\t", "1\t2\ta\n", "a\n", "start\tend\ttext\n"],
    ".srt": ["<u>a</u> b\n" + TIMES, "[SPEAKER_00]: a\n", "1 00:", "0 : ", TIMES.replace("-->", "->") + "a\n", "<a b=c", "<font ", "{\\", "&#", "<i", ":", "1\n", "Bob: \n", "Bob:Ann:", TIMES, TIMES + "a\nb\n", "\r"],
    ".txt": ["(SOUNDBITE OF ", "[00:01", "BOB: ", "BOB: a\n\n", "Bob 0:01\n", ".  a", ". ", "A B C, ", "(A", "a\n", " "],
    ".html": ["<", "<a ", "<!--", "<!-- -->", "<cite>", "<cite>a</cite>", "a<cite>b</cite>", "<script>", "<p>a", "&", "<time>0:01</time>", "<b>a"],
    ".md": ["[", "*a ", "a**b", "_a", "`a", "[a](", "![", "*_[`", "<a ", "**A:** ", "**A:** b\n\n", "\\[00:01\\] ", "[00:01]", "> ", "- ", "\\", "a\n\n"],
    ".json": ["[", '{"segments":', '[{"text":"a"},', "1", '"', "\\u0000"],
}  # fmt: skip


HEADS = {
    ".vtt": f"WEBVTT\n\n{TIMES}Bob: ",
    ".srt": f"1\n{TIMES}Bob: ",
    ".tsv": "start\tend\ttext\n",
    ".txt": "ANN LEE, HOST: hi\n\n",
    ".html": "<p>",
    ".md": "**A:** ",
}
CASES = [(suffix, unit) for suffix, units in ADVERSARIES.items() for unit in units]


@pytest.mark.slow
@pytest.mark.timeout(60)
@pytest.mark.parametrize(("suffix", "unit"), CASES)
def test_the_worst_is_read_in_linear_time(suffix: str, unit: str) -> None:
    """Anything quadratic in 300,000 units takes many minutes, so a generous bound tells it from all else."""
    head = HEADS.get(suffix, "")
    check_bytes(suffix, (head + unit * (300_000 // len(unit))).encode())


#: What begins something, and is followed by a run of letters or blanks that never ends it.
OPENINGS: dict[str, list[str]] = {
    ".vtt": ["<v ", "<", "<00:", "<c.", "&", "{", "Bob: "],
    ".srt": ["<font ", "<", "{\\", "&", "Bob: "],
    ".txt": ["(", "[", "[0:", "(SOUNDBITE OF ", "A", "BOB, ", "Bob (", "A. "],
    ".html": ["<", "</", "<g", "<!", "<p ", "<cite>", "<time>", "&", "&#", "<p>A, "],
    ".md": ["[", "[a](", "![", "**", "*", "<", "\\[", "`", "> ", "# "],
    ".json": ['[{"text": "', '{"segments": [{"body": "Bob: ', '{"', "["],
}  # fmt: skip


@pytest.mark.timeout(60)
@pytest.mark.parametrize("suffix", OPENINGS)
def test_what_begins_and_never_ends_is_read_in_linear_time(suffix: str) -> None:
    head = f"WEBVTT\n\n{TIMES}" if suffix == ".vtt" else f"1\n{TIMES}" if suffix == ".srt" else ""
    for opening in OPENINGS[suffix]:
        for run in ("g", "1", " ", "A ", "a b ", "&", "."):
            check_bytes(suffix, (head + opening + run * (100_000 // len(run))).encode())
