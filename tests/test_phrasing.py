"""Times that are known and times that are not, in words, at every door."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.queue.batch import ingest
from kb.answers.context import Context
from kb.citations import cite, find_style, to_text
from kb.citations.work import note
from kb.knowledge_base import KnowledgeBase
from kb.phrasing import between, made_by, play_from, said_when
from kb.saved.quotes import cues
from kb.types import Episode, Quote
from kb.web.ask.cards import quote_html
from kb.wire import hit_json, quote_json

QUOTE = Quote("e@1:0-3", Episode("e", "Show", "Title", audio="/a.mp3"), 1, "So.", 0, 3, "Ann", None, None)
RANGE = replace(QUOTE, earliest=0.0, latest=490.2)


@pytest.mark.parametrize(
    ("quote", "told"),
    [
        (QUOTE, ""),
        (replace(QUOTE, start=252.9, end=None, earliest=252.9), "at 4:12"),
        (RANGE, "between 0:00 and 8:11"),  # the later one rounded up, so that nothing lies outside
        (replace(RANGE, latest=490.0), "between 0:00 and 8:10"),
        (replace(RANGE, earliest=3130.0, latest=None), "after 52:10"),
    ],
)
def test_when_a_quote_was_said(quote: Quote, told: str) -> None:
    assert said_when(quote) == told


def test_a_range_is_played_from_its_beginning() -> None:
    card = quote_html(RANGE, Context((), ()))
    assert play_from(RANGE) == 0.0
    assert 'data-start="0.000" data-end="490.200"' in card
    assert "Play from 0:00" in card
    assert '<span class="vb-time">between 0:00 and 8:11</span>' in card
    assert 'data-end=""' in quote_html(replace(RANGE, latest=None), Context((), ()))
    assert "no times to play from" in quote_html(QUOTE, Context((), ()))


def test_a_citation_prints_a_range_only_where_its_style_allows_it() -> None:
    printed = {}
    for name in ("apa", "mla", "chicago", "harvard"):
        (citation,) = cite([RANGE], find_style(name)).citations
        printed[name] = to_text(citation.in_text)
    assert between(RANGE) == "0:00–8:11"
    assert "0:00–8:11" in printed.pop("mla")
    assert not any("0:00" in text or "8:1" in text for text in printed.values()), printed
    assert note(RANGE) == "Between 0:00 and 8:11, Ann: “So.” (transcript of unknown origin) [e@1:0-3]"


def test_an_origin_is_told_with_what_made_it() -> None:
    assert made_by("machine", "whisperx") == "machine transcript by whisperx"
    assert made_by("publisher") == "publisher's transcript"


MARKED = """**Ann:** \\[00:00\\] The ferry was late on Monday. Nobody at the harbour knew the reason.

**Bo:** The captain blamed the engine.

**Ann:** \\[08:10\\] The engine was replaced in spring. It failed again in the autumn.
"""


def test_a_transcript_with_a_few_marks_from_file_to_every_door(tmp_path: Path) -> None:
    from kb.citations import find_style
    from kb.exports.gathering import export_quotes

    (tmp_path / "ferry.md").write_text(MARKED, "utf-8")
    with KnowledgeBase(tmp_path / "home") as kb:
        ingest(kb, [tmp_path / "ferry.md"])
        text = kb.text("ferry")

        def at(words: str) -> Quote:
            return kb.quote(f"ferry@1:{text.index(words)}-{text.index(words) + len(words)}")

        first, blamed = at("The ferry was late on Monday."), at("The captain blamed the engine.")
        assert (first.start, first.end, first.earliest, first.latest) == (0.0, None, 0.0, 490.0)
        assert (blamed.start, blamed.end, blamed.earliest, blamed.latest) == (None, None, 0.0, 490.0)
        told = json.loads(json.dumps(quote_json(blamed)))
        assert (told["start"], told["end"], told["earliest"], told["latest"]) == (None, None, 0.0, 490.0)
        hit = hit_json(kb.search("captain", 1)[0])
        assert (hit["start"], hit["earliest"]) == (0.0, 0.0)
        assert [(cue.start, cue.end, cue.text) for cue in cues(kb.revisions, blamed)] == [(0.0, 490.0, blamed.text)]
        out = io.BytesIO()
        saved = kb.collections.named([blamed.id])
        export_quotes(kb, "Ferry", saved, "csv", find_style("apa"), out)
        (row,) = csv.DictReader(io.StringIO(out.getvalue().decode("utf-8-sig")))
        assert (row["start"], row["earliest"], row["latest"]) == ("", "0.0", "490.0")
        out = io.BytesIO()
        export_quotes(kb, "Ferry", saved, "md", find_style("apa"), out)
        assert "between 0:00 and 8:10" in out.getvalue().decode("utf-8")
