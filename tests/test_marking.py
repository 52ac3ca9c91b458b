"""Marked words become quotes: whole words, each of one speaker."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import example, given
from hypothesis import strategies as st

from kb.addresses import Address
from kb.answers.marking import marked, of_one_speaker
from kb.catalogue import Source
from kb.errors import NotFound, UsageError
from kb.knowledge_base import KnowledgeBase
from kb.text.whole_words import whole_words
from kb.types import Episode, Segment, Transcript

from .conftest import SEGMENT, Run
from .web.test_collections import app_of


@pytest.mark.parametrize(
    ("text", "marks", "quoted"),
    [
        ("They said dragnet.", "id drag", "said dragnet"),
        ("They said dragnet.", " said ", "said"),
        ("They said dragnet.", "dragnet", "dragnet"),  # the stop was not marked
        ("It isn't well-known now", "isn", "isn't"),
        ("It isn't well-known now", "known", "well-known"),
        ("'quoted' words", "quoted", "quoted"),
        ("cafe\u0301 noir", "cafe", "cafe\u0301"),
        ("我们在家", "们在", "们在"),  # no spaces between its words: as marked
        ("한국어 시험", "국", "한국어"),
        ("a - b", "-", "-"),
        ("in 2019 and", "20", "2019"),
    ],
)
def test_marks_snap_to_whole_words(text: str, marks: str, quoted: str) -> None:
    start = text.index(marks)
    first, last = whole_words(text, start, start + len(marks))
    assert text[first:last] == quoted


@example(" \u0301", 0, 2)
@given(st.text("ab' -é你ก.\u0301", max_size=20), st.integers(0, 20), st.integers(0, 20))
def test_snapping_again_changes_nothing(text: str, start: int, length: int) -> None:
    first, last = whole_words(text, min(start, len(text)), min(start + length, len(text)))
    if first < last:
        assert not text[first].isspace()
        assert not text[last - 1].isspace()
        assert whole_words(text, first, last) == (first, last)


@pytest.fixture
def talk(tmp_path: Path) -> KnowledgeBase:
    kb = KnowledgeBase(tmp_path / "home")
    segments = (
        Segment(0.0, 2.0, "Was the ferry late?", "Ann"),
        Segment(2.0, 4.0, "Yes, it was.", "Bo"),
        Segment(4.0, 5.0, "Again.", "Bo"),
        Segment(5.0, 6.0, "So?", None),
    )
    kb.add(Episode("ferry", "Show", "Ferry"), Transcript(segments), Source("file:///ferry.vtt", "0" * 64))
    return kb


def test_marks_over_two_people_make_a_quote_each(talk: KnowledgeBase) -> None:
    with talk:
        text = talk.text("ferry")
        address = Address("ferry", 1, text.index("erry"), text.index("gain") + 2)
        parts = marked(talk.catalogue, address)
        quotes = [talk.quote(str(part)) for part in parts]
        assert [(quote.speaker, quote.text) for quote in quotes] == [
            ("Ann", "ferry late?"),
            ("Bo", "Yes, it was. Again"),
        ]
        assert all(marked(talk.catalogue, part) == (part,) for part in parts)
        with pytest.raises(UsageError, match=f"2 speakers' words; quote each by itself: {parts[0]}, {parts[1]}"):
            of_one_speaker(talk.catalogue, talk.quote(str(address)))
        assert of_one_speaker(talk.catalogue, quotes[1]) == quotes[1]


def test_marks_that_hold_no_words_are_refused(talk: KnowledgeBase) -> None:
    with talk, pytest.raises(NotFound, match="no words"):
        marked(talk.catalogue, Address("ferry", 1, talk.text("ferry").index("\n"), talk.text("ferry").index("Yes")))


@pytest.fixture
def both(corpus_kb: KnowledgeBase) -> str:
    """The address of the last words of one person and the first of another."""
    first, second = corpus_kb.canonical(SEGMENT).turns[:2]
    assert first.speaker != second.speaker
    return f"{SEGMENT}@1:{first.char_end - 20}-{second.char_end}"


def test_the_interface_gives_no_quote_of_two_people(corpus_kb: KnowledgeBase, both: str) -> None:
    with TestClient(app_of(corpus_kb)) as client:
        client.post("/api/collections", json={"name": "net"})
        for refused in (
            client.get(f"/api/quotes/{both}"),
            client.post("/api/collections/net/quotes", json={"id": both}),
        ):
            assert refused.status_code == 400
            assert "2 speakers' words; quote each by itself" in refused.json()["error"]
        page = client.get(f"/quote/{both}").text
        assert "a quote for each" in page
        assert page.count('class="vb-quote"') == 2


@pytest.mark.slow
@pytest.mark.parametrize("command", [["cite"], ["export"], ["export", "--format", "csv"], ["saved", "add", "net"]])
def test_the_command_line_gives_no_quote_of_two_people(
    run: Run, corpus_home: Path, both: str, command: list[str]
) -> None:
    done = run(*command, both, home=corpus_home)
    assert done.returncode != 0
    assert "2 speakers' words; quote each by itself" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert both not in done.stdout
