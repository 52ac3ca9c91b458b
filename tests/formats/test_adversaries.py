"""Shapes made to harm a reader, deep, wide, repeated and packed: read or refused within seconds and megabytes.

Each is read in the child that reads everything from outside, under a tighter bound of memory than it has elsewhere, so
that a test fails where a bound only caught what a parser should have refused.
"""

from __future__ import annotations

import resource
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from ingest import feeds, formats, metadata
from ingest.formats.canonical import MOST_WORDS
from ingest.isolation.isolated import call
from kb.errors import SourceError

from .samples import docx

SECONDS = 20.0  # of the processor, which others may share; on an idle machine all take below two
MEGABYTES = 300
SIZE = 120_000  # bytes of a file


def bounded(read: Callable[..., object], *arguments: object) -> str:
    """Return what a reader says, which may take no more than ``MEGABYTES``."""
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (MEGABYTES * 1024**2, most))
    try:
        read(*arguments)
    except SourceError as error:
        return str(error)
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
    return "read"


def outcome(name: str, data: bytes) -> str:
    return call(name, bounded, formats.parse, Path(name), data, seconds=SECONDS)


def filled(head: str, unit: str, tail: str = "") -> bytes:
    return (head + unit * (SIZE // len(unit)) + tail).encode()


def nested(opening: str, inside: str, closing: str) -> bytes:
    times = SIZE // (len(opening) + len(closing))
    return (opening * times + inside + closing * times).encode()


DEEP = {
    "deep.json": nested("[", "1", "]"),
    "objects.json": nested('{"segments":[', "", "]}"),
    "deep.html": nested("<div>", "Ann: words", "</div>"),
    "bold.html": nested("<b>", "Ann: words", "</b>"),
    "quotes.md": nested("> ", "Ann: words", ""),
    "lists.md": b"\n".join(b" " * depth + b"- Ann: words" for depth in range(700)),
    "brackets.md": nested("[", "words", "](x)"),
    "stars.md": nested("*", "words", "*"),
    "voices.vtt": b"WEBVTT\n\n00:01.000 --> 00:02.000\n" + nested("<v Ann>", "words", "</v>"),
    "italics.srt": b"1\n00:00:01,000 --> 00:00:02,000\n" + nested("<i>", "words", "</i>"),
    "labels.txt": nested("Ann: ", "words", ""),
}
WIDE = {
    "words.json": filled(
        '{"segments":[{"start":0,"end":9,"text":"a","words":[', '{"word":"a","start":1,"end":2},', "{}]}]}"
    ),
    "keys.json": ("{" + ",".join(f'"key{number}":1' for number in range(25_000)) + "}").encode(),
    "same-keys.json": filled("{", '"segments":[],', '"a":1}'),
    "cells.html": filled("<table><tr>", "<td>Ann: a</td>", "</tr></table>"),
    "attributes.html": filled("<p ", 'a="1" ', ">Ann: words"),
    "line.txt": filled("Ann: ", "word "),
    "one-word.txt": filled("Ann: ", "w"),
    "columns.tsv": filled("start\tend\ttext\n", "1\t"),
    "table.md": filled("|", "Ann: a|", "\n"),
    "settings.vtt": filled("WEBVTT\n\n00:01.000 --> 00:02.000 ", "line:1 ", "\nwords\n"),
}
REPEATED = {
    "paragraphs.html": filled("", "<p>a"),
    "cited.html": filled("", "<cite>Ann:</cite><time>0:01</time><p>a</p>"),
    "paragraphs.md": filled("", "a\n\n"),
    "names.md": filled("", "**A:** b\n\n"),
    "links.md": filled("", "[a](b) "),
    "lines.txt": filled("", "a\n"),
    "names.txt": filled("", "BOB: a\n\n"),
    "cues.vtt": filled("WEBVTT\n\n", "00:01.000 --> 00:02.000\na\n\n"),
    "times.vtt": filled("WEBVTT\n\n00:01.000 --> 00:02.000\n", "<00:01.500>a"),
    "cues.srt": filled("", "1\n00:00:01,000 --> 00:00:02,000\na\n\n"),
    "rows.tsv": filled("start\tend\ttext\n", "1\t2\ta\n"),
    "entities.html": filled("<p>Ann: ", "&amp;"),
    "segments.json": filled('{"segments":[', '{"start":1,"end":2,"text":"a"},', '{"text":"a"}]}'),
}
SHAPES = DEEP | WIDE | REPEATED


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", SHAPES)
def test_a_shape_is_read_or_refused_within_seconds_and_megabytes(name: str) -> None:
    assert outcome(name, SHAPES[name])


INSIDE = {
    "deep": "<w:tbl><w:tr><w:tc><w:p>",
    "wide": "<w:tc><w:p><w:r><w:t>Ann: a</w:t></w:r></w:p></w:tc>",
    "paragraphs": "<w:p><w:r><w:t>Ann: a</w:t></w:r></w:p>",
    "breaks": "<w:p><w:r><w:br/><w:br/><w:t>a</w:t></w:r></w:p>",
    "attributes": "<w:p " + " ".join(f'a{number}="1"' for number in range(20_000)) + "/>",
}


@pytest.mark.parametrize("name", INSIDE)
def test_a_word_document_of_any_shape_too(name: str) -> None:
    body = INSIDE[name] * (SIZE // len(INSIDE[name]) or 1)
    assert outcome("talk.docx", docx(f"<w:p><w:r><w:t>Ann: hi</w:t></w:r></w:p>{body}"))


def packed(method: int, megabytes: int) -> bytes:
    """Return a Word document whose text is so many megabytes of zeros."""
    file = BytesIO()
    block = bytes(1024**2)
    with (
        zipfile.ZipFile(file, "w", method) as archive,
        archive.open("word/document.xml", "w", force_zip64=True) as text,
    ):
        for _ in range(megabytes):
            text.write(block)
    return file.getvalue()


@pytest.mark.parametrize(
    ("method", "told"),
    [
        (zipfile.ZIP_DEFLATED, "is too large"),
        (zipfile.ZIP_BZIP2, "packed in an unknown way"),
        (zipfile.ZIP_LZMA, "packed in an unknown way"),
    ],
)
def test_a_packed_bomb_is_refused_before_it_is_unpacked(method: int, told: str) -> None:
    assert told in outcome("talk.docx", packed(method, 64))


def test_a_member_that_lies_about_its_size_yields_no_more_than_it_says() -> None:
    bomb = bytearray(packed(zipfile.ZIP_DEFLATED, 64))
    at = bomb.rindex(b"PK\x01\x02")
    bomb[at + 24 : at + 28] = (1000).to_bytes(4, "little")  # the size that the list of members gives
    assert "talk.docx: " in outcome("talk.docx", bytes(bomb))


def test_more_words_than_anybody_says_are_refused() -> None:
    assert "no recording is that long" in outcome("talk.txt", b"Ann: " + b"a " * (MOST_WORDS + 1))


SIDECARS = {
    "dots.toml": ".".join(["a"] * 24_000) + " = 1\n",
    "quoted.toml": ".".join(['"a"'] * 12_000) + " = 1\n",
    "table.toml": "[" + ".".join(["a"] * 24_000) + "]\n",
    "inline.toml": "a = {" + ".".join(["a"] * 3_000) + " = 1}\n",
    "deep.toml": "people = " + "[" * 24_000 + "]" * 24_000,
    "tables.toml": "people = " + "{a = " * 24_000 + "1" + "}" * 24_000,
    "wide.toml": "".join(f"a{number} = 1\n" for number in range(50_000)),
    "digits.toml": "season = " + "1" * 100_000,
    "deep.json": '{"title":' + "[" * 24_000,
    "wide.json": '{"title":"a",' + ",".join(f'"a{number}":1' for number in range(50_000)) + "}",
}


@pytest.mark.parametrize("name", SIDECARS)
def test_a_sidecar_of_any_shape_is_refused_within_seconds_and_megabytes(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(SIDECARS[name])
    talk = (tmp_path / name).with_suffix(".vtt")
    assert name in call(name, bounded, metadata.read_sidecar, talk, seconds=SECONDS)


def test_an_honest_title_with_dots_is_read(tmp_path: Path) -> None:
    (tmp_path / "talk.toml").write_text('title = "M.O.T.H.E.R.S.H.I.P. and more"\n')
    assert metadata.read_sidecar(tmp_path / "talk.txt").title == "M.O.T.H.E.R.S.H.I.P. and more"


def feed(item: str) -> bytes:
    return (
        f'<rss version="2.0"><channel><title>Show</title><item><title>One</title>{item}</item></channel></rss>'.encode()
    )


MANY = " ".join(f'a{number}="{">" * (number % 2)}"' for number in range(100_000))
FEEDS = {
    "attributes": feed(f"<enclosure {MANY}/>"),
    "attributes, not well-formed": feed(f"<enclosure {MANY}/>&</x>"),
    "deep": feed("<a>" * 50_000 + "</a>" * 50_000),
    "namespaces": feed("<a " + " ".join(f'xmlns:n{number}="u{number}"' for number in range(20_000)) + "/>"),
    "titles": feed("<title>a</title>" * 20_000),
    "people": feed('<podcast:person xmlns:podcast="https://podcastindex.org/namespace/1.0">A</podcast:person>' * 3_000),
    "one long tag": feed("<a" + " b" * 150_000 + ">"),
    "quotes": feed("<a b='" * 50_000),
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_of_any_shape_is_read_or_refused_within_seconds_and_megabytes(name: str) -> None:
    assert call(name, bounded, feeds.parse_feed, FEEDS[name], "https://example.org/feed", seconds=SECONDS)
