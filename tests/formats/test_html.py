from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ingest.formats import parse_html
from kb.errors import FormatError
from kb.types import Segment

from ..conftest import MATERIAL
from .samples import SAMPLES


def read(text: str) -> tuple[Segment, ...]:
    return parse_html(Path("talk.html"), text.encode()).segments


def test_the_specifications_example() -> None:
    path = MATERIAL / "podcasting20/example.html"
    segments = parse_html(path, path.read_bytes()).segments
    speakers = " ".join(segment.speaker or "?" for segment in segments)
    assert speakers == "Travis Sarah Travis Gilon Travis Gilon Travis Sarah Gilon Travis"
    assert [segment.start for segment in segments] == [0, 53, 102, 219, 263, 322, 376, 562, 617, 691]
    assert [segment.end for segment in segments] == [53, 102, 219, 263, 322, 376, 562, 617, 691, None]
    assert segments[0].text.startswith("When you first get started in podcasting, it's almost guaranteed")


def test_cited_speakers_with_all_that_a_page_holds() -> None:
    assert parse_html(Path("talk.html"), SAMPLES["talk.html"]).segments == (
        Segment(0.0, None, "We have an update & more, as in Nature.", "Kevin"),
        Segment(None, None, "And on.", "Kevin"),
        Segment(9.0, None, "You're triggering Tom.", "Alban"),
    )


def test_a_page_without_cited_speakers_is_read_as_text() -> None:
    segments = parse_html(Path("page.htm"), SAMPLES["page.htm"]).segments
    assert [(segment.speaker, segment.text) for segment in segments] == [
        ("Ann Lee", "Hi."),
        ("Bob Roe", "Ho."),
        ("Ann Lee", "So."),
    ]


def test_markup_in_the_words_is_data() -> None:
    (segment,) = read("<p>if a &lt;b&gt; c &lt;script&gt; 1 < 2</p>")
    assert segment.text == "if a <b> c <script> 1 < 2"


def test_a_cited_work_is_no_speaker() -> None:
    (segment,) = read("<p><cite>Nature</cite> printed it.</p>")
    assert (segment.speaker, segment.text) == (None, "Nature printed it.")
    assert read("<p><cite>Ann:</cite> Hi.</p>") == (Segment(None, None, "Hi.", "Ann"),)


_READ_OUT = (
    "{ann}<p>The harbour master writes:</p><blockquote><p>Rivers carry salt.</p>So do lakes.</blockquote>"
    "<p>I agree.</p>{bo}<blockquote>Salt is cheap.</blockquote>"
)
_CITED = {"ann": "<cite>Ann Lee:</cite>", "bo": "<cite>Bo Ray:</cite>"}
_LABELS = {"ann": "<p><b>Ann Lee:</b> Good evening.</p>", "bo": "<p><b>Bo Ray:</b> Well.</p>"}


@pytest.mark.parametrize("names", [_CITED, _LABELS], ids=["cited", "labels"])
def test_a_block_quote_is_read_out_by_the_speaker(names: dict[str, str]) -> None:
    segments = read(_READ_OUT.format(**names))
    told = [(segment.speaker, segment.text) for segment in segments if segment.read_out]
    assert " ".join(text for _, text in told) == "Rivers carry salt. So do lakes. Salt is cheap."
    assert told[-1] == ("Bo Ray", "Salt is cheap.")
    plain = read(_READ_OUT.format(**names).replace("blockquote", "div"))
    assert [replace(segment, read_out=False) for segment in segments] == list(plain)


@pytest.mark.parametrize(
    "page",
    [
        "<blockquote><cite>Ann:</cite><p>Yes.</p><p>I said so.</p><cite>Bo:</cite><p>No.</p></blockquote>",
        "<blockquote><p><b>Ann:</b> Yes.</p><p>I said so.</p><p><b>Bo:</b> No.</p></blockquote>",
        "<cite>Ann:</cite><blockquote><p>Yes.</p><cite>Bo:</cite><p>No.</p>",
        "<blockquote><p>Nobody knows who reads this.</p></blockquote>",
        "</blockquote><cite>Ann:</cite><p>Yes.</p><blockquote>",
    ],
    ids=["a whole transcript", "a whole transcript with labels", "never closed", "nobody", "closed before"],
)
def test_words_that_nobody_is_known_to_read_are_not_read_out(page: str) -> None:
    segments = read(page)
    assert segments
    assert not any(segment.read_out for segment in segments)


def test_a_date_is_no_time() -> None:
    assert read("<time>July 8, 2019</time><p>Hi.</p>") == (Segment(None, None, "Hi."),)


def test_a_malformed_time_is_named_with_its_line() -> None:
    with pytest.raises(FormatError, match=r"talk\.html, line 3: '0:99:00' is not a time") as caught:
        read("<cite>Ann</cite>\n<!-- 1\n--><time>0:99:00</time>\n<p>Hi.</p>")
    assert caught.value.line == 3


@pytest.mark.parametrize("text", ["<html><head><title>Hi</title></head></html>", "<script>Hi</script>", "<!-- Hi"])
def test_a_page_without_words_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match="no spoken words"):
        read(text)
