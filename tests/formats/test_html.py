from __future__ import annotations

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
